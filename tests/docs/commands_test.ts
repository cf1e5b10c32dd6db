// SPDX-License-Identifier: Apache-2.0

import { deepEqual, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { blocksOf } from "./page_blocks.ts";

const ROOT = new URL("../../", import.meta.url);

/** Commands that need a network, a cluster or another directory. */
const NOT_OFFLINE =
  /^(npx |deno task reconcile |kubectl |deno task koreo -- (channels|resolve|diff|promote|rollback) )|--config /;

/** The words of a command line, single quotes taken off. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

const page = await Deno.readTextFile(new URL("docs/commands.md", ROOT));
const lines = blocksOf(page).filter(({ language }) => language === "sh")
  .flatMap(({ text }) => text.trim().split("\n"))
  .filter((line) => !NOT_OFFLINE.test(line));

ok(lines.length >= 4, "docs/commands.md shows commands");

for (const line of lines) {
  Deno.test(`docs/commands.md: ${line} does what it should`, async () => {
    const inputs = await Deno.makeTempFile({ suffix: ".yaml" });
    try {
      await Deno.writeTextFile(inputs, "inputs: {size: 21}\n");
      const [program, ...args] = wordsOf(line).map((word) =>
        word === "inputs.yaml" ? inputs : word
      );
      deepEqual(program, "deno");
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args,
        cwd: fileURLToPath(ROOT),
        env: { NO_COLOR: "1" },
      }).output();
      const text = new TextDecoder().decode(stdout);
      deepEqual(code, 0, text + new TextDecoder().decode(stderr));
      ok(text !== "", "it prints something");
      if (line.includes("* 2")) deepEqual(text, "42\n");
    } finally {
      await Deno.remove(inputs);
    }
  });
}
