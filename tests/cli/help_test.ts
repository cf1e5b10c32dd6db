// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands.ts";
import { VERSION } from "../../src/cli/main.ts";
import { koreo, ROOT, spawnKoreo } from "./run_koreo.ts";

const HELP = new URL("./help/", import.meta.url);

function helpText(name: string): Promise<string> {
  return Deno.readTextFile(new URL(`${name}.txt`, HELP));
}

const NAMES = COMMANDS.map((command) => command.define().name());

for (const name of NAMES) {
  Deno.test(`koreo ${name} --help says what the command takes`, async () => {
    // In a process of its own: the width of a terminal would show.
    const { code, stdout, stderr } = await spawnKoreo([name, "--help"]);
    equal(stdout, await helpText(name));
    deepEqual([code, stderr], [0, ""]);
  });
}

Deno.test("koreo help, --help and koreo alone list every command", async () => {
  const text = await helpText("koreo");
  deepEqual(await spawnKoreo(["help"]), { code: 0, stdout: text, stderr: "" });
  deepEqual(await spawnKoreo(["--help"]), { code: 0, stdout: text, stderr: "" });
  deepEqual(await spawnKoreo([]), { code: 2, stdout: "", stderr: text });
  for (const name of NAMES) equal(text.includes(`\n  ${name} `), true, name);
});

Deno.test("koreo --version says the version of the package", async () => {
  const { version } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  equal(VERSION, version);
  deepEqual(await koreo(["--version"]), { code: 0, stdout: `${version}\n`, stderr: "" });
});

const SLIPS = [
  {
    name: "a command that is misspelt, and proposes one",
    args: ["validat", "."],
    stderr: `error: unknown command 'validat'
(Did you mean validate?)
(koreo help shows every command)
`,
  },
  {
    name: "an option that is misspelt, and proposes one",
    args: ["validate", ".", "--stric"],
    stderr: `error: unknown option '--stric'
(Did you mean --strict?)
(koreo validate --help shows its options)
`,
  },
  {
    name: "a missing argument",
    args: ["test"],
    stderr: `error: missing required argument 'paths'
(koreo test --help shows its options)
`,
  },
  {
    name: "a value that is none of the choices",
    args: ["eval", "1", "-o", "yaml"],
    stderr: `error: option '-o, --output <format>' argument 'yaml' is invalid. ` +
      `Allowed choices are text, json.
(koreo eval --help shows its options)
`,
  },
  {
    name: "an argument too many",
    args: ["eval", "1", "2"],
    stderr: `error: too many arguments for 'eval'. Expected 1 argument but got 2: 1, 2.
(koreo eval --help shows its options)
`,
  },
  {
    name: "a missing option",
    args: ["render", "w", "."],
    stderr: `error: required option '--parent <file>' not specified
(koreo render --help shows its options)
`,
  },
];

for (const { name, args, stderr } of SLIPS) {
  Deno.test(`koreo refuses ${name}`, async () => {
    deepEqual(await koreo(args), { code: 2, stdout: "", stderr });
  });
}

Deno.test("koreo takes the dashes that a task hands on before its options", async () => {
  const { code, stdout } = await koreo(["--", "eval", "1", "-o", "json"]);
  deepEqual([code, stdout], [0, '{\n  "value": 1\n}\n']);
});
