// SPDX-License-Identifier: Apache-2.0

import fs from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { CommitId } from "../../runtime/ports.ts";
import { loadGit } from "./load_git.ts";

/** A commit to be made. */
export interface CommitRequest {
  readonly message: string;
  /** Contents by path below the repository; `null` removes the file. */
  readonly files: Readonly<Record<string, string | Uint8Array | null>>;
  readonly author?: { readonly name: string; readonly email: string };
  /** Seconds since 1970; the present when absent. */
  readonly timestamp?: number;
}

const AUTHOR = { name: "koreo-deno", email: "koreo-deno@localhost" };

/** Makes an empty repository with a work tree in `directory`, which is created if need be. */
export async function createRepository(
  directory: string,
  options: { readonly branch?: string } = {},
): Promise<void> {
  const git = await loadGit();
  await mkdir(directory, { recursive: true });
  await git.init({ fs, dir: directory, defaultBranch: options.branch ?? "main" });
}

/**
 * Writes files to the work tree of a repository and commits them on its present branch.
 *
 * For demonstrations and tests: the product itself never writes to a repository.
 *
 * @returns The new commit
 */
export async function commitFiles(directory: string, request: CommitRequest): Promise<CommitId> {
  const git = await loadGit();
  for (const [path, content] of Object.entries(request.files)) {
    const target = join(directory, path);
    if (content === null) {
      await rm(target, { force: true });
      await git.remove({ fs, dir: directory, filepath: path });
      continue;
    }
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
    await git.add({ fs, dir: directory, filepath: path });
  }
  const { timestamp } = request;
  const author = { ...request.author ?? AUTHOR, ...(timestamp === undefined ? {} : { timestamp }) };
  return await git.commit({ fs, dir: directory, message: request.message, author });
}
