// SPDX-License-Identifier: Apache-2.0

import type { Cluster } from "../../runtime/ports.ts";
import { createServerAccess, type ServerAccess } from "./access.ts";
import { createApiTransport, type FinishedRequest } from "./api_transport.ts";
import { type ClusterChoice, loadClusterConfig } from "./cluster_config.ts";
import { createKubernetesCluster } from "./kubernetes_cluster.ts";

/** How requests are made. */
export interface ClusterSettings {
  /** Longest wait for an answer, in milliseconds. Default: 10,000. */
  readonly requestTimeoutMs?: number;
  /** Longest silence of a watch, in milliseconds. Default: 150,000. */
  readonly watchIdleMs?: number;
  /** Told of every request when it is over, for metrics. Must not throw. */
  readonly onRequest?: (request: FinishedRequest) => void;
}

/** A server by its address, without a kubeconfig. */
export interface ServerChoice {
  /** Base URL, `http://127.0.0.1:8001`. */
  readonly server: string;
  /** Sent as bearer token. */
  readonly token?: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly certificateAuthority?: string;
}

/** A connected cluster. */
export interface ClusterConnection extends Cluster, Disposable {
  /** Base URL of its API server. */
  readonly server: string;
  /** Namespace that the configuration names; absent when it names none. */
  readonly namespace?: string;
  /** Ends everything that runs and closes all connections. */
  close(): void;
}

const REQUEST_TIMEOUT_MS = 10_000;
const WATCH_IDLE_MS = 150_000;
/** As client-go does: between 5 and 10 minutes, so that watches do not all end at once. */
const WATCH_SECONDS = 300;

/**
 * Connects to a cluster as a kubeconfig, a Pod's service account or an address says.
 *
 * Nothing is sent yet: a server that is away shows with the first request.
 *
 * @throws {ClusterConfigError} If there is no usable configuration
 */
// deno-lint-ignore require-await -- whoever waits for it may count on a rejection
export async function connectCluster(
  choice: ClusterChoice | ServerChoice,
  settings: ClusterSettings = {},
): Promise<ClusterConnection> {
  const access = "server" in choice ? fixedAccess(choice) : loadClusterConfig(choice);
  return connect(access, settings);
}

function connect(access: ServerAccess, settings: ClusterSettings): ClusterConnection {
  const { requestTimeoutMs, watchIdleMs, onRequest } = settings;
  const transport = createApiTransport(access, {
    requestTimeoutMs: requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    ...(onRequest === undefined ? {} : { onRequest }),
  });
  const cluster = createKubernetesCluster(transport, {
    watchIdleMs: watchIdleMs ?? WATCH_IDLE_MS,
    watchSeconds: () => WATCH_SECONDS * (1 + Math.random()),
  });
  return {
    ...cluster,
    server: access.server,
    ...(access.namespace === undefined ? {} : { namespace: access.namespace }),
    close: () => transport.close(),
    [Symbol.dispose]: () => transport.close(),
  };
}

function fixedAccess({ server, token, certificateAuthority }: ServerChoice): ServerAccess {
  const access = {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    caCertificates: certificateAuthority === undefined ? [] : [certificateAuthority],
  };
  return createServerAccess({ server: server.replace(/\/+$/, "") }, {
    ask: () => Promise.resolve(access),
    reload: () => {}, // there is nothing to read anew
  });
}
