// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, rejects } from "node:assert/strict";
import { isSigned, signedHead } from "../../../src/controller/channels/signed_head.ts";
import { type CommitId, RepositoryError, UnverifiedError } from "../../../src/runtime/ports.ts";

const { signal } = new AbortController();

/** A branch whose history is a line of these commits, oldest first. */
interface Line {
  readonly commits: readonly CommitId[];
  readonly signed: readonly CommitId[];
}

function repositoryOf({ commits, signed }: Line) {
  return {
    resolve(revision: string) {
      const commit = revision === "main" ? commits.at(-1) : revision;
      if (commit === undefined || signed.includes(commit)) return Promise.resolve(commit);
      const lastGood = revision === "main"
        ? commits.findLast((id) => signed.includes(id))
        : undefined;
      return Promise.reject(new UnverifiedError(`${commit} is not signed`, commit, lastGood));
    },
    mergeBases(one: CommitId, other: CommitId) {
      if (!commits.includes(one)) {
        return Promise.reject(new RepositoryError("no-such-revision", `there is no ${one}`));
      }
      const [a, b] = [commits.indexOf(one), commits.indexOf(other)];
      return Promise.resolve(commits.slice(Math.min(a, b), Math.min(a, b) + 1));
    },
  };
}

const CASES: readonly {
  readonly name: string;
  readonly line: Line;
  readonly inForce?: CommitId;
  readonly commit: CommitId;
  readonly isRefused: boolean;
}[] = [
  {
    name: "is the newest commit when that is signed",
    line: { commits: ["a", "b"], signed: ["b"] },
    inForce: "a",
    commit: "b",
    isRefused: false,
  },
  {
    name: "stays what is in force below an unsigned one",
    line: { commits: ["a", "b"], signed: ["a"] },
    inForce: "a",
    commit: "a",
    isRefused: true,
  },
  {
    name: "moves to a signed one that came with an unsigned one",
    line: { commits: ["a", "b", "c"], signed: ["a", "b"] },
    inForce: "a",
    commit: "b",
    isRefused: true,
  },
  {
    name: "stays when history is rewritten below an unsigned one",
    line: { commits: ["a", "z"], signed: ["a"] },
    inForce: "b",
    commit: "b",
    isRefused: true,
  },
  {
    name: "goes back to nothing older, whoever pushes it there",
    line: { commits: ["a", "b", "c"], signed: ["a"] },
    inForce: "b",
    commit: "b",
    isRefused: true,
  },
  {
    name: "is the newest signed one where nothing is in force",
    line: { commits: ["a", "b", "c"], signed: ["a"] },
    commit: "a",
    isRefused: true,
  },
  {
    name: "stays when nothing at all is signed any more",
    line: { commits: ["x"], signed: [] },
    inForce: "a",
    commit: "a",
    isRefused: true,
  },
];

for (const { name, line, inForce, commit, isRefused } of CASES) {
  Deno.test(`the head of a branch that must be signed ${name}`, async () => {
    const head = await signedHead(repositoryOf(line), { ref: "main", inForce }, { signal });
    deepEqual([head?.commit, head?.refused !== undefined], [commit, isRefused]);
  });
}

Deno.test("the head of a branch of which nothing is signed is none", async () => {
  const repository = repositoryOf({ commits: ["a"], signed: [] });
  const asked = { ref: "main", inForce: undefined };
  await rejects(signedHead(repository, asked, { signal }), { code: "unverified" });
});

Deno.test("an older commit may run when it is signed itself", async () => {
  const repository = repositoryOf({ commits: ["a", "b"], signed: ["a"] });
  equal(await isSigned(repository, "a", { signal }), true);
  equal(await isSigned(repository, "b", { signal }), false);
});
