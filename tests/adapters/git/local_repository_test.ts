// SPDX-License-Identifier: Apache-2.0

import { equal, rejects } from "node:assert/strict";
import { commitFiles, createRepository, openRepository } from "../../../src/adapters/git/mod.ts";
import { hasCode, testRepositoryContract } from "../../contract/repository_contract.ts";
import { makeLocalFixture } from "./local_fixture.ts";

const { signal } = new AbortController();

testRepositoryContract("Local repository", makeLocalFixture);

Deno.test("Local repository with a work tree is read from its commits alone", async () => {
  await using place = await temporary();
  await createRepository(place.path);
  const first = await commitFiles(place.path, { message: "First", files: { "k/a.yaml": "a: 1" } });
  await Deno.writeTextFile(`${place.path}/k/a.yaml`, "a: not committed");
  const repository = openRepository(place.path);
  await repository.fetch({ signal });
  equal(await repository.resolve("main", { signal }), first);
  const { files } = await repository.files(first, "k", { signal });
  const content = await repository.read(files[0]?.blob ?? "", { signal });
  equal(new TextDecoder().decode(content), "a: 1");
});

Deno.test("commitFiles() changes and removes files", async () => {
  await using place = await temporary();
  await createRepository(place.path, { branch: "trunk" });
  await commitFiles(place.path, { message: "First", files: { "a.yaml": "a", "b/c.yaml": "c" } });
  const second = await commitFiles(place.path, {
    message: "Second",
    files: { "a.yaml": null, "b/c.yaml": "d" },
    timestamp: 1_700_000_000,
  });
  const repository = openRepository(`file://${place.path}`);
  await repository.fetch({ signal });
  equal(await repository.resolve("trunk", { signal }), second);
  const { files } = await repository.files(second, "", { signal });
  equal(files.map(({ path }) => path).join(), "b/c.yaml");
  equal((await repository.commit(second, { signal })).committedAt, 1_700_000_000);
});

const REFUSED = [
  { what: "a worktree", file: ".git", content: "gitdir: /elsewhere/.git/worktrees/x\n" },
  { what: "alternates", file: "objects/info/alternates", content: "/elsewhere/objects\n" },
  { what: "a partial clone", file: "config", content: '[remote "o"]\n\tpromisor = true\n' },
  { what: "SHA-256", file: "config", content: "[extensions]\n\tobjectFormat = sha256\n" },
  { what: "reftables", file: "config", content: "[extensions]\n\trefStorage = reftable\n" },
] as const;

for (const { what, file, content } of REFUSED) {
  Deno.test(`Local repository with ${what} is refused`, async () => {
    await using fixture = await makeLocalFixture();
    await fixture.commit("main", { files: { "a.yaml": "1" } });
    await Deno.mkdir(`${fixture.path}/objects/info`, { recursive: true });
    await Deno.writeTextFile(`${fixture.path}/${file}`, content);
    await rejects(fixture.open().fetch({ signal }), (error) => {
      hasCode("no-such-repository")(error);
      return /not supported/.test(String(error));
    });
  });
}

Deno.test("Local repository that is none is refused, and so is a missing path", async () => {
  await using place = await temporary();
  await rejects(openRepository(place.path).fetch({ signal }), hasCode("no-such-repository"));
  const missing = openRepository(`${place.path}/missing`).fetch({ signal });
  await rejects(missing, (error) => {
    hasCode("no-such-repository")(error);
    return String(error).includes("there is no such directory");
  });
});

Deno.test("Local repository reads packed refs, loose ones before them", async () => {
  await using fixture = await makeLocalFixture();
  const first = await fixture.commit("main", { files: { "a.yaml": "1" } });
  const second = await fixture.commit("main", { files: { "a.yaml": "2" } });
  const packed = `# pack-refs with: peeled fully-peeled sorted \n${first} refs/heads/main\n` +
    `${first} refs/heads/old\n${first} refs/tags/v1\n^${first}\n`;
  await Deno.writeTextFile(`${fixture.path}/packed-refs`, packed);
  const repository = fixture.open();
  await repository.fetch({ signal });
  equal(await repository.resolve("main", { signal }), second);
  equal(await repository.resolve("old", { signal }), first);
  equal(await repository.resolve("v1", { signal }), first);
});

Deno.test("Local repository waits for a ref that is being written", async () => {
  await using fixture = await makeLocalFixture();
  const id = await fixture.commit("main", { files: { "a.yaml": "1" } });
  const ref = `${fixture.path}/refs/heads/main`;
  await Deno.writeTextFile(ref, id.slice(0, 20));
  const repository = fixture.open();
  const fetching = repository.fetch({ signal });
  await Deno.writeTextFile(ref, `${id}\n`);
  await fetching;
  equal(await repository.resolve("main", { signal }), id);
  await Deno.writeTextFile(ref, "garbage");
  await rejects(repository.fetch({ signal }), hasCode("broken-transfer"));
  equal(await repository.resolve("main", { signal }), id);
});

async function temporary(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "koreo-git-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
