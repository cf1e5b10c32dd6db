// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { koreo, spawnKoreo, temporaryFiles } from "./run_koreo.ts";
import { documentOf } from "./schemas.ts";

const MAP_TEXT = `{
  "a": [
    1,
    true,
    null
  ]
}`;

const VALUES = [
  ["a whole number", "1 + 2", "3"],
  ["a leading equals sign, as definitions have it", "='a' + 'b'", '"ab"'],
  ["a number beyond 2^53 exactly", "9007199254740993 * 2", "18014398509481986"],
  ["a fraction", "1.0 / 4.0", "0.25"],
  ["a map over several lines", "{'a': [1, true, null]}", MAP_TEXT],
  ["a negative number, which is no option", "-1", "-1"],
] as const;

for (const [name, expression, expected] of VALUES) {
  Deno.test(`koreo eval prints ${name}`, async () => {
    deepEqual(await koreo(["eval", expression]), {
      code: 0,
      stdout: `${expected}\n`,
      stderr: "",
    });
  });
}

const ERRORS = [
  {
    name: "text that is no expression",
    expression: "1 +",
    stderr: `expression:1:4 error expression-syntax
Cannot read the end: expected a value
 1 | 1 +
   |    ^
`,
    error: { code: "expression-syntax", line: 1, column: 4, span: { start: 3, end: 3 } },
  },
  {
    name: "a fault on a later line",
    expression: "[1,\n  size(inputs.x)]",
    stderr: `expression:2:8 error undeclared-variable
Cannot evaluate: no variable "inputs": there are none
 2 |   size(inputs.x)]
   |        ^^^^^^
`,
    error: { code: "undeclared-variable", line: 2, column: 8, span: { start: 11, end: 17 } },
  },
  {
    name: "a fault after the leading equals sign",
    expression: "=1 / 0",
    stderr: `expression:1:2 error division-by-zero
Cannot evaluate: division by zero
 1 | =1 / 0
   |  ^^^^^
`,
    error: { code: "division-by-zero", line: 1, column: 2, span: { start: 1, end: 6 } },
  },
  {
    name: "a value that cannot be written down",
    expression: "type(1)",
    stderr: `expression:1:1 error not-json
Cannot evaluate: a type cannot become JSON
 1 | type(1)
   | ^^^^^^^
`,
    error: { code: "not-json", line: 1, column: 1, span: { start: 0, end: 7 } },
  },
];

for (const { name, expression, stderr, error } of ERRORS) {
  Deno.test(`koreo eval shows the place of ${name}`, async () => {
    deepEqual(await koreo(["eval", expression]), { code: 1, stdout: "", stderr });
    const json = await koreo(["eval", expression, "-o", "json"]);
    equal(json.code, 1);
    equal(json.stderr, "");
    const document = await documentOf("eval", json.stdout);
    const { message, ...rest } = document.error;
    deepEqual(rest, error);
    equal(message, stderr.split("\n")[1]);
  });
}

Deno.test("koreo eval takes the variables from a file, whole numbers exactly", async () => {
  await using files = await temporaryFiles({
    "inputs.json": '{"inputs": {"big": 9007199254740993, "name": "a"}}',
    "inputs.yaml": "inputs:\n  big: 9007199254740993\n  name: a\n",
  });
  for (const name of ["inputs.json", "inputs.yaml"]) {
    const args = ["--inputs", `${files.directory}/${name}`, "-o", "json"];
    const { code, stdout } = await koreo(["eval", "[inputs.big, inputs.name]", ...args]);
    equal(code, 0);
    equal(stdout, '{\n  "value": [\n    9007199254740993,\n    "a"\n  ]\n}\n');
    await documentOf("eval", stdout);
  }
});

const BAD_FILES = [
  ["that is not there", "nope.yaml", "there is no such file"],
  ["that is a directory", ".", "it is a directory"],
  ["of two documents", "two.yaml", "expected one document, found 2"],
  ["of something else than a map", "list.yaml", "expected maps, found something else"],
  ["that is not UTF-8", "bytes.yaml", "from here on it is not UTF-8 text"],
  ["that is no YAML", "broken.yaml", "broken.yaml:2:1 error yaml-syntax"],
] as const;

for (const [name, file, reason] of BAD_FILES) {
  Deno.test(`koreo eval refuses a file of variables ${name}`, async () => {
    await using files = await temporaryFiles({
      "two.yaml": "a: 1\n---\na: 2\n",
      "list.yaml": "[1, 2]\n",
      "bytes.yaml": Uint8Array.of(0x61, 0x3a, 0x20, 0xff, 0x0a),
      "broken.yaml": "a: [\n",
    });
    const path = `${files.directory}/${file}`;
    const { code, stdout, stderr } = await koreo(["eval", "1", "--inputs", path]);
    equal(code, 2, stderr);
    equal(stdout, "");
    equal(stderr.startsWith("error: Cannot "), true, stderr);
    equal(stderr.includes(`"${path}"`), true, stderr);
    equal(stderr.includes(reason), true, stderr);
  });
}

Deno.test("koreo eval as a process prints the value alone, and its exit code tells", async () => {
  deepEqual(await spawnKoreo(["eval", "2 * 21"]), { code: 0, stdout: "42\n", stderr: "" });
  const failed = await spawnKoreo(["eval", "1 / 0", "-o", "json"]);
  equal(failed.code, 1);
  equal(failed.stderr, "");
  equal((await documentOf("eval", failed.stdout)).error.code, "division-by-zero");
});

Deno.test("koreo eval refuses to show a value whose text has no end", async () => {
  const digits = "[1,2,3,4,5,6,7,8,9,10]";
  const text = `[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20].reduce(a, x, 'x', a + a)`;
  const source = `[${text}].map(t, ${digits}.map(x, ${digits}.map(y, t)))`;
  const { code, stdout } = await koreo(["eval", source, "-o", "json"]);
  equal(code, 1);
  equal(JSON.parse(stdout).error.code, "string-too-long");
});
