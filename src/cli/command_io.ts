// SPDX-License-Identifier: Apache-2.0

/** What a command says to the terminal and learns from it. */
export interface CommandIo {
  /** Writes to standard output; the text carries its line breaks. */
  stdout(text: string): void;
  /** Writes to standard error; the text carries its line breaks. */
  stderr(text: string): void;
  /** Whether standard error takes colours: a terminal, and no `NO_COLOR`. */
  readonly colour: boolean;
  /** Whether standard output is a terminal, whose screen can be cleared; not unless given. */
  readonly isTerminal?: boolean;
  /** Aborted when the process is asked to end (SIGINT, SIGTERM). */
  readonly signal: AbortSignal;
}

/** Exit codes of every command (ARCHITECTURE.md section 6). */
export const EXIT = { fine: 0, findings: 1, usage: 2, world: 3 } as const;

/** The user asked for something that cannot be: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "usage";
}
