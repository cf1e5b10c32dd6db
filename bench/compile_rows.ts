// SPDX-License-Identifier: Apache-2.0

import { compileProgram, type Program, readDocuments } from "../src/language/mod.ts";
import type { ColdCompile } from "./compile_cold.ts";
import { corpusDocuments } from "./corpus.ts";
import { corpusText } from "./corpus_text.ts";
import { cpuSeconds, median } from "./measure.ts";
import { type Row, row } from "./row.ts";

const COLD_RUNS = 5;
const MEBIBYTE = 1024 * 1024;

/** Compilation, cold and after one change, and what a loaded Program takes of memory. */
export async function* compileRows(): AsyncGenerator<Row> {
  const colds: ColdCompile[] = [];
  for (let run = 0; run < COLD_RUNS; run++) colds.push(await compileCold());
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
    work: "resident memory with all of them, after a collection",
    figure: of(({ loadedBytes }) => loadedBytes) / MEBIBYTE,
    unit: "MiB",
    budget: 140,
    bound: "at most",
    original: "504 MB",
  });
  yield row({
    work: "compile again after one function changed",
    figure: changedFunctionMs(),
    unit: "ms",
    budget: 5,
    bound: "at most",
  });
}

async function compileCold(): Promise<ColdCompile> {
  const script = new URL("./compile_cold.ts", import.meta.url).pathname;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-read", "--allow-env", "--v8-flags=--expose-gc", script],
  }).output();
  if (!success) throw new TypeError(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
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
