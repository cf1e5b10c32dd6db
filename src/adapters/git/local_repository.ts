// SPDX-License-Identifier: Apache-2.0

import { lstat, open, readdir, readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Abortable, CommitId, Repository } from "../../runtime/ports.ts";
import { TransportError } from "./failure.ts";
import type { GitFiles } from "./git_files.ts";
import { createObjectStore, type ObjectStore } from "./object_store.ts";
import { readLocalRefs } from "./local_refs.ts";
import type { RefListing } from "./prove_refs.ts";
import {
  createRepositoryView,
  DEFAULT_LIMITS,
  guarded,
  notFetched,
  type Refs,
  type RepositoryLimits,
} from "./repository_view.ts";
import type { VerifySettings } from "./signature/mod.ts";
import { createSignedRevisions } from "./signed_revision.ts";

/** Where a local repository lies. */
export interface LocalSettings {
  /** A work tree, or a bare repository. */
  readonly path: string;
  /** Who must have signed what is put in force. */
  readonly verify?: VerifySettings;
  readonly limits?: Partial<RepositoryLimits>;
}

interface LocalState {
  readonly refs: Refs;
  readonly store: ObjectStore;
  readonly packs: string;
}

/**
 * A repository on this machine, read in place: neither its work tree nor its index is looked at,
 * and nothing is written to it.
 *
 * A fetch reads its refs. Worktrees, submodule checkouts, alternates, partial clones and SHA-256
 * repositories are refused, since objects would be missing here.
 */
export function createLocalRepository(settings: LocalSettings): Repository {
  const name = `repository "${settings.path}"`;
  const limits = { ...DEFAULT_LIMITS, ...settings.limits };
  let state: LocalState | undefined;
  const view = createRepositoryView({
    name,
    limits,
    signed: settings.verify && createSignedRevisions(settings.verify),
    current: () => state === undefined ? Promise.reject(notFetched(name)) : Promise.resolve(state),
  });
  return {
    ...view,
    fetch: (options) =>
      guarded(`read ${name}`, options, async () => {
        state = await readState(settings.path, options, { before: state, limits });
      }),
    close() {
      state = undefined;
    },
  };
}

async function readState(
  path: string,
  options: Abortable,
  known: { readonly before: LocalState | undefined; readonly limits: RepositoryLimits },
): Promise<LocalState> {
  const gitdir = await gitDirectoryOf(path);
  await refuseUnsupported(gitdir);
  const packs = (await namesIn(join(gitdir, "objects/pack"))).sort().join();
  const before = known.before;
  // A repack replaces files whose indexes the library keeps: begin with empty caches then.
  const store = before?.packs === packs ? before.store : createObjectStore(READ_ONLY_FILES, gitdir);
  const found = await readLocalRefs(gitdir, { ...options, maxRefs: known.limits.maxRefs });
  return { refs: await peeled(found, store), store, packs };
}

async function gitDirectoryOf(path: string): Promise<string> {
  const inner = join(path, ".git");
  const found = await stat(inner).catch(ignoreMissing);
  if (found?.isDirectory()) return inner;
  if (found?.isFile()) {
    throw new TransportError(
      "no-such-repository",
      "worktrees and submodule checkouts are not supported: name the main repository",
    );
  }
  if (await exists(join(path, "HEAD")) && await exists(join(path, "objects"))) return path;
  const why = await exists(path) ? "it is not a Git repository" : "there is no such directory";
  throw new TransportError("no-such-repository", why);
}

async function refuseUnsupported(gitdir: string): Promise<void> {
  const refuse = (what: string): never => {
    throw new TransportError("no-such-repository", `${what} are not supported: name a full clone`);
  };
  if (await exists(join(gitdir, "commondir"))) refuse("worktrees");
  const alternates = await readFile(join(gitdir, "objects/info/alternates"), "utf8")
    .catch(ignoreMissing);
  if (alternates !== undefined && alternates.trim() !== "") refuse("repositories with alternates");
  const config = await readFile(join(gitdir, "config"), "utf8").catch(ignoreMissing) ?? "";
  if (/^\s*(?:partialclone|promisor)\s*=/im.test(config)) refuse("partial clones");
  if (/^\s*objectformat\s*=\s*sha256/im.test(config)) refuse("SHA-256 repositories");
  if (/^\s*refstorage\s*=\s*reftable/im.test(config)) refuse("repositories with reftables");
}

async function peeled(found: RefListing, store: ObjectStore): Promise<Refs> {
  const tags = new Map<string, CommitId>();
  for (const [tag, id] of found.tags) {
    const commit = await store.peel(id);
    if (commit !== undefined) tags.set(tag, commit);
  }
  return { branches: found.branches, tags, tagObjects: found.tags };
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).catch(ignoreMissing) !== undefined;
}

async function namesIn(directory: string): Promise<string[]> {
  return await readdir(directory).catch(ignoreMissing) ?? [];
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}

const refused = (): Promise<never> =>
  Promise.reject(new TypeError("Cannot write: a local repository is only read"));

async function readStart(path: string, count: number): Promise<Uint8Array | undefined> {
  const file = await open(path).catch(ignoreMissing);
  if (file === undefined) return undefined;
  try {
    const { bytesRead, buffer } = await file.read(new Uint8Array(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The disk, without its writing half. */
const READ_ONLY_FILES: GitFiles = {
  readStart,
  promises: {
    readFile: async (path, options) =>
      typeof options === "string" || options?.encoding
        ? await readFile(path, "utf8")
        : await readFile(path),
    readdir: (path) => readdir(path),
    stat: (path) => stat(path),
    lstat: (path) => lstat(path),
    readlink: (path) => readlink(path),
    writeFile: refused,
    unlink: refused,
    mkdir: refused,
    rmdir: refused,
    symlink: refused,
  },
};
