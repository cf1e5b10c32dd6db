// SPDX-License-Identifier: Apache-2.0

import { PATIENCE_MS } from "../until.ts";
import { type ApiServer, startApiServer } from "./api_server.ts";
import { buildBinaries } from "./build_binaries.ts";

/** The API server that a suite works on, and kubectl for it. */
export interface TestCluster extends AsyncDisposable {
  readonly url: string;
  /** Kubeconfig file of the administrator. */
  readonly kubeconfig: string;
  /** kubectl as the administrator; fails the test when kubectl fails. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** A new namespace of a test's own. */
  createNamespace(prefix: string): Promise<string>;
  /** A kubeconfig file for a service account; see {@linkcode ServiceAccountChoice}. */
  serviceAccountKubeconfig(account: ServiceAccountChoice): Promise<string>;
  close(): Promise<void>;
}

/** Which service account, and for how long its token is good. */
export interface ServiceAccountChoice {
  readonly namespace: string;
  readonly name: string;
  /** Where to write the kubeconfig. */
  readonly file: string;
}

/** So long kubectl waits for what happens on the server; it gives up after 30 s by itself. */
export const KUBECTL_PATIENCE = `--timeout=${PATIENCE_MS / 1_000}s`;

/** Thrown when kubectl fails. */
export class KubectlError extends Error {
  override readonly name = "KubectlError";
  constructor(readonly args: readonly string[], readonly stderr: string) {
    super(`kubectl ${args.join(" ")}: ${stderr.trim()}`);
  }
}

/** How `run.ts` hands its server to the suites: one server for all of them. */
export const SHARED_CLUSTER_VARIABLE = "KOREO_TEST_CLUSTER";

interface SharedCluster {
  readonly url: string;
  readonly kubeconfig: string;
  readonly kubectl: string;
}

/** The server that `run.ts` started, else one of our own, which `close()` ends. */
export async function openTestCluster(): Promise<TestCluster> {
  const shared = Deno.env.get(SHARED_CLUSTER_VARIABLE);
  if (shared !== undefined) return testCluster(JSON.parse(shared), () => Promise.resolve());
  const binaries = await buildBinaries();
  const server = await startApiServer(binaries);
  return testCluster(sharedCluster(server, binaries.kubectl), () => server.close());
}

/** A server of a test's own, which it may stop and start again. */
export async function openOwnCluster(): Promise<TestCluster & { readonly server: ApiServer }> {
  const binaries = await buildBinaries();
  const server = await startApiServer(binaries);
  const cluster = testCluster(sharedCluster(server, binaries.kubectl), () => server.close());
  return { ...cluster, server };
}

/** What a suite in another process needs to know of a server. */
export function sharedCluster(server: ApiServer, kubectl: string): SharedCluster {
  return { url: server.url, kubeconfig: server.kubeconfig, kubectl };
}

function testCluster(shared: SharedCluster, close: () => Promise<void>): TestCluster {
  const kubectl = (args: readonly string[], input = "") => runKubectl(shared, args, input);
  return {
    url: shared.url,
    kubeconfig: shared.kubeconfig,
    kubectl,
    async createNamespace(prefix) {
      const name = `${prefix}-${crypto.randomUUID().slice(0, 8)}`;
      await kubectl(["create", "namespace", name]);
      return name;
    },
    async serviceAccountKubeconfig({ namespace, name, file }) {
      const token = await kubectl(["create", "token", name, "--namespace", namespace]);
      await Deno.writeTextFile(file, await withToken(shared, token.trim()), { mode: 0o600 });
      return file;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function runKubectl(
  shared: SharedCluster,
  args: readonly string[],
  input: string,
): Promise<string> {
  const child = new Deno.Command(shared.kubectl, {
    args: ["--kubeconfig", shared.kubeconfig, ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // A command that reads no input may end before it is written.
  const written = writer.write(new TextEncoder().encode(input)).then(() => writer.close())
    .catch(() => {});
  const { success, stdout, stderr } = await child.output();
  await written;
  if (!success) throw new KubectlError(args, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** The administrator's kubeconfig with another token: JSON, which is YAML too. */
async function withToken(shared: SharedCluster, token: string): Promise<string> {
  const view = await runKubectl(
    shared,
    ["config", "view", "--raw", "--flatten", "-o", "json"],
    "",
  );
  const config = JSON.parse(view);
  return JSON.stringify({
    ...config,
    users: config.users.map((user: { readonly name: string }) => ({
      name: user.name,
      user: { token },
    })),
  });
}
