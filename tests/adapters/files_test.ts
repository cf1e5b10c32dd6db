// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, rejects } from "node:assert/strict";
import { FileLimitError, readDefinitionFiles } from "../../src/adapters/files.ts";

const { signal } = new AbortController();

type Layout = Readonly<Record<string, string>>;

/** A temporary directory; `-> target` as content makes a link. */
async function layout(files: Layout): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "koreo-files-" }));
  for (const [name, content] of Object.entries(files)) {
    const target = `${path}/${name}`;
    await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    if (content.startsWith("-> ")) await Deno.symlink(content.slice(3), target);
    else await Deno.writeTextFile(target, content);
  }
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

async function found(path: string, names: readonly string[]) {
  const result = await readDefinitionFiles(names.map((name) => `${path}/${name}`), { signal });
  const short = (entry: { readonly path: string }) => entry.path.replace(`${path}/`, "");
  return {
    files: result.files.map(short),
    unreadable: result.unreadable.map((entry) => `${short(entry)}: ${entry.reason}`),
    skipped: result.skipped.map((entry) => `${short(entry)}: ${entry.reason}`),
  };
}

Deno.test("SD-1 reads the suffixes of definitions in directories, recursively and by name", async () => {
  await using place = await layout({
    "d/b.yaml": "",
    "d/a.yml": "",
    "d/sub/c.koreo": "",
    "d/sub/d.k": "",
    "d/e.k.yaml": "",
    "d/f.k.yml": "",
    "d/g.json": "",
    "d/yaml": "",
    "d/.git/x.yaml": "",
  });
  const { files } = await found(place.path, ["d"]);
  deepEqual(files, [
    "d/a.yml",
    "d/b.yaml",
    "d/e.k.yaml",
    "d/f.k.yml",
    "d/sub/c.koreo",
    "d/sub/d.k",
  ]);
});

Deno.test("SD-1 reads a file that is named whatever its suffix, and each file once", async () => {
  await using place = await layout({ "notes.txt": "a: 1", "d/a.yaml": "a: 2" });
  const { files } = await found(place.path, ["notes.txt", "d/a.yaml", "d", "notes.txt"]);
  deepEqual(files, ["notes.txt", "d/a.yaml"]);
});

Deno.test("Links below a directory are followed to files inside it and nowhere else", async () => {
  await using place = await layout({
    "outside.yaml": "secret",
    "d/real/a.yaml": "",
    "d/link.yaml": "-> real/a.yaml",
    "d/out.yaml": "-> ../outside.yaml",
    "d/dir.yaml": "-> real",
    "d/loop.yaml": "-> loop.yaml",
    "d/gone.yaml": "-> nothing",
  });
  deepEqual(await found(place.path, ["d"]), {
    files: ["d/link.yaml"],
    unreadable: [
      "d/gone.yaml: there is no such file or directory",
      "d/loop.yaml: its links lead in a circle",
    ],
    skipped: [
      "d/dir.yaml: links to directories are not followed",
      "d/out.yaml: the link leads out of the directory",
    ],
  });
});

Deno.test("A mounted ConfigMap is read once, under the names of its keys", async () => {
  await using place = await layout({
    "d/..2026_01/a.yaml": "",
    "d/..data": "-> ..2026_01",
    "d/a.yaml": "-> ..data/a.yaml",
  });
  deepEqual((await found(place.path, ["d"])).files, ["d/a.yaml"]);
});

Deno.test("A path that is missing is reported and the others are read", async () => {
  await using place = await layout({ "a.yaml": "" });
  const { files, unreadable } = await found(place.path, ["no.yaml", "a.yaml"]);
  deepEqual(files, ["a.yaml"]);
  deepEqual(unreadable, ["no.yaml: there is no such file or directory"]);
});

Deno.test("Reading files stops at its limits and names them", async () => {
  await using place = await layout({ "a.yaml": "12345", "b.yaml": "12345", "x/y/z/c.yaml": "" });
  const read = (limits: Record<string, number>) =>
    readDefinitionFiles([place.path], { signal, limits });
  await rejects(read({ maxFiles: 1 }), (error: FileLimitError) => error.limit === "maxFiles");
  await rejects(read({ maxBytes: 9 }), (error: FileLimitError) => error.limit === "maxBytes");
  const { files, unreadable } = await read({ maxDepth: 2 });
  equal(files.length, 2);
  equal(unreadable.length, 1);
});

Deno.test("Reading files rejects with the reason of an abort", async () => {
  const aborted = AbortSignal.abort(new RangeError("enough"));
  await rejects(readDefinitionFiles(["."], { signal: aborted }), { message: "enough" });
});
