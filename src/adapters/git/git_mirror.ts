// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Abortable, CommitId } from "../../runtime/ports.ts";
import { TransportError } from "./failure.ts";
import type { GitRun } from "./git_process.ts";
import type { RefListing } from "./prove_refs.ts";

/** A directory for one mirror. */
export interface MirrorPlace {
  readonly directory: string;
  /** Gives the place up; a temporary one is removed. Again is harmless. */
  release(): void;
}

/** Runs git in a mirror. */
export type RunGit = (
  args: readonly string[],
  options: Abortable & Partial<Pick<GitRun, "input" | "timeoutMs" | "maxBytes" | "goodCodes">>,
) => Promise<Uint8Array>;

/**
 * Finds a place for the mirror of an address: a temporary directory, or one below `cache` that is
 * kept. A kept one is locked, as two readers would remove each other's objects; the second one gets
 * a mirror of its own.
 */
export async function openPlace(address: string, cache: string | undefined): Promise<MirrorPlace> {
  return await makePlace(address, cache).catch((error: unknown) => {
    if (error instanceof TransportError) throw error;
    const why = error instanceof Error && error.name === "NotCapable"
      ? "Deno was not given the permission (--allow-write)"
      : error instanceof Error && "code" in error
      ? `the system says ${error.code}`
      : String(error);
    throw new TransportError("unauthorized", `its mirror cannot be written: ${why}`);
  });
}

async function makePlace(address: string, cache: string | undefined): Promise<MirrorPlace> {
  if (cache === undefined) {
    const directory = await mkdtemp(join(tmpdir(), "koreo-mirror-"));
    return { directory, release: () => removeNow(directory) };
  }
  const name = createHash("sha256").update(address).digest("hex").slice(0, 20);
  await mkdir(cache, { recursive: true });
  for (let number = 1; number <= MAX_MIRRORS; number++) {
    const directory = join(resolve(cache), number === 1 ? `${name}.git` : `${name}-${number}.git`);
    const lock = await lockOf(directory);
    if (lock === undefined) continue;
    await mkdir(directory, { recursive: true });
    return { directory, release: () => lock[Symbol.dispose]() };
  }
  throw new TransportError(
    "unreachable",
    `all its ${MAX_MIRRORS} mirrors in "${cache}" are in use: give another directory (--git-cache)`,
  );
}

/** Mirrors of one address in one directory: for sources, or processes, that share both. */
const MAX_MIRRORS = 8;

/** Held by an open file, so that it ends with the process however that ends. */
async function lockOf(directory: string): Promise<Deno.FsFile | undefined> {
  const lock = await Deno.open(`${directory}.lock`, { create: true, write: true });
  if (await lock.tryLock(true)) return lock;
  lock.close();
  return undefined;
}

function removeNow(directory: string): void {
  try {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // a git that is being ended still writes there; it is removed again when that is gone
  }
}

/** Makes the mirror in a directory, or finds it there; what a crash left half written goes. */
export async function openMirror(
  run: RunGit,
  directory: string,
  options: Abortable,
): Promise<ReadonlySet<string>> {
  const packs = join(directory, "objects", "pack");
  for (const name of await readdir(packs).catch(() => [])) {
    if (name.startsWith("tmp_")) await rm(join(packs, name), { force: true });
  }
  // Harmless for one that is there. No template: it could hold hooks.
  await run(["init", "--quiet", "--bare", "--template="], options);
  const kept = await run(["for-each-ref", "--format=%(objectname)", KEPT_REFS], options);
  return new Set(linesOf(kept));
}

/** Objects are kept by refs named after them: no name of the server's ever becomes a path. */
const KEPT_REFS = "refs/koreo/";

