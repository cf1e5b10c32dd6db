// SPDX-License-Identifier: Apache-2.0

import { isIPv6 } from "node:net";
import type { KubeConfig } from "./kube_config.ts";

/** Where a Pod finds the account it runs as. */
const DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount";
/** Ports on which an API server speaks plain HTTP. */
const PLAIN_PORTS = new Set(["80", "8080", "8001"]);

/** What Kubernetes puts into every Pod. */
export interface PodAccount {
  readonly host: string;
  readonly port: string;
  /** Where token, certificate and namespace are. */
  readonly directory: string;
}

/** What the environment tells of the Pod this runs in; `undefined` outside a cluster. */
export function podAccount(): PodAccount | undefined {
  const host = Deno.env.get("KUBERNETES_SERVICE_HOST");
  if (host === undefined) return undefined;
  return { host, port: Deno.env.get("KUBERNETES_SERVICE_PORT") ?? "443", directory: DIRECTORY };
}

/** The server and the account of a Pod. */
export function serviceAccountConfig({ host, port, directory }: PodAccount): KubeConfig {
  const scheme = PLAIN_PORTS.has(port) ? "http" : "https";
  const address = isIPv6(host) ? `[${host}]` : host;
  const namespace = readNamespace(directory);
  return {
    clusters: [{
      name: "inCluster",
      server: `${scheme}://${address}:${port}`,
      caFile: `${directory}/ca.crt`,
      skipTLSVerify: false,
    }],
    users: [{
      name: "inClusterUser",
      // As client-node has it: a file that is read again every minute, because tokens rotate.
      authProvider: { name: "tokenFile", config: { tokenFile: `${directory}/token` } },
    }],
    contexts: [{
      name: "inClusterContext",
      cluster: "inCluster",
      user: "inClusterUser",
      ...(namespace === undefined ? {} : { namespace }),
    }],
    currentContext: "inClusterContext",
  };
}

function readNamespace(directory: string): string | undefined {
  try {
    return Deno.readTextFileSync(`${directory}/namespace`);
  } catch {
    return undefined; // nobody must have one: commands that need a namespace ask for it
  }
}
