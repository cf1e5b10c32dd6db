// SPDX-License-Identifier: Apache-2.0

import type { Abortable, CommitId } from "../../runtime/ports.ts";
import { changesSince, type OverlayChange } from "./overlay_channel.ts";
import {
  type BranchContent,
  branchDefinitions,
  type CommitContents,
  type ReadDocument,
  type SourceReader,
} from "./source_reader.ts";

/** What a branch has made of the commit at which it parted from the branch below. */
export interface BranchChanges {
  /** That commit; `undefined` without a common ancestor. */
  readonly base: CommitId | undefined;
  readonly changes: readonly OverlayChange[];
  /** What it has made of the definitions that it changed, by key; deleted ones are missing. */
  readonly changed: ReadonlyMap<string, ReadDocument>;
  /** Ids of files of the base that the branch has replaced or removed. */
  readonly mended: ReadonlySet<string>;
  /** Its repeated definitions, and documents without a name that the base did not have. */
  readonly others: readonly ReadDocument[];
  /** Ids of its files that cannot be read and that the base did not have. */
  readonly unread: readonly string[];
}

const NOTHING: CommitContents = { definitions: new Map(), files: new Set() };

/** Neither a commit nor its base ever changes: a push to the branch below asks for the same again. */
const known = new WeakMap<BranchContent, BranchChanges>();

/** Compares a branch with the base that it has in common with the branch below. */
export async function branchChanges(
  own: BranchContent,
  base: CommitId | undefined,
  { reader, signal }: Abortable & { readonly reader: Pick<SourceReader, "contents"> },
): Promise<BranchChanges> {
  const before = known.get(own);
  if (before !== undefined && before.base === base) return before;
  const atBase = base === undefined ? NOTHING : await reader.contents(base, { signal });
  const { definitions, others } = branchDefinitions(own);
  const changes = changesSince(atBase.definitions, definitions);
  const ownFiles = new Set(own.files.map(({ id }) => id));
  const made = {
    base,
    changes,
    changed: new Map(changes.flatMap(({ key }) => {
      const document = definitions.get(key);
      return document === undefined ? [] : [[key, document]];
    })),
    mended: atBase.files.difference(ownFiles),
    // What the branch did not touch is not its own, readable or not.
    others: others.filter(({ key, fileId }) => key !== undefined || !atBase.files.has(fileId)),
    unread: unreadFiles(own).filter((id) => !atBase.files.has(id)),
  };
  known.set(own, made);
  return made;
}

/** Ids of files that count and could not be read. */
export function unreadFiles({ files }: Pick<BranchContent, "files">): readonly string[] {
  return files.filter(({ fault }) => fault !== undefined).map(({ id }) => id);
}
