// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import { layerViolations } from "../../tools/check_layers.ts";

const ROOT = "file:///project/";

function graph(from: string, to: string) {
  return [{ specifier: ROOT + from, dependencies: [{ code: { specifier: ROOT + to } }] }];
}

const REVERSED = [
  ["src/language/a.ts", "src/runtime/b.ts"],
  ["src/runtime/a.ts", "src/simulator/b.ts"],
  ["src/simulator/a.ts", "src/controller/b.ts"],
  ["src/controller/a.ts", "src/adapters/b.ts"],
  ["src/adapters/a.ts", "src/controller/b.ts"],
  ["src/adapters/a.ts", "src/simulator/b.ts"],
  ["src/controller/a.ts", "src/testing/b.ts"],
  ["src/testing/a.ts", "src/adapters/b.ts"],
  ["src/testing/a.ts", "src/cli/b.ts"],
  ["src/cli/a.ts", "mod.ts"],
] as const;

for (const [from, to] of REVERSED) {
  Deno.test(`layerViolations() names ${from} importing ${to}`, () => {
    equal(layerViolations(graph(from, to), ROOT).length, 1);
  });
}

Deno.test("layerViolations() lets imports along the order pass", () => {
  deepEqual(layerViolations(graph("src/cli/a.ts", "src/adapters/b.ts"), ROOT), []);
  deepEqual(layerViolations(graph("mod.ts", "src/runtime/b.ts"), ROOT), []);
});

Deno.test("layerViolations() sees type-only imports", () => {
  const modules = [{
    specifier: `${ROOT}src/language/a.ts`,
    dependencies: [{ type: { specifier: `${ROOT}src/runtime/b.ts` } }],
  }];
  equal(layerViolations(modules, ROOT).length, 1);
});

Deno.test("check_layers fails on a planted violation and names both files", async () => {
  const directory = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${directory}/src/language`, { recursive: true });
    await Deno.mkdir(`${directory}/src/runtime`);
    await Deno.writeTextFile(`${directory}/src/runtime/b.ts`, "export const b = 1;\n");
    await Deno.writeTextFile(`${directory}/src/language/a.ts`, 'import "../runtime/b.ts";\n');
    const tool = new URL("../../tools/check_layers.ts", import.meta.url).pathname;
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", tool, "--root", directory, `${directory}/src/language/a.ts`],
    }).output();
    equal(code, 1);
    match(new TextDecoder().decode(stderr), /language\/a\.ts .* imports src\/runtime\/b\.ts/);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
