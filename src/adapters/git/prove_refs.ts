// SPDX-License-Identifier: Apache-2.0

import type { CommitId } from "../../runtime/ports.ts";
import type { ObjectStore } from "./object_store.ts";
import type { Refs } from "./repository_view.ts";

/** What a server listed: names below `refs/heads/` and `refs/tags/`, with the objects they name. */
export interface RefListing {
  readonly branches: ReadonlyMap<string, CommitId>;
  /** A commit or a tag object each. */
  readonly tags: ReadonlyMap<string, string>;
}

/**
 * Reads every new tip and its tree, without which no ref may name it, and follows tags to commits.
 *
 * @param store Holds what the refs name
 * @param listing What the server lists
 * @param before What was proven before
 */
export async function proveRefs(
  store: ObjectStore,
  listing: RefListing,
  before: { readonly listing: RefListing; readonly refs: Refs } | undefined,
): Promise<Refs> {
  const proved = new Set(before?.refs.branches.values());
  for (const id of new Set(listing.branches.values()).difference(proved)) {
    await store.tree((await store.commit(id)).tree);
  }
  const tags = new Map<string, CommitId>();
  for (const [name, id] of listing.tags) {
    const isKnown = before?.listing.tags.get(name) === id;
    const commit = isKnown ? before.refs.tags.get(name) : await store.peel(id);
    if (commit !== undefined) tags.set(name, commit);
  }
  return { branches: listing.branches, tags, tagObjects: listing.tags };
}

/** Whether a server lists what it listed before. */
export function sameListing(one: RefListing, other: RefListing): boolean {
  return sameEntries(one.branches, other.branches) && sameEntries(one.tags, other.tags);
}

function sameEntries(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>) {
  return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
}
