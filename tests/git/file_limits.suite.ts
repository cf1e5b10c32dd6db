// SPDX-License-Identifier: Apache-2.0

import { equal, match, rejects } from "node:assert/strict";
import fc from "fast-check";
import { openRepository } from "../../src/adapters/git/mod.ts";
import type { Repository } from "../../src/runtime/ports.ts";
import { hasCode } from "../contract/repository_contract.ts";
import { makeServedFixture, type ServedFixture } from "./served_fixture.ts";

const { signal } = new AbortController();
const LIMIT = 1_000;

async function opened(fixture: ServedFixture, backend: "isomorphic" | "git", maxFileBytes = LIMIT) {
  const repository = openRepository(fixture.url, { backend, limits: { maxFileBytes } });
  await repository.fetch({ signal });
  return Object.assign(repository, { [Symbol.dispose]: () => repository.close() });
}

async function blobsAt(repository: Repository, commit: string): Promise<readonly string[]> {
  return (await repository.files(commit, "", { signal })).files.map(({ blob }) => blob);
}

/** Files that differ a little, which git stores as deltas of each other. */
function versionsOf(size: number): Record<string, string> {
  const versions = [0, 1, 2].map((at) => [`v${at}.yaml`, "line of a text\n".repeat(size) + at]);
  return Object.fromEntries(versions);
}

for (const backend of ["isomorphic", "git"] as const) {
  Deno.test(`Files are given or refused by their size, read by ${backend}, plain and as deltas`, async () => {
    await using fixture = await makeServedFixture();
    const files = {
      "a.yaml": "",
      "b.yaml": "x".repeat(LIMIT),
      ...versionsOf(100),
      ...versionsOf(50),
    };
    const commit = await fixture.commit("main", { files });
    await fixture.git("repack", "-adfq", "--window=10");
    const sizes = fc.integer({ min: 0, max: 1_600 });
    await fc.assert(
      fc.asyncProperty(sizes, async (limit) => {
        using repository = await opened(fixture, backend, limit);
        for (const { path, blob } of (await repository.files(commit, "", { signal })).files) {
          const size = Object.entries(files).find(([name]) => name === path)?.[1].length ?? NaN;
          if (size <= limit) equal((await repository.read(blob, { signal })).length, size);
          else {
            await rejects(repository.read(blob, { signal }), (error) => {
              hasCode("limit-exceeded")(error);
              match(String(error), new RegExp(`has ${size} bytes, more than ${limit} \\(maxFileB`));
              return true;
            });
          }
        }
      }),
      { numRuns: 8, examples: [[1_000], [999], [1_501], [1_500]] },
    );
  });

  Deno.test(`A tag of a file beyond the limit leads to no commit, and holds no fetch up, read by ${backend}`, async () => {
    await using fixture = await makeServedFixture();
    const commit = await fixture.commit("main", { files: { "a.yaml": "a: 1\n" } });
    const large = await fixture.store("blob", new Uint8Array(LIMIT + 1));
    for (const annotated of [false, true]) {
      await fixture.tag(`large-${annotated}`, large, { annotated });
    }
    await fixture.tag("good", commit);
    using repository = await opened(fixture, backend);
    equal(await repository.resolve("large-false", { signal }), undefined);
    equal(await repository.resolve("large-true", { signal }), undefined);
    equal(await repository.resolve(large, { signal }), undefined);
    equal(await repository.resolve("good", { signal }), commit);
    const [blob = ""] = await blobsAt(repository, commit);
    equal((await repository.read(blob, { signal })).length, 5);
    await rejects(repository.read(large, { signal }), hasCode("limit-exceeded"));
    await fixture.commit("main", { files: { "a.yaml": "a: 2\n" } });
    await repository.fetch({ signal });
  });
}
