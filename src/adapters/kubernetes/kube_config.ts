// SPDX-License-Identifier: Apache-2.0

import type { Cluster, Context, User } from "@kubernetes/client-node/dist/config_types.js";

export type { Cluster, User };

/** What kubeconfig files say, or the account of a Pod. */
export interface KubeConfig {
  readonly clusters: readonly Cluster[];
  readonly users: readonly User[];
  readonly contexts: readonly Context[];
  /** Name of the context that counts; `""` when none is chosen. */
  readonly currentContext: string;
}

/** The context that counts; `undefined` when there is none of its name. */
export function currentContext({ contexts, currentContext }: KubeConfig): Context | undefined {
  return contexts.find(({ name }) => name === currentContext);
}

/** The cluster of the context that counts. */
export function currentCluster(config: KubeConfig): Cluster | undefined {
  const context = currentContext(config);
  return config.clusters.find(({ name }) => name === context?.cluster);
}

/** The user of the context that counts. */
export function currentUser(config: KubeConfig): User | undefined {
  const context = currentContext(config);
  return config.users.find(({ name }) => name === context?.user);
}
