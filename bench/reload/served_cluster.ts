// SPDX-License-Identifier: Apache-2.0

import { openEmbeddedCluster } from "../../src/cli/open_cluster.ts";
import { RECORD_LABEL } from "../../src/controller/mod.ts";
import { isJsonObject } from "../../src/language/mod.ts";
import type { KubernetesObject } from "../../src/runtime/ports.ts";

/** A cluster that another process reaches. */
export interface ServedCluster extends AsyncDisposable {
  /** A file that leads to it. */
  readonly kubeconfig: string;
  /** How many channels are recorded there; with a commit those that have it in force. */
  readonly records: (commit?: string) => Promise<number>;
}

const CONFIG_MAPS = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" };
/** Port of loopback: any that is free. */
const ANY = 0;

/**
 * Serves an in-memory cluster from this process. In the process that is measured its watch history
 * would count, of which the record of what is in force makes hundreds of megabytes.
 */
export async function serveCluster(): Promise<ServedCluster> {
  const { cluster, server, close } = openEmbeddedCluster(ANY);
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
  async function heads(): Promise<readonly KubernetesObject[]> {
    const selection = { labelSelector: `${RECORD_LABEL}=channel` };
    const { signal } = new AbortController();
    return (await cluster.list(CONFIG_MAPS, selection, { signal })).items;
  }

  return {
    kubeconfig,
    records: async (commit = "") =>
      (await heads()).filter(({ data }) =>
        isJsonObject(data) && String(data["revision"]).includes(commit)
      ).length,
    async [Symbol.asyncDispose]() {
      await close();
      await Deno.remove(kubeconfig);
    },
  };
}
