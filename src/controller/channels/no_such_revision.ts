// SPDX-License-Identifier: Apache-2.0

import { firstNamed } from "../../language/mod.ts";
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
  const why = COMMIT.test(asked.revision)
    ? "there is no such commit; one is there as long as a branch or tag leads to it"
    : `there is no branch, tag or commit of this name${abbreviationText(asked.revision)}; ` +
      branchesText([...(await repository.branches(options)).keys()].sort());
  return new RepositoryError(
    "no-such-revision",
    `Cannot ${asked.verb} "${asked.revision}" of "${location}": ${why}`,
  );
}

const COMMIT = /^[0-9a-f]{40}$/i;
const ABBREVIATION = /^[0-9a-f]{7,39}$/i;

function abbreviationText(revision: string): string {
  return ABBREVIATION.test(revision) ? ", and a commit takes all of its 40 digits" : "";
}

function branchesText(names: readonly string[]): string {
  if (names.length === 0) return "the repository has no branches";
  return `its branches are ${firstNamed(names.map((name) => `"${name}"`), MAX_NAMED)}`;
}
