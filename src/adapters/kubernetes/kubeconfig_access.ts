// SPDX-License-Identifier: Apache-2.0

import type { RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import type { Access } from "./access.ts";
import { ClusterConfigError } from "./cluster_config_error.ts";

/** As much of a plug-in's error output as goes into a message. */
const MAX_PLUGIN_WORDS = 200;

/**
 * The credentials that a KubeConfig has at this moment: a token file is read again, a plug-in run
 * again when its credential has expired.
 *
 * @throws {ClusterConfigError} If a file cannot be read or a plug-in fails
 */
export async function askKubeConfig(config: KubeConfig): Promise<Access> {
  const options: RequestOptions = {};
  try {
    tellPlugin(config);
    await ofPlainServer(config).applyToHTTPSOptions(options);
  } catch (error) {
    throw new ClusterConfigError(
      "credentials-failed",
      `Cannot get credentials of user "${config.getCurrentUser()?.name}": ${reason(error)}`,
    );
  }
  return accessOf(options);
}

/** client-node refuses plain HTTP unless told not to check a certificate, which has none. */
function ofPlainServer(config: KubeConfig): KubeConfig {
  const cluster = config.getCurrentCluster();
  if (cluster !== null && cluster.server.startsWith("http:") && !cluster.skipTLSVerify) {
    Object.assign(cluster, { skipTLSVerify: true });
  }
  return config;
}

/** Plug-ins read in this variable how they are called; client-node does not set it. */
function tellPlugin(config: KubeConfig): void {
  const exec = config.getCurrentUser()?.exec;
  if (!exec) return;
  const name = "KUBERNETES_EXEC_INFO";
  const others = (exec.env ?? []).filter((each: { name?: unknown }) => each.name !== name);
  exec.env = [...others, { name, value: JSON.stringify(executionOf(config, exec)) }];
}

function executionOf(
  config: KubeConfig,
  exec: { readonly apiVersion?: string; readonly provideClusterInfo?: boolean },
): unknown {
  const cluster = config.getCurrentCluster();
  return {
    kind: "ExecCredential",
    apiVersion: exec.apiVersion ?? "client.authentication.k8s.io/v1",
    spec: {
      interactive: false,
      ...(exec.provideClusterInfo === true
        ? { cluster: { server: cluster?.server, "certificate-authority-data": cluster?.caData } }
        : {}),
    },
  };
}

function accessOf({ headers, auth, ca, cert, key }: RequestOptions): Access {
  const trusted = pem(ca);
  const certificate = pem(cert);
  const privateKey = pem(key);
  return {
    headers: {
      ...(auth ? { authorization: `Basic ${btoa(auth)}` } : {}),
      ...headerEntries(headers),
    },
    caCertificates: trusted === undefined ? [] : [trusted],
    ...(certificate === undefined || privateKey === undefined
      ? {}
      : { identity: { certificate, key: privateKey } }),
  };
}

function headerEntries(headers: RequestOptions["headers"]): Record<string, string> {
  const entries = Object.entries(headers ?? {});
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value).trim()]));
}

function pem(source: unknown): string | undefined {
  if (typeof source === "string") return source;
  return source instanceof Uint8Array ? new TextDecoder().decode(source) : undefined;
}

/** Why there are no credentials. A plug-in's output is not quoted: it is where the token stands. */
function reason(error: unknown): string {
  if (error instanceof SyntaxError) return "the plug-in did not print JSON";
  const [line = ""] = error instanceof Error ? error.message.trim().split("\n") : [];
  return line === "" ? "the plug-in failed" : line.slice(0, MAX_PLUGIN_WORDS);
}
