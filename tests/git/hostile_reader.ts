// SPDX-License-Identifier: Apache-2.0

/**
 * Reads a repository as it is told, line by line, in a process whose memory is its own: `fetch`
 * brings it up to date, `read` reads all of `main`. Each answer is a line of JSON.
 *
 * @module
 */

import { TextLineStream } from "./text_lines.ts";
import { openRepository, type SourceSettings } from "../../src/adapters/git/mod.ts";
import { RepositoryError } from "../../src/runtime/ports.ts";

/** What reading came to. */
export interface ReaderAnswer {
  readonly error?: { readonly code: string; readonly message: string };
  readonly head?: string;
  /** Files that were read whole. */
  readonly files?: readonly string[];
  /** Why entries were left out, and why contents were refused. */
  readonly skipped?: readonly string[];
  /** Highest resident memory of this process so far. */
  readonly peakMiB: number;
}

const { signal } = new AbortController();

async function answerTo(command: string, repository: ReturnType<typeof openRepository>) {
  try {
    if (command === "fetch") await repository.fetch({ signal });
    return command === "fetch" ? {} : await readAll(repository);
  } catch (error) {
    if (!(error instanceof RepositoryError)) throw error;
    return { error: { code: error.code, message: error.message } };
  }
}

async function readAll(repository: ReturnType<typeof openRepository>) {
  const head = await repository.resolve("main", { signal });
  if (head === undefined) return { files: [] };
  const found = await repository.files(head, "", { signal });
  const skipped = found.skipped.map(({ path, reason }) => `${path.slice(0, 60)}: ${reason}`);
  const files: string[] = [];
  for (const { path, blob } of found.files) {
    try {
      await repository.read(blob, { signal });
      files.push(path.slice(0, 60));
      // A file is taken apart in slices: between them others have their turn, garbage too.
      await new Promise((resolve) => setTimeout(resolve));
    } catch (error) {
      if (!(error instanceof RepositoryError)) throw error;
      skipped.push(`${path}: ${error.message}`);
    }
  }
  return { head, files, skipped };
}

function peakMiB(): number {
  const [, kib] = /VmHWM:\s+(\d+)/.exec(Deno.readTextFileSync("/proc/self/status")) ?? [];
  return Math.ceil(Number(kib) / 1024);
}

if (import.meta.main) {
  const [url = "", settings = "{}"] = Deno.args;
  const repository = openRepository(url, JSON.parse(settings) as SourceSettings);
  for await (const command of Deno.stdin.readable.pipeThrough(new TextLineStream())) {
    const answer = { ...await answerTo(command, repository), peakMiB: peakMiB() };
    await Deno.stdout.write(new TextEncoder().encode(`${JSON.stringify(answer)}\n`));
  }
  repository.close();
}