/** Lists the branches and tags of a server. */
export async function listRefs(
  run: RunGit,
  address: string,
  options: Abortable & { readonly maxRefs: number; readonly timeoutMs: number },
): Promise<RefListing> {
  const printed = await run(
    ["ls-remote", "--quiet", "--heads", "--tags", "--refs", "--", address],
    {
      ...options,
      maxBytes: options.maxRefs * MAX_REF_BYTES,
    },
  );
  const lines = linesOf(printed);
  if (lines.length > options.maxRefs) {
    const limit = `${options.maxRefs} (maxRefs)`;
    throw new TransportError("limit-exceeded", `it has ${lines.length} refs, more than ${limit}`);
  }
  const refs = lines.map(readRef);
  const below = (prefix: string) =>
    new Map(
      refs.filter(({ ref }) => ref.startsWith(prefix))
        .map(({ ref, id }) => [ref.slice(prefix.length), id]),
    );
  return { branches: below("refs/heads/"), tags: below("refs/tags/") };
}

const MAX_REF_BYTES = 400;

function readRef(line: string): { readonly id: string; readonly ref: string } {
  const [, id, ref] = /^([0-9a-f]{40})\t(refs\/(?:heads|tags)\/.+)$/.exec(line) ?? [];
  if (id !== undefined && ref !== undefined) return { id, ref };
  if (/^[0-9a-f]{64}\t/.test(line)) {
    throw new TransportError("no-such-repository", "SHA-256 repositories are not supported");
  }
  throw new TransportError("broken-transfer", "the server lists refs in an unknown form");
}

/** Brings objects and all that they reach. Names a server has no part in come of it. */
export async function fetchObjects(
  run: RunGit,
  request: { readonly address: string; readonly ids: readonly string[] },
  options: Abortable & { readonly timeoutMs: number },
): Promise<void> {
  await run(["fetch", ...FETCH_OPTIONS, "--stdin", "--", request.address], {
    ...options,
    input: request.ids.map((id) => `+${id}:${KEPT_REFS}${id}\n`).join(""),
  });
}

const FETCH_OPTIONS = [
  "--quiet",
  "--force",
  "--no-tags",
  "--no-write-fetch-head",
  "--no-recurse-submodules",
  "--no-auto-maintenance",
];

/** Lets go of objects that nothing names any more. */
export async function forgetObjects(
  run: RunGit,
  ids: readonly string[],
  options: Abortable,
): Promise<void> {
  if (ids.length === 0) return;
  const input = ids.map((id) => `delete ${KEPT_REFS}${id}\n`).join("");
  await run(["update-ref", "--stdin"], { ...options, input });
}

/** Packs, and refs in files of their own, after which they are put together. */
const MAX_PACKS = 50;

/** Every fetch adds a pack, and each one is looked through for every object. */
export async function tidyMirror(
  run: RunGit,
  directory: string,
  options: Abortable & { readonly timeoutMs: number },
): Promise<void> {
  const packs = await readdir(join(directory, "objects", "pack")).catch(() => []);
  if (packs.filter((name) => name.endsWith(".pack")).length <= MAX_PACKS) return;
  await run(["pack-refs", "--all"], options);
  await run(["repack", "-q", "-d", "--geometric=2"], options);
}

/** Bytes of what is being received. */
export async function incomingBytes(directory: string): Promise<number> {
  const packs = join(directory, "objects", "pack");
  const names = (await readdir(packs).catch(() => [])).filter((name) => name.startsWith("tmp_"));
  const sizes = names.map((name) => stat(join(packs, name)).then(({ size }) => size, () => 0));
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

function linesOf(printed: Uint8Array): readonly string[] {
  return new TextDecoder().decode(printed).split("\n").filter((line) => line !== "");
}

/** The best common ancestors, as git finds them. */
export async function mergeBasesOf(
  run: RunGit,
  ids: readonly [CommitId, CommitId],
  options: Abortable,
): Promise<readonly CommitId[]> {
  return linesOf(await run(["merge-base", "--all", ...ids], { ...options, goodCodes: [0, 1] }));
}
