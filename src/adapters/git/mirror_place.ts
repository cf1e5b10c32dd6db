// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { TransportError } from "./failure.ts";

/** A directory for one mirror. */
export interface MirrorPlace {
  readonly directory: string;
  /** Gives the place up; a temporary one is removed. Again is harmless. */
  release(): void;
  /** Gives the place up and removes it, whatever it is. Again is harmless. */
  discard(): void;
}

/**
 * Finds a place for the mirror of an address: a temporary directory, or one below `cache` that is
 * kept. Each is locked, as two readers would remove each other's objects; the second one gets a
 * mirror of its own. What nobody holds and nobody will come back to is removed on this occasion:
 * temporary ones whose process was killed, and kept ones that were not used for a month.
 */
export async function openPlace(address: string, cache: string | undefined): Promise<MirrorPlace> {
  const opening = cache === undefined ? temporaryPlace() : keptPlace(address, cache);
  return await opening.catch((error: unknown) => {
    if (error instanceof TransportError) throw error;
    const why = error instanceof Error && error.name === "NotCapable"
      ? "Deno was not given the permission (--allow-write)"
      : error instanceof Error && "code" in error
      ? `the system says ${error.code}`
      : String(error);
    throw new TransportError("unauthorized", `its mirror cannot be written: ${why}`);
  });
}

const PREFIX = "koreo-mirror-";
/** In the directory itself, so that there is one thing to remove. */
const LOCK = "koreo.lock";
/** A directory without a lock is one that is just being made, unless it is as old as this. */
const MAX_MAKING_MS = 60_000;

async function temporaryPlace(): Promise<MirrorPlace> {
  await removeAbandoned(tmpdir());
  const directory = await mkdtemp(join(tmpdir(), PREFIX));
  const lock = await lockOf(join(directory, LOCK));
  const discard = () => removeNow(directory, lock);
  return { directory, release: discard, discard };
}

/** Removes temporary mirrors whose process is gone; others of the same machine may do so too. */
async function removeAbandoned(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(PREFIX))) {
    const directory = join(parent, name);
    // What belongs to somebody else, or is being removed, is left alone.
    await removeIfAbandoned(directory).catch(() => {});
  }
}

async function removeIfAbandoned(directory: string): Promise<void> {
  const path = join(directory, LOCK);
  const isLocked = await stat(path).then(() => true, () => false);
  if (!isLocked && Date.now() - (await stat(directory)).mtimeMs < MAX_MAKING_MS) return;
  const lock = await lockOf(path);
  if (lock === undefined) return;
  await rm(directory, { recursive: true, force: true });
  lock.close();
}

/** Mirrors of one address in one directory: for sources, or processes, that share both. */
const MAX_MIRRORS = 8;

async function keptPlace(address: string, cache: string): Promise<MirrorPlace> {
  const name = createHash("sha256").update(address).digest("hex").slice(0, 20);
  const parent = resolve(cache);
  await mkdir(parent, { recursive: true });
  for (const directory of await candidates(parent, name)) {
    const lock = await lockOf(`${directory}.lock`);
    if (lock === undefined) continue;
    await mkdir(directory, { recursive: true });
    await lock.utime(new Date(), new Date()); // when it was used last
    await removeUnused(parent);
    return {
      directory,
      release: () => unlock(lock),
      discard: () => removeNow(directory, lock),
    };
  }
  throw new TransportError(
    "unreachable",
    `all its ${MAX_MIRRORS} mirrors in "${cache}" are in use: give another directory (--git-cache)`,
  );
}

/** Those that are there come first. */
async function candidates(parent: string, name: string): Promise<readonly string[]> {
  const there = new Set(await readdir(parent));
  const all = Array.from(
    { length: MAX_MIRRORS },
    (_none, index) => index === 0 ? `${name}.git` : `${name}-${index + 1}.git`,
  );
  return [...all.filter((one) => there.has(one)), ...all.filter((one) => !there.has(one))]
    .map((one) => join(parent, one));
}

const KEPT = /^[0-9a-f]{20}(?:-\d)?\.git$/;
const MAX_UNUSED_MS = 30 * 24 * 60 * 60 * 1_000;

async function removeUnused(parent: string): Promise<void> {
  for (const name of (await readdir(parent)).filter((one) => KEPT.test(one))) {
    const directory = join(parent, name);
    const used = await stat(`${directory}.lock`).then(({ mtimeMs }) => mtimeMs, () => Date.now());
    if (Date.now() - used < MAX_UNUSED_MS) continue;
    const lock = await lockOf(`${directory}.lock`);
    if (lock !== undefined) removeNow(directory, lock);
  }
}

/** Held by an open file, so that it ends with the process however that ends. */
async function lockOf(path: string): Promise<Deno.FsFile | undefined> {
  const lock = await Deno.open(path, { create: true, write: true });
  if (await lock.tryLock(true)) return lock;
  lock.close();
  return undefined;
}

function unlock(lock: Deno.FsFile | undefined): void {
  try {
    lock?.close();
  } catch {
    // it was given up before
  }
}

function removeNow(directory: string, lock: Deno.FsFile | undefined): void {
  try {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // a git that is being ended still writes there; it is removed again when that is gone
  }
  unlock(lock);
}
