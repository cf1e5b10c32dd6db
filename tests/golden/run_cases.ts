// SPDX-License-Identifier: Apache-2.0
// deno-lint-ignore-file no-console -- a command: its lines are its result

/**
 * `deno task golden DIR`: runs every case file of a directory and compares what it gives with what
 * the file expects. Knows no exceptions; those are in `deviations.yaml`, read by the test suite.
 *
 * @module
 */

import { readCase } from "./case_file.ts";
import { runCase } from "./run_case.ts";
import { mismatch } from "./matchers.ts";

/** A case that was run. */
export interface CaseLine {
  readonly case: string;
  readonly pass: boolean;
  /** The first place that differs; only of a case that does not pass. */
  readonly why?: string;
}

/** Names of the case files of a directory, sorted. */
export function caseFiles(directory: string | URL): readonly string[] {
  return [...Deno.readDirSync(directory)]
    .filter((entry) => entry.isFile && entry.name.endsWith(".yaml"))
    .map((entry) => entry.name)
    .sort();
}

/** Runs one case from its text. A crash is a difference like any other. */
export async function checkCase(name: string, text: string): Promise<CaseLine> {
  try {
    const { expected, actual } = await runCase(readCase(text));
    const why = mismatch(expected, actual);
    return why === undefined ? { case: name, pass: true } : { case: name, pass: false, why };
  } catch (error) {
    const why = `crashed: ${error instanceof Error ? error.message : error}`;
    return { case: name, pass: false, why };
  }
}

async function main(directory: string): Promise<void> {
  const lines: CaseLine[] = [];
  for (const file of caseFiles(directory)) {
    const text = await Deno.readTextFile(`${directory}/${file}`);
    const line = await checkCase(file.replace(/\.yaml$/, ""), text);
    console.log(JSON.stringify(line));
    lines.push(line);
  }
  const failed = lines.filter((line) => !line.pass).length;
  console.log(`${lines.length - failed} passed, ${failed} failed`);
  Deno.exitCode = failed === 0 ? 0 : 1;
}

if (import.meta.main) {
  const [directory] = Deno.args;
  if (directory === undefined) {
    console.error("Usage: deno task golden DIR");
    Deno.exit(2);
  }
  await main(directory);
}
