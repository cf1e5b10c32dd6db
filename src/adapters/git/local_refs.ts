// SPDX-License-Identifier: Apache-2.0

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Abortable } from "../../runtime/ports.ts";
import { TransportError } from "./failure.ts";
import type { RefListing } from "./prove_refs.ts";

/**
 * The branches and tags of a repository on disk, loose before packed.
 *
 * The library reads `packed-refs` anew for every ref; thousands of them take seconds that way.
 *
 * @returns Tags with the objects they name, not yet followed to commits
 */
export async function readLocalRefs(
  gitdir: string,
  options: Abortable & { readonly maxRefs: number },
): Promise<RefListing> {
  const refs = packedRefs(await textOf(join(gitdir, "packed-refs")) ?? "");
  for (const directory of ["refs/heads", "refs/tags"]) {
    for (const [name, id] of await looseRefs(gitdir, directory, options)) refs.set(name, id);
  }
  if (refs.size > options.maxRefs) {
    const limit = `${options.maxRefs} (maxRefs)`;
    throw new TransportError("limit-exceeded", `it has ${refs.size} refs, more than ${limit}`);
  }
  return { branches: below(refs, "refs/heads/"), tags: below(refs, "refs/tags/") };
}

function below(refs: ReadonlyMap<string, string>, prefix: string): ReadonlyMap<string, string> {
  const found = [...refs].filter(([name]) => name.startsWith(prefix));
  return new Map(found.map(([name, id]) => [name.slice(prefix.length), id]));
}

function packedRefs(text: string): Map<string, string> {
  const refs = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, id, name] = /^([0-9a-f]{40}) (refs\/\S+)$/.exec(line.trimEnd()) ?? [];
    if (id !== undefined && name !== undefined) refs.set(name, id);
  }
  return refs;
}

async function looseRefs(
  gitdir: string,
  directory: string,
  { signal }: Abortable,
): Promise<readonly (readonly [string, string])[]> {
  signal.throwIfAborted();
  const entries = await readdir(join(gitdir, directory), { withFileTypes: true })
    .catch(ignoreMissing) ?? [];
  const found: (readonly [string, string])[] = [];
  for (const entry of entries) {
    const name = `${directory}/${entry.name}`;
    if (entry.isDirectory()) found.push(...await looseRefs(gitdir, name, { signal }));
    const id = entry.isFile() ? await looseRef(gitdir, name) : undefined;
    if (id !== undefined) found.push([name, id]);
  }
  return found;
}

/** A symbolic ref below `refs/heads` names another one that is listed by itself: left out. */
async function looseRef(gitdir: string, name: string): Promise<string | undefined> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const text = (await textOf(join(gitdir, name)))?.trim();
    if (text === undefined || text.startsWith("ref:")) return undefined;
    if (/^[0-9a-f]{40}$/.test(text)) return text;
    // Some programs write a ref in place: what is half written now is whole in a moment.
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new TransportError("broken-transfer", `"${name}" does not hold a commit`);
}

const MAX_ATTEMPTS = 5;
const PAUSE_MS = 20;

async function textOf(path: string): Promise<string | undefined> {
  return await readFile(path, "utf8").catch(ignoreMissing);
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}
