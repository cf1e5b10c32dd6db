// SPDX-License-Identifier: Apache-2.0

import {
  type Abortable,
  type CommitId,
  type Repository,
  RepositoryError,
} from "../../runtime/ports.ts";
import type { StoredCommit } from "./commit_object.ts";
import { repositoryError, TransportError } from "./failure.ts";
import type { PackLimits } from "./index_pack.ts";
import { createKnownMergeBases } from "./known_merge_bases.ts";
import { type HistoryWalk, walkHistories } from "./merge_bases.ts";
import { type ObjectStore, whenMissing } from "./object_store.ts";
import type { NamedCommit, SignedRevisions } from "./signed_revision.ts";
import { takeTurns } from "./take_turns.ts";
import { type TreeLimits, walkTree } from "./walk_tree.ts";

/** How much is read of a repository. */
export interface RepositoryLimits extends TreeLimits, PackLimits {
  /** Largest content that is read, in bytes. */
  readonly maxFileBytes: number;
  /** Largest answer of a server, in bytes; a fetch needs several times as much memory. */
  readonly maxTransferBytes: number;
  /** Branches and tags together. */
  readonly maxRefs: number;
}

/** What is read when nothing else is said. */
export const DEFAULT_LIMITS: RepositoryLimits = {
  maxFiles: 20_000,
  maxEntries: 200_000,
  maxDepth: 50,
  maxFileBytes: 16 * 1024 * 1024,
  maxTransferBytes: 64 * 1024 * 1024,
  maxRefs: 20_000,
  maxObjects: 500_000,
  maxObjectBytes: 64 * 1024 * 1024,
  maxInflatedBytes: 8 * 1024 * 1024 * 1024,
};

/** Names and what they name, as of one fetch. */
export interface Refs {
  readonly branches: ReadonlyMap<string, CommitId>;
  readonly tags: ReadonlyMap<string, CommitId>;
  /** What the tags name before they are followed to commits. */
  readonly tagObjects: ReadonlyMap<string, string>;
}

/** Where a view reads from. */
export interface ViewSource {
  /** The repository in error messages: `repository "https://…"`. */
  readonly name: string;
  readonly limits: RepositoryLimits;
  /** Absent: commits need not be signed. */
  readonly signed?: SignedRevisions | undefined;
  /** What the last fetch brought. Rejects when there was none yet. */
  current(options: Abortable): Promise<{ readonly refs: Refs; readonly store: ObjectStore }>;
  /** Walks two histories; absent: commit by commit. */
  walk?(one: CommitId, other: CommitId, options: Abortable): Promise<HistoryWalk>;
}

/** The reading half of the port, the same for every kind of source. */
export function createRepositoryView(source: ViewSource): Omit<Repository, "fetch" | "close"> {
  const reading = <T>(
    what: string,
    options: Abortable,
    work: (at: { readonly refs: Refs; readonly store: ObjectStore }) => Promise<T>,
  ): Promise<T> => {
    const doing = `read ${what} of ${source.name}`;
    return guarded(doing, options, async () => work(await source.current(options)));
  };
  const walkByCommits = async (one: CommitId, other: CommitId, options: Abortable) => {
    const { store } = await source.current(options);
    const rest = takeTurns(options);
    return await walkHistories(one, other, async (id) => {
      options.signal.throwIfAborted();
      const turn = rest();
      if (turn !== undefined) await turn;
      return await ancestorOf(store, id);
    });
  };
  const mergeBases = createKnownMergeBases({
    walk: source.walk ?? walkByCommits,
    parents: async (id, options) =>
      (await ancestorOf((await source.current(options)).store, id)).parents,
    has: async (id, options) => await (await source.current(options)).store.has(id),
  });
  return {
    branches: (options) =>
      reading("the branches", options, ({ refs }) => Promise.resolve(refs.branches)),
    resolve: (revision, options) =>
      reading(`"${shortName(revision)}"`, options, async ({ refs, store }) => {
        const named = await namedBy(revision, refs, store);
        const doing = `"${shortName(revision)}" of ${source.name}`;
        if (named !== undefined) await source.signed?.require(named, { ...options, store, doing });
        return named?.commit;
      }),
    commit: (id, options) =>
      reading(`commit ${id}`, options, async ({ store }) => {
        const { tree: _tree, ...summary } = await commitOf(store, id);
        return summary;
      }),
    files: (id, directory, options) =>
      reading(`"${directory || "/"}" in commit ${id}`, options, async ({ store }) => {
        const root = await treeAt(store, await commitOf(store, id), directory);
        return await walkTree(store, root, { ...options, limits: source.limits });
      }),
    read: (blob, options) =>
      reading(`content ${blob}`, options, async ({ store }) => {
        return await store.blob(blob, { maxBytes: source.limits.maxFileBytes });
      }),
    mergeBases: (one, other, options) =>
      reading(
        `the merge bases of ${one} and ${other}`,
        options,
        async ({ store }) => {
          for (const head of [one, other]) await commitOf(store, head);
          return await mergeBases.of(one, other, options);
        },
      ),
  };
}

