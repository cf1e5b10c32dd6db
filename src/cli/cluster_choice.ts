// SPDX-License-Identifier: Apache-2.0

/** Which cluster the controller works on. */
export type ClusterChoice =
  | { readonly type: "kubeconfig"; readonly file?: string; readonly context?: string }
  | { readonly type: "in-cluster" }
  | { readonly type: "embedded"; readonly port: number };
