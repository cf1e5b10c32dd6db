// SPDX-License-Identifier: Apache-2.0

import { errorText } from "../../runtime/mod.ts";
import type { Abortable } from "../../runtime/ports.ts";
import { TransportError } from "./failure.ts";
import { gitFailure } from "./git_failure.ts";
import { joinBytes } from "./join_bytes.ts";

/** One run of git. */
export interface GitRun extends Abortable {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly timeoutMs: number;
  /** Bytes of standard output. */
  readonly maxBytes: number;
  /** The limit that they follow from, for errors. */
  readonly limitName?: string;
  /** Exit codes that are an answer and no failure. Default: 0 alone. */
  readonly goodCodes?: readonly number[];
  /** Whether the server is shown credentials, for errors. */
  readonly showsCredentials?: boolean;
}

/** What is kept of what git says when it fails. */
const MAX_ERROR_BYTES = 16 * 1024;
/** Time for git to end its own children before it is killed. */
const GRACE_MS = 2_000;

/** Starts git with nothing of this process's environment. */
export function spawnGit(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input: "piped" | "null",
): Deno.ChildProcess {
  try {
    return new Deno.Command("git", {
      args: [...args],
      env: { ...env },
      clearEnv: true,
      stdin: input,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    const code = error instanceof Deno.errors.NotCapable ? "unauthorized" : "unreachable";
    throw new TransportError(code, `git cannot be run: ${startFailure(error)}`);
  }
}

function startFailure(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "it is not installed";
  if (error instanceof Deno.errors.NotCapable) {
    return "Deno was not given the permission (--allow-run=git)";
  }
  return errorText(error);
}

/**
 * Runs git to its end and gives what it printed.
 *
 * Aborted or late, it is asked to end, so that it ends its own children, and then killed; the
 * process is gone when this rejects.
 *
 * @throws {TransportError} When it fails, is late or prints too much; the reason of the abort
 */
export async function runGit(run: GitRun): Promise<Uint8Array> {
  run.signal.throwIfAborted();
  const child = spawnGit(run.args, run.env, run.input === undefined ? "null" : "piped");
  const ending = endProcess(child, run);
  const written = run.input === undefined ? undefined : writeAll(child, run.input);
  const printed = readUpTo(child.stdout, run, ending.end);
  const said = readLast(child.stderr, MAX_ERROR_BYTES);
  try {
    const { code } = await child.status;
    // Children of git that outlive it would hold the pipes open.
    if (ending.reason() !== undefined) await Promise.all([printed.cancel(), said.cancel()]);
    const [output, stderr] = await Promise.all([printed.done, said.done, written]);
    const reason = ending.reason();
    if (reason !== undefined) throw reason.why;
    if ((run.goodCodes ?? [0]).includes(code)) return output;
    const { showsCredentials: wereShown = false } = run;
    throw gitFailure(new TextDecoder().decode(stderr), { wereShown });
  } finally {
    ending.release();
  }
}

/** Why a process is ended before its time. */
interface Ending {
  end(why: unknown): void;
  reason(): { readonly why: unknown } | undefined;
  release(): void;
}

function endProcess(child: Deno.ChildProcess, run: GitRun): Ending {
  let reason: { readonly why: unknown } | undefined;
  let killing: ReturnType<typeof setTimeout> | undefined;
  const end = (why: unknown): void => {
    if (reason !== undefined) return;
    reason = { why };
    kill(child, "SIGTERM");
    killing = setTimeout(() => kill(child, "SIGKILL"), GRACE_MS);
  };
  const abort = (): void => end(run.signal.reason);
  run.signal.addEventListener("abort", abort, { once: true });
  const late = setTimeout(
    () => end(new TransportError("timeout", `git was not done within ${run.timeoutMs / 1_000} s`)),
    run.timeoutMs,
  );
  return {
    end,
    reason: () => reason,
    release() {
      clearTimeout(late);
      clearTimeout(killing);
      run.signal.removeEventListener("abort", abort);
    },
  };
}

/** Ends a process by its handle; one that has ended already is left alone. */
export function kill(child: Deno.ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    child.kill(signal);
  } catch {
    // it has ended
  }
}

async function writeAll(child: Deno.ChildProcess, input: string): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  } catch {
    // Git ended before it had read everything; its exit code says why.
  }
}

interface Reading {
  readonly done: Promise<Uint8Array>;
  cancel(): Promise<void>;
}

function readUpTo(
  stream: ReadableStream<Uint8Array>,
  { maxBytes, limitName }: Pick<GitRun, "maxBytes" | "limitName">,
  end: (why: unknown) => void,
): Reading {
  const limit = limitName === undefined ? "" : ` (${limitName})`;
  return readPieces(stream, (pieces, size) => {
    if (size <= maxBytes) return pieces;
    end(new TransportError("limit-exceeded", `git printed more than ${maxBytes} bytes${limit}`));
    return [];
  });
}

function readLast(stream: ReadableStream<Uint8Array>, maxBytes: number): Reading {
  return readPieces(stream, (pieces, size) => size <= maxBytes ? pieces : pieces.slice(-1));
}

type Keep = (pieces: readonly Uint8Array[], size: number) => readonly Uint8Array[];

function readPieces(stream: ReadableStream<Uint8Array>, keep: Keep): Reading {
  const reader = stream.getReader();
  const read = async (): Promise<Uint8Array> => {
    let pieces: readonly Uint8Array[] = [];
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return joinBytes(pieces);
      const all = [...pieces, value];
      pieces = keep(all, all.reduce((sum, { length }) => sum + length, 0));
    }
  };
  return { done: read(), cancel: () => reader.cancel().catch(() => {}) };
}
