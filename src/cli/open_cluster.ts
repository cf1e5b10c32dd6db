// SPDX-License-Identifier: Apache-2.0

import { type HttpServer, serveLoopback } from "../adapters/http_server.ts";
import { systemClock, systemRandom } from "../adapters/system.ts";
import { type ClusterConnection, connectCluster } from "../adapters/kubernetes/mod.ts";
import { unreachable } from "../language/mod.ts";
import type { Cluster } from "../runtime/ports.ts";
import { createSimulator } from "../simulator/mod.ts";
import { UsageError } from "./command_io.ts";
import { DEFAULT_RECORD_NAMESPACE } from "./record_settings.ts";
import type { ClusterChoice } from "./cluster_choice.ts";

/** A cluster to work on, until it is closed. */
export interface OpenCluster {
  readonly cluster: Cluster;
  /** Base URL of its API server. */
  readonly server: string;
  close(): Promise<void>;
}

/**
 * Opens the cluster that was chosen.
 *
 * @throws {ClusterConfigError} If there is no usable configuration
 * @throws {UsageError} If the port of an embedded cluster cannot be had
 */
export async function openCluster(choice: ClusterChoice): Promise<OpenCluster> {
  switch (choice.type) {
    case "embedded":
      return openEmbeddedCluster(choice.port);
    default:
      return connected(await connectTo(choice));
  }
}

/** Where a cluster is, in plain data: another thread connects to it, too. */
export type ClusterPlace =
  | Exclude<ClusterChoice, { readonly type: "embedded" }>
  | { readonly type: "server"; readonly server: string };

/** The place of a cluster that was opened. */
export function placeOf(
  choice: ClusterChoice,
  { server }: Pick<OpenCluster, "server">,
): ClusterPlace {
  return choice.type === "embedded" ? { type: "server", server } : choice;
}

/**
 * Connects to a cluster.
 *
 * @throws {ClusterConfigError} If there is no usable configuration
 */
export function connectTo(place: ClusterPlace): Promise<ClusterConnection> {
  switch (place.type) {
    case "server":
      return connectCluster({ server: place.server });
    case "in-cluster":
      return connectCluster({ inCluster: true });
    case "kubeconfig": {
      const { file: kubeconfig, context } = place;
      return connectCluster({
        ...(kubeconfig === undefined ? {} : { kubeconfig }),
        ...(context === undefined ? {} : { context }),
      });
    }
    default:
      return unreachable(place);
  }
}

function connected(connection: Awaited<ReturnType<typeof connectCluster>>): OpenCluster {
  return {
    cluster: connection,
    server: connection.server,
    close: () => Promise.resolve(connection.close()),
  };
}

/** Those of a fresh cluster, and where the record lies. */
const EMBEDDED_NAMESPACES = [
  "default",
  "kube-node-lease",
  "kube-public",
  "kube-system",
  DEFAULT_RECORD_NAMESPACE,
];

/** A cluster in memory that kubectl can talk to on loopback. */
export function openEmbeddedCluster(port: number): OpenCluster {
  const simulator = createSimulator({
    clock: systemClock,
    random: systemRandom,
    namespaces: EMBEDDED_NAMESPACES,
  });
  const http = serveAt(port, simulator.serve);
  return {
    cluster: simulator.cluster,
    server: http.url,
    async close() {
      simulator.close();
      await http.close();
    },
  };
}

function serveAt(port: number, handler: Parameters<typeof serveLoopback>[0]): HttpServer {
  try {
    return serveLoopback(handler, { port });
  } catch (error) {
    const reason = error instanceof Deno.errors.AddrInUse
      ? "another process listens on it"
      : error instanceof Deno.errors.PermissionDenied
      ? "listening on it is not permitted"
      : undefined;
    if (reason === undefined) throw error;
    throw new UsageError(
      `Cannot serve the embedded cluster on port ${port}: ${reason}; give --port another, or 0`,
    );
  }
}
