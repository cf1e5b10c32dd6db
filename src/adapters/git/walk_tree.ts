// SPDX-License-Identifier: Apache-2.0

import type { Abortable, SkippedEntry, TreeFile } from "../../runtime/ports.ts";
import { TransportError } from "./failure.ts";
import type { ObjectStore } from "./object_store.ts";
import { takeTurns } from "./take_turns.ts";
import type { TreeEntry } from "./tree_entries.ts";
import { unreachable } from "../../language/mod.ts";

/** How much of a tree is walked. */
export interface TreeLimits {
  /** Files of one directory, those below it included. */
  readonly maxFiles: number;
  /** Entries looked at: files, directories and what is skipped. */
  readonly maxEntries: number;
  /** Directories within each other. */
  readonly maxDepth: number;
}

/** What a directory holds. */
export interface TreeListing {
  readonly files: readonly TreeFile[];
  readonly skipped: readonly SkippedEntry[];
}

interface Walk extends Abortable {
  readonly store: Pick<ObjectStore, "tree">;
  readonly limits: TreeLimits;
  readonly files: TreeFile[];
  readonly skipped: SkippedEntry[];
  entries: number;
  readonly rest: () => Promise<void> | undefined;
}

/**
 * Lists the files below a tree object, object by object; nothing is ever checked out.
 *
 * @returns Files in the order of the tree; symlinks, submodules, odd names and what lies too deep
 * as skipped entries
 * @throws {TransportError} `limit-exceeded`, with the name of the limit
 */
export async function walkTree(
  store: Pick<ObjectStore, "tree">,
  root: string,
  options: Abortable & { readonly limits: TreeLimits },
): Promise<TreeListing> {
  const rest = takeTurns(options);
  const walk: Walk = { ...options, rest, store, files: [], skipped: [], entries: 0 };
  await walkDirectory(walk, root, []);
  return { files: walk.files, skipped: walk.skipped };
}

async function walkDirectory(walk: Walk, id: string, path: readonly string[]): Promise<void> {
  walk.signal.throwIfAborted();
  const turn = walk.rest();
  if (turn !== undefined) await turn;
  for (const entry of await walk.store.tree(id)) {
    walk.entries++;
    if (walk.entries > walk.limits.maxEntries) throw exceeded("maxEntries", walk.limits);
    await visit(walk, entry, [...path, entry.name]);
  }
}

async function visit(walk: Walk, entry: TreeEntry, path: readonly string[]): Promise<void> {
  const reason = whySkipped(entry, path.length, walk.limits);
  if (reason !== undefined) {
    walk.skipped.push({ path: path.join("/"), reason });
  } else if (entry.type === "directory") {
    await walkDirectory(walk, entry.id, path);
  } else {
    walk.files.push({ path: path.join("/"), blob: entry.id });
    if (walk.files.length > walk.limits.maxFiles) throw exceeded("maxFiles", walk.limits);
  }
}

function whySkipped(entry: TreeEntry, depth: number, limits: TreeLimits): string | undefined {
  if (entry.oddity !== undefined) return entry.oddity;
  switch (entry.type) {
    case "symlink":
      return "symbolic links are not followed";
    case "submodule":
      return "submodules are not read";
    case "unknown":
      return "the entry has a mode that Git does not define";
    case "directory":
      return depth >= limits.maxDepth
        ? `the directory is deeper than ${limits.maxDepth} levels (maxDepth)`
        : undefined;
    case "file":
      return undefined;
    default:
      return unreachable(entry.type);
  }
}

const LIMIT_WORDS = { maxFiles: "files", maxEntries: "entries of directories" } as const;

function exceeded(limit: keyof typeof LIMIT_WORDS, limits: TreeLimits): TransportError {
  return new TransportError(
    "limit-exceeded",
    `the directory has more than ${limits[limit]} ${LIMIT_WORDS[limit]} (${limit})`,
  );
}
