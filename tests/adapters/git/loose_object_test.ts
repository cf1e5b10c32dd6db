// SPDX-License-Identifier: Apache-2.0

import { equal, rejects } from "node:assert/strict";
import fc from "fast-check";
import { openRepository } from "../../../src/adapters/git/mod.ts";
import { hasCode } from "../../contract/repository_contract.ts";
import { makeLocalFixture } from "./local_fixture.ts";

const { signal } = new AbortController();

/** A repository with one file, and where its content lies. */
async function makeLooseFile(content: string) {
  const fixture = await makeLocalFixture();
  const commit = await fixture.commit("main", { files: { "a.yaml": content } });
  const open = async (maxFileBytes: number) => {
    const repository = openRepository(fixture.path, { limits: { maxFileBytes } });
    await repository.fetch({ signal });
    return repository;
  };
  const { files } = await (await open(0)).files(commit, "", { signal });
  const blob = files[0]?.blob ?? "";
  return {
    path: `${fixture.path}/objects/${blob.slice(0, 2)}/${blob.slice(2)}`,
    read: async (maxFileBytes: number) => (await open(maxFileBytes)).read(blob, { signal }),
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  };
}

Deno.test("A file in an object of its own is given or refused, whatever its size and the limit", async () => {
  const sizes = fc.integer({ min: 0, max: 100_000 });
  await fc.assert(
    fc.asyncProperty(sizes, sizes, async (size, limit) => {
      await using file = await makeLooseFile("x".repeat(size));
      if (size <= limit) equal((await file.read(limit)).length, size);
      else await rejects(file.read(limit), hasCode("limit-exceeded"));
    }),
    { numRuns: 20 },
  );
});

Deno.test("A file in an object of its own is refused by the beginning of that object alone", async () => {
  const content = Array.from({ length: 5_000 }, (_none, at) => String(Math.sin(at))).join("\n");
  await using file = await makeLooseFile(content);
  const whole = await Deno.readFile(file.path);
  await Deno.remove(file.path);
  await Deno.writeFile(file.path, whole.fill(0xff, whole.length / 2));
  await rejects(file.read(1_000), (error) => {
    hasCode("limit-exceeded")(error);
    return String(error).includes(`it has ${content.length} bytes, more than 1000 (maxFileBytes)`);
  });
  await rejects(file.read(1_000_000), hasCode("broken-transfer"));
});

Deno.test("A file in an object that does not say how large it is is refused", async () => {
  await using file = await makeLooseFile("a: 1\n");
  for (const content of [new Uint8Array(), new Uint8Array(1_000).fill(0x78)]) {
    await Deno.remove(file.path);
    await Deno.writeFile(file.path, content);
    await rejects(file.read(1_000), hasCode("broken-transfer"));
  }
});
