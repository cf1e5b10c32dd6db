// SPDX-License-Identifier: Apache-2.0

import type { CommitId } from "../../runtime/ports.ts";

/** What the search needs to know of a commit. */
export interface HistoryEntry {
  readonly parents: readonly CommitId[];
  /** Seconds since 1970; only speeds the search up, clocks may lie. */
  readonly committedAt: number;
}

/** Looks a commit up. */
export type ReadHistory = (id: CommitId) => Promise<HistoryEntry>;

/** How two histories lie to each other. */
export interface HistoryWalk {
  /** Best common ancestors, newest committer date first, ties by id; empty when unrelated. */
  readonly bases: readonly CommitId[];
  /** Absent where it is too much to be told. */
  readonly difference?: HistoryDifference;
}

/** What two histories do not have in common. */
export interface HistoryDifference {
  /** What only the first one reaches; where clocks lie perhaps also what both reach. */
  readonly onlyOne: ReadonlySet<CommitId>;
  /** The same of the other one. */
  readonly onlyOther: ReadonlySet<CommitId>;
}

const ONE = 1;
const OTHER = 2;
const BOTH = ONE | OTHER;
/** Below a common ancestor: common too, but not the best. */
const STALE = 4;

/**
 * Walks two histories down to the best common ancestors: those that no other common ancestor
 * descends from. The two commits must differ.
 *
 * Colours the history from both ends, newest first, until only what is below a common ancestor is
 * left; then drops candidates that another one reaches, which happens where clocks were wrong.
 */
export async function walkHistories(
  one: CommitId,
  other: CommitId,
  read: ReadHistory,
): Promise<HistoryWalk> {
  const colours = await colourHistories(one, other, read);
  const candidates = colouredIn(BOTH, colours);
  const below = candidates.length < 2 ? new Set() : await ancestorsOf(candidates, read);
  const best = candidates.filter((id) => !below.has(id));
  const difference = {
    onlyOne: new Set(colouredIn(ONE, colours)),
    onlyOther: new Set(colouredIn(OTHER, colours)),
  };
  return { bases: await newestFirst(best, read), difference };
}

type Colours = ReadonlyMap<CommitId, number>;

function colouredIn(colour: number, colours: Colours): readonly CommitId[] {
  return [...colours].flatMap(([id, own]) => own === colour ? [id] : []);
}

async function colourHistories(
  one: CommitId,
  other: CommitId,
  read: ReadHistory,
): Promise<Colours> {
  const colours = new Map<CommitId, number>([[one, ONE], [other, OTHER]]);
  const queue = await createQueue([one, other], read);
  while (queue.some((id) => (colours.get(id) ?? 0) < STALE)) {
    const id = queue.take();
    if (id === undefined) break;
    const colour = colours.get(id) ?? 0;
    const passed = (colour & BOTH) === BOTH ? colour | STALE : colour;
    for (const parent of (await read(id)).parents) {
      const known = colours.get(parent) ?? 0;
      if ((known | passed) === known) continue;
      colours.set(parent, known | passed);
      await queue.add(parent);
    }
  }
  return colours;
}

/** All that is below one of `starts`; itself only where it is below another. */
async function ancestorsOf(
  starts: readonly CommitId[],
  read: ReadHistory,
): Promise<ReadonlySet<CommitId>> {
  const seen = new Set<CommitId>();
  const open = [...starts];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const parent of (await read(id)).parents) {
      if (seen.has(parent)) continue;
      seen.add(parent);
      open.push(parent);
    }
  }
  return seen;
}

async function newestFirst(
  ids: readonly CommitId[],
  read: ReadHistory,
): Promise<readonly CommitId[]> {
  const dated = await Promise.all(
    ids.map(async (id) => ({ id, at: (await read(id)).committedAt })),
  );
  return dated.sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
}

/** Commits waiting to be looked at, newest first. */
interface Queue {
  add(id: CommitId): Promise<void>;
  take(): CommitId | undefined;
  some(test: (id: CommitId) => boolean): boolean;
}

async function createQueue(ids: readonly CommitId[], read: ReadHistory): Promise<Queue> {
  /**
   * Oldest first, so that the newest is taken from the end. Of commits of the same second the one
   * that was found first: else one side would be walked to its root before the other is looked at.
   */
  const waiting: { readonly id: CommitId; readonly at: number }[] = [];
  const add = async (id: CommitId): Promise<void> => {
    const at = (await read(id)).committedAt;
    waiting.splice(placeOf(at, waiting), 0, { id, at });
  };
  for (const id of ids) await add(id);
  return {
    add,
    take: () => waiting.pop()?.id,
    some: (test) => waiting.some(({ id }) => test(id)),
  };
}

function placeOf(at: number, waiting: readonly { readonly at: number }[]): number {
  let low = 0;
  let high = waiting.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((waiting[middle]?.at ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
