// SPDX-License-Identifier: Apache-2.0

/**
 * Compiles the corpus once in a fresh process and prints what it took as one line of JSON. Needs
 * `--v8-flags=--expose-gc`.
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
  /** Resident bytes after a collection: before anything was read, and with the Program. */
  readonly importedBytes: number;
  readonly loadedBytes: number;
}

const FILES = ["templates.yaml", "functions.yaml", "workflows.yaml"] as const;

/**
 * Collects as V8 does by itself in a process that has been idle for some seconds: without the
 * flavor the empty young generation, which grew while the corpus was read, would still be counted.
 */
const THOROUGH = { type: "major", execution: "sync", flavor: "last-resort" } as const;

async function residentBytes(): Promise<number> {
  const { gc } = globalThis as { gc?: (how: typeof THOROUGH) => void };
  for (let round = 0; round < 5; round++) {
    gc?.(THOROUGH);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return Deno.memoryUsage().rss;
}

/** Trees and texts are given up when this returns. */
function load(): { program: Program; readSeconds: number; compileSeconds: number } {
  const start = cpuSeconds();
  const documents = FILES.flatMap((path) => readDocuments({ path, text: corpusText(path) }));
  const read = cpuSeconds();
  const program = compileProgram(documents);
  return { program, readSeconds: read - start, compileSeconds: cpuSeconds() - read };
}

if (import.meta.main) {
  const importedBytes = await residentBytes();
  const { program, readSeconds, compileSeconds } = load();
  const loadedBytes = await residentBytes();
  const errors = program.diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new TypeError(`Cannot compile the corpus: ${errors[0]?.message}`);
  const cold: ColdCompile = { readSeconds, compileSeconds, importedBytes, loadedBytes };
  // deno-lint-ignore no-console -- the process that started this one reads it
  console.log(JSON.stringify(cold));
}
