// SPDX-License-Identifier: Apache-2.0

/**
 * `koreo reconcile` with a meter in its event loop: says on standard error how long it stood still
 * at most. A timer of a millisecond sees what anything else that waits for its turn would see. The
 * turn in which it says its first line does not count, nor what came before: it loads the program
 * and starts the Worker that follows, and nothing waits for it yet.
 *
 * Told apart is how long the thread waited for a core that other processes had (Linux counts it):
 * on a machine that is busy with other work that is most of it. What is left may still be a wait:
 * for the Worker, or a collector's thread, that waits for a core in its turn.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a measuring device speaks to who started it

import { main } from "../../src/cli/main.ts";
import { processIo } from "../../src/cli/process_io.ts";

const TICK_MS = 1;
const SAY_MS = 250;

/** Of the main thread: nanoseconds on a core, nanoseconds waiting for one, turns. */
const SCHEDULED = `/proc/${Deno.pid}/task/${Deno.pid}/schedstat`;

let last = now();
let hasSpoken = false;
let hasBegun = false;
let longest = { whole: 0, own: 0, onCore: 0 };
let said = last.at;
setInterval(() => {
  const next = now();
  if (!hasBegun) {
    hasBegun = hasSpoken;
    last = next;
    return;
  }
  const whole = next.at - last.at - TICK_MS;
  const own = whole - (next.waited - last.waited);
  const onCore = next.ran - last.ran;
  longest = {
    whole: Math.max(longest.whole, whole),
    own: Math.max(longest.own, own),
    onCore: Math.max(longest.onCore, onCore),
  };
  last = next;
  if (next.at - said < SAY_MS) return;
  console.error(JSON.stringify({ level: "info", message: "Stall", ...longest }));
  longest = { whole: 0, own: 0, onCore: 0 };
  said = next.at;
}, TICK_MS);

/** Milliseconds. */
function now(): { readonly at: number; readonly ran: number; readonly waited: number } {
  const [ran = 0, waited = 0] = Deno.readTextFileSync(SCHEDULED).split(" ").map(Number);
  return { at: performance.now(), ran: ran / 1e6, waited: waited / 1e6 };
}

using io = processIo();
const metered = {
  ...io,
  stderr(text: string): void {
    hasSpoken = true;
    io.stderr(text);
  },
};
Deno.exit(await main(["reconcile", ...Deno.args], metered));
