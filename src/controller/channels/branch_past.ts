// SPDX-License-Identifier: Apache-2.0

import { type Abortable, type CommitId, RepositoryError } from "../../runtime/ports.ts";
import { isTooLarge } from "./blob_reader.ts";
import type { BranchPast } from "./overlay_channel.ts";
import { remember } from "./remember.ts";
import type { CommitContents, SourceReader } from "./source_reader.ts";

/** Looks up what a branch has held since it parted from another. */
export interface BranchPasts {
  /** The past of the branch with this head, after `base` (or from its beginning). */
  of(head: CommitId, base: CommitId | undefined, options: Abortable): Promise<BranchPast>;
}

/** Commits of the lower branch that are looked at, newest first. */
const MAX_COMMITS = 2_000;
/** Commits that are looked at besides, below the base: clocks may have been wrong. */
const MAX_FURTHER = 100;
/** New commits that are looked at before the whole past is. */
const MAX_FRESH = 200;
/** Pairs of branches of which the past is kept, so that only new commits are looked at. */
const MAX_PASTS = 64;

/** Contents that commits have held, gathered. */
interface Gathered {
  /** The head that it was gathered for. */
  head: CommitId;
  readonly commits: Set<CommitId>;
  readonly contents: Map<string, Set<string>>;
  /** Keys of the base that a commit was without. */
  readonly absent: Set<string>;
}

/** Remembers nothing yet. */
export function createBranchPasts(reader: SourceReader): BranchPasts {
  const known = new Map<string, Gathered>();
  return {
    async of(head, base, options) {
      const name = base ?? "";
      const gathered = await gatheredUpTo(reader, known.get(name), { head, base, ...options });
      remember(known, MAX_PASTS, [name, gathered]);
      return {
        hasHeld: (key, content) =>
          content === undefined
            ? gathered.absent.has(key)
            : gathered.contents.get(key)?.has(content) ?? false,
      };
    },
  };
}

async function gatheredUpTo(
  reader: SourceReader,
  before: Gathered | undefined,
  range: Range & Abortable,
): Promise<Gathered> {
  const { head, base } = range;
  if (before?.head === head) return before;
  const fresh = before && await commitsAbove(reader, before, range);
  const commits = fresh ?? await commitsSince(reader, range, range);
  const gathered = (fresh ? before : reusable(before, commits)) ?? nothingGathered(head);
  const baseKeys = base === undefined
    ? []
    : [...(await reader.contents(base, range)).definitions.keys()];
  for (const commit of commits) {
    if (gathered.commits.has(commit)) continue;
    const held = await contentsWithinLimits(reader, commit, range);
    if (held !== undefined) gather(gathered, held.definitions, baseKeys);
    gathered.commits.add(commit);
  }
  gathered.head = head;
  return gathered;
}

function nothingGathered(head: CommitId): Gathered {
  return { head, commits: new Set(), contents: new Map(), absent: new Set() };
}

/** What was gathered of commits that are gone must not count: after a force-push all is read anew. */
function reusable(
  gathered: Gathered | undefined,
  commits: readonly CommitId[],
): Gathered | undefined {
  if (gathered === undefined) return undefined;
  const present = new Set(commits);
  return [...gathered.commits].every((commit) => present.has(commit)) ? gathered : undefined;
}

function gather(
  { contents, absent }: Gathered,
  definitions: ReadonlyMap<string, string>,
  baseKeys: readonly string[],
): void {
  for (const [key, content] of definitions) {
    const held = contents.get(key);
    if (held === undefined) contents.set(key, new Set([content]));
    else held.add(content);
  }
  for (const key of baseKeys) if (!definitions.has(key)) absent.add(key);
}

interface Range {
  readonly head: CommitId;
  readonly base: CommitId | undefined;
}

/**
 * The commits that were added on top of what was gathered; `undefined` where the whole past is to
 * be looked at: after a force-push, and where a walk leads past the base to the first commit.
 */
async function commitsAbove(
  reader: SourceReader,
  before: Gathered,
  { head, base, signal }: Range & Abortable,
): Promise<readonly CommitId[] | undefined> {
  const found = new Set<CommitId>();
  const waiting = [head];
  let isAbove = false;
  for (let commit = waiting.pop(); commit !== undefined; commit = waiting.pop()) {
    isAbove ||= commit === before.head;
    if (commit === base || before.commits.has(commit) || found.has(commit)) continue;
    const parents = (await summaryIfThere(reader, commit, { signal }))?.parents ?? [];
    if (parents.length === 0 || found.size === MAX_FRESH) return undefined;
    found.add(commit);
    waiting.push(...parents);
  }
  return isAbove ? [...found] : undefined;
}

/** The commits that the head reaches and the base does not, newest first. */
async function commitsSince(
  reader: SourceReader,
  { head, base }: Range,
  options: Abortable,
): Promise<readonly CommitId[]> {
  const old = new Set<CommitId>(base === undefined ? [] : [base]);
  const dates = new Map<CommitId, number>();
  const parents = new Map<CommitId, readonly CommitId[]>();
  const waiting: CommitId[] = [];
  const add = async (commit: CommitId): Promise<void> => {
    if (dates.has(commit)) return;
    const found = await summaryIfThere(reader, commit, options);
    dates.set(commit, found?.committedAt ?? 0);
    parents.set(commit, found?.parents ?? []);
    waiting.push(commit);
  };
  await add(head);
  if (base !== undefined) await add(base);
  const found: CommitId[] = [];
  for (let further = 0; waiting.length > 0 && found.length < MAX_COMMITS;) {
    options.signal.throwIfAborted();
    if (waiting.every((commit) => old.has(commit)) && ++further > MAX_FURTHER) break;
    const commit = takeNewest(waiting, dates);
    if (!old.has(commit)) found.push(commit);
    for (const parent of parents.get(commit) ?? []) {
      if (old.has(commit)) markOld(parent, old, parents);
      await add(parent);
    }
  }
  return found.filter((commit) => !old.has(commit));
}

/** A clock that lies may have let a commit pass for new that the base reaches. */
function markOld(
  start: CommitId,
  old: Set<CommitId>,
  parents: ReadonlyMap<CommitId, readonly CommitId[]>,
): void {
  const open = [start];
  for (let commit = open.pop(); commit !== undefined; commit = open.pop()) {
    if (old.has(commit)) continue;
    old.add(commit);
    open.push(...(parents.get(commit) ?? []));
  }
}

function takeNewest(waiting: CommitId[], dates: ReadonlyMap<CommitId, number>): CommitId {
  let newest = 0;
  for (const [index, commit] of waiting.entries()) {
    const date = dates.get(commit) ?? 0;
    if (date > (dates.get(waiting[newest] ?? "") ?? 0)) newest = index;
  }
  const [taken = ""] = waiting.splice(newest, 1);
  return taken;
}

/**
 * A commit that is beyond the limits was never in force, and nothing is said by it: it stands in
 * the past of its branch for ever, and must not hold up what lies over that branch.
 */
async function contentsWithinLimits(
  reader: SourceReader,
  commit: CommitId,
  options: Abortable,
): Promise<CommitContents | undefined> {
  try {
    return await reader.contents(commit, options);
  } catch (error) {
    options.signal.throwIfAborted();
    if (isTooLarge(error)) return undefined;
    throw error;
  }
}

/** History that is cut off ends there. */
async function summaryIfThere(reader: SourceReader, commit: CommitId, options: Abortable) {
  try {
    return await reader.summary(commit, options);
  } catch (error) {
    if (error instanceof RepositoryError && error.code === "no-such-revision") return undefined;
    throw error;
  }
}
