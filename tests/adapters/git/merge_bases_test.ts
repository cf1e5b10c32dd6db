// SPDX-License-Identifier: Apache-2.0

import { deepEqual } from "node:assert/strict";
import fc from "fast-check";
import { findMergeBases, type HistoryEntry } from "../../../src/adapters/git/merge_bases.ts";

/** A history as lists of parents: a commit's parents have smaller numbers. */
type History = readonly (HistoryEntry & { readonly id: string })[];

const idOf = (index: number): string => index.toString(16).padStart(40, "0");

const histories: fc.Arbitrary<History> = fc.array(
  fc.record({ picks: fc.array(fc.nat(1_000), { maxLength: 3 }), committedAt: fc.nat(20) }),
  { minLength: 1, maxLength: 14 },
).map((commits) =>
  commits.map(({ picks, committedAt }, index) => ({
    id: idOf(index),
    parents: index === 0 ? [] : [...new Set(picks.map((pick) => idOf(pick % index)))],
    committedAt,
  }))
);

function ancestorsOf(id: string, history: ReadonlyMap<string, HistoryEntry>): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [id];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    open.push(...history.get(at)?.parents ?? []);
  }
  return seen;
}

/** The definition, word for word. */
function bestCommonAncestors(one: string, other: string, history: Map<string, HistoryEntry>) {
  const above = ancestorsOf(other, history);
  const common = [...ancestorsOf(one, history)].filter((id) => above.has(id));
  return common.filter((id) =>
    !common.some((rival) => rival !== id && ancestorsOf(rival, history).has(id))
  );
}

Deno.test("findMergeBases() finds the best common ancestors, whatever the clocks say", async () => {
  await fc.assert(
    fc.asyncProperty(histories, fc.nat(), fc.nat(), async (commits, a, b) => {
      const history = new Map<string, HistoryEntry>(commits.map((commit) => [commit.id, commit]));
      const read = (id: string) =>
        Promise.resolve(history.get(id) ?? { parents: [], committedAt: 0 });
      const [one, other] = [idOf(a % commits.length), idOf(b % commits.length)];
      const found = await findMergeBases(one, other, read);
      deepEqual([...found].sort(), bestCommonAncestors(one, other, history).sort());
      deepEqual(found, await findMergeBases(other, one, read));
      const dates = found.map((id) => history.get(id)?.committedAt ?? 0);
      deepEqual(dates, dates.toSorted((x, y) => y - x));
    }),
    { numRuns: 500 },
  );
});
