// SPDX-License-Identifier: Apache-2.0

import { memberAt } from "../../language/mod.ts";
import type { Abortable, Cluster, KubernetesObject } from "../../runtime/ports.ts";

const DEPLOYMENTS = { apiVersion: "apps/v1", kind: "Deployment", plural: "deployments" };

/**
 * Plays the part of a cluster's nodes: whenever a Deployment lacks available replicas, its status
 * says after a moment that they run. The embedded cluster has no pods of its own.
 *
 * Resolves when aborted.
 */
export async function playKubelet(cluster: Cluster, options: Abortable): Promise<void> {
  const { resourceVersion } = await cluster.list(DEPLOYMENTS, {}, options);
  try {
    for await (const event of cluster.watch(DEPLOYMENTS, { resourceVersion }, options)) {
      if (event.type === "ADDED" || event.type === "MODIFIED") {
        await startReplicas(cluster, event.object, options);
      }
    }
  } catch (error) {
    if (!options.signal.aborted) throw error;
  }
}

async function startReplicas(
  cluster: Cluster,
  deployment: KubernetesObject,
  options: Abortable,
): Promise<void> {
  const wanted = memberAt(deployment, "spec", "replicas") ?? 1;
  if (memberAt(deployment, "status", "availableReplicas") === wanted) return;
  const { name, namespace } = deployment.metadata;
  await cluster.patch(
    { ...DEPLOYMENTS, name: String(name), namespace: String(namespace) },
    {
      type: "merge",
      subresource: "status",
      body: { status: { availableReplicas: wanted, readyReplicas: wanted, replicas: wanted } },
    },
    options,
  );
}
