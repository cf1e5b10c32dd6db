// SPDX-License-Identifier: Apache-2.0

import { type GitHttpBackend, startGitHttpBackend } from "../git/http_backend.ts";

/** A repository of definitions that `git http-backend` serves, and a clone to commit in. */
export interface ServedRepository extends AsyncDisposable {
  /** `http://127.0.0.1:<port>/platform.git`. */
  readonly url: string;
  readonly backend: GitHttpBackend;
  /** Changes files by name, commits, pushes to `main` and returns the commit. */
  commit(message: string, edits: Readonly<Record<string, Edit>>): Promise<string>;
}

/** The new content of a file from its present one. */
export type Edit = (content: string) => string;

/** An edit that replaces the first occurrence of a text which must be there. */
export function replacing(before: string, after: string): Edit {
  return (content) => {
    if (!content.includes(before)) throw new RangeError(`Cannot find "${before}" to replace it`);
    return content.replace(before, () => after);
  };
}

const AUTHOR = {
  GIT_AUTHOR_NAME: "Platform",
  GIT_AUTHOR_EMAIL: "platform@example.com",
  GIT_COMMITTER_NAME: "Platform",
  GIT_COMMITTER_EMAIL: "platform@example.com",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
};

/** Serves the `*.k.yaml` files of a directory as the first commit, under `koreo/`. */
export async function serveRepository(definitions: URL): Promise<ServedRepository> {
  const root = await Deno.makeTempDir({ prefix: "koreo-repository-" });
  const clone = `${root}/clone`;
  await git(root, "init", "--quiet", "--bare", "--initial-branch=main", "platform.git");
  await git(root, "clone", "--quiet", "platform.git", "clone");
  await Deno.mkdir(`${clone}/koreo`);
  for await (const { name } of Deno.readDir(definitions)) {
    if (!name.endsWith(".k.yaml")) continue;
    await Deno.copyFile(new URL(name, definitions), `${clone}/koreo/${name}`);
  }
  await commitAndPush(clone, "The platform");
  const backend = startGitHttpBackend({ root });
  return {
    url: `${backend.url}/platform.git`,
    backend,
    async commit(message, edits) {
      for (const [name, edit] of Object.entries(edits)) {
        const path = `${clone}/koreo/${name}`;
        await Deno.writeTextFile(path, edit(await Deno.readTextFile(path)));
      }
      return await commitAndPush(clone, message);
    },
    async [Symbol.asyncDispose]() {
      await backend.close();
      await Deno.remove(root, { recursive: true });
    },
  };
}

async function commitAndPush(clone: string, message: string): Promise<string> {
  await git(clone, "add", "--all");
  await git(clone, "commit", "--quiet", "--message", message);
  await git(clone, "push", "--quiet", "origin", "HEAD:main");
  return (await git(clone, "rev-parse", "HEAD")).trim();
}

async function git(directory: string, ...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args: [...args],
    cwd: directory,
    env: AUTHOR,
  }).output();
  if (success) return new TextDecoder().decode(stdout);
  throw new TypeError(`git ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}
