// SPDX-License-Identifier: Apache-2.0

import { equal, rejects } from "node:assert/strict";
import { takeTurns } from "../../../src/adapters/git/take_turns.ts";
import { walkTree } from "../../../src/adapters/git/walk_tree.ts";

Deno.test("takeTurns() lets others have their turn, and ends with the abort", async () => {
  const stop = new AbortController();
  const rest = takeTurns(stop);
  let others = 0;
  setTimeout(() => others++);
  while (others === 0) await rest();
  setTimeout(() => stop.abort(new RangeError("stopped")));
  await rejects(
    (async () => {
      for (;;) await rest();
    })(),
    { message: "stopped" },
  );
});

Deno.test("walkTree() of directories that are all at hand is no one's only turn", async () => {
  let others = 0;
  const timer = setInterval(() => others++);
  const directory = (id: string) => ({ type: "directory", name: id, id }) as const;
  // Each takes a little while, none has to be waited for.
  const tree = (id: string) => {
    const until = performance.now() + 2;
    while (performance.now() < until);
    return Promise.resolve(
      id.length > 1 ? [] : Array.from({ length: 50 }, (_none, at) => (
        directory(`directory-${at}`)
      )),
    );
  };
  const limits = { maxFiles: 10, maxEntries: 1_000, maxDepth: 10 };
  await walkTree({ tree }, "/", { limits, signal: new AbortController().signal });
  clearInterval(timer);
  equal(others > 0, true);
});
