// SPDX-License-Identifier: Apache-2.0

import { equal, match, ok } from "node:assert/strict";
import { copyFile, cp } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { extractTar } from "./extract_tar.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

Deno.test("a team's own repository is tested with the built package", async (t) => {
  const directory = await Deno.makeTempDir();
  try {
    await t.step("the package is built", async () => {
      const archive = `${directory}/package.tgz`;
      // Built from a copy, so that what is built does not depend on what lies beside it.
      await copyPublished(`${directory}/source`);
      await deno(`${directory}/source`, ["pack", "--quiet", "--allow-dirty", "-o", archive]);
      await extractTar(archive, directory);
    });
    await t.step("it has the types of what it exports", async () => {
      const { exports } = JSON.parse(await Deno.readTextFile(`${directory}/package/package.json`));
      const entries: readonly { readonly types?: string }[] = Object.values(exports);
      ok(entries.length > 3);
      for (const { types } of entries) await Deno.stat(`${directory}/package/${types}`);
    });
    await t.step("its deno test passes, one step for each case", async () => {
      await cp(`${ROOT}examples/own-repository`, `${directory}/team`, { recursive: true });
      await pointAt(`${directory}/team/deno.json`, "../package");
      const { text, code } = await deno(`${directory}/team`, ["task", "test"]);
      equal(code, 0, text);
      match(text, /2 passed \(5 steps\) \| 0 failed/);
    });
    await t.step("a case that fails names its place", async () => {
      const file = `${directory}/team/koreo/bucket.test.k.yaml`;
      const source = await Deno.readTextFile(file);
      await Deno.writeTextFile(
        file,
        source.replace("name: logs-eu }\n    - label", "name: logs }\n    - label"),
      );
      const { text, code } = await deno(`${directory}/team`, ["task", "test"]);
      equal(code, 1, text);
      match(text, /bucket\.test\.k\.yaml:8/);
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

async function copyPublished(target: string): Promise<void> {
  const { publish } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  await Deno.mkdir(target);
  for (const name of publish.include as readonly string[]) {
    const path = `${ROOT}${name}`;
    if (name.endsWith("/")) await cp(path, `${target}/${name}`, { recursive: true });
    else await copyFile(path, `${target}/${name}`);
  }
}

/** The map stays as it is: the name it has leads to the built package instead of the registry. */
async function pointAt(file: string, link: string): Promise<void> {
  const settings = JSON.parse(await Deno.readTextFile(file));
  const linked = { ...settings, links: [link], nodeModulesDir: "auto" };
  await Deno.writeTextFile(file, JSON.stringify(linked));
}

async function deno(cwd: string, args: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  return { code, text };
}
