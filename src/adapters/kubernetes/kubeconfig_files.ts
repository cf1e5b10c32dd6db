// SPDX-License-Identifier: Apache-2.0

import { delimiter, dirname, join } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import { ClusterConfigError } from "./cluster_config_error.ts";

/** Makes an empty KubeConfig. */
export type NewKubeConfig = () => KubeConfig;

/**
 * What kubeconfig files say, the first that names a thing counting.
 *
 * @returns `undefined` when none of the files is there
 * @throws {ClusterConfigError} If a file cannot be read or is no kubeconfig
 */
export function readKubeconfigFiles(
  files: readonly string[],
  newConfig: NewKubeConfig,
): KubeConfig | undefined {
  const configs = files.flatMap((file) => readKubeconfigFile(file, newConfig) ?? []);
  if (configs.length === 0) return undefined;
  const merged = newConfig();
  merged.loadFromOptions({
    clusters: firstOfEachName(configs.flatMap((config) => config.clusters)),
    users: firstOfEachName(configs.flatMap((config) => config.users)),
    contexts: firstOfEachName(configs.flatMap((config) => config.contexts)),
    currentContext: configs.find((config) => config.currentContext)?.currentContext ?? "",
  });
  return merged;
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

function readKubeconfigFile(file: string, newConfig: NewKubeConfig): KubeConfig | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  const config = newConfig();
  try {
    config.loadFromString(withKnownTokenFile(text));
  } catch (error) {
    throw new ClusterConfigError("malformed", `Cannot use kubeconfig "${file}": ${fault(error)}`);
  }
  config.makePathsAbsolute(dirname(file));
  return config;
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

/** client-node knows the key `tokenFile` of a user by a name of its own only. */
function withKnownTokenFile(text: string): string {
  return text.replace(/(^|[\s{,])(["']?)tokenFile\2(?=\s*:)/g, "$1$2token-file$2");
}

/** What is wrong with a kubeconfig. A YAML error quotes the file, which may hold a token. */
function fault(error: unknown): string {
  if (isYamlFault(error)) return `${error.reason} in line ${error.mark.line + 1}`;
  if (error instanceof TypeError) return "it holds no kubeconfig";
  return error instanceof Error ? error.message : "unknown reason";
}

function isYamlFault(
  error: unknown,
): error is { readonly reason: string; readonly mark: { readonly line: number } } {
  return error instanceof Error && "reason" in error && typeof error.reason === "string" &&
    "mark" in error && typeof error.mark === "object" && error.mark !== null &&
    "line" in error.mark && typeof error.mark.line === "number";
}

function firstOfEachName<T extends { readonly name: string }>(entries: readonly T[]): T[] {
  const named = new Map<string, T>();
  for (const entry of entries) if (!named.has(entry.name)) named.set(entry.name, entry);
  return [...named.values()];
}
