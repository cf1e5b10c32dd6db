// SPDX-License-Identifier: Apache-2.0

import { equal } from "node:assert/strict";
import fc from "fast-check";
import { createBranchPasts } from "../../../src/controller/channels/branch_past.ts";
import type { SourceReader } from "../../../src/controller/channels/source_reader.ts";
import type { CommitId } from "../../../src/runtime/ports.ts";

/** A commit of a history: its parents among those before it, and what it defines. */
interface Commit {
  readonly parents: readonly number[];
  readonly definitions: Readonly<Record<string, string>>;
}

const KEYS = ["a", "b", "c"];
const CONTENTS = ["0", "1", "2", undefined];

const commit = fc.record({
  back: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 2 }),
  definitions: fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom("0", "1", "2"), {
    noNullPrototype: true,
  }),
});

/** Histories of one first commit, with merges; each commit is made from one of the last four. */
const history = fc.array(commit, { minLength: 2, maxLength: 12 }).map((commits) =>
  commits.map(({ back, definitions }, index): Commit => ({
    parents: index === 0 ? [] : [...new Set(back.map((steps) => Math.max(0, index - 1 - steps)))],
    definitions,
  }))
);

const idOf = (index: number): CommitId => index.toString(16).padStart(40, "0");
const options = { signal: new AbortController().signal };

function readerOf(commits: readonly Commit[]): SourceReader {
  const at = (id: CommitId) => commits[Number.parseInt(id, 16)] ?? { parents: [], definitions: {} };
  return {
    read: () => Promise.reject(new RangeError("Only outlines are read")),
    contents: (id) =>
      Promise.resolve({
        definitions: new Map(Object.entries(at(id).definitions)),
        files: new Set(),
      }),
    summary: (id) =>
      Promise.resolve({
        id,
        author: "Ada",
        subject: "A change",
        committedAt: Number.parseInt(id, 16),
        parents: at(id).parents.map(idOf),
      }),
    keepOnly: () => {},
  };
}

function reaches(commits: readonly Commit[], head: number, wanted: number): boolean {
  return head === wanted ||
    (commits[head]?.parents ?? []).some((parent) => reaches(commits, parent, wanted));
}

Deno.test("What a branch has held before it parted does not count, whatever the clocks said", async () => {
  // The first commit says that it is the newest; the branch below has merged it once more.
  const commits: readonly Commit[] = [
    { parents: [], definitions: { a: "old" } },
    { parents: [0], definitions: { a: "base" } },
    { parents: [1, 0], definitions: { a: "new" } },
  ];
  const reader = readerOf(commits);
  const summary: SourceReader["summary"] = async (id, to) => ({
    ...await reader.summary(id, to),
    committedAt: id === idOf(0) ? 99 : Number.parseInt(id, 16),
  });
  const past = await createBranchPasts({ ...reader, summary }).of(idOf(2), idOf(1), options);
  equal(past.hasHeld("a", "old"), false);
  equal(past.hasHeld("a", "new"), true);
});

Deno.test("What a branch has held is the same, whether it is looked up at each push or once", () =>
  fc.assert(
    fc.asyncProperty(history, fc.nat({ max: 3 }), fc.array(fc.nat({ max: 11 })), async (
      commits,
      base,
      pushes,
    ) => {
      const reader = readerOf(commits);
      const followed = createBranchPasts(reader);
      // The base is one that the branch has in common with another: every head reaches it.
      const heads = pushes.filter((head) => head < commits.length && reaches(commits, head, base));
      for (const head of heads) {
        const past = await followed.of(idOf(head), idOf(base), options);
        const once = await createBranchPasts(reader).of(idOf(head), idOf(base), options);
        for (const key of KEYS) {
          for (const content of CONTENTS) {
            equal(past.hasHeld(key, content), once.hasHeld(key, content), `${key} ${content}`);
          }
        }
      }
    }),
    { numRuns: 500 },
  ));
