// SPDX-License-Identifier: Apache-2.0

import { open, readdir, realpath, stat } from "node:fs/promises";
import { join, normalize, sep } from "node:path";
import { isDefinitionFile, type SourceFile } from "../language/mod.ts";
import type { Abortable, SkippedEntry } from "../runtime/ports.ts";

/** How much is read. */
export interface FileLimits {
  readonly maxFiles: number;
  /** Bytes of all files together. */
  readonly maxBytes: number;
  /** Directories within each other. */
  readonly maxDepth: number;
}

/** What is read when nothing else is said. */
const DEFAULT_FILE_LIMITS: FileLimits = {
  maxFiles: 20_000,
  maxBytes: 256 * 1024 * 1024,
  maxDepth: 50,
};

/** What was found at the paths. */
export interface FoundFiles {
  /** In the order of the paths, within a directory by name. */
  readonly files: readonly SourceFile[];
  /** Named or found, but not to be read; each is a fault. */
  readonly unreadable: readonly SkippedEntry[];
  /** Left out on purpose; worth a word, no fault. */
  readonly skipped: readonly SkippedEntry[];
}

/** Thrown when the paths hold more than is read at once. */
export class FileLimitError extends Error {
  override readonly name = "FileLimitError";
  constructor(readonly limit: keyof FileLimits, message: string) {
    super(message);
  }
}

/** One byte more than a file of definitions may have: enough for the language to refuse it. */
const READ_AT_MOST = 16 * 1024 * 1024 + 1;

interface Search extends Abortable {
  readonly limits: FileLimits;
  readonly files: SourceFile[];
  readonly unreadable: SkippedEntry[];
  readonly skipped: SkippedEntry[];
  /** Real paths read so far: a file that two names lead to is read once. */
  readonly seen: Set<string>;
  bytes: number;
}

/**
 * Reads the definition files at some paths (SD-1).
 *
 * A file that is named is read whatever its suffix; of a directory, recursively, those with the
 * suffixes of definitions. Below a directory a link to a file is followed as long as it stays
 * within that directory, a link to a directory is not. Directories whose name begins with `..`,
 * as mounted ConfigMaps have them, and `.git` are left out.
 *
 * @param paths Files and directories
 * @returns Paths as given, with what lies below joined to them
 * @throws {FileLimitError} If there is more than the limits allow
 */
export async function readDefinitionFiles(
  paths: readonly string[],
  options: Abortable & { readonly limits?: Partial<FileLimits> },
): Promise<FoundFiles> {
  const limits = { ...DEFAULT_FILE_LIMITS, ...options.limits };
  const search: Search = {
    signal: options.signal,
    limits,
    files: [],
    unreadable: [],
    skipped: [],
    seen: new Set(),
    bytes: 0,
  };
  for (const path of paths) await readNamed(search, normalize(path));
  const { files, unreadable, skipped } = search;
  return { files, unreadable, skipped };
}

async function readNamed(search: Search, path: string): Promise<void> {
  await reportingFailure(search, path, async () => {
    const root = await realpath(path);
    if ((await stat(root)).isDirectory()) await readDirectory(search, path, { root, depth: 0 });
    else await readFile(search, path);
  });
}

interface Place {
  /** Real path of the directory that was named. */
  readonly root: string;
  readonly depth: number;
}

async function readDirectory(search: Search, path: string, place: Place): Promise<void> {
  search.signal.throwIfAborted();
  const entries = await readdir(path, { withFileTypes: true });
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  for (const entry of entries) {
    const inner = path === "." ? entry.name : join(path, entry.name);
    await reportingFailure(search, inner, async () => {
      if (entry.isSymbolicLink()) await readLink(search, inner, place);
      else if (entry.isDirectory()) {
        await enter(search, inner, { ...place, depth: place.depth + 1 });
      } else if (isDefinitionFile(entry.name)) await readFile(search, inner);
    });
  }
}

async function enter(search: Search, path: string, place: Place): Promise<void> {
  const name = path.slice(path.lastIndexOf(sep) + 1);
  if (name === ".git" || name.startsWith("..")) return;
  if (place.depth < search.limits.maxDepth) return await readDirectory(search, path, place);
  const reason = `the directory is deeper than ${search.limits.maxDepth} levels (maxDepth)`;
  search.unreadable.push({ path, reason });
}

async function readLink(search: Search, path: string, { root }: Place): Promise<void> {
  if (!isDefinitionFile(path)) return;
  const target = await realpath(path);
  if ((await stat(target)).isDirectory()) {
    search.skipped.push({ path, reason: "links to directories are not followed" });
  } else if (!target.startsWith(root.endsWith(sep) ? root : root + sep)) {
    search.skipped.push({ path, reason: "the link leads out of the directory" });
  } else {
    await readFile(search, path);
  }
}

async function readFile(search: Search, path: string): Promise<void> {
  search.signal.throwIfAborted();
  const target = await realpath(path);
  if (search.seen.has(target)) return;
  search.seen.add(target);
  if (!(await stat(target)).isFile()) {
    search.unreadable.push({ path, reason: "it is neither a file nor a directory" });
    return;
  }
  const bytes = await readBounded(target);
  search.bytes += bytes.length;
  search.files.push({ path, bytes });
  const { maxFiles, maxBytes } = search.limits;
  if (search.files.length > maxFiles) {
    throw new FileLimitError("maxFiles", `Cannot read more than ${maxFiles} files (maxFiles)`);
  }
  if (search.bytes > maxBytes) {
    throw new FileLimitError("maxBytes", `Cannot read more than ${maxBytes} bytes (maxBytes)`);
  }
}

async function readBounded(path: string): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(Math.min(size, READ_AT_MOST));
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await file.close();
  }
}

async function reportingFailure(
  search: Search,
  path: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    search.signal.throwIfAborted();
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    search.unreadable.push({ path, reason });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or directory",
  EACCES: "reading it is not permitted",
  EPERM: "reading it is not permitted",
  ELOOP: "its links lead in a circle",
  ENOTDIR: "a part of the path is not a directory",
  ENAMETOOLONG: "the path is too long",
  EIO: "the disk cannot read it",
};

function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  if (code === "NotCapable") return "Deno was not given the permission to read it";
  return REASONS[code];
}
