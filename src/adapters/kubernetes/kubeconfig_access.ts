// SPDX-License-Identifier: Apache-2.0

import { Buffer } from "node:buffer";
import type { RequestOptions } from "node:https";
import type { Access } from "./access.ts";
import { type Authenticator, loadAuthenticator } from "./authenticators.ts";
import { ClusterConfigError } from "./cluster_config_error.ts";
import { currentCluster, currentUser, type KubeConfig, type User } from "./kube_config.ts";

/** As much of a plug-in's error output as goes into a message. */
const MAX_PLUGIN_WORDS = 200;

/**
 * Asks for the credentials that a KubeConfig has at this moment: a token file is read again, a
 * plug-in run again when its credential has expired.
 *
 * @returns Gives the credentials; rejects with a {@linkcode ClusterConfigError} if a file cannot be
 * read or a plug-in fails
 */
export function kubeConfigAccess(config: KubeConfig): () => Promise<Access> {
  const user = currentUser(config);
  let authenticator: Promise<Authenticator | undefined> | undefined;
  return async () => {
    try {
      const options: RequestOptions & { headers: Record<string, string> } = { headers: {} };
      authenticator ??= user === undefined ? Promise.resolve(undefined) : loadAuthenticator(user);
      if (user !== undefined) {
        await (await authenticator)?.applyAuthentication(withTold(user, config), options);
      }
      return accessOf(config, user, options);
    } catch (error) {
      throw new ClusterConfigError(
        "credentials-failed",
        `Cannot get credentials of user "${user?.name}": ${reason(error)}`,
      );
    }
  };
}

/** Plug-ins read in this variable how they are called; client-node does not set it. */
function withTold(user: User, config: KubeConfig): User {
  const { exec } = user;
  if (!exec) return user;
  const name = "KUBERNETES_EXEC_INFO";
  const others = (exec.env ?? []).filter((each: { name?: unknown }) => each.name !== name);
  const env = [...others, { name, value: JSON.stringify(executionOf(config, exec)) }];
  return { ...user, exec: { ...exec, env } };
}

function executionOf(
  config: KubeConfig,
  exec: { readonly apiVersion?: string; readonly provideClusterInfo?: boolean },
): unknown {
  const cluster = currentCluster(config);
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

/** What the kubeconfig says itself, with what the authenticator added. */
function accessOf(config: KubeConfig, user: User | undefined, given: RequestOptions): Access {
  const cluster = currentCluster(config);
  const trusted = fileOrEncoded(cluster?.caFile, cluster?.caData);
  const certificate = pem(given.cert) ?? fileOrEncoded(user?.certFile, user?.certData);
  const key = pem(given.key) ?? fileOrEncoded(user?.keyFile, user?.keyData);
  return {
    headers: {
      ...(user?.username ? { authorization: `Basic ${basicOf(user)}` } : {}),
      ...(user?.impersonateUser ? { "Impersonate-User": user.impersonateUser } : {}),
      ...headerEntries(given.headers),
      ...(user?.token ? { Authorization: `Bearer ${user.token.trim()}` } : {}),
    },
    caCertificates: trusted === undefined ? [] : [trusted],
    ...(certificate === undefined || key === undefined ? {} : { identity: { certificate, key } }),
  };
}

function basicOf({ username, password }: User): string {
  return Buffer.from(`${username}:${password}`).toString("base64");
}

function headerEntries(headers: RequestOptions["headers"]): Record<string, string> {
  const entries = Object.entries(headers ?? {});
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value).trim()]));
}

function fileOrEncoded(file: string | undefined, encoded: string | undefined): string | undefined {
  if (file) return Deno.readTextFileSync(file);
  return encoded ? Buffer.from(encoded, "base64").toString() : undefined;
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
