// SPDX-License-Identifier: Apache-2.0

import type { ResourceType } from "../../runtime/ports.ts";

/** A kind: what a watch is about. */
export type KindName = Pick<ResourceType, "apiVersion" | "kind">;

/** The names of a trigger. */
export interface TriggerName extends KindName {
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string;
  /** `metadata.name`. */
  readonly name: string;
}

/** One text per trigger, for queue and index: `apps/v1 Deployment team-a/web`. */
export function triggerKey(kind: KindName, storeKey: string): string {
  return `${kind.apiVersion} ${kind.kind} ${storeKey}`;
}

/** The parts of a key. No part holds a space or a slash but `apiVersion`. */
export function parseTriggerKey(key: string): TriggerName & { readonly storeKey: string } {
  const [apiVersion = "", kind = "", storeKey = ""] = key.split(" ");
  const slash = storeKey.indexOf("/");
  const name = storeKey.slice(slash + 1);
  const namespace = slash > 0 ? { namespace: storeKey.slice(0, slash) } : {};
  return { apiVersion, kind, storeKey, name, ...namespace };
}

/** A trigger in a sentence: `Deployment "team-a/web"`. */
export function triggerText({ kind, namespace, name }: TriggerName): string {
  return `${kind} "${namespace === undefined ? name : `${namespace}/${name}`}"`;
}
