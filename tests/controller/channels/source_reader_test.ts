// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { createBranchPasts } from "../../../src/controller/channels/branch_past.ts";
import { createSourceReader } from "../../../src/controller/channels/source_reader.ts";
import { type Repository, RepositoryError } from "../../../src/runtime/ports.ts";
import { createMemoryRepository } from "./memory_repository.ts";

const options = { signal: new AbortController().signal };

function valueFunction(name: string, value: number): string {
  return `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: ${name}}
spec: {return: {value: ${value}}}
`;
}

/** Reads that repository; a content of "huge" is beyond its limit, and it counts how often it looks. */
function limited(repository: Repository) {
  const looked = { times: 0 };
  const read: Repository["read"] = (blob, { signal }) => {
    if (blob !== "huge") return repository.read(blob, { signal });
    looked.times++;
    const text = "Cannot read it: it has more bytes than 16777216 (maxFileBytes)";
    return Promise.reject(new RepositoryError("limit-exceeded", text));
  };
  return { looked, repository: { ...repository, read } };
}

Deno.test("A content that is too large is looked at once, however many names it has", async () => {
  const memory = createMemoryRepository();
  const names = Array.from({ length: 1_000 }, (_none, at) => `many/f${at}.k.yaml`);
  const head = memory.write({
    ...Object.fromEntries(names.map((name) => [name, "huge"])),
    "good.k.yaml": valueFunction("good", 1),
  });
  const { repository, looked } = limited(memory);
  const reader = createSourceReader({ repository, directory: "", namespace: "default" });
  const { files } = await reader.read(head, options);
  equal(files.filter(({ fault }) => fault?.code === "document-too-large").length, 1_000);
  equal(files.filter(({ fault }) => fault === undefined).length, 1);
  await reader.contents(head, options);
  equal(looked.times, 1);
});

Deno.test("What a commit of the past may have is limited as what is in force is", async () => {
  const memory = createMemoryRepository();
  const text = valueFunction("a", 1);
  const head = memory.write({ "a.k.yaml": text, "b.k.yaml": valueFunction("b", 2) });
  const [directory, namespace, maxBytes] = ["", "default", text.length + 1];
  const reader = createSourceReader({ repository: memory, directory, namespace, maxBytes });
  await rejects(reader.read(head, options), /maxBytes/);
  await rejects(reader.contents(head, options), /maxBytes/);
});

Deno.test("A commit beyond the limits says nothing of what its branch has held", async () => {
  const memory = createMemoryRepository();
  const [one, two] = [valueFunction("a", 1), valueFunction("a", 2)];
  const base = memory.write({ "a.k.yaml": one });
  memory.write({ "a.k.yaml": two });
  memory.write({ "b.k.yaml": two + valueFunction("c", 1).repeat(9) });
  const head = memory.write({ "a.k.yaml": one });
  const [directory, namespace, maxBytes] = ["", "default", 2 * two.length];
  const reader = createSourceReader({ repository: memory, directory, namespace, maxBytes });
  const past = await createBranchPasts(reader).of(head, base, options);
  const contents = await Promise.all(
    [base, head].map((commit) => reader.contents(commit, options)),
  );
  deepEqual(contents.map(({ definitions }) => definitions.size), [1, 1]);
  equal(past.hasHeld("ValueFunction/default/a", undefined), false);
  const [known] = [...contents[0]?.definitions.values() ?? []];
  equal(past.hasHeld("ValueFunction/default/a", known), true);
});

Deno.test("Others have their turn while a file of many documents is read", async () => {
  const memory = createMemoryRepository();
  const head = memory.write({ "a.k.yaml": `---\n${valueFunction("a", 1)}`.repeat(100) });
  let [now, turns] = [0, 0];
  const pace = {
    clock: { now: () => now++ },
    yieldNow: () => Promise.resolve(void turns++),
  };
  const [directory, namespace] = ["", "default"];
  const reader = createSourceReader({ repository: memory, directory, namespace, pace });
  const { files } = await reader.read(head, options);
  equal(files[0]?.documents.length, 100);
  ok(turns > 10, `${turns} turns`);
  const late = { signal: AbortSignal.abort("late") };
  const other = memory.write({ "b.k.yaml": `---\n${valueFunction("b", 1)}`.repeat(100) });
  await rejects(reader.read(other, late), (reason) => reason === "late");
});
