// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";

const CASE = `
name: one
script: [{expressions: {vars: {}, exprs: [=1 + 1, plain]}}]
expected: {script: [{results: [{value: 2}, {none: true}]}]}
`;

async function golden(files: Readonly<Record<string, string>>) {
  const directory = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${directory}/${name}`, text);
    }
    const entry = new URL("run_cases.ts", import.meta.url).pathname;
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "-A", entry, directory],
    });
    const { code, stdout } = await command.output();
    return { code, lines: new TextDecoder().decode(stdout).trimEnd().split("\n") };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("golden prints a line of JSON per case and the counts last", async () => {
  const { code, lines } = await golden({
    "one.yaml": CASE,
    "two.yaml": CASE.replace("value: 2", "value: 3"),
    "three.yaml": "script: [{nonsense: {}}]\nexpected: {script: [{}]}",
    "README.md": "no case",
  });
  equal(code, 1);
  equal(lines.pop(), "1 passed, 2 failed");
  deepEqual(lines.map((line) => JSON.parse(line)), [
    { case: "one", pass: true },
    {
      case: "three",
      pass: false,
      why: 'crashed: Cannot run step "nonsense": not known',
    },
    {
      case: "two",
      pass: false,
      why: "$.script[0].results[0].value: expected 3, found 2",
    },
  ]);
});

Deno.test("golden exits with 0 exactly when none failed", async () => {
  const { code, lines } = await golden({ "one.yaml": CASE });
  deepEqual([code, lines.at(-1)], [0, "1 passed, 0 failed"]);
});
