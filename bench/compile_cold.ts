// SPDX-License-Identifier: Apache-2.0

/**
 * Compiles the corpus once in a fresh process and prints what it took as one line of JSON. With
 * `--stay` it then does nothing until V8 has collected by itself, and prints the memory it holds.
 *
 * @module
 */

import { compileProgram, type Program, readDocuments } from "../mod.ts";
import { corpusText } from "./corpus_text.ts";
import { cpuSeconds } from "./measure.ts";

/** What a cold process took. */
export interface ColdCompile {
  readonly readSeconds: number;
  readonly compileSeconds: number;
}

/** What a process holds that has compiled and now is idle. */
export interface IdleMemory {
  /** Right after the compilation. */
  readonly loadedBytes: number;
  /** After the collection that V8 does in a process that does nothing for half a minute. */
  readonly idleBytes: number;
}

const FILES = ["templates.yaml", "functions.yaml", "workflows.yaml"] as const;

/** A collection that is late is waited for; one that never comes shows in the figure. */
const PATIENCE_SECONDS = 90;

/** After the drop V8 goes on giving pages back for a moment. */
const AFTERWARDS_SECONDS = 3;

async function untilCollected(): Promise<IdleMemory> {
  const loadedBytes = Deno.memoryUsage().rss;
  for (let second = 0; second < PATIENCE_SECONDS; second++) {
    await pause(1);
    if (Deno.memoryUsage().rss < loadedBytes * 0.8) break;
  }
  await pause(AFTERWARDS_SECONDS);
  return { loadedBytes, idleBytes: Deno.memoryUsage().rss };
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
}

/** Trees and texts are given up when this returns. */
function load(): { readonly program: Program; readonly cold: ColdCompile } {
  const start = cpuSeconds();
  const documents = FILES.flatMap((path) => readDocuments({ path, text: corpusText(path) }));
  const read = cpuSeconds();
  const program = compileProgram(documents);
  return {
    program,
    cold: { readSeconds: read - start, compileSeconds: cpuSeconds() - read },
  };
}

// deno-lint-ignore no-console -- the process that started this one reads it
const tell = (what: ColdCompile | IdleMemory) => console.log(JSON.stringify(what));

if (import.meta.main) {
  const { program, cold } = load();
  const errors = program.diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new TypeError(`Cannot compile the corpus: ${errors[0]?.message}`);
  tell(cold);
  if (Deno.args.includes("--stay")) tell(await untilCollected());
  // The Program must not be collected before it was measured.
  if (program.definitions.length === 0) throw new TypeError("Cannot measure: nothing was compiled");
}
