// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Repository } from "../../src/runtime/ports.ts";
import type { ServedFixture } from "./served_fixture.ts";

const { signal } = new AbortController();

/** What git says of the repository: all that a reader can ask for. */
export interface Expected {
  readonly branches: ReadonlyMap<string, string>;
  readonly tags: ReadonlyMap<string, string>;
  readonly commits: readonly string[];
  /** Those without parents. */
  readonly roots: readonly string[];
}

export interface Run {
  readonly fixture: ServedFixture;
  readonly repository: Repository;
  readonly random: (below: number) => number;
  /** Files of a commit, each as `path id`; commits that are gone from the server stay here. */
  readonly files: Map<string, readonly string[]>;
  good: Expected;
  objects: number;
  number: number;
}

export function one<T>({ random }: Run, values: readonly T[]): T | undefined {
  return values[random(values.length)];
}

export async function refsOf(
  { fixture }: Run,
  prefix: string,
): Promise<ReadonlyMap<string, string>> {
  const format = "--format=%(refname) %(objecttype) %(objectname) %(*objecttype) %(*objectname)";
  const text = await fixture.git("for-each-ref", format, prefix);
  return new Map(
    text.split("\n").filter((line) => line !== "").flatMap((line) => {
      const [name = "", type, id = "", , peeled] = line.split(" ");
      const target = type === "commit" ? id : peeled ?? "";
      return [[name.slice(prefix.length), target]];
    }),
  );
}

export async function expectedOf(run: Run): Promise<Expected> {
  const branches = await refsOf(run, "refs/heads/");
  const tags = await refsOf(run, "refs/tags/");
  const commits = (await run.fixture.git("rev-list", "--branches", "--tags")).split("\n");
  for (const id of commits) {
    if (run.files.has(id)) continue;
    const text = await run.fixture.git("ls-tree", "-r", "--format=%(path) %(objectname)", id);
    run.files.set(id, text.split("\n").filter((line) => line !== "").sort());
  }
  const roots = await run.fixture.git("rev-list", "--max-parents=0", "--branches", "--tags");
  return { branches, tags, commits, roots: roots.split("\n") };
}

/** Where histories meet is remembered from push to push: it must stay what git finds. */
export async function compareMergeBases(run: Run): Promise<void> {
  const heads = [...run.good.branches.values()];
  for (let pair = 0; pair < 4; pair++) {
    const [left = "", right = ""] = [one(run, heads), one(run, heads)];
    const found = await run.repository.mergeBases(left, right, { signal });
    const text = await run.fixture.git("merge-base", "--all", left, right).catch(() => "");
    deepEqual([...found].sort(), text.split("\n").filter((id) => id !== "").sort());
  }
}

/** Walks down to where every history began. */
export async function walkHistories({ repository, good }: Run): Promise<void> {
  for (const head of new Set([...good.branches.values(), ...good.tags.values()])) {
    for (const root of good.roots) await repository.mergeBases(head, root, { signal });
  }
}

/** Compares what is read with what git says: all that is named, and some of all the rest. */
export async function compare(run: Run): Promise<void> {
  const { repository, good } = run;
  deepEqual(sorted(await repository.branches({ signal })), sorted(good.branches));
  for (const [name, id] of good.tags) {
    equal(await repository.resolve(`refs/tags/${name}`, { signal }), id);
  }
  for (const id of good.commits) equal((await repository.commit(id, { signal })).id, id);
  for (const id of good.commits) await compareFiles(run, id);
}

function sorted(refs: ReadonlyMap<string, string>): readonly string[] {
  return [...refs].map(([name, id]) => `${name} ${id}`).sort();
}

export async function compareFiles(run: Run, commit: string): Promise<void> {
  const { files } = await run.repository.files(commit, "", { signal });
  const found = files.map(({ path, blob }) => `${path} ${blob}`).sort();
  deepEqual(found, run.files.get(commit), `files of ${commit}`);
  for (const { blob } of files) {
    const bytes = await run.repository.read(blob, { signal });
    run.objects++;
    const id = createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
    equal(id, blob);
  }
}
