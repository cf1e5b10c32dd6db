// SPDX-License-Identifier: Apache-2.0

import { compileProgram, type Program, readDocuments } from "../src/language/mod.ts";
import type { ColdCompile, IdleMemory } from "./compile_cold.ts";
import { corpusDocuments } from "./corpus.ts";
import { corpusText } from "./corpus_text.ts";
import { cpuSeconds, median } from "./measure.ts";
import { type Row, row } from "./row.ts";

const COLD_RUNS = 5;
const MEBIBYTE = 1024 * 1024;

/** Compilation, cold and after one change, and what a loaded Program takes of memory. */
export async function* compileRows(): AsyncGenerator<Row> {
  await using staying = startCold("--stay");
  const colds = [await staying.nextLine<ColdCompile>()];
  while (colds.length < COLD_RUNS) colds.push(await compileCold());
  const of = (figure: (cold: ColdCompile) => number) => median(colds.map(figure));
  yield row({
    work: "compile 500 functions and 100 Workflows, documents parsed",
    figure: of(({ compileSeconds }) => compileSeconds),
    unit: "s",
    budget: 0.7,
    bound: "at most",
    original: "7.1 s",
  });
  yield row({
    work: "the same from text",
    figure: of(({ readSeconds, compileSeconds }) => readSeconds + compileSeconds),
    unit: "s",
    budget: 2,
    bound: "at most",
  });
  yield row({
    work: "compile again after one function changed",
    figure: changedFunctionMs(),
    unit: "ms",
    budget: 5,
    bound: "at most",
  });
  const { idleBytes } = await staying.nextLine<IdleMemory>();
  yield row({
    work: "resident memory with all of them, after a collection",
    figure: idleBytes / MEBIBYTE,
    unit: "MiB",
    budget: 140,
    bound: "at most",
    original: "504 MB",
  });
}

async function compileCold(): Promise<ColdCompile> {
  await using cold = startCold();
  return await cold.nextLine();
}

/** A fresh process that compiles. */
interface ColdProcess extends AsyncDisposable {
  /** What it tells next; rejects when it ends without. */
  nextLine<T>(): Promise<T>;
}

function startCold(...args: readonly string[]): ColdProcess {
  const script = new URL("./compile_cold.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-read", script, ...args],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = linesOf(child.stdout);
  return {
    async nextLine() {
      const { done, value } = await lines.next();
      if (done) throw new TypeError("Cannot measure: the process has ended");
      return JSON.parse(value);
    },
    async [Symbol.asyncDispose]() {
      await lines.return();
      await child[Symbol.asyncDispose]();
    },
  };
}

async function* linesOf(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, void> {
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** CPU milliseconds of one compilation in which one of 600 definitions is another. */
function changedFunctionMs(): number {
  const others = corpusDocuments("templates.yaml", "workflows.yaml");
  const [first, ...rest] = corpusText("functions.yaml").split("\n---\n");
  const unchanged = rest.flatMap((text, index) =>
    readDocuments({ path: `functions/${index}.yaml`, text })
  );
  const compile = (value: number, previous?: Program) => {
    const text = (first ?? "").replace("* 2 + 1", `* 2 + ${value}`);
    const changed = readDocuments({ path: "functions/changed.yaml", text });
    const documents = [...others, ...unchanged, ...changed];
    const start = cpuSeconds();
    const program = compileProgram(documents, previous === undefined ? {} : { previous });
    return { program, milliseconds: (cpuSeconds() - start) * 1_000 };
  };
  let { program } = compile(1);
  const times: number[] = [];
  for (let turn = 2; turn < 40; turn++) {
    const next = compile(turn, program);
    times.push(next.milliseconds);
    program = next.program;
  }
  return median(times);
}
