// SPDX-License-Identifier: Apache-2.0

import { openRepository, type SourceSettings } from "../../src/adapters/git/mod.ts";
import type { CommitChange, RepositoryFixture } from "../contract/repository_contract.ts";
import {
  type BackendOptions,
  git,
  type GitHttpBackend,
  startGitHttpBackend,
} from "./http_backend.ts";

/** A bare repository made by the git command, and the server in front of it. */
export interface ServedFixture extends RepositoryFixture {
  readonly server: GitHttpBackend;
  readonly url: string;
  /** Where the bare repository lies. */
  readonly path: string;
  /** Runs git in it. */
  git(...args: readonly string[]): Promise<string>;
  /** Stores an object and gives its id. */
  store(type: "blob" | "tree" | "commit", content: Uint8Array): Promise<string>;
}

/** Makes an empty repository and serves it. */
export async function makeServedFixture(
  settings: SourceSettings = {},
  options: Omit<BackendOptions, "root"> = {},
): Promise<ServedFixture> {
  const root = await Deno.makeTempDir({ prefix: "koreo-git-" });
  await git(root, "init", "-q", "--bare", "-b", "main", "definitions.git");
  const path = `${root}/definitions.git`;
  const server = startGitHttpBackend({ ...options, root });
  const url = `${server.url}/definitions.git`;
  const run = (...args: readonly string[]) => git(path, ...args);
  return {
    server,
    url,
    path,
    git: run,
    store: (type, content) => store(path, type, content),
    open: () => openRepository(url, settings),
    commit: (branch, change) => commitOn(path, branch, change),
    setBranch: async (name, commit) => void await run("update-ref", `refs/heads/${name}`, commit),
    deleteBranch: async (name) => void await run("update-ref", "-d", `refs/heads/${name}`),
    tag: async (name, commit, { annotated } = {}) =>
      void await run("tag", "-f", ...annotated ? ["-a", "-m", "a tag"] : [], name, commit),
    async [Symbol.asyncDispose]() {
      await server.close();
      await Deno.remove(root, { recursive: true });
    },
  };
}

/** Commits through `fast-import`: one process, no work tree. */
async function commitOn(path: string, branch: string, change: CommitChange): Promise<string> {
  const ref = `refs/heads/${branch}`;
  const tip = await git(path, "rev-parse", "--verify", "-q", ref).catch(() => undefined);
  const parents = change.parents ?? (tip === undefined ? [] : [tip]);
  const message = change.message ?? "Change something\n";
  const person = `Tess Ter <tess@example.com> ${change.at ?? 1_600_000_000} +0000`;
  const lines = [
    ...parents.length === 0 ? [`reset ${ref}`] : [],
    `commit ${ref}`,
    `author ${person}`,
    `committer ${person}`,
    `data ${byteLength(message)}\n${message}`,
    ...parents.map((id, index) => `${index === 0 ? "from" : "merge"} ${id}`),
    ...Object.entries(change.files).map(([file, text]) =>
      text === null ? `D ${file}` : `M 100644 inline ${file}\ndata ${byteLength(text)}\n${text}`
    ),
    "",
    "done\n",
  ];
  await pipe(path, ["fast-import", "--quiet", "--force", "--done"], lines.join("\n"));
  return await git(path, "rev-parse", ref);
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

async function store(path: string, type: string, content: Uint8Array): Promise<string> {
  return await pipe(path, ["hash-object", "-w", "--literally", "-t", type, "--stdin"], content);
}

async function pipe(
  path: string,
  args: readonly string[],
  input: string | Uint8Array,
): Promise<string> {
  const child = new Deno.Command("git", {
    args: ["-C", path, ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(typeof input === "string" ? new TextEncoder().encode(input) : input);
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  if (success) return new TextDecoder().decode(stdout).trim();
  throw new TypeError(`git ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
}
