// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import { literalNames, namedRules, reportRules, ruleIds } from "../../tools/rules.ts";

const LANGUAGE = `
## 1 Documents
- **SD-1** A source. See **not an id**.
| **RF-30.4** | plural |
| **EX-39a** | more |
## 2 Diagnostics and limits
| Code | Severity |
| \`yaml-syntax\` | error |
| \`conflict\` | error |
| the names of 2.2 | error |
| **LM-2** | \`document-too-large\` | 1 MiB |
## 3 Values
| \`no-code\` | a row of another chapter |
**EX-39** These are extensions.
| **D2a** | an error | **X12** |
`;

Deno.test("ruleIds() reads bold ids, and codes and limits of chapter 2", () => {
  deepEqual(ruleIds(LANGUAGE), [
    "SD-1",
    "RF-30.4",
    "EX-39a",
    "yaml-syntax",
    "conflict",
    "LM-2",
    "document-too-large",
    "EX-39",
    "D2a",
    "X12",
  ]);
});

const IDS = [
  ...["RF-30", "RF-30.6", "RF-30.7", "RF-30.8", "RF-31", "RF-79", "RF-79a", "FT-30", "FT-31"],
  ...["D2a", "X1", "X12", "E2", "conflict", "yaml-syntax"],
];

const NAMES = [
  ["RF-30.6 deletes", ["RF-30.6"]],
  ["RF-30 to RF-31 go on", ["RF-30", "RF-30.6", "RF-30.7", "RF-30.8", "RF-31"]],
  ["RF-30.6 to RF-30.8 and FT-30, FT-31: all", "RF-30.6 RF-30.7 RF-30.8 FT-30 FT-31".split(" ")],
  ["golden one deviates as D2a, X12 say", ["D2a", "X12"]],
  ["RF-79a is another rule than its neighbour", ["RF-79a"]],
  ["a conflict is no code, E2E is no row, 0xE2 neither, nor is v1.E2", []],
  ["DG conflict and yaml-syntax are codes, no-yaml-syntax is none", ["conflict", "yaml-syntax"]],
] as const;

for (const [name, known] of NAMES) {
  Deno.test(`namedRules() finds ${known.length} in a name: ${name.length} characters`, () => {
    const named = namedRules(name, IDS);
    deepEqual([...named.known].sort(), [...known].sort());
    deepEqual(named.unknown, []);
  });
}

Deno.test("reportRules() tells rules without a test and tests without a rule", () => {
  const unknown = ["RF", "99"].join("-");
  const { tests, faults } = reportRules(["RF-30", "X12"], ["RF-30 a", "RF-30 b", `${unknown} c`]);
  deepEqual(tests.get("RF-30"), ["RF-30 a", "RF-30 b"]);
  deepEqual(faults, [
    `Cannot find rule ${unknown} that a test names: "${unknown} c"`,
    "Cannot find a test that names rule X12",
  ]);
});

Deno.test("literalNames() reads tests and steps from a text", () => {
  const source = `Deno.test("a \\"b\\"", f); await test.step(\n  "c", f); Deno.test(\`d\`, f);`;
  deepEqual(literalNames(source), ['a \\"b\\"', "c", "d"]);
});

const TOOL = new URL("../../tools/rules.ts", import.meta.url).pathname;

async function runTool(...args: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", TOOL, ...args],
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out: out ?? "", err: err ?? "" };
}

Deno.test("rules fails on a planted rule without a test, and lists the tests of the others", async () => {
  const directory = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${directory}/docs`);
    await Deno.mkdir(`${directory}/tests/deep`, { recursive: true });
    await Deno.writeTextFile(`${directory}/docs/LANGUAGE.md`, "- **SD-1** a\n- **SD-2** b\n");
    await Deno.writeTextFile(
      `${directory}/tests/deep/a_test.ts`,
      "for (const n of [1]) Deno.test(`SD-${n} from a table`, () => {});\n",
    );
    const { code, out, err } = await runTool("--root", directory);
    equal(code, 1);
    match(out, /^SD-1\n {2}SD-1 from a table\nSD-2\n2 rules, 1 faults\n$/);
    equal(err, "Cannot find a test that names rule SD-2\n");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("every rule of the language is named by a test, and no test names another", async () => {
  const { code, err } = await runTool("--quiet");
  equal(err, "");
  equal(code, 0);
});
