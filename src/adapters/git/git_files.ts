// SPDX-License-Identifier: Apache-2.0

/** The files of a repository. */
export interface GitFiles {
  /** The first bytes of a file, as many as there are; `undefined` when there is no such file. */
  readStart(path: string, count: number): Promise<Uint8Array | undefined>;
  /** The part of `node:fs/promises` that isomorphic-git reads and writes through. */
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
