// SPDX-License-Identifier: Apache-2.0

import type { CommandIo } from "./command_io.ts";

/**
 * The terminal of this process. SIGINT and SIGTERM abort its signal; a second one ends the process
 * at once.
 */
export function processIo(): CommandIo & Disposable {
  const ending = new AbortController();
  const stop = () => {
    if (ending.signal.aborted) Deno.exit(130);
    ending.abort(new DOMException("The process was asked to end", "AbortError"));
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop);
  return {
    stdout: (text) => writeAll(Deno.stdout, text),
    stderr: (text) => writeAll(Deno.stderr, text),
    colour: Deno.stderr.isTerminal() && !Deno.noColor,
    isTerminal: Deno.stdout.isTerminal(),
    signal: ending.signal,
    [Symbol.dispose]() {
      for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.removeSignalListener(signal, stop);
    },
  };
}

/** Writes what is still read: a reader such as `head` may have gone. */
function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  try {
    let bytes = new TextEncoder().encode(text);
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
