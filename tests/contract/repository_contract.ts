// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, rejects } from "node:assert/strict";
import { type Repository, RepositoryError } from "../../src/runtime/ports.ts";

/** Contents by path; `null` removes a file. */
export type Changes = Readonly<Record<string, string | null>>;

/** A place that holds a repository, and the hands to change it as its owner would. */
export interface RepositoryFixture extends AsyncDisposable {
  /** Opens it as the product does; each call is a fresh reader. */
  open(): Repository;
  /** Commits on a branch, made from the parents given (default: its tip) when it is new. */
  commit(branch: string, change: CommitChange): Promise<string>;
  tag(name: string, commit: string, options?: { readonly annotated?: boolean }): Promise<void>;
  setBranch(name: string, commit: string): Promise<void>;
  deleteBranch(name: string): Promise<void>;
}

/** A commit to make. */
export interface CommitChange {
  readonly files: Changes;
  readonly message?: string;
  readonly parents?: readonly string[];
  /** Seconds since 1970. */
  readonly at?: number;
}

type Check = (fixture: RepositoryFixture, signal: AbortSignal) => Promise<void>;

const CHECKS: Readonly<Record<string, Check>> = {
  "lists branches as of the last fetch": async (fixture, signal) => {
    const first = await fixture.commit("main", { files: { "a.yaml": "a: 1\n" } });
    const repository = fixture.open();
    await repository.fetch({ signal });
    deepEqual([...await repository.branches({ signal })], [["main", first]]);
    const second = await fixture.commit("main", { files: { "a.yaml": "a: 2\n" } });
    equal(await repository.resolve("main", { signal }), first);
    await repository.fetch({ signal });
    equal(await repository.resolve("main", { signal }), second);
  },
  "says who made a commit, when and why": async (fixture, signal) => {
    const first = await fixture.commit("main", { files: { "a.yaml": "a: 1\n" } });
    const second = await fixture.commit("main", {
      files: { "a.yaml": "a: 2\n" },
      message: "Give every team\na quota\n\nBecause they ask.\n",
      at: 1_700_000_000,
    });
    const repository = await fetched(fixture, signal);
    deepEqual(await repository.commit(second, { signal }), {
      id: second,
      author: "Tess Ter",
      subject: "Give every team a quota",
      committedAt: 1_700_000_000,
      parents: [first],
    });
  },
  "lists the files of a directory with their content ids": async (fixture, signal) => {
    const id = await fixture.commit("main", {
      files: { "README.md": "x", "k/b.yaml": "same", "k/deep/a.yaml": "same", "z.yaml": "z" },
    });
    const repository = await fetched(fixture, signal);
    const root = await repository.files(id, "", { signal });
    deepEqual(root.files.map(({ path }) => path), [
      "README.md",
      "k/b.yaml",
      "k/deep/a.yaml",
      "z.yaml",
    ]);
    const inside = await repository.files(id, "k", { signal });
    deepEqual(inside.files.map(({ path }) => path), ["b.yaml", "deep/a.yaml"]);
    equal(inside.files[0]?.blob, inside.files[1]?.blob);
    deepEqual(inside.skipped, []);
    const blob = inside.files[0]?.blob ?? "";
    equal(new TextDecoder().decode(await repository.read(blob, { signal })), "same");
  },
  "rejects a directory that is missing or a file": async (fixture, signal) => {
    const id = await fixture.commit("main", { files: { "k/a.yaml": "a" } });
    const repository = await fetched(fixture, signal);
    await rejects(repository.files(id, "nowhere", { signal }), hasCode("no-such-directory"));
    await rejects(repository.files(id, "k/a.yaml", { signal }), hasCode("no-such-directory"));
  },
  "resolves branches before tags before commit ids": async (fixture, signal) => {
    const first = await fixture.commit("main", { files: { "a.yaml": "1" } });
    const second = await fixture.commit("main", { files: { "a.yaml": "2" } });
    await fixture.tag("v1", first);
    await fixture.tag("v2", second, { annotated: true });
    await fixture.tag("main", first);
    const repository = await fetched(fixture, signal);
    equal(await repository.resolve("main", { signal }), second);
    equal(await repository.resolve("refs/tags/main", { signal }), first);
    equal(await repository.resolve("v1", { signal }), first);
    equal(await repository.resolve("v2", { signal }), second);
    equal(await repository.resolve(first, { signal }), first);
    equal(await repository.resolve(first.toUpperCase(), { signal }), first);
    equal(await repository.resolve("nothing", { signal }), undefined);
    equal(await repository.resolve("0".repeat(40), { signal }), undefined);
  },
  "lets no branch take the place of a commit or a tag that is named in full": async (
    fixture,
    signal,
  ) => {
    const first = await fixture.commit("main", { files: { "a.yaml": "1" } });
    const second = await fixture.commit("main", { files: { "a.yaml": "2" } });
    await fixture.tag("v1", first);
    const taken = [first, "0".repeat(40), "refs/tags/v1", "refs/tags/v2"];
    for (const name of taken) await fixture.setBranch(name, second);
    await fixture.tag("gone", first);
    const repository = await fetched(fixture, signal);
    const resolved = (name: string) => repository.resolve(name, { signal });
    equal(await resolved(first), first);
    equal(await resolved("0".repeat(40)), undefined);
    equal(await resolved("refs/tags/v1"), first);
    equal(await resolved("refs/tags/v2"), undefined);
    equal(await resolved("refs/heads/gone"), undefined);
    equal(await resolved("refs/heads/main"), second);
    for (const name of taken) equal(await resolved(`refs/heads/${name}`), second);
  },
  "follows a tag that moved": async (fixture, signal) => {
    const first = await fixture.commit("main", { files: { "a.yaml": "1" } });
    const second = await fixture.commit("main", { files: { "a.yaml": "2" } });
    await fixture.tag("stable", first, { annotated: true });
    const repository = await fetched(fixture, signal);
    equal(await repository.resolve("stable", { signal }), first);
    await fixture.tag("stable", second, { annotated: true });
    await repository.fetch({ signal });
    equal(await repository.resolve("stable", { signal }), second);
  },
  "follows a branch that was rewritten": async (fixture, signal) => {
    const base = await fixture.commit("main", { files: { "a.yaml": "1" } });
    await fixture.commit("main", { files: { "a.yaml": "2" } });
    const repository = await fetched(fixture, signal);
    await fixture.setBranch("main", base);
    const rewritten = await fixture.commit("main", { files: { "a.yaml": "3" } });
    await repository.fetch({ signal });
    equal(await repository.resolve("main", { signal }), rewritten);
    equal((await repository.files(rewritten, "", { signal })).files.length, 1);
  },
  "follows branch x/y that was replaced by x": async (fixture, signal) => {
    const base = await fixture.commit("main", { files: { "a.yaml": "1" } });
    await fixture.setBranch("team/beta", base);
    const repository = await fetched(fixture, signal);
    await fixture.deleteBranch("team/beta");
    await fixture.setBranch("team", base);
    await repository.fetch({ signal });
    deepEqual([...(await repository.branches({ signal })).keys()].sort(), ["main", "team"]);
  },
  "forgets a deleted branch": async (fixture, signal) => {
    const base = await fixture.commit("main", { files: { "a.yaml": "1" } });
    await fixture.setBranch("old", base);
    const repository = await fetched(fixture, signal);
    await fixture.deleteBranch("old");
    await repository.fetch({ signal });
    equal(await repository.resolve("old", { signal }), undefined);
    equal(await repository.resolve("main", { signal }), base);
  },
  "reads an empty repository": async (fixture, signal) => {
    const repository = await fetched(fixture, signal);
    equal((await repository.branches({ signal })).size, 0);
    const first = await fixture.commit("main", { files: { "a.yaml": "1" } });
    await repository.fetch({ signal });
    equal(await repository.resolve("main", { signal }), first);
  },
  "reads a repository whose default branch is gone": async (fixture, signal) => {
    const base = await fixture.commit("main", { files: { "a.yaml": "1" } });
    await fixture.setBranch("other", base);
    await fixture.deleteBranch("main");
    const repository = await fetched(fixture, signal);
    deepEqual([...await repository.branches({ signal })], [["other", base]]);
  },
  "finds the best common ancestors": async (fixture, signal) => {
    const root = await fixture.commit("main", { files: { "a.yaml": "1" }, at: 1_000 });
    const left = await fixture.commit("main", { files: { "a.yaml": "2" }, at: 2_000 });
    await fixture.setBranch("side", root);
    const right = await fixture.commit("side", { files: { "b.yaml": "1" }, at: 3_000 });
    const one = await fixture.commit("main", {
      files: { "b.yaml": "1" },
      parents: [left, right],
      at: 4_000,
    });
    const other = await fixture.commit("side", {
      files: { "a.yaml": "2" },
      parents: [right, left],
      at: 5_000,
    });
    const repository = await fetched(fixture, signal);
    deepEqual(await repository.mergeBases(left, right, { signal }), [root]);
    deepEqual(await repository.mergeBases(one, other, { signal }), [right, left]);
    deepEqual(await repository.mergeBases(root, one, { signal }), [root]);
    deepEqual(await repository.mergeBases(one, one, { signal }), [one]);
  },
  "finds no common ancestor of unrelated histories": async (fixture, signal) => {
    const one = await fixture.commit("main", { files: { "a.yaml": "1" } });
    const other = await fixture.commit("orphan", { files: { "a.yaml": "2" }, parents: [] });
    const repository = await fetched(fixture, signal);
    deepEqual(await repository.mergeBases(one, other, { signal }), []);
  },
  "names the repository when a commit is missing": async (fixture, signal) => {
    await fixture.commit("main", { files: { "a.yaml": "1" } });
    const repository = await fetched(fixture, signal);
    await rejects(repository.commit("0".repeat(40), { signal }), hasCode("no-such-revision"));
  },
  "rejects with the reason of an abort": async (fixture, signal) => {
    const id = await fixture.commit("main", { files: { "a.yaml": "1" } });
    const repository = await fetched(fixture, signal);
    const aborted = AbortSignal.abort(new RangeError("enough"));
    await rejects(repository.fetch({ signal: aborted }), { message: "enough" });
    await rejects(repository.files(id, "", { signal: aborted }), { message: "enough" });
  },
  "tells that nothing was fetched yet": async (fixture, signal) => {
    await rejects(fixture.open().branches({ signal }), hasCode("unreachable"));
  },
};

async function fetched(fixture: RepositoryFixture, signal: AbortSignal): Promise<Repository> {
  const repository = fixture.open();
  await repository.fetch({ signal });
  return repository;
}

/** For `rejects`: a RepositoryError of this code. */
export function hasCode(code: string): (error: unknown) => true {
  return (error) => {
    equal(error instanceof RepositoryError, true, String(error));
    if (error instanceof RepositoryError) equal(error.code, code, error.message);
    return true;
  };
}

/** Registers the contract of the Repository port for one implementation. */
export function testRepositoryContract(
  name: string,
  makeFixture: () => Promise<RepositoryFixture>,
): void {
  for (const [behaviour, check] of Object.entries(CHECKS)) {
    Deno.test(`${name} ${behaviour}`, async () => {
      await using fixture = await makeFixture();
      const stop = new AbortController();
      await check(fixture, stop.signal);
    });
  }
}
