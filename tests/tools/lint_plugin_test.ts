// SPDX-License-Identifier: Apache-2.0

import { deepEqual } from "node:assert/strict";
import plugin from "../../tools/lint_plugin.ts";

const SPDX = "// SPDX-License-Identifier: Apache-2.0\n";

function rulesBroken(file: string, source: string): readonly string[] {
  return Deno.lint.runPlugin(plugin, `/project/${file}`, source).map(({ id }) => id);
}

const VIOLATIONS = [
  ["a clock in the core", "src/runtime/a.ts", "Date.now();", "no-ambient-effects"],
  ["a constructed date in the core", "src/language/a.ts", "new Date();", "no-ambient-effects"],
  ["Deno in the core", "src/controller/a.ts", "Deno.cwd();", "no-ambient-effects"],
  ["a timer in the core", "src/controller/a.ts", "setTimeout(f, 1);", "no-ambient-effects"],
  ["fetch in the core", "src/simulator/a.ts", "await fetch(url);", "no-ambient-effects"],
  ["fetch passed on in the core", "src/simulator/a.ts", "use(fetch);", "no-ambient-effects"],
  ["crypto in the core", "src/language/a.ts", "crypto.randomUUID();", "no-ambient-effects"],
  ["console in the core", "src/language/a.ts", "console.log(1);", "no-ambient-effects"],
  ["chance in the core", "src/runtime/a.ts", "Math.random();", "no-ambient-effects"],
  ["code from text", "src/cli/a.ts", 'new Function("return 1");', "no-code-from-text"],
  ["evaluated text", "src/cli/a.ts", 'eval("1");', "no-code-from-text"],
  ["a bare error", "src/cli/a.ts", 'throw new Error("x");', "no-bare-error"],
  ["a default export", "src/cli/a.ts", "export default 1;", "no-default-export"],
  ["a package outside its place", "src/cli/a.ts", 'import "yaml";', "import-place"],
  ["a package by its npm name", "src/cli/a.ts", 'import "npm:yaml@2.9.1";', "import-place"],
  ["an unlisted package", "src/cli/a.ts", 'import "left-pad";', "import-place"],
  ["a late import", "src/cli/a.ts", 'await import("isomorphic-git");', "import-place"],
  ["a file behind mod.ts", "src/cli/a.ts", 'import "../runtime/trace.ts";', "import-place"],
] as const;

for (const [what, file, source, rule] of VIOLATIONS) {
  Deno.test(`lint plugin reports ${what}`, () => {
    deepEqual(rulesBroken(file, SPDX + source), [`house/${rule}`]);
  });
}

const FINE = [
  ["a clock in an adapter", "src/adapters/system.ts", "Date.now();"],
  ["a member named like a global", "src/runtime/a.ts", "call.fetch(1); x = { fetch: 1 };"],
  ["a type's member named like a global", "src/runtime/a.ts", "interface A { fetch(): void }"],
  ["a package in its place", "src/language/yaml.ts", 'import "yaml";'],
  ["a layer's entry", "src/cli/a.ts", 'import "../runtime/mod.ts";'],
  ["the ports", "src/adapters/a.ts", 'import "../runtime/ports.ts";'],
  ["any package in a test", "tests/a_test.ts", 'import "fast-check";'],
] as const;

for (const [what, file, source] of FINE) {
  Deno.test(`lint plugin lets ${what} pass`, () => {
    deepEqual(rulesBroken(file, SPDX + source), []);
  });
}

Deno.test("lint plugin asks for the licence line", () => {
  deepEqual(rulesBroken("src/cli/a.ts", "export const a = 1;"), ["house/spdx-first"]);
});
