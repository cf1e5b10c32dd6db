// SPDX-License-Identifier: Apache-2.0

import type { CommitId, Repository } from "../../../src/runtime/ports.ts";
import { createMemoryRepository } from "./memory_repository.ts";

/** A repository in memory with any number of branches. */
export interface BranchedRepository {
  readonly repository: Repository;
  /**
   * Gives a branch a commit with these files alone. A branch that is not there begins at the commit
   * that was made, or moved to, last.
   */
  commit(branch: string, files: Readonly<Record<string, string>>): CommitId;
  /** Moves a branch to a commit, as a force-push does, or makes it there. */
  move(branch: string, commit: CommitId): void;
  deleteBranch(branch: string): void;
  head(branch: string): CommitId | undefined;
}

/** Makes one without branches. */
export function createBranchedRepository(): BranchedRepository {
  const memory = createMemoryRepository();
  const heads = new Map<string, CommitId>();
  return {
    repository: {
      ...memory,
      branches: () => Promise.resolve(new Map(heads)),
      resolve: (ref) => Promise.resolve(heads.get(ref.replace(/^refs\/heads\//, ""))),
    },
    commit(branch, files) {
      const head = heads.get(branch);
      if (head !== undefined) memory.reset(head);
      const id = memory.write(files);
      heads.set(branch, id);
      return id;
    },
    move(branch, commit) {
      memory.reset(commit);
      heads.set(branch, commit);
    },
    deleteBranch: (branch) => void heads.delete(branch),
    head: (branch) => heads.get(branch),
  };
}
