// SPDX-License-Identifier: Apache-2.0

import {
  type Abortable,
  type CommitId,
  type Repository,
  RepositoryError,
  UnverifiedError,
} from "../../runtime/ports.ts";

/** What of a branch, tag or commit may be put in force. */
export interface SignedHead {
  readonly commit: CommitId;
  /** Why that is not the newest one. */
  readonly refused?: UnverifiedError;
}

/**
 * The commit that a revision names, or, when it is not signed as it should be, the last one that
 * was: what is in force stays, and a signed commit that came between is put in force. Without
 * anything in force it is the newest signed one.
 *
 * @param inForce The commit of this revision that was put in force last
 * @returns `undefined` when nothing is called so
 * @throws {UnverifiedError} If none of its commits may be put in force
 */
export async function signedHead(
  repository: Pick<Repository, "resolve" | "mergeBases">,
  { ref, inForce }: { readonly ref: string; readonly inForce: CommitId | undefined },
  options: Abortable,
): Promise<SignedHead | undefined> {
  try {
    const commit = await repository.resolve(ref, options);
    return commit === undefined ? undefined : { commit };
  } catch (refused) {
    if (!(refused instanceof UnverifiedError)) throw refused;
    const { lastGood } = refused;
    if (lastGood === undefined) {
      if (inForce === undefined) throw refused;
      return { commit: inForce, refused };
    }
    const isNewer = inForce === undefined ||
      await isAncestor(repository, { older: inForce, newer: lastGood }, options);
    return { commit: isNewer ? lastGood : inForce, refused };
  }
}

/** History that is rewritten below an unsigned commit would lead back to what was left behind. */
async function isAncestor(
  repository: Pick<Repository, "mergeBases">,
  { older, newer }: { readonly older: CommitId; readonly newer: CommitId },
  options: Abortable,
): Promise<boolean> {
  try {
    return (await repository.mergeBases(older, newer, options)).includes(older);
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof RepositoryError) return false; // what is in force is not there any more
    throw error;
  }
}

/** Whether an older commit may be put in force; one that is not there is for others to tell. */
export async function isSigned(
  repository: Pick<Repository, "resolve">,
  commit: CommitId,
  options: Abortable,
): Promise<boolean> {
  try {
    await repository.resolve(commit, options);
    return true;
  } catch (error) {
    if (error instanceof UnverifiedError) return false;
    throw error;
  }
}
