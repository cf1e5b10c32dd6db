// SPDX-License-Identifier: Apache-2.0

/**
 * Runs every `*.suite.ts`: the suites that need Go, git and kubectl, which Deno does not collect
 * by itself. Builds the API server, starts one for all suites and ends it whatever happens.
 *
 * Usage: deno run -A tests/cluster/run.ts [FILE...] [-- OPTIONS OF deno test]
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { startApiServer } from "./api_server.ts";
import { buildBinaries, BuildError } from "./build_binaries.ts";
import { SHARED_CLUSTER_VARIABLE, sharedCluster } from "./test_cluster.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SUITE = /\.suite\.ts$/;

Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  try {
    const separator = args.indexOf("--");
    const named = separator < 0 ? args : args.slice(0, separator);
    const options = separator < 0 ? [] : args.slice(separator + 1);
    await requireGit();
    const binaries = await buildBinaries();
    await using server = await startApiServer(binaries);
    return await test({
      files: named.length > 0 ? named : await suitesBelow(`${ROOT}tests`),
      options,
      shared: JSON.stringify(sharedCluster(server, binaries.kubectl)),
    });
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    // deno-lint-ignore no-console
    console.error(error.message);
    return 1;
  }
}

interface TestRun {
  readonly files: readonly string[];
  readonly options: readonly string[];
  readonly shared: string;
}

async function test({ files, options, shared }: TestRun): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--quiet", ...options, ...files],
    cwd: ROOT,
    env: { [SHARED_CLUSTER_VARIABLE]: shared },
  }).spawn();
  // The suites hear the same signal from the terminal; wait for them, then end the server.
  const wait = (): void => {};
  Deno.addSignalListener("SIGINT", wait);
  try {
    return (await child.status).code;
  } finally {
    Deno.removeSignalListener("SIGINT", wait);
  }
}

async function requireGit(): Promise<void> {
  try {
    await new Deno.Command("git", { args: ["--version"], stdout: "null" }).output();
  } catch {
    throw new BuildError('Cannot run the suites: "git" was not found');
  }
}

async function suitesBelow(directory: string): Promise<readonly string[]> {
  const suites: string[] = [];
  for await (const entry of Deno.readDir(directory)) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory) suites.push(...await suitesBelow(path));
    else if (SUITE.test(entry.name)) suites.push(path);
  }
  return suites.sort();
}
