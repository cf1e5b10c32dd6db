// SPDX-License-Identifier: Apache-2.0

import type { CommitId } from "../../runtime/ports.ts";
import { headersOf, parseCommit, type StoredCommit } from "./commit_object.ts";
import { isOverLimit, wrongType } from "./failure.ts";
import { loadGit } from "./load_git.ts";
import type { GitFiles } from "./git_files.ts";
import { looseSize } from "./loose_object.ts";
import type { RawObject } from "./pack_cache.ts";
import { openPack, type PackReader } from "./pack_reader.ts";
import { createRecentCache, type RecentCache } from "./recent_cache.ts";
import { requireSize, type SizeLimit } from "./size_limit.ts";
import { parseTree, type TreeEntry } from "./tree_entries.ts";

/** The objects of a repository, read one by one. */
export interface ObjectStore {
  /** As it is stored. */
  object(id: string): Promise<RawObject>;
  /** The commit that an object is or a tag leads to; `undefined` for other objects. */
  peel(id: string): Promise<CommitId | undefined>;
  commit(id: CommitId): Promise<StoredCommit>;
  /** The same for one that another commit names as its parent. */
  ancestor(id: CommitId): Promise<StoredCommit>;
  tree(id: string): Promise<readonly TreeEntry[]>;
  blob(id: string, limit: SizeLimit): Promise<Uint8Array>;
  has(id: string): Promise<boolean>;
}

const MAX_TAG_CHAIN = 10;
/**
 * Entries of trees kept parsed, and as many trees without any; a poll that finds one file changed
 * reads only the trees above it. A directory of thousands of files is a tree anew with each push.
 */
const MAX_CACHED_ENTRIES = 100_000;
/** Commits kept parsed, for merge bases, each with its parents: hardly any has more than two. */
const MAX_CACHED_COMMITS = 50_000;
const USUAL_PARENTS = 2;

/** What was read of objects: they never change, so the states of one mirror share it. */
export interface ObjectCaches {
  readonly commits: RecentCache<string, StoredCommit>;
  readonly trees: RecentCache<string, readonly TreeEntry[]>;
}

/** Caches without content. */
export function createObjectCaches(): ObjectCaches {
  return {
    commits: createRecentCache({
      limit: MAX_CACHED_COMMITS,
      sizeOf: ({ parents }) => Math.max(1, parents.length / USUAL_PARENTS),
    }),
    trees: createRecentCache({ limit: MAX_CACHED_ENTRIES, sizeOf: ({ length }) => length + 1 }),
  };
}

/**
 * Reads the objects of a repository on disk: those in packs here, all others through
 * isomorphic-git.
 *
 * Every method rejects when the object is missing or broken; the caller names the repository.
 *
 * @param files Where the repository is stored
 * @param gitdir Its directory there
 */
export function createObjectStore(files: GitFiles, gitdir: string): ObjectStore {
  const packed = createPackedReader(files, gitdir);
  const cache = {};
  const read: ReadObject = async (oid, limit = {}) => {
    const inPack = await packed(oid, limit);
    if (inPack !== undefined) return inPack;
    if (limit.maxBytes !== undefined) {
      requireSize(await looseSize(files, gitdir, oid) ?? 0, limit);
    }
    const git = await loadGit();
    const found = await git.readObject({ fs: files, gitdir, cache, oid, format: "content" });
    if (!(found.object instanceof Uint8Array)) throw wrongType(oid, "an object in bytes");
    // One in a pack that only the library reads shows its size no sooner.
    requireSize(found.object.length, limit);
    return { type: found.type ?? "", bytes: found.object };
  };
  return createStoreOf(read, createObjectCaches());
}

/** Reads an object. Rejects with a `code` of `NotFoundError` when there is none. */
export type ReadObject = (id: string, limit?: SizeLimit) => Promise<RawObject>;

/** The objects that `read` gives, taken apart and remembered. */
export function createStoreOf(read: ReadObject, caches: ObjectCaches): ObjectStore {
  const readAs = async (oid: string, type: string, limit?: SizeLimit) => {
    const found = await read(oid, limit);
    if (found.type !== type) throw wrongType(oid, `a ${type}`);
    return found.bytes;
  };
  const commit = remembered(caches.commits, async (id) => {
    return parseCommit(id, await readAs(id, "commit"));
  });
  return {
    object: read,
    peel: (id) => peel(id, read),
    commit,
    ancestor: commit,
    tree: remembered(caches.trees, async (id) => {
      return parseTree(await readAs(id, "tree"));
    }),
    blob: (id, limit) => readAs(id, "blob", limit),
    has: (id) =>
      read(id).then(() => true, whenTooLarge(() => true)).catch(whenMissing(() => false)),
  };
}

/** Looks an object up in the packs of a directory; packs that are new there are opened. */
function createPackedReader(
  files: GitFiles,
  gitdir: string,
): (id: string, limit: SizeLimit) => Promise<RawObject | undefined> {
  const directory = `${gitdir}/objects/pack`;
  /** By name; `undefined` for those that only the library reads. */
  const packs = new Map<string, PackReader | undefined>();
  const find = (id: string, limit: SizeLimit): RawObject | undefined => {
    for (const pack of packs.values()) {
      const found = pack?.read(id, limit);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return async (id, limit) => {
    const found = find(id, limit);
    if (found !== undefined) return found;
    const names = await files.promises.readdir(directory).catch(() => []);
    const fresh = names.filter((name) => name.endsWith(".idx") && !packs.has(name));
    for (const name of fresh) packs.set(name, await openPackNamed(files, `${directory}/${name}`));
    return fresh.length === 0 ? undefined : find(id, limit);
  };
}

async function openPackNamed(files: GitFiles, path: string): Promise<PackReader | undefined> {
  const index = bytesOf(await files.promises.readFile(path));
  const pack = bytesOf(await files.promises.readFile(path.replace(/idx$/, "pack")));
  return openPack(pack, index);
}

function bytesOf(content: string | ArrayBuffer | Uint8Array): Uint8Array {
  if (typeof content === "string") return new TextEncoder().encode(content);
  return content instanceof ArrayBuffer ? new Uint8Array(content) : content;
}

/** A rejection handler for an object that is not there; every other failure goes on. */
export function whenMissing<T>(answer: () => T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Error && "code" in error && error.code === "NotFoundError") {
      return answer();
    }
    throw error;
  };
}

/** A rejection handler for an object that is there, and larger than whatever is read. */
function whenTooLarge<T>(answer: () => T): (error: unknown) => T {
  return (error) => {
    if (isOverLimit(error)) return answer();
    throw error;
  };
}

/** Reads what is not remembered. */
function remembered<T>(
  known: RecentCache<string, T>,
  read: (id: string) => Promise<T>,
): (id: string) => Promise<T> {
  return async (id) => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const value = await read(id);
    known.set(id, value);
    return value;
  };
}

async function peel(id: string, read: ReadObject): Promise<CommitId | undefined> {
  let at = id;
  for (let link = 0; link < MAX_TAG_CHAIN; link++) {
    const found = await read(at).catch(whenTooLarge(() => undefined));
    if (found?.type === "commit") return at;
    if (found?.type !== "tag") return undefined;
    const next = headersOf(found.bytes).get("object")?.[0];
    if (next === undefined) return undefined;
    at = next;
  }
  return undefined;
}
