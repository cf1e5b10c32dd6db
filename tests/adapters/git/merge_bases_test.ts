// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { createKnownMergeBases } from "../../../src/adapters/git/known_merge_bases.ts";
import { type HistoryEntry, walkHistories } from "../../../src/adapters/git/merge_bases.ts";

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

function readerOf(history: ReadonlyMap<string, HistoryEntry>) {
  return (id: string) => Promise.resolve(history.get(id) ?? { parents: [], committedAt: 0 });
}

Deno.test("walkHistories() finds the best common ancestors, whatever the clocks say", async () => {
  await fc.assert(
    fc.asyncProperty(histories, fc.nat(), fc.nat(), async (commits, a, b) => {
      const history = new Map<string, HistoryEntry>(commits.map((commit) => [commit.id, commit]));
      const read = readerOf(history);
      const [one, other] = [idOf(a % commits.length), idOf(b % commits.length)];
      fc.pre(one !== other);
      const { bases: found, difference } = await walkHistories(one, other, read);
      deepEqual([...found].sort(), bestCommonAncestors(one, other, history).sort());
      deepEqual(found, (await walkHistories(other, one, read)).bases);
      const [ofOne, ofOther] = [ancestorsOf(one, history), ancestorsOf(other, history)];
      deepEqual([...ofOne.difference(ofOther).difference(difference?.onlyOne ?? new Set())], []);
      deepEqual([...ofOther.difference(ofOne).difference(difference?.onlyOther ?? new Set())], []);
      const dates = found.map((id) => history.get(id)?.committedAt ?? 0);
      deepEqual(dates, dates.toSorted((x, y) => y - x));
    }),
    { numRuns: 500 },
  );
});

const signal = new AbortController().signal;

/** Counts the commits that are looked at. */
function knownMergeBases(history: ReadonlyMap<string, HistoryEntry>) {
  let looks = 0;
  const read = (id: string) => {
    looks++;
    return readerOf(history)(id);
  };
  const known = createKnownMergeBases({
    walk: (one, other) => walkHistories(one, other, read),
    parents: async (id) => (await read(id)).parents,
    has: (id) => Promise.resolve(history.has(id)),
  });
  return {
    of: (one: string, other: string) => known.of(one, other, { signal }),
    takeLooks() {
      const taken = looks;
      looks = 0;
      return taken;
    },
  };
}

Deno.test("what is remembered of merge bases is what a walk finds, whatever was asked before", async () => {
  const asked = fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(histories, asked, async (commits, pairs) => {
      const history = new Map<string, HistoryEntry>(commits.map((commit) => [commit.id, commit]));
      const known = knownMergeBases(history);
      for (const [a, b] of pairs) {
        const [one, other] = [idOf(a % commits.length), idOf(b % commits.length)];
        const found = await known.of(one, other);
        deepEqual([...found].sort(), bestCommonAncestors(one, other, history).sort());
      }
    }),
    { numRuns: 1_000 },
  );
});

/** A branch that goes on, and others that left it long ago. */
function createBranches({ secondsApart = 1 } = {}) {
  const history = new Map<string, HistoryEntry>();
  const commit = (...parents: readonly string[]): string => {
    const id = idOf(history.size);
    history.set(id, { parents, committedAt: history.size * secondsApart });
    return id;
  };
  return { history, commit };
}

for (const secondsApart of [1, 0]) {
  const name = `a push to a branch, or to one of fifty over it, is not a walk down to where they ` +
    `parted, with ${secondsApart} s from commit to commit`;
  Deno.test(name, () => pushAndCount(secondsApart));
}

async function pushAndCount(secondsApart: number): Promise<void> {
  const { history, commit } = createBranches({ secondsApart });
  const root = commit();
  const overlays = Array.from({ length: 50 }, () => commit(root));
  let main = root;
  for (let distance = 0; distance < 1_000; distance++) main = commit(main);
  const known = knownMergeBases(history);
  const askAll = async () => {
    for (const overlay of overlays) deepEqual(await known.of(overlay, main), [root]);
    return known.takeLooks();
  };
  equal(await askAll() > 50_000, true);
  for (let push = 0; push < 20; push++) {
    main = commit(main);
    equal(await askAll() < 50, true, "after a push to the lower branch");
    overlays[push] = commit(overlays[push] ?? root);
    equal(await askAll() < 50, true, "after a push to an overlay");
  }
}

Deno.test("a merge between two branches moves their merge base, and only theirs", async () => {
  const { history, commit } = createBranches();
  const root = commit();
  let [one, other] = [commit(root), commit(root)];
  let main = commit(root);
  const known = knownMergeBases(history);
  const ask = async () => [await known.of(one, main), await known.of(other, main)];
  deepEqual(await ask(), [[root], [root]]);
  const merged = main = commit(main, one);
  deepEqual(await ask(), [[one], [root]]);
  other = commit(other, main);
  deepEqual(await ask(), [[one], [merged]]);
  main = commit(main);
  one = commit(one);
  deepEqual(await ask(), [[history.get(merged)?.parents[1]], [merged]]);
});

Deno.test("what is remembered of a branch that was rewritten, and is gone, stands in nobody's way", async () => {
  const { history, commit } = createBranches();
  const root = commit();
  const beta = commit(root);
  const former = commit(root);
  const known = createKnownMergeBases({
    walk: (one, other) =>
      walkHistories(one, other, (id) => {
        const found = history.get(id);
        return found === undefined ? Promise.reject(new RangeError(id)) : Promise.resolve(found);
      }),
    parents: (id) => Promise.resolve(history.get(id)?.parents ?? []),
    has: (id) => Promise.resolve(history.has(id)),
  });
  deepEqual(await known.of(beta, former, { signal }), [root]);
  const rewritten = commit(root);
  history.delete(former);
  deepEqual(await known.of(beta, rewritten, { signal }), [root]);
});

Deno.test("walkHistories() looks at each commit a few times, however many ancestors are common", async () => {
  const { history, commit } = createBranches();
  let line = commit();
  for (let below = 0; below < 200; below++) line = commit(line);
  const common = Array.from({ length: 200 }, () => commit(line));
  const [one, other] = [commit(...common), commit(...common)];
  let looks = 0;
  const { bases } = await walkHistories(one, other, (id) => {
    looks++;
    return readerOf(history)(id);
  });
  equal(bases.length, 200);
  equal(looks < 10 * history.size, true, `${looks} looks at ${history.size} commits`);
});
