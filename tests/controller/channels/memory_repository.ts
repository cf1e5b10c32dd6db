// SPDX-License-Identifier: Apache-2.0

import type { CommitId, Repository } from "../../../src/runtime/ports.ts";

/** A repository with one branch `main`, in memory: nothing in it takes time. */
export interface MemoryRepository extends Repository {
  /** Replaces all files, and returns the new head. */
  write(files: Readonly<Record<string, string>>, subject?: string): CommitId;
  /** Moves the branch, as a force-push does. */
  reset(commit: CommitId): void;
}

interface Stored {
  readonly files: Readonly<Record<string, string>>;
  readonly subject: string;
  readonly parents: readonly CommitId[];
}

/** Makes one without commits. */
export function createMemoryRepository(): MemoryRepository {
  const commits = new Map<CommitId, Stored>();
  const blobs = new Map<string, string>();
  let head: CommitId | undefined;

  function stored(id: CommitId): Stored {
    const found = commits.get(id);
    if (found === undefined) throw new RangeError(`There is no commit ${id}`);
    return found;
  }

  /** A commit and all before it; there are no merges here. */
  function firstParents(id: CommitId): readonly CommitId[] {
    const found: CommitId[] = [];
    for (let at: CommitId | undefined = id; at !== undefined; at = stored(at).parents[0]) {
      found.push(at);
    }
    return found;
  }

  return {
    write(files, subject = "A change") {
      const id = (commits.size + 1).toString(16).padStart(40, "0");
      commits.set(id, { files, subject, parents: head === undefined ? [] : [head] });
      head = id;
      return id;
    },
    reset(commit) {
      stored(commit);
      head = commit;
    },
    fetch: () => Promise.resolve(),
    branches: () => Promise.resolve(new Map(head === undefined ? [] : [["main", head]])),
    resolve: (revision) => Promise.resolve(revision === "main" ? head : undefined),
    commit(id) {
      const { subject, parents } = stored(id);
      const committedAt = Number.parseInt(id, 16);
      return Promise.resolve({ id, author: "Ada", subject, committedAt, parents });
    },
    files(id) {
      const files = Object.entries(stored(id).files).map(([path, text]) => {
        blobs.set(text, text);
        return { path, blob: text };
      });
      return Promise.resolve({ files, skipped: [] });
    },
    read: (blob) => Promise.resolve(new TextEncoder().encode(blobs.get(blob) ?? "")),
    mergeBases(one, other) {
      const past = new Set(firstParents(one));
      return Promise.resolve(firstParents(other).filter((id) => past.has(id)).slice(0, 1));
    },
    close: () => {},
  };
}
