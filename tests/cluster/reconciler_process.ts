// SPDX-License-Identifier: Apache-2.0

import { fileURLToPath } from "node:url";
import { PATIENCE_MS } from "../until.ts";

/** A reconciler in a process of its own, as it would run in a cluster. */
export interface ReconcilerProcess extends AsyncDisposable {
  readonly pid: number;
  /** What it logged so far, a JSON object per line. */
  readonly lines: readonly string[];
  /** Resolves with the first line, logged before or after the call, that matches. */
  untilLogged(pattern: RegExp): Promise<string>;
  /** Rejects when the process ends before it is terminated. */
  readonly untimelyEnd: Promise<never>;
  /** Sends SIGTERM and gives the exit code. */
  terminate(): Promise<number>;
  /** Ends it in the middle of whatever it does. */
  crash(): Promise<void>;
}

/** How to run it. */
export interface ReconcilerChoice {
  /** Permissions for Deno. */
  readonly permissions: readonly string[];
  /** Arguments of `koreo reconcile`. */
  readonly args: readonly string[];
}

const CLI = fileURLToPath(new URL("../../cli.ts", import.meta.url));
const LAST_LINES = 20;

/** Starts `koreo reconcile`. */
export function startReconciler({ permissions, args }: ReconcilerChoice): ReconcilerProcess {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...permissions, CLI, "reconcile", "--log-format", "json", ...args],
    stdin: "null",
    stdout: "inherit",
    stderr: "piped",
  }).spawn();
  const log = followLines(process.stderr);
  let isTerminated = false;
  const untimelyEnd = process.status.then(({ code }): Promise<never> => {
    if (isTerminated) return new Promise(() => {});
    const lines = log.lines.slice(-LAST_LINES).join("\n");
    throw new RangeError(`The reconciler ended by itself with exit code ${code}:\n${lines}`);
  });
  untimelyEnd.catch(() => {}); // for those who wait for it
  const end = async (signal: Deno.Signal): Promise<number> => {
    isTerminated = true;
    try {
      process.kill(signal);
    } catch {
      // it has ended already
    }
    const { code } = await process.status;
    await log.finished;
    return code;
  };
  return {
    pid: process.pid,
    lines: log.lines,
    untilLogged: (pattern) => Promise.race([log.until(pattern), untimelyEnd]),
    untimelyEnd,
    terminate: () => end("SIGTERM"),
    async crash() {
      await end("SIGKILL");
    },
    async [Symbol.asyncDispose]() {
      await end("SIGTERM");
    },
  };
}

interface FollowedLines {
  readonly lines: readonly string[];
  readonly finished: Promise<void>;
  until(pattern: RegExp): Promise<string>;
}

function followLines(stream: ReadableStream<Uint8Array>): FollowedLines {
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  const read = async (): Promise<void> => {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      for (const line of parts) {
        lines.push(line);
        for (const listener of listeners) listener(line);
      }
    }
  };
  const until = (pattern: RegExp): Promise<string> => {
    const known = lines.find((line) => pattern.test(line));
    if (known !== undefined) return Promise.resolve(known);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const listener = (line: string): void => {
      if (pattern.test(line)) resolve(line);
    };
    const patience = setTimeout(() => {
      reject(
        new RangeError(
          `Nothing like ${pattern} was logged:\n${lines.slice(-LAST_LINES).join("\n")}`,
        ),
      );
    }, PATIENCE_MS);
    listeners.add(listener);
    return promise.finally(() => {
      clearTimeout(patience);
      listeners.delete(listener);
    });
  };
  return { lines, finished: read(), until };
}
