// SPDX-License-Identifier: Apache-2.0

import type { Abortable, CommitId } from "../../runtime/ports.ts";
import type { HistoryWalk } from "./merge_bases.ts";
import { createRecentCache } from "./recent_cache.ts";

/** How the histories of a repository are walked. */
export interface HistoryWalker {
  walk(one: CommitId, other: CommitId, options: Abortable): Promise<HistoryWalk>;
  parents(id: CommitId, options: Abortable): Promise<readonly CommitId[]>;
  /** Whether a commit is there: what no branch reaches any more may be gone. */
  has(id: CommitId, options: Abortable): Promise<boolean>;
}

/** Finds best common ancestors, newest committer date first, ties by id; remembers them. */
export interface KnownMergeBases {
  of(one: CommitId, other: CommitId, options: Abortable): Promise<readonly CommitId[]>;
}

/** Pairs of heads that are remembered. */
const MAX_PAIRS = 512;
/** Commits of an overlay: one with more is walked anew each time. */
const MAX_OWN = 1_000;
/** Commits of all that lies over one branch; beyond that it is begun anew. */
const MAX_ABOVE = 50_000;
/** Branches that others lie over, by their heads. */
const MAX_LOWERS = 16;
/** Pushes of which the new commits are remembered: all overlays ask for the same. */
const MAX_PUSHES = 64;
/** New commits among which a head that is known is looked for. */
const MAX_FRESH = 64;

/** What commits of a lower branch the overlays lack; overlays share it. It only grows. */
interface Above {
  readonly commits: Set<CommitId>;
  isOver: boolean;
}

/** What was found of two heads, and what can change it. */
interface Pair {
  readonly other: CommitId;
  readonly bases: readonly CommitId[];
  /** All that only the first head reaches, perhaps more. */
  readonly own: Set<CommitId>;
  /** All that only the other head reaches, perhaps more. */
  readonly above: Above;
}

/**
 * Remembers nothing yet.
 *
 * A push adds commits. As long as none of them is one that only the other branch had, both have the
 * same commits in common as before, and so the same merge bases: a push to a branch that fifty
 * others lie over costs the walk over its new commits, once, and not fifty walks down to where
 * they parted. Ids name content, so what was found never becomes wrong.
 */
export function createKnownMergeBases({ walk, parents, has }: HistoryWalker): KnownMergeBases {
  const pairs = createRecentCache<CommitId, Pair>({ limit: MAX_PAIRS, sizeOf: () => 1 });
  const aboves = createRecentCache<CommitId, Above>({ limit: MAX_LOWERS, sizeOf: () => 1 });
  const pushes = createRecentCache<string, ReadonlySet<CommitId>>({
    limit: MAX_PUSHES,
    sizeOf: () => 1,
  });

  /** The commits that a push has added; `undefined` where it did more than add some. */
  async function added(
    before: CommitId,
    after: CommitId,
    options: Abortable,
  ): Promise<ReadonlySet<CommitId> | undefined> {
    const name = `${before} ${after}`;
    const known = pushes.get(name);
    if (known !== undefined) return known;
    if (!await has(before, options)) return undefined;
    const { bases, difference } = await walk(after, before, options);
    if (bases[0] !== before || difference === undefined) return undefined;
    const { onlyOne } = difference;
    if (onlyOne.size > MAX_OWN) return undefined;
    pushes.set(name, onlyOne);
    return onlyOne;
  }

  /** What the overlays of a branch lack of it: one and the same for all of them, if it can be. */
  function sharedAbove(other: CommitId, own: Above): Above {
    const known = aboves.get(other);
    const isShared = known !== undefined && !known.isOver && !own.isOver;
    if (isShared && known !== own) grow(known, own.commits);
    const above = isShared ? known : own;
    aboves.set(other, above);
    return above;
  }

  /** A pair that nothing is known of; absent where it is too much to be remembered. */
  async function walkAnew(one: CommitId, other: CommitId, options: Abortable) {
    const { bases, difference } = await walk(one, other, options);
    if (difference === undefined) return { bases };
    const above = { commits: new Set<CommitId>(), isOver: false };
    grow(above, difference.onlyOther);
    const own = new Set(difference.onlyOne);
    return { bases, pair: { other, bases, own, above: sharedAbove(other, above) } };
  }

  /** The same pair after a push to its other branch; `undefined` where that may change its bases. */
  async function afterLowerPush(
    pair: Pair | undefined,
    other: CommitId,
    options: Abortable,
  ): Promise<Pair | undefined> {
    if (pair === undefined || pair.other === other) return pair;
    const fresh = await added(pair.other, other, options);
    if (fresh === undefined || !fresh.isDisjointFrom(pair.own)) return undefined;
    grow(pair.above, fresh);
    return { ...pair, other, above: sharedAbove(other, pair.above) };
  }

  /** The pair of the head from which a push came to this one. */
  async function afterUpperPush(
    one: CommitId,
    other: CommitId,
    options: Abortable,
  ): Promise<Pair | undefined> {
    const before = await knownBelow(one, options);
    const pair = await afterLowerPush(pairs.get(before ?? ""), other, options);
    if (before === undefined || pair === undefined || pair.above.isOver) return undefined;
    const fresh = await added(before, one, options);
    if (fresh === undefined || !fresh.isDisjointFrom(pair.above.commits)) return undefined;
    for (const id of fresh) pair.own.add(id);
    return pair;
  }

  async function knownBelow(head: CommitId, options: Abortable): Promise<CommitId | undefined> {
    const seen = new Set([head]);
    for (const id of seen) {
      if (pairs.get(id) !== undefined) return id;
      if (seen.size > MAX_FRESH) return undefined;
      for (const parent of await parents(id, options)) seen.add(parent);
    }
    return undefined;
  }

  return {
    async of(one, other, options) {
      if (one === other) return [one];
      const known = pairs.get(one);
      const moved = known === undefined
        ? await afterUpperPush(one, other, options)
        : await afterLowerPush(known, other, options);
      const { bases, pair } = moved === undefined
        ? await walkAnew(one, other, options)
        : { bases: moved.bases, pair: moved };
      if (pair !== undefined && pair.own.size <= MAX_OWN) pairs.set(one, pair);
      else pairs.delete(one);
      return bases;
    },
  };
}

function grow(above: Above, commits: ReadonlySet<CommitId>): void {
  if (above.isOver) return;
  for (const id of commits) above.commits.add(id);
  above.isOver = above.commits.size > MAX_ABOVE;
  if (above.isOver) above.commits.clear();
}
