// SPDX-License-Identifier: Apache-2.0

/** The part of `node:fs/promises` that isomorphic-git reads and writes through. */
export interface GitFiles {
  readonly promises: {
    readFile(path: string, options?: ReadOptions): Promise<string | ArrayBuffer | Uint8Array>;
    writeFile(path: string, content: string | Uint8Array): Promise<void>;
    unlink(path: string): Promise<void>;
    readdir(path: string): Promise<string[]>;
    mkdir(path: string): Promise<void>;
    rmdir(path: string): Promise<void>;
    stat(path: string): Promise<FileStatus>;
    lstat(path: string): Promise<FileStatus>;
    readlink(path: string): Promise<string>;
    symlink(target: string, path: string): Promise<void>;
  };
}

type ReadOptions = string | { readonly encoding?: string | null } | null;

/** What isomorphic-git looks at in the answer of `stat`. */
export interface FileStatus {
  readonly size: number;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** Files in memory. */
export interface MemoryFiles extends GitFiles {
  /** Bytes held in files. */
  readonly bytes: number;
  /** A copy that shares the contents: what is written to one is not seen by the other. */
  fork(): MemoryFiles;
}

/** A failure with the code that POSIX gives it: isomorphic-git looks at nothing else. */
class FileSystemError extends Error {
  override readonly name = "FileSystemError";
  constructor(readonly code: string, path: string) {
    super(`${code}: ${path}`);
  }
}

type Entry = Directory | StoredFile;
interface Directory {
  readonly type: "directory";
  readonly entries: Map<string, Entry>;
}
interface StoredFile {
  readonly type: "file";
  readonly content: ArrayBuffer;
}

/**
 * A file system in memory for isomorphic-git: no links, no times, no permissions.
 *
 * Contents are handed out as the `ArrayBuffer` that is stored, which isomorphic-git wraps without
 * copying; nobody may write to it.
 */
export function createMemoryFiles(): MemoryFiles {
  return filesIn({ type: "directory", entries: new Map() });
}

function filesIn(root: Directory): MemoryFiles {
  const promises: GitFiles["promises"] = {
    readFile: (path, options) => settle(() => readFrom(root, path, options)),
    writeFile: (path, content) => settle(() => writeTo(root, path, content)),
    unlink: (path) => settle(() => removeFrom(root, path, "file")),
    rmdir: (path) => settle(() => removeFrom(root, path, "directory")),
    readdir: (path) => settle(() => [...directoryAt(root, path).entries.keys()]),
    mkdir: (path) => settle(() => makeDirectory(root, path)),
    stat: (path) => settle(() => statusOf(entryAt(root, path))),
    lstat: (path) => settle(() => statusOf(entryAt(root, path))),
    readlink: (path) => Promise.reject(new FileSystemError("EINVAL", path)),
    symlink: (_target, path) => Promise.reject(new FileSystemError("EPERM", path)),
  };
  return {
    promises,
    get bytes() {
      return bytesOf(root);
    },
    fork: () => filesIn(copyOf(root)),
  };
}

/** Runs now and reports as a promise does. */
function settle<T>(work: () => T): Promise<T> {
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(error);
  }
}

function copyOf(directory: Directory): Directory {
  const entries = new Map<string, Entry>();
  for (const [name, entry] of directory.entries) {
    entries.set(name, entry.type === "directory" ? copyOf(entry) : entry);
  }
  return { type: "directory", entries };
}

function bytesOf(entry: Entry): number {
  if (entry.type === "file") return entry.content.byteLength;
  return [...entry.entries.values()].reduce((sum, child) => sum + bytesOf(child), 0);
}

function segmentsOf(path: string): readonly string[] {
  return path.split("/").filter((segment) => segment !== "" && segment !== ".");
}

function entryAt(root: Directory, path: string): Entry {
  let entry: Entry = root;
  for (const segment of segmentsOf(path)) {
    if (entry.type !== "directory") throw new FileSystemError("ENOTDIR", path);
    const child: Entry | undefined = entry.entries.get(segment);
    if (child === undefined) throw new FileSystemError("ENOENT", path);
    entry = child;
  }
  return entry;
}

function directoryAt(root: Directory, path: string): Directory {
  const entry = entryAt(root, path);
  if (entry.type !== "directory") throw new FileSystemError("ENOTDIR", path);
  return entry;
}

function parentOf(root: Directory, path: string): { parent: Directory; name: string } {
  const segments = segmentsOf(path);
  const name = segments.at(-1);
  if (name === undefined) throw new FileSystemError("EINVAL", path);
  return { parent: directoryAt(root, segments.slice(0, -1).join("/")), name };
}

function readFrom(
  root: Directory,
  path: string,
  options: ReadOptions | undefined,
): string | ArrayBuffer {
  const entry = entryAt(root, path);
  if (entry.type !== "file") throw new FileSystemError("EISDIR", path);
  const encoding = typeof options === "string" ? options : options?.encoding;
  return encoding === "utf8" ? new TextDecoder().decode(entry.content) : entry.content;
}

function writeTo(root: Directory, path: string, content: string | Uint8Array): void {
  const { parent, name } = parentOf(root, path);
  if (parent.entries.get(name)?.type === "directory") throw new FileSystemError("EISDIR", path);
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  parent.entries.set(name, { type: "file", content: ownBuffer(bytes) });
}

/** The bytes as a buffer of their own; not copied when they fill theirs. */
function ownBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength) return buffer;
  return new Uint8Array(bytes).buffer;
}

function removeFrom(root: Directory, path: string, type: Entry["type"]): void {
  const { parent, name } = parentOf(root, path);
  const entry = parent.entries.get(name);
  if (entry === undefined) throw new FileSystemError("ENOENT", path);
  if (entry.type !== type) throw new FileSystemError(type === "file" ? "EISDIR" : "ENOTDIR", path);
  if (entry.type === "directory" && entry.entries.size > 0) {
    throw new FileSystemError("ENOTEMPTY", path);
  }
  parent.entries.delete(name);
}

function makeDirectory(root: Directory, path: string): void {
  const { parent, name } = parentOf(root, path);
  if (parent.entries.has(name)) throw new FileSystemError("EEXIST", path);
  parent.entries.set(name, { type: "directory", entries: new Map() });
}

function statusOf(entry: Entry): FileStatus {
  const isDirectory = entry.type === "directory";
  return {
    size: isDirectory ? 0 : entry.content.byteLength,
    isFile: () => !isDirectory,
    isDirectory: () => isDirectory,
    isSymbolicLink: () => false,
  };
}
