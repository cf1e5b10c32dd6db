// SPDX-License-Identifier: Apache-2.0

import { type Repository, RepositoryError } from "../../runtime/ports.ts";
import { remember } from "./remember.ts";

/** Blobs of which it is remembered that they are too large. */
const MAX_TOO_LARGE = 1_000;

type ReadBlob = Repository["read"];

/**
 * Reads blobs. To see that one is too large takes its time, and the same one may stand under every
 * name of a commit.
 */
export function createBlobReader(repository: Pick<Repository, "read">): ReadBlob {
  const refused = new Map<string, RepositoryError>();
  return async (blob, options) => {
    const known = refused.get(blob);
    if (known !== undefined) throw known;
    try {
      return await repository.read(blob, options);
    } catch (error) {
      if (isTooLarge(error)) remember(refused, MAX_TOO_LARGE, [blob, error]);
      throw error;
    }
  };
}

/** Whether something is beyond a limit: it can be read no better another time. */
export function isTooLarge(error: unknown): error is RepositoryError {
  return error instanceof RepositoryError && error.code === "limit-exceeded";
}
