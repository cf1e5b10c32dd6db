// SPDX-License-Identifier: Apache-2.0

import { fileURLToPath } from "node:url";
import { V8_FLAGS } from "../deployment.ts";

/** A reconciler in a process of its own, and what it says of what is in force. */
export interface ReloadingProcess extends AsyncDisposable {
  readonly pid: number;
  /** Where its webhook is; rejects when it ends before it listens. */
  readonly url: Promise<string>;
  /** When a commit came in force in a channel, by `performance.now()` of this process. */
  untilInForce(channel: string, commit: string): Promise<number>;
  /** The same for a commit that was in force before: when it comes back from now on. */
  untilInForceAgain(channel: string, commit: string): Promise<number>;
  /** Longest stall of its event loop since the last time this was asked. */
  takeLongestStall(): Stall;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
}

/** How long an event loop stood still, in milliseconds. */
export interface Stall {
  readonly whole: number;
  /** Without the time in which others had the core. */
  readonly own: number;
  /** Of that on a core, which is what the code itself takes. */
  readonly onCore: number;
}

interface Line extends Partial<Stall> {
  readonly message: string;
  readonly channel?: string;
  readonly revision?: string;
  /** How many there are in what is put in force. */
  readonly workflows?: number;
  readonly url?: string;
}

const METERED = fileURLToPath(new URL("./metered_reconciler.ts", import.meta.url));

/** Starts `koreo reconcile` with a meter in it. */
export function startReloading(args: readonly string[]): ReloadingProcess {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "-A",
      ...V8_FLAGS,
      METERED,
      "--log-format",
      "json",
      ...args,
    ],
    stdin: "null",
    stdout: "inherit",
    stderr: "piped",
  }).spawn();
  const inForce = new Map<string, PromiseWithResolvers<number>>();
  const url = Promise.withResolvers<string>();
  let longest = NO_STALL;

  const keyOf = (channel: string, commit: string): string => `${channel} ${commit}`;

  function arrival(channel: string, commit: string): PromiseWithResolvers<number> {
    const key = keyOf(channel, commit);
    const known = inForce.get(key) ?? Promise.withResolvers<number>();
    inForce.set(key, known);
    return known;
  }

  function untilInForce(channel: string, commit: string): Promise<number> {
    return Promise.race([arrival(channel, commit).promise, ended]);
  }

  function hear({ message, ...line }: Line): void {
    if (message === "Stall") longest = longerStall(longest, { ...NO_STALL, ...line });
    else if (message === "Listening") url.resolve(line.url ?? "");
    else if (line.workflows !== undefined) {
      for (const [, commit = ""] of (line.revision ?? "").matchAll(/@sha1:([0-9a-f]{40})/g)) {
        arrival(line.channel ?? "", commit).resolve(performance.now());
      }
    }
  }

  const said: string[] = [];
  const reading = readLines(child.stderr, hear, (line) => said.push(line));
  let hasEnded = false;
  const ended = child.status.then(({ code }): Promise<never> => {
    hasEnded = true;
    throw new RangeError(`The reconciler ended with ${code}: ${said.join("\n")}`);
  });
  ended.catch(url.reject);
  url.promise.catch(() => {});
  return {
    pid: child.pid,
    url: url.promise,
    untilInForce,
    untilInForceAgain(channel, commit) {
      inForce.delete(keyOf(channel, commit));
      return untilInForce(channel, commit);
    },
    takeLongestStall() {
      const taken = longest;
      longest = NO_STALL;
      return taken;
    },
    async kill() {
      child.kill("SIGKILL");
      await child.status;
    },
    async [Symbol.asyncDispose]() {
      if (!hasEnded) child.kill("SIGTERM");
      await child.status;
      await reading;
    },
  };
}

/** No stall at all. */
export const NO_STALL: Stall = { whole: 0, own: 0, onCore: 0 };

/** The longer of two. */
export function longerStall(one: Stall, other: Stall): Stall {
  return {
    whole: Math.max(one.whole, other.whole),
    own: Math.max(one.own, other.own),
    onCore: Math.max(one.onCore, other.onCore),
  };
}

async function readLines(
  stream: ReadableStream<Uint8Array>,
  hear: (line: Line) => void,
  other: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) line.startsWith("{") ? hear(JSON.parse(line)) : other(line);
  }
}
