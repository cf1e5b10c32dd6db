// SPDX-License-Identifier: Apache-2.0

/**
 * A connection to a Kubernetes API server, as the reconciler uses it.
 *
 * For programs of your own that run Koreo against a cluster: connect, then hand the connection to
 * what takes a `Cluster`. It is raw: objects keep every field, nothing is cached but discovery,
 * and nothing is retried but a request whose credentials had just been replaced.
 *
 * Deno permissions: `--allow-net` to the API server; for a kubeconfig also `--allow-read`,
 * `--allow-env` and, with a credential plug-in, `--allow-run` of it.
 *
 * @example Read a Deployment
 * ```ts ignore
 * import { connectCluster } from "@koreo/koreo-deno/kubernetes";
 *
 * using cluster = await connectCluster({ context: "staging" });
 * const options = { signal: AbortSignal.timeout(30_000) };
 * const type = await cluster.discover({ apiVersion: "apps/v1", kind: "Deployment" }, options);
 * if (type !== undefined) {
 *   const deployment = await cluster.get({ ...type, namespace: "team-a", name: "web" }, options);
 *   console.log(deployment?.metadata);
 * }
 * ```
 *
 * @module
 */

export {
  type ClusterChoice,
  ClusterConfigError,
  type ClusterConfigErrorCode,
  type ClusterConnection,
  type ClusterSettings,
  connectCluster,
  type FinishedRequest,
  type ServerChoice,
} from "./src/adapters/kubernetes/mod.ts";
export {
  type Abortable,
  type Cluster,
  ClusterError,
  type ClusterErrorDetails,
  type DeleteRequest,
  type KubernetesObject,
  type ObjectList,
  type ObjectPath,
  type PatchRequest,
  type PatchType,
  type ResourcePath,
  type ResourceType,
  type Selection,
  type WatchEvent,
  type WatchOptions,
} from "./src/runtime/ports.ts";
export type { JsonObject, JsonValue } from "./src/language/mod.ts";
