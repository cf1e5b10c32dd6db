// SPDX-License-Identifier: Apache-2.0

import fs from "node:fs";
import * as git from "isomorphic-git";
import { openRepository } from "../../../src/adapters/git/mod.ts";
import type { CommitChange, RepositoryFixture } from "../../contract/repository_contract.ts";

/** A bare repository in a temporary directory, written object by object. */
export async function makeLocalFixture(): Promise<RepositoryFixture & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "koreo-git-" });
  await git.init({ fs, gitdir: path, dir: path, bare: true, defaultBranch: "main" });
  const at = { fs, gitdir: path };
  return {
    path,
    open: () => openRepository(path),
    commit: (branch, change) => commitOn(path, branch, change),
    setBranch: (name, commit) =>
      git.writeRef({ ...at, ref: `refs/heads/${name}`, value: commit, force: true }),
    deleteBranch: async (name) => {
      await git.deleteRef({ ...at, ref: `refs/heads/${name}` });
      await removeEmptyParents(`${path}/refs/heads`, name);
    },
    tag: async (name, object, options = {}) => {
      if (options.annotated) {
        await git.annotatedTag({ ...at, ref: name, object, force: true, tagger: AUTHOR });
      } else {
        await git.tag({ ...at, ref: name, object, force: true });
      }
    },
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

const AUTHOR = { name: "Tess Ter", email: "tess@example.com", timezoneOffset: 0 };

async function commitOn(gitdir: string, branch: string, change: CommitChange): Promise<string> {
  const at = { fs, gitdir };
  const ref = `refs/heads/${branch}`;
  const tip = await git.resolveRef({ ...at, ref }).catch((error: unknown) => {
    if (error instanceof git.Errors.NotFoundError) return undefined;
    throw error;
  });
  const files = new Map<string, string>();
  if (tip !== undefined && change.parents?.length !== 0) {
    for (const path of await git.listFiles({ ...at, ref: tip })) {
      files.set(path, (await git.readBlob({ ...at, oid: tip, filepath: path })).oid);
    }
  }
  for (const [path, text] of Object.entries(change.files)) {
    if (text === null) files.delete(path);
    else files.set(path, await git.writeBlob({ ...at, blob: new TextEncoder().encode(text) }));
  }
  const person = { ...AUTHOR, timestamp: change.at ?? 1_600_000_000 };
  const commit = await git.writeCommit({
    ...at,
    commit: {
      message: change.message ?? "Change something\n",
      tree: await writeTree(gitdir, [...files]),
      parent: [...change.parents ?? (tip === undefined ? [] : [tip])],
      author: person,
      committer: person,
    },
  });
  await git.writeRef({ ...at, ref, value: commit, force: true });
  return commit;
}

async function writeTree(
  gitdir: string,
  files: readonly (readonly [string, string])[],
): Promise<string> {
  const tree: git.TreeEntry[] = [];
  const groups = Map.groupBy(files, ([path]) => path.includes("/") ? path.split("/")[0] : "");
  for (const [directory, inside] of groups) {
    if (directory) {
      const below = inside.map(([path, oid]) => [path.slice(directory.length + 1), oid] as const);
      tree.push({
        mode: "040000",
        path: directory,
        oid: await writeTree(gitdir, below),
        type: "tree",
      });
    } else {
      for (const [path, oid] of inside) tree.push({ mode: "100644", path, oid, type: "blob" });
    }
  }
  return await git.writeTree({ fs, gitdir, tree });
}

/** As git does: an empty directory would be in the way of a branch of its name. */
async function removeEmptyParents(root: string, name: string): Promise<void> {
  for (let path = name; path.includes("/");) {
    path = path.slice(0, path.lastIndexOf("/"));
    await Deno.remove(`${root}/${path}`).catch(() => {});
  }
}
