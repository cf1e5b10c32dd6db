// SPDX-License-Identifier: Apache-2.0

import { join } from "node:path";
import { main } from "../../src/cli/main.ts";
import type { PageBlock } from "./page_blocks.ts";

/** A command of a `console` block and what the page says it prints. */
export interface ConsoleExample {
  readonly command: string;
  readonly stated: string;
  readonly line: number;
}

/** The commands of a block: lines that begin with `$ `; what follows is their output. */
export function consoleExamples({ text, line }: PageBlock): readonly ConsoleExample[] {
  const examples: ConsoleExample[] = [];
  for (const [index, row] of text.trimEnd().split("\n").entries()) {
    const last = examples.at(-1);
    if (row.startsWith("$ ")) {
      examples.push({ command: row.slice(2), stated: "", line: line + index });
    } else if (last !== undefined) {
      examples[examples.length - 1] = { ...last, stated: `${last.stated}${row}\n` };
    }
  }
  return examples;
}

/** Splits a command line as a shell does, as far as pages need it: words and single quotes. */
function wordsOf(command: string): readonly string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) =>
    quoted ?? plain ?? ""
  );
}

/** What `koreo …` prints in a directory that holds the page's files. */
export async function outputOf(command: string, directory: string): Promise<string> {
  const [program, ...args] = wordsOf(command);
  if (program !== "koreo") throw new TypeError(`Cannot run "${command}": only koreo is run`);
  const { signal } = new AbortController();
  let output = "";
  const write = (text: string) => void (output += text);
  const paths = await Promise.all(args.map((arg) => pathIn(directory, arg)));
  await main(paths, { stdout: write, stderr: write, colour: false, signal });
  return output.replaceAll(`${directory}/`, "");
}

/** An argument that names something in the directory, as a path that holds wherever we are. */
async function pathIn(directory: string, arg: string): Promise<string> {
  if (arg.startsWith("-")) return arg;
  const path = join(directory, arg);
  return await Deno.stat(path).then(() => path, () => arg);
}

/** Writes the blocks marked `file=…` to a directory. A later block of one name is appended. */
export async function writeFiles(blocks: readonly PageBlock[], directory: string): Promise<void> {
  for (const { marks, text } of blocks) {
    const name = marks.get("file");
    if (name === undefined) continue;
    const path = join(directory, name);
    const isThere = await Deno.stat(path).then(() => true, () => false);
    await Deno.writeTextFile(path, isThere ? `---\n${text}` : text, { append: true });
  }
}
