// SPDX-License-Identifier: Apache-2.0

import { openEmbeddedCluster } from "../../src/cli/open_cluster.ts";

/** A cluster that another process reaches. */
export interface ServedCluster extends AsyncDisposable {
  /** A file that leads to it. */
  readonly kubeconfig: string;
}

/** Port of loopback: any that is free. */
const ANY = 0;

/**
 * Serves an in-memory cluster from this process. In the process that is measured its watch history
 * would count, of which the record of what is in force makes hundreds of megabytes.
 */
export async function serveCluster(): Promise<ServedCluster> {
  const { server, close } = openEmbeddedCluster(ANY);
  const kubeconfig = await Deno.makeTempFile({ suffix: ".json" });
  await Deno.writeTextFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "here",
      clusters: [{ name: "cluster", cluster: { server } }],
      users: [{ name: "user", user: {} }],
      contexts: [{ name: "here", context: { cluster: "cluster", user: "user" } }],
    }),
  );
  return {
    kubeconfig,
    async [Symbol.asyncDispose]() {
      await close();
      await Deno.remove(kubeconfig);
    },
  };
}
