// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";

/** The two programs that the cluster suites run. */
export interface ClusterBinaries {
  /** etcd, kube-apiserver and a few controllers in one process. */
  readonly apiServer: string;
  readonly kubectl: string;
}

/** Thrown when the programs cannot be built. */
export class BuildError extends Error {
  override readonly name = "BuildError";
}

const SOURCES = fileURLToPath(new URL("./kube-apiserver", import.meta.url));
const CACHE = fileURLToPath(new URL("../../.cache/kube-apiserver", import.meta.url));

const VERSION = "k8s.io/component-base/version";
const LINKER_FLAGS = [
  "-s -w",
  ...[
    "gitVersion=v1.34.4",
    "gitMajor=1",
    "gitMinor=34",
    "gitTreeState=clean",
    "gitCommit=unknown",
    "buildDate=1970-01-01T00:00:00Z",
  ].map((setting) => `-X ${VERSION}.${setting}`),
].join(" ");
const BUILD_FLAGS = ["build", "-buildvcs=false", "-trimpath", "-ldflags", LINKER_FLAGS];

/**
 * Builds both programs, unless they have been built from these very sources.
 *
 * @throws {BuildError} Without Go, or when the build fails
 */
export async function buildBinaries(): Promise<ClusterBinaries> {
  const directory = `${CACHE}/${await hashOfSources()}`;
  const binaries = {
    apiServer: `${directory}/kube-apiserver-test`,
    kubectl: `${directory}/kubectl`,
  };
  await Deno.mkdir(directory, { recursive: true });
  await build(".", binaries.apiServer);
  await build("./cmd/kubectl", binaries.kubectl);
  return binaries;
}

async function build(module: string, target: string): Promise<void> {
  if (await exists(target)) return;
  say(`building ${module} of tests/cluster/kube-apiserver (minutes at first, then seconds)`);
  const unfinished = `${target}.${crypto.randomUUID()}`;
  await runGo([...BUILD_FLAGS, "-o", unfinished, module]);
  await Deno.rename(unfinished, target); // whole or not there, whoever builds at the same time
}

async function runGo(args: readonly string[]): Promise<void> {
  const command = new Deno.Command("go", {
    args: [...args],
    cwd: SOURCES,
    env: { CGO_ENABLED: "0" },
    stdout: "inherit",
    stderr: "inherit",
  });
  const { success } = await command.output().catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new BuildError(
      'Cannot build the API server for tests: "go" was not found, and Go 1.24 or later is needed',
    );
  });
  if (!success) throw new BuildError("Cannot build the API server for tests: go build failed");
}

async function hashOfSources(): Promise<string> {
  const hash = createHash("sha256").update(BUILD_FLAGS.join("\n")).update(Deno.build.target);
  for (const file of (await sourceFiles(SOURCES)).sort()) {
    hash.update(`\n${file.slice(SOURCES.length)}\n`).update(await Deno.readFile(file));
  }
  return hash.digest("hex").slice(0, 16);
}

async function sourceFiles(directory: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(directory)) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory) files.push(...await sourceFiles(path));
    else if (/\.go$|^go\.(mod|sum)$/.test(entry.name)) files.push(path);
  }
  return files;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

function say(line: string): void {
  // deno-lint-ignore no-console
  console.error(`test:cluster: ${line}`);
}
