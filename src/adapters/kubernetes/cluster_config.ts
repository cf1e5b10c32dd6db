// SPDX-License-Identifier: Apache-2.0

import type { KubeConfig } from "@kubernetes/client-node";
import { createServerAccess, type ServerAccess, type ServerAddress } from "./access.ts";
import { ClusterConfigError } from "./cluster_config_error.ts";
import { askKubeConfig } from "./kubeconfig_access.ts";
import {
  defaultKubeconfigFiles,
  type NewKubeConfig,
  readKubeconfigFiles,
} from "./kubeconfig_files.ts";

/** Which cluster is meant. */
export interface ClusterChoice {
  /** Kubeconfig file. Absent: `KUBECONFIG`, then `~/.kube/config`, then the Pod's own account. */
  readonly kubeconfig?: string;
  /** Context of the kubeconfig. Absent: its current one. */
  readonly context?: string;
  /** The service account of the Pod this runs in. */
  readonly inCluster?: boolean;
}

type KubeCluster = NonNullable<ReturnType<KubeConfig["getCurrentCluster"]>>;

/**
 * The server a configuration names, and its credentials.
 *
 * @throws {ClusterConfigError} If there is no usable configuration
 */
export async function loadClusterConfig(choice: ClusterChoice): Promise<ServerAccess> {
  // Imported late: it takes 90 MB, and commands without a cluster do without.
  const { KubeConfig } = await import("@kubernetes/client-node");
  const load = () => loadKubeConfig(choice, () => new KubeConfig());
  let config = load();
  return createServerAccess(serverAddress(config), {
    ask: () => askKubeConfig(config),
    reload: () => {
      config = load();
    },
  });
}

function loadKubeConfig(choice: ClusterChoice, newConfig: NewKubeConfig): KubeConfig {
  const config = choice.inCluster === true
    ? loadServiceAccount(newConfig)
    : loadFiles(choice, newConfig);
  if (choice.context !== undefined) config.setCurrentContext(choice.context);
  checkContext(config);
  return config;
}

function loadFiles({ kubeconfig }: ClusterChoice, newConfig: NewKubeConfig): KubeConfig {
  const files = kubeconfig === undefined ? defaultKubeconfigFiles() : [kubeconfig];
  const config = readKubeconfigFiles(files, newConfig);
  if (config !== undefined) return config;
  if (kubeconfig === undefined && Deno.env.get("KUBERNETES_SERVICE_HOST") !== undefined) {
    return loadServiceAccount(newConfig);
  }
  const looked = files.map((file) => `"${file}"`).join(", ") || "no place";
  throw new ClusterConfigError(
    "no-configuration",
    `Cannot find a kubeconfig: looked for ${looked}`,
  );
}

function loadServiceAccount(newConfig: NewKubeConfig): KubeConfig {
  if (Deno.env.get("KUBERNETES_SERVICE_HOST") === undefined) {
    throw new ClusterConfigError(
      "no-configuration",
      "Cannot use the service account of the Pod: KUBERNETES_SERVICE_HOST is not set, " +
        "so this does not run in a cluster",
    );
  }
  const config = newConfig();
  config.loadFromCluster();
  return config;
}

function checkContext(config: KubeConfig): void {
  const name = config.getCurrentContext();
  const context = name ? config.getContextObject(name) : null;
  if (context !== null) return;
  const known = config.getContexts().map((each) => `"${each.name}"`).join(", ") || "none";
  throw new ClusterConfigError(
    "no-such-context",
    name
      ? `Cannot use context "${name}": the kubeconfig has ${known}`
      : `Cannot choose a context: the kubeconfig names no current one, and has ${known}`,
  );
}

/** Where the server is, once it is clear that it can be reached as the configuration asks. */
function serverAddress(config: KubeConfig): ServerAddress {
  const cluster = config.getCurrentCluster();
  const context = config.getContextObject(config.getCurrentContext());
  if (cluster === null) {
    throw new ClusterConfigError(
      "no-such-cluster",
      `Cannot use context "${context?.name}": the kubeconfig has no cluster "${context?.cluster}"`,
    );
  }
  refuseUnsupported(cluster);
  return {
    server: baseUrl(cluster),
    ...(context?.namespace ? { namespace: context.namespace } : {}),
    ...(cluster.proxyUrl ? { proxyUrl: cluster.proxyUrl } : {}),
  };
}

/** Deno's HTTP client always checks a server's certificate, and against its own name. */
function refuseUnsupported(cluster: KubeCluster): void {
  const isPlain = cluster.server.startsWith("http:");
  const setting = cluster.skipTLSVerify && !isPlain
    ? "insecure-skip-tls-verify"
    : cluster.tlsServerName
    ? "tls-server-name"
    : undefined;
  if (setting === undefined) return;
  throw new ClusterConfigError(
    "unsupported",
    `Cannot connect to cluster "${cluster.name}" with ${setting}: give its certificate-authority ` +
      "and a server name that its certificate covers",
  );
}

function baseUrl({ name, server }: KubeCluster): string {
  const url = URL.parse(server);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new ClusterConfigError(
      "malformed",
      `Cannot connect to cluster "${name}": its server must be an http or https URL ` +
        "without credentials",
    );
  }
  return url.href.replace(/\/+$/, "");
}
