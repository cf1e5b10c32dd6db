// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, rejects } from "node:assert/strict";
import { createMemoryFiles } from "../../../src/adapters/git/memory_files.ts";

Deno.test("A fork of memory files does not see what is written to the other", async () => {
  const one = createMemoryFiles();
  await one.promises.mkdir("/d");
  await one.promises.writeFile("/d/a", "1");
  const other = one.fork();
  await other.promises.writeFile("/d/a", "22");
  await other.promises.writeFile("/d/b", "3");
  await one.promises.unlink("/d/a");
  deepEqual(await one.promises.readdir("/d"), []);
  deepEqual(await other.promises.readdir("/d"), ["a", "b"]);
  equal(await other.promises.readFile("/d/a", "utf8"), "22");
  deepEqual([one.bytes, other.bytes], [0, 3]);
});

Deno.test("Memory files store what was written, not the buffer it was written from", async () => {
  const files = createMemoryFiles();
  const buffer = new TextEncoder().encode("xxhello");
  await files.promises.writeFile("/a", buffer.subarray(2));
  buffer.fill(0);
  equal(await files.promises.readFile("/a", { encoding: "utf8" }), "hello");
});

const REFUSALS = [
  { what: "reading what is missing", path: "/no", call: "readFile", code: "ENOENT" },
  { what: "reading a directory", path: "/d", call: "readFile", code: "EISDIR" },
  { what: "listing a file", path: "/d/a", call: "readdir", code: "ENOTDIR" },
  { what: "a path through a file", path: "/d/a/b", call: "stat", code: "ENOTDIR" },
  { what: "making what is there", path: "/d", call: "mkdir", code: "EEXIST" },
  { what: "removing a full directory", path: "/d", call: "rmdir", code: "ENOTEMPTY" },
  { what: "removing what is missing", path: "/d/no", call: "unlink", code: "ENOENT" },
  { what: "following a link", path: "/d/a", call: "readlink", code: "EINVAL" },
] as const;

for (const { what, path, call, code } of REFUSALS) {
  Deno.test(`Memory files refuse ${what} with ${code}`, async () => {
    const files = createMemoryFiles();
    await files.promises.mkdir("/d");
    await files.promises.writeFile("/d/a", "1");
    await rejects(files.promises[call](path), { code });
  });
}
