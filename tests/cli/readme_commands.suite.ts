// SPDX-License-Identifier: Apache-2.0

/**
 * The README's commands in a fresh clone, with empty caches: what somebody does who has Node and
 * has just read of the project. Needs git and npx.
 *
 * @module
 */

import { equal, match } from "node:assert/strict";
import { blocksOf } from "../docs/page_blocks.ts";
import { ROOT } from "./run_koreo.ts";

const decoder = new TextDecoder();

interface Clone extends AsyncDisposable {
  /** Runs a command line in the clone, with caches of its own. */
  run(line: string): Promise<{ readonly code: number; readonly text: string }>;
}

async function freshClone(): Promise<Clone> {
  const directory = await Deno.makeTempDir({ prefix: "koreo-readme-" });
  const { success, stderr } = await new Deno.Command("git", {
    args: ["clone", "--quiet", ROOT, `${directory}/clone`],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new TypeError(`Cannot clone the project: ${decoder.decode(stderr)}`);
  return {
    async run(line) {
      const [program = "", ...args] = line.split(" ");
      const { code, stdout, stderr } = await new Deno.Command(program, {
        args,
        cwd: `${directory}/clone`,
        env: {
          DENO_DIR: `${directory}/deno`,
          npm_config_cache: `${directory}/npm`,
          NO_COLOR: "1",
        },
        stdin: "null",
      }).output();
      return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
    },
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

Deno.test("the README's two commands work in a fresh clone with empty caches", async (t) => {
  const readme = await Deno.readTextFile(`${ROOT}README.md`);
  const [demo = "", test = ""] = blocksOf(readme).filter(({ language }) => language === "sh")
    .map(({ text }) => text.trim());
  await using clone = await freshClone();

  await t.step(demo, async () => {
    // The duration of this step is the figure: the cold start of the demo.
    const { code, text } = await clone.run(demo);
    equal(code, 0, text);
    match(text, /^[1-9]\d* objects reconciled$/m);
  });

  // The whole suite runs apart from this one; here it is the way to it that counts.
  await t.step(`${test} tests/tools`, async () => {
    const { code, text } = await clone.run(`${test} tests/tools`);
    equal(code, 0, text);
    match(text, /^ok \| [1-9]\d* passed/m);
  });
});
