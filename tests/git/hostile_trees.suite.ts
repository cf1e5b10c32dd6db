// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { hasCode } from "../contract/repository_contract.ts";
import { makeServedFixture, type ServedFixture } from "./served_fixture.ts";

const { signal } = new AbortController();

/** An entry of a tree, written byte by byte: git itself refuses to make most of them. */
interface RawEntry {
  readonly mode: string;
  readonly name: string | Uint8Array;
  readonly id: string;
}

function treeOf(entries: readonly RawEntry[]): Uint8Array {
  const parts = entries.flatMap(({ mode, name, id }) => [
    ...new TextEncoder().encode(`${mode} `),
    ...typeof name === "string" ? new TextEncoder().encode(name) : name,
    0,
    ...Uint8Array.fromHex(id),
  ]);
  return new Uint8Array(parts);
}

async function commitTree(fixture: ServedFixture, entries: readonly RawEntry[]): Promise<string> {
  return await commitTreeId(fixture, await fixture.store("tree", treeOf(entries)));
}

async function commitTreeId(fixture: ServedFixture, tree: string): Promise<string> {
  const person = "Tess Ter <tess@example.com> 1600000000 +0000";
  const text = `tree ${tree}\nauthor ${person}\ncommitter ${person}\n\nHostile\n`;
  const id = await fixture.store("commit", new TextEncoder().encode(text));
  await fixture.setBranch("main", id);
  return id;
}

Deno.test("A hostile tree is read around what is not a plain file", async () => {
  await using fixture = await makeServedFixture();
  const id = await fixture.store("blob", new TextEncoder().encode("a: 1\n"));
  const inner = await fixture.store("tree", treeOf([{ mode: "100644", name: "x.yaml", id }]));
  const file = (name: string | Uint8Array): RawEntry => ({ mode: "100644", name, id });
  const commit = await commitTree(fixture, [
    file("plain.yaml"),
    { mode: "100755", name: "runnable.yaml", id },
    { mode: "120000", name: "link.yaml", id },
    { mode: "160000", name: "module", id },
    { mode: "100600", name: "strange-mode.yaml", id },
    { mode: "40000", name: ".git", id: inner },
    { mode: "40000", name: ".GIT", id: inner },
    { mode: "40000", name: "git~1", id: inner },
    file(".."),
    file("."),
    file("../up.yaml"),
    file("back\\slash.yaml"),
    file("bell\u0007.yaml"),
    file("\u202egnp.yaml"),
    file(new Uint8Array([0xff, 0xfe, 0x2e])),
    file("Plain.yaml"),
    file("plain.yaml"),
    file("caf\u00e9.yaml"),
    file("cafe\u0301.yaml"),
    { mode: "40000", name: "inside", id: inner },
  ]);
  const repository = fixture.open();
  await repository.fetch({ signal });
  const { files, skipped } = await repository.files(commit, "", { signal });
  deepEqual(files.map(({ path }) => path), [
    "plain.yaml",
    "runnable.yaml",
    "caf\u00e9.yaml",
    "inside/x.yaml",
  ]);
  equal(skipped.length, 16);
  match(skipped.map(({ path, reason }) => `${path}: ${reason}`).join("\n"), /link.yaml: symbolic/);
  await rejects(repository.files(commit, ".git", { signal }), hasCode("no-such-directory"));
  await rejects(repository.files(commit, "module", { signal }), hasCode("no-such-directory"));
});

Deno.test("A tree of a million files is refused at the limit, in little time", async () => {
  await using fixture = await makeServedFixture({ limits: { maxFiles: 5_000 } });
  let id = await fixture.store("blob", new TextEncoder().encode("a: 1\n"));
  for (let level = 0; level < 6; level++) {
    const mode = level === 0 ? "100644" : "40000";
    const entries = Array.from({ length: 10 }, (_, at) => ({ mode, name: `n${at}`, id }));
    id = await fixture.store("tree", treeOf(entries));
  }
  const commit = await commitTreeId(fixture, id);
  const repository = fixture.open();
  await repository.fetch({ signal });
  await rejects(repository.files(commit, "", { signal }), (error) => {
    hasCode("limit-exceeded")(error);
    return String(error).includes("more than 5000 files (maxFiles)");
  });
});

Deno.test("A tree of a thousand levels is read down to the limit", async () => {
  await using fixture = await makeServedFixture({ limits: { maxDepth: 20 } });
  const blob = await fixture.store("blob", new TextEncoder().encode("a: 1\n"));
  let id = await fixture.store("tree", treeOf([{ mode: "100644", name: "a.yaml", id: blob }]));
  for (let level = 0; level < 200; level++) {
    const entries = [
      { mode: "100644", name: "a.yaml", id: blob },
      { mode: "40000", name: "d", id },
    ];
    id = await fixture.store("tree", treeOf(entries));
  }
  const commit = await commitTreeId(fixture, id);
  const repository = fixture.open();
  await repository.fetch({ signal });
  const { files, skipped } = await repository.files(commit, "", { signal });
  equal(files.length, 20);
  deepEqual(skipped.map(({ reason }) => reason), [
    "the directory is deeper than 20 levels (maxDepth)",
  ]);
});

Deno.test("A tree that is no tree breaks the fetch and not what was there", async () => {
  await using fixture = await makeServedFixture();
  const first = await fixture.commit("main", { files: { "a.yaml": "1" } });
  const repository = fixture.open();
  await repository.fetch({ signal });
  const broken = await fixture.store("tree", new TextEncoder().encode("100644 cut"));
  await commitTreeId(fixture, broken);
  await rejects(repository.fetch({ signal }), hasCode("broken-transfer"));
  equal(await repository.resolve("main", { signal }), first);
});

Deno.test("A content above the limit is refused by itself", async () => {
  await using fixture = await makeServedFixture({ limits: { maxFileBytes: 1_000 } });
  const commit = await fixture.commit("main", {
    files: { "big.yaml": "x".repeat(2_000), "small.yaml": "x" },
  });
  const repository = fixture.open();
  await repository.fetch({ signal });
  const { files } = await repository.files(commit, "", { signal });
  const [big, small] = files;
  await rejects(repository.read(big?.blob ?? "", { signal }), hasCode("limit-exceeded"));
  equal((await repository.read(small?.blob ?? "", { signal })).length, 1);
});
