// SPDX-License-Identifier: Apache-2.0

import { equal, rejects } from "node:assert/strict";
import { openRepository } from "../../src/adapters/git/mod.ts";
import { hasCode, testRepositoryContract } from "../contract/repository_contract.ts";
import { git } from "./http_backend.ts";
import { makeServedFixture } from "./served_fixture.ts";

const { signal } = new AbortController();

testRepositoryContract("Repository over HTTP", () => makeServedFixture());

testRepositoryContract("Local repository made by git", async () => {
  const fixture = await makeServedFixture();
  return { ...fixture, open: () => openRepository(fixture.path) };
});

for (const backend of ["isomorphic", "git"] as const) {
  Deno.test(`Of a shallow clone that is served, ${backend} tells why nobody can say where two branches met`, async () => {
    await using fixture = await makeServedFixture();
    const base = await fixture.commit("main", { files: { "a.yaml": "1" } });
    await fixture.setBranch("beta", base);
    const main = await fixture.commit("main", { files: { "a.yaml": "2" } });
    const beta = await fixture.commit("beta", { files: { "b.yaml": "1" } });
    const all = ["--depth", "1", "--no-single-branch", "--bare", "--quiet"];
    await git(`${fixture.path}/..`, "clone", ...all, `file://${fixture.path}`, "shallow.git");
    const url = fixture.url.replace("definitions.git", "shallow.git");
    const repository = openRepository(url, { backend });
    await repository.fetch({ signal });
    equal((await repository.files(main, "", { signal })).files.length, 1);
    const meeting = repository.mergeBases(main, beta, { signal });
    await rejects(meeting, /is cut off before commit [0-9a-f]{40}, as in a shallow clone/);
    await rejects(meeting, hasCode("no-such-revision"));
    repository.close();
  });
}
