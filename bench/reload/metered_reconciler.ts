// SPDX-License-Identifier: Apache-2.0

/**
 * `koreo reconcile` with a meter in its event loop: says on standard error how long it stood still
 * at most. A timer of a millisecond sees what anything else that waits for its turn would see. The
 * turn in which it says its first line does not count, nor what came before: it loads the program
 * and starts the Worker that follows, and nothing waits for it yet.
 *
 * Told apart is how long the thread waited for a core that other processes had (Linux counts it):
 * on a machine that is busy with other work that is most of it.
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
let longest = { whole: 0, own: 0 };
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
  longest = { whole: Math.max(longest.whole, whole), own: Math.max(longest.own, own) };
  last = next;
  if (next.at - said < SAY_MS) return;
  console.error(JSON.stringify({ level: "info", message: "Stall", ...longest }));
  longest = { whole: 0, own: 0 };
  said = next.at;
}, TICK_MS);

/** Milliseconds. */
function now(): { readonly at: number; readonly waited: number } {
  const waited = Number(Deno.readTextFileSync(SCHEDULED).split(" ")[1]) / 1e6;
  return { at: performance.now(), waited };
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
