// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import { koreo, koreoUntil, temporaryFiles } from "./run_koreo.ts";

const definition = (name: string, factor: string) =>
  `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: ${name}}
spec:
  return: {size: =inputs.size * ${factor}}
`;

const test = (name: string, size: number) =>
  `apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata: {name: ${name}}
spec:
  functionRef: {kind: ValueFunction, name: ${name}}
  inputs: {size: 2}
  testCases:
  - label: two
    expectReturn: {size: ${size}}
`;

const FILES = {
  "double.k.yaml": definition("double", "2"),
  "double.test.k.yaml": test("double", 4),
  "triple.k.yaml": definition("triple", "3"),
  "triple.test.k.yaml": test("triple", 6),
};

/** Writes a file that nobody finds half written, however long its writer is kept from going on. */
async function writeWhole(path: string, text: string): Promise<void> {
  const elsewhere = await Deno.makeTempFile();
  await Deno.writeTextFile(elsewhere, text);
  await Deno.rename(elsewhere, path);
}

const READY = /Watching \d+ files, Ctrl-C ends\n/;

Deno.test("koreo test --watch runs again what a changed file concerns, through a fault and back", async () => {
  await using files = await temporaryFiles(FILES);
  const { directory } = files;
  const write = (text: string) => () => writeWhole(`${directory}/double.k.yaml`, text);
  const { code, stdout, stderr } = await koreoUntil(["test", directory, "--watch"], [
    { pattern: READY, then: write(definition("double", "5")) },
    { pattern: READY, then: write(definition("double", "(")) },
    { pattern: READY, then: write(definition("double", "2")) },
    { pattern: READY },
  ]);
  const double = `default/double (ValueFunction double) ${directory}/double.test.k.yaml:1`;
  equal(
    stdout,
    `${double}
  ok      two

default/triple (ValueFunction triple) ${directory}/triple.test.k.yaml:1
  ok      two

2 passed, 0 failed, 0 skipped, 0 not run
${double}
  FAIL    two ${directory}/double.test.k.yaml:8
          size: expected '\`4\`' but found '\`10\`'
          expected: Ok(data={"size": 4})
          actual:   Ok(data={"size": 10})

1 passed, 1 failed, 0 skipped, 0 not run
${double}
  ValueFunction (double) not found or not ready, FunctionTest 'double' must wait. ` +
      `${directory}/double.k.yaml:5:34 error expression-syntax: ` +
      `Cannot read the end: expected a value (in spec.return.size)
  not run two

1 passed, 0 failed, 0 skipped, 1 not run
${double}
  ok      two

2 passed, 0 failed, 0 skipped, 0 not run
`,
  );
  const changed = stderr.split("\n").filter((line) => line.startsWith("Changed"));
  deepEqual(changed, Array(3).fill(`Changed: ${directory}/double.k.yaml`));
  match(stderr, /double\.k\.yaml:5:34 error expression-syntax/);
  equal(code, 0);
});

Deno.test("koreo test --watch ends with the exit code of the last run", async () => {
  await using files = await temporaryFiles(FILES);
  const path = `${files.directory}/double.k.yaml`;
  const { code } = await koreoUntil(["test", files.directory, "--watch"], [
    { pattern: READY, then: () => writeWhole(path, definition("double", "5")) },
    { pattern: READY },
  ]);
  equal(code, 1);
});

Deno.test("koreo test --watch notices files that come and go", async () => {
  await using files = await temporaryFiles({ "double.k.yaml": FILES["double.k.yaml"] });
  const path = `${files.directory}/deep/er/double.test.k.yaml`;
  const { code, stdout, stderr } = await koreoUntil([
    "test",
    files.directory,
    "--watch",
    "--allow-none",
    "--reporter",
    "dot",
  ], [
    {
      pattern: /Watching 1 file, /,
      then: async () => {
        await Deno.mkdir(`${files.directory}/deep/er`, { recursive: true });
        await writeWhole(path, FILES["double.test.k.yaml"]);
      },
    },
    { pattern: /Watching 2 files, /, then: () => Deno.remove(path) },
    { pattern: /Watching 1 file, / },
  ]);
  equal(code, 0);
  equal(
    stdout,
    `0 passed, 0 failed, 0 skipped, 0 not run
.

1 passed, 0 failed, 0 skipped, 0 not run
0 passed, 0 failed, 0 skipped, 0 not run
`,
  );
  deepEqual(stderr.match(/Changed: .*/g), [`Changed: ${path}`, `Changed: ${path}`]);
});

Deno.test("koreo test --watch of one file sees it replaced, as editors save", async () => {
  await using files = await temporaryFiles({
    "all.k.yaml": `${FILES["double.k.yaml"]}---\n${FILES["double.test.k.yaml"]}`,
  });
  const path = `${files.directory}/all.k.yaml`;
  const replace = async () => {
    await Deno.writeTextFile(`${path}.new`, (await Deno.readTextFile(path)).replace("* 2", "* 4"));
    await Deno.rename(`${path}.new`, path);
  };
  const { code } = await koreoUntil(["test", path, "--watch"], [
    { pattern: /Watching 1 file, /, then: replace },
    { pattern: /Watching 1 file, / },
  ]);
  equal(code, 1);
});

Deno.test("koreo test --watch --coverage counts each run by itself", async () => {
  await using files = await temporaryFiles(FILES);
  const path = `${files.directory}/triple.test.k.yaml`;
  const { stdout } = await koreoUntil(
    ["test", files.directory, "--watch", "--coverage", "--reporter", "dot"],
    [{ pattern: READY, then: () => Deno.remove(path) }, { pattern: READY }],
  );
  deepEqual(stdout.match(/^all .*$/gm)?.map((line) => line.slice(-7)), ["100.0 %", " 50.0 %"]);
});

const REFUSED = [
  { args: ["--watch", "-o", "json"], reason: /Cannot watch with json: it is one document/ },
  { args: ["--watch", "--reporter", "junit"], reason: /Cannot watch with junit/ },
];

for (const { args, reason } of REFUSED) {
  Deno.test(`koreo test ${args.join(" ")} is wrong usage`, async () => {
    await using files = await temporaryFiles(FILES);
    const { code, stderr } = await koreo(["test", files.directory, ...args]);
    equal(code, 2);
    match(stderr, reason);
  });
}

Deno.test("koreo test --watch of a URL or of nowhere is wrong usage", async () => {
  const url = await koreo(["test", "https://git.example.com/a.git", "--watch"]);
  deepEqual([url.code, /Cannot watch a repository/.test(url.stderr)], [2, true]);
  const nowhere = await koreo(["test", "/no/such/place/at/all.k.yaml", "--watch"]);
  deepEqual([nowhere.code, /Cannot watch the paths/.test(nowhere.stderr)], [2, true]);
});
