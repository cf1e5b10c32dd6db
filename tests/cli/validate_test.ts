// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import { koreo, temporaryFiles } from "./run_koreo.ts";
import { documentOf } from "./schemas.ts";

const SOUND = `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: sound}
spec:
  return: {size: =inputs.size}
`;

const BROKEN = `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: broken}
spec:
  return: {size: =inputs.size +}
---
apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata: {name: broken}
spec:
  functionRef: {kind: ValueFunction, name: broken}
  testCases:
  - label: a case
    expectReturn: {size: 1}
`;

Deno.test("koreo validate is content with sound definitions", async () => {
  await using files = await temporaryFiles({ "sound.k.yaml": SOUND, "notes.txt": "no definition" });
  deepEqual(await koreo(["validate", files.directory]), {
    code: 0,
    stdout: "1 definition in 1 file: no fault\n",
    stderr: "",
  });
});

Deno.test("koreo validate shows every fault of a directory with its code frame", async () => {
  await using files = await temporaryFiles({
    "a/broken.k.yaml": BROKEN,
    "b/bytes.yaml": Uint8Array.of(0xff),
    "sound.k.yaml": SOUND,
  });
  const end = await koreo(["validate", files.directory]);
  equal(end.stdout, "3 definitions in 3 files: 2 error, 1 unresolved\n");
  equal(
    end.stderr.replaceAll(`${files.directory}/`, ""),
    `a/broken.k.yaml:5:32 error expression-syntax
Cannot read the end: expected a value (in spec.return.size)
 5 |   return: {size: =inputs.size +}
   |                                ^

a/broken.k.yaml:11:44 unresolved broken-reference
Cannot use ValueFunction "broken": it is broken
 11 |   functionRef: {kind: ValueFunction, name: broken}
    |                                            ^^^^^^
 related: a/broken.k.yaml:5:32 Cannot read the end: expected a value (in spec.return.size)

b/bytes.yaml:1:1 error yaml-syntax
Cannot read the file: from here on it is not UTF-8 text
 help: save the file as UTF-8

`,
  );
  equal(end.code, 1);
});

Deno.test("koreo validate -o json prints one document with every diagnostic", async () => {
  await using files = await temporaryFiles({ "broken.k.yaml": BROKEN, "sound.k.yaml": SOUND });
  const { code, stdout, stderr } = await koreo(["validate", files.directory, "-o", "json"]);
  equal(code, 1);
  equal(stderr, "");
  const { diagnostics, ...counts } = await documentOf("validate", stdout);
  deepEqual(counts, { definitions: 3, files: 2 });
  const file = `${files.directory}/broken.k.yaml`;
  const message = "Cannot read the end: expected a value (in spec.return.size)";
  deepEqual(diagnostics, [
    {
      file,
      line: 5,
      column: 32,
      severity: "error",
      code: "expression-syntax",
      message,
      path: "spec.return.size",
    },
    {
      file,
      line: 11,
      column: 44,
      severity: "unresolved",
      code: "broken-reference",
      message: 'Cannot use ValueFunction "broken": it is broken',
      path: "spec.functionRef.name",
      related: [{ file, line: 5, column: 32, message }],
    },
  ]);
});

const UNREADABLE = [
  ["a path that is not there", "nope", "there is no such file or directory"],
  ["a file that is not UTF-8", "bytes.yaml", "from here on it is not UTF-8 text"],
  ["a link in a circle", "circle.yaml", "its links lead in a circle"],
] as const;

for (const [name, path, reason] of UNREADABLE) {
  Deno.test(`koreo validate reports ${name} as a diagnostic on line 1`, async () => {
    await using files = await temporaryFiles({ "bytes.yaml": Uint8Array.of(0xff) });
    await Deno.symlink("circle.yaml", `${files.directory}/circle.yaml`);
    const file = `${files.directory}/${path}`;
    const { code, stdout } = await koreo(["validate", file, "-o", "json"]);
    equal(code, 1);
    const [diagnostic, ...others] = (await documentOf("validate", stdout)).diagnostics;
    deepEqual(others, []);
    const { severity, line, column, message } = diagnostic;
    deepEqual([severity, diagnostic.file, line, column], ["error", file, 1, 1]);
    equal(message, `Cannot read the file: ${reason}`);
  });
}

Deno.test("DG skipped-file koreo validate tells of links that it does not follow", async () => {
  await using files = await temporaryFiles({ "sound.k.yaml": SOUND });
  await Deno.symlink("/", `${files.directory}/all.k.yaml`);
  const outside = await Deno.makeTempFile({ suffix: ".k.yaml" });
  await Deno.symlink(outside, `${files.directory}/outside.k.yaml`);
  const { code, stdout } = await koreo(["validate", files.directory, "--strict", "-o", "json"]);
  await Deno.remove(outside);
  equal(code, 0);
  const { diagnostics } = await documentOf("validate", stdout);
  deepEqual(
    diagnostics.filter((one: { code: string }) => one.code === "skipped-file")
      .map(({ file, severity, message }: Record<string, string>) => [file, severity, message]),
    [
      [
        `${files.directory}/all.k.yaml`,
        "information",
        "The file is not read: links to directories are not followed",
      ],
      [
        `${files.directory}/outside.k.yaml`,
        "information",
        "The file is not read: the link leads out of the directory",
      ],
    ],
  );
});

/** One warning, one information, no error. */
const DOUBTFUL = `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: sound, namespace: team-a}
spec:
  return: {size: =inputs.size}
  surplus: true
`;

Deno.test("koreo validate counts warnings with --strict, and information never", async () => {
  await using files = await temporaryFiles({ "doubtful.k.yaml": DOUBTFUL, "sound.k.yaml": SOUND });
  const { diagnostics } = await documentOf(
    "validate",
    (await koreo(["validate", files.directory, "-o", "json"])).stdout,
  );
  const severities: readonly string[] = diagnostics.map((one: { severity: string }) =>
    one.severity
  );
  deepEqual([...new Set(severities)].sort(), ["information", "warning"]);

  const plain = await koreo(["validate", files.directory]);
  const strict = await koreo(["validate", files.directory, "--strict"]);
  deepEqual([plain.code, strict.code], [0, 1]);
  equal(strict.stderr, plain.stderr);
  match(plain.stderr, / warning /);
  equal(/ information /.test(plain.stderr), false);
  const told = await koreo(["validate", files.directory, "--information"]);
  equal(told.code, 0);
  match(told.stderr, / information /);
});

Deno.test("koreo validate takes one repository alone", async () => {
  const { code, stderr } = await koreo(["validate", ".", "https://git.example.com/a.git"]);
  equal(code, 2);
  equal(stderr, 'error: Cannot read "." beside other paths: give one repository alone\n');
});
