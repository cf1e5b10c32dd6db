// SPDX-License-Identifier: Apache-2.0

import { contentId } from "../../../language/mod.ts";
import type { CommitId, CommitSummary, TreeFile } from "../../../runtime/ports.ts";
import type { DefinitionObject } from "./definition_object.ts";

/** What the cluster held at one time. */
export interface ClusterCommit {
  readonly summary: Omit<CommitSummary, "parents">;
  /** By path. */
  readonly files: readonly TreeFile[];
}

/**
 * The states of the definitions in the cluster that were seen, newest last, as commits on one
 * branch. A content is one commit: where an earlier one comes back, it becomes the newest.
 */
export interface ClusterHistory {
  readonly head: CommitId | undefined;
  /** Takes what there is now; `at` are seconds since 1970. */
  record(objects: readonly DefinitionObject[], at: number): void;
  commit(id: CommitId): ClusterCommit | undefined;
  /** The states before one, nearest first. */
  before(id: CommitId): readonly CommitId[];
  text(blob: string): string | undefined;
}

/** States that are kept, the newest included. */
const MAX_STATES = 10;

/** Nothing was seen yet. */
export function createClusterHistory(): ClusterHistory {
  let states: readonly ClusterCommit[] = [];
  let texts = new Map<string, string>();
  const indexOf = (id: CommitId) => states.findIndex(({ summary }) => summary.id === id);

  return {
    get head() {
      return states.at(-1)?.summary.id;
    },
    record(objects, at) {
      const sorted = [...objects].sort((a, b) => a.path < b.path ? -1 : 1);
      const files = sorted.map(({ path, blob }) => ({ path, blob }));
      const id = contentId(files.map(({ path, blob }) => `${blob} ${path}\n`).join(""));
      const last = states.at(-1);
      if (last?.summary.id === id) return;
      const summary = { id, ...whatChanged(last, sorted), committedAt: at };
      const others = states.filter((state) => state.summary.id !== id);
      states = [...others, { summary, files }].slice(-MAX_STATES);
      for (const { blob, text } of objects) texts.set(blob, text);
      const used = new Set(states.flatMap((state) => state.files.map(({ blob }) => blob)));
      texts = new Map([...texts].filter(([blob]) => used.has(blob)));
    },
    commit: (id) => states[indexOf(id)],
    before: (id) =>
      states.slice(0, Math.max(0, indexOf(id))).map(({ summary }) => summary.id)
        .reverse(),
    text: (blob) => texts.get(blob),
  };
}

/** Names of definitions in a subject. */
const MAX_NAMED = 3;

/** Who changed what, in the words that a commit has for it. */
function whatChanged(
  before: ClusterCommit | undefined,
  now: readonly DefinitionObject[],
): Pick<CommitSummary, "author" | "subject"> {
  const old = new Map(before?.files.map(({ path, blob }) => [path, blob]));
  const present = new Set(now.map(({ path }) => path));
  const touched = now.filter(({ path, blob }) => old.get(path) !== blob);
  const author = lastAuthor(touched);
  if (before === undefined) return { author, subject: `${countText(now.length)} found` };
  const turns = [
    ...touched.map(({ path }) => ({ path, turn: old.has(path) ? "changed" : "added" })),
    ...before.files.filter(({ path }) => !present.has(path)).map(({ path }) => (
      { path, turn: "deleted" }
    )),
  ];
  const named = turns.slice(0, MAX_NAMED).map(({ path, turn }) => `${nameOf(path)} ${turn}`);
  if (turns.length <= MAX_NAMED) return { author, subject: named.join(", ") };
  return { author, subject: `${countText(turns.length)}: ${named.join(", ")}, …` };
}

/** Nobody can say who deleted something. */
function lastAuthor(touched: readonly DefinitionObject[]): string {
  const last = touched.reduce<DefinitionObject | undefined>(
    (newest, one) => newest === undefined || one.changedAt >= newest.changedAt ? one : newest,
    undefined,
  );
  return last?.author ?? "unknown";
}

/** `ResourceFunction team-a/x`. */
function nameOf(path: string): string {
  const [kind, namespace, file = ""] = path.split("/");
  return `${kind} ${namespace}/${file.replace(/\.yaml$/, "")}`;
}

function countText(count: number): string {
  return `${count} definition${count === 1 ? "" : "s"}`;
}