/** Runs a step; an abort passes as it is, everything else as a {@linkcode RepositoryError}. */
export async function guarded<T>(
  doing: string,
  { signal }: Abortable,
  work: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw repositoryError(doing, error);
  }
}

/** In either case, as with git. */
const COMMIT_ID = /^[0-9a-f]{40}$/i;

const BRANCH = "refs/heads/";
const TAG = "refs/tags/";

/** A ref as people write it. */
function shortName(revision: string): string {
  return revision.replace(/^refs\/(heads|tags)\//, "");
}

/**
 * A commit id in full is nothing else, and a full name is of that one ref, as with git: whoever may
 * make a branch cannot take the place of a commit that is pinned, or of a tag. Of short names a
 * branch comes before a tag.
 */
async function namedBy(
  revision: string,
  refs: Refs,
  store: ObjectStore,
): Promise<NamedCommit | undefined> {
  if (COMMIT_ID.test(revision)) return await commitNamed(revision.toLowerCase(), store);
  if (revision.startsWith(BRANCH)) return branchNamed(revision.slice(BRANCH.length), refs);
  if (revision.startsWith(TAG)) return tagNamed(revision.slice(TAG.length), refs);
  return branchNamed(revision, refs) ?? tagNamed(revision, refs);
}

function branchNamed(name: string, { branches }: Refs): NamedCommit | undefined {
  const commit = branches.get(name);
  return commit === undefined ? undefined : { type: "branch", commit };
}

function tagNamed(name: string, { tags, tagObjects }: Refs): NamedCommit | undefined {
  const commit = tags.get(name);
  if (commit === undefined) return undefined;
  return { type: "tag", commit, tag: { name, object: tagObjects.get(name) ?? commit } };
}

async function commitNamed(id: string, store: ObjectStore): Promise<NamedCommit | undefined> {
  const commit = await store.has(id) ? await store.peel(id) : undefined;
  return commit === undefined ? undefined : { type: "commit", commit };
}

/** A commit; rejects with `no-such-revision` where there is none. */
export function commitOf(store: ObjectStore, id: CommitId): Promise<StoredCommit> {
  return store.commit(id).catch(whenMissing(() => {
    throw new TransportError("no-such-revision", "there is no such commit");
  }));
}

/** Where two histories meet is not to be guessed: definitions of the past would count as new. */
function ancestorOf(store: ObjectStore, id: CommitId): Promise<StoredCommit> {
  return store.ancestor(id).catch(whenMissing(() => {
    throw new TransportError(
      "no-such-revision",
      `its history is cut off before commit ${id}, as in a shallow clone: fetch all of it`,
    );
  }));
}

async function treeAt(
  store: ObjectStore,
  commit: StoredCommit,
  directory: string,
): Promise<string> {
  let tree = commit.tree;
  for (const segment of directory.split("/").filter((part) => part !== "" && part !== ".")) {
    const entry = (await store.tree(tree)).find(({ name }) => name === segment);
    if (entry?.type !== "directory" || entry.oddity !== undefined) {
      throw new TransportError(
        "no-such-directory",
        entry === undefined
          ? `there is no directory "${directory}"`
          : `"${directory}" is not a directory that can be read (${entry.oddity ?? entry.type})`,
      );
    }
    tree = entry.id;
  }
  return tree;
}

/** Says that a repository was asked before its first fetch succeeded. */
export function notFetched(name: string): RepositoryError {
  return new RepositoryError("unreachable", `Cannot read ${name}: it has not been fetched yet`);
}
