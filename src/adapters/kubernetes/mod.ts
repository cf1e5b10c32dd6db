// SPDX-License-Identifier: Apache-2.0

/**
 * The Cluster port over a real Kubernetes API.
 *
 * client-node reads the entries of a kubeconfig and gives credentials; everything else is raw JSON
 * over `fetch`, so that an object keeps every field it came with.
 *
 * @module
 */

export { ClusterConfigError, type ClusterConfigErrorCode } from "./cluster_config_error.ts";
export type { ClusterChoice } from "./cluster_config.ts";
export type { FinishedRequest } from "./api_transport.ts";
export {
  type ClusterConnection,
  type ClusterSettings,
  connectCluster,
  type ServerChoice,
} from "./connect_cluster.ts";
