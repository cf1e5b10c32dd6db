// SPDX-License-Identifier: Apache-2.0

import { type Abortable, RepositoryError } from "../../runtime/ports.ts";
import type { SourceSettings } from "./channel_settings.ts";

/** Branches that are named. */
const MAX_NAMED = 10;

/**
 * What is said of a branch, tag or commit that there is not.
 *
 * @param asked What was to be done with it, in a verb
 */
export async function noSuchRevision(
  { repository, location }: Pick<SourceSettings, "repository" | "location">,
  asked: { readonly verb: "follow" | "read"; readonly revision: string },
  options: Abortable,
): Promise<RepositoryError> {
  const names = [...(await repository.branches(options)).keys()].sort();
  const there = names.length === 0
    ? "the repository has no branches"
    : `its branches are ${names.slice(0, MAX_NAMED).map((name) => `"${name}"`).join(", ")}`;
  return new RepositoryError(
    "no-such-revision",
    `Cannot ${asked.verb} "${asked.revision}" of "${location}": ` +
      `there is no branch, tag or commit of this name; ${there}`,
  );
}
