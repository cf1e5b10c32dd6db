// SPDX-License-Identifier: Apache-2.0

import { newClusters, newContexts, newUsers } from "@kubernetes/client-node/dist/config_types.js";
import { delimiter, dirname, join, resolve } from "node:path";
import {
  documentValue,
  isJsonList,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  member,
  readDocuments,
} from "../../language/mod.ts";
import { ClusterConfigError } from "./cluster_config_error.ts";
import type { Cluster, KubeConfig, User } from "./kube_config.ts";

/**
 * What kubeconfig files say, the first that names a thing counting.
 *
 * @returns `undefined` when none of the files is there
 * @throws {ClusterConfigError} If a file cannot be read or is no kubeconfig
 */
export function readKubeconfigFiles(files: readonly string[]): KubeConfig | undefined {
  const configs = files.flatMap((file) => readKubeconfigFile(file) ?? []);
  if (configs.length === 0) return undefined;
  return {
    clusters: firstOfEachName(configs.flatMap((config) => config.clusters)),
    users: firstOfEachName(configs.flatMap((config) => config.users)),
    contexts: firstOfEachName(configs.flatMap((config) => config.contexts)),
    currentContext: configs.find((config) => config.currentContext)?.currentContext ?? "",
  };
}

/** Where kubeconfig is looked for when no file is named: `KUBECONFIG`, else the home directory. */
export function defaultKubeconfigFiles(): readonly string[] {
  const named = Deno.env.get("KUBECONFIG");
  if (named !== undefined && named !== "") {
    return named.split(delimiter).filter((file) => file !== "");
  }
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE");
  return home === undefined ? [] : [join(home, ".kube", "config")];
}

function readKubeconfigFile(file: string): KubeConfig | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  try {
    return parseKubeconfig(text, file);
  } catch (error) {
    const why = error instanceof Error ? error.message : "unknown reason";
    throw new ClusterConfigError("malformed", `Cannot use kubeconfig "${file}": ${why}`);
  }
}

function readText(file: string): string | undefined {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    const why = error instanceof Error ? error.message : "unknown reason";
    throw new ClusterConfigError("unreadable-file", `Cannot read kubeconfig "${file}": ${why}`);
  }
}

function parseKubeconfig(text: string, file: string): KubeConfig {
  const value = onlyValue(text, file);
  const directory = dirname(file);
  const current = value["current-context"];
  return {
    clusters: newClusters(value["clusters"]).map((cluster) => besideCluster(cluster, directory)),
    users: newUsers(knownUsers(value["users"], directory)).map((user) =>
      besideUser(user, directory)
    ),
    contexts: newContexts(value["contexts"]),
    currentContext: typeof current === "string" ? current : "",
  };
}

/** A fault is told by its line alone: words of the file may be a token. */
function onlyValue(text: string, path: string): JsonObject {
  const [document] = readDocuments({ path, text }, { withForeign: true });
  if (document === undefined) throw new TypeError("the input is empty");
  const fault = document.diagnostics.find(({ severity }) => severity === "error");
  if (fault !== undefined) throw new TypeError(`there is no YAML in line ${fault.line}`);
  const value = documentValue(document);
  if (value === undefined || !isJsonObject(value)) throw new TypeError("it holds no kubeconfig");
  return value;
}

/** client-node knows the key `tokenFile` of a user by a name of its own only. */
function knownUsers(users: JsonValue | undefined, directory: string): JsonValue {
  if (!isJsonList(users)) return [];
  return users.map((entry) => {
    const user = member(entry, "user");
    const file = member(user, "tokenFile");
    if (!isJsonObject(entry) || !isJsonObject(user) || typeof file !== "string") return entry;
    return { ...entry, user: { ...user, "token-file": resolve(directory, file) } };
  });
}

function besideCluster(cluster: Cluster, directory: string): Cluster {
  return cluster.caFile ? { ...cluster, caFile: resolve(directory, cluster.caFile) } : cluster;
}

function besideUser(user: User, directory: string): User {
  return {
    ...user,
    ...(user.certFile ? { certFile: resolve(directory, user.certFile) } : {}),
    ...(user.keyFile ? { keyFile: resolve(directory, user.keyFile) } : {}),
  };
}

function firstOfEachName<T extends { readonly name: string }>(entries: readonly T[]): T[] {
  const named = new Map<string, T>();
  for (const entry of entries) if (!named.has(entry.name)) named.set(entry.name, entry);
  return [...named.values()];
}
