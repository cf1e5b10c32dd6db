// SPDX-License-Identifier: Apache-2.0

import { createServerAccess, type ServerAccess, type ServerAddress } from "./access.ts";
import { ClusterConfigError } from "./cluster_config_error.ts";
import { type Cluster, currentCluster, currentContext, type KubeConfig } from "./kube_config.ts";
import { kubeConfigAccess } from "./kubeconfig_access.ts";
import { defaultKubeconfigFiles, readKubeconfigFiles } from "./kubeconfig_files.ts";
import { podAccount, serviceAccountConfig } from "./service_account.ts";

/** Which cluster is meant. */
export interface ClusterChoice {
  /** Kubeconfig file. Absent: `KUBECONFIG`, then `~/.kube/config`, then the Pod's own account. */
  readonly kubeconfig?: string;
  /** Context of the kubeconfig. Absent: its current one. */
  readonly context?: string;
  /** The service account of the Pod this runs in. */
  readonly inCluster?: boolean;
}

/**
 * The server a configuration names, and its credentials.
 *
 * @throws {ClusterConfigError} If there is no usable configuration
 */
export function loadClusterConfig(choice: ClusterChoice): ServerAccess {
  const load = () => loadKubeConfig(choice);
  const config = load();
  let ask = kubeConfigAccess(config);
  return createServerAccess(serverAddress(config), {
    ask: () => ask(),
    reload: () => {
      ask = kubeConfigAccess(load());
    },
  });
}

function loadKubeConfig(choice: ClusterChoice): KubeConfig {
  const config = choice.inCluster === true ? loadServiceAccount() : loadFiles(choice);
  const chosen = choice.context === undefined
    ? config
    : { ...config, currentContext: choice.context };
  checkContext(chosen);
  return chosen;
}

function loadFiles({ kubeconfig }: ClusterChoice): KubeConfig {
  const files = kubeconfig === undefined ? defaultKubeconfigFiles() : [kubeconfig];
  const config = readKubeconfigFiles(files);
  if (config !== undefined) return config;
  if (kubeconfig === undefined && podAccount() !== undefined) {
    return loadServiceAccount();
  }
  const looked = files.map((file) => `"${file}"`).join(", ") || "no place";
  const next = kubeconfig === undefined ? "; name one with --kubeconfig or KUBECONFIG" : "";
  throw new ClusterConfigError(
    "no-configuration",
    `Cannot find a kubeconfig: looked for ${looked}${next}`,
  );
}

function loadServiceAccount(): KubeConfig {
  const account = podAccount();
  if (account !== undefined) return serviceAccountConfig(account);
  throw new ClusterConfigError(
    "no-configuration",
    "Cannot use the service account of the Pod: KUBERNETES_SERVICE_HOST is not set, " +
      "so this does not run in a cluster",
  );
}

function checkContext(config: KubeConfig): void {
  if (currentContext(config) !== undefined) return;
  const { currentContext: name, contexts } = config;
  const known = contexts.map((each) => `"${each.name}"`).join(", ") || "none";
  throw new ClusterConfigError(
    "no-such-context",
    name
      ? `Cannot use context "${name}": the kubeconfig has ${known}`
      : `Cannot choose a context: the kubeconfig names no current one, and has ${known}`,
  );
}

/** Where the server is, once it is clear that it can be reached as the configuration asks. */
function serverAddress(config: KubeConfig): ServerAddress {
  const cluster = currentCluster(config);
  const context = currentContext(config);
  if (cluster === undefined) {
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
function refuseUnsupported(cluster: Cluster): void {
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

function baseUrl({ name, server }: Cluster): string {
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
