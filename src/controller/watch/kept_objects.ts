// SPDX-License-Identifier: Apache-2.0

import { member } from "../../language/mod.ts";
import type { KubernetesObject } from "../../runtime/ports.ts";

/** Which objects are kept whole; of the others only name, uid and version are known. */
export interface KeepRule {
  readonly keeps: (object: KubernetesObject) => boolean;
  /** Whether objects that were asked for are kept whole too. */
  readonly keepsAsked: boolean;
  /** Most objects that are kept whole; beyond, the longest kept is reduced to its name. */
  readonly maxObjects: number;
}

/** What is known of one object. */
export interface KeptObject {
  readonly version: string;
  readonly uid: string;
  /** Absent when only the name is kept. */
  readonly object: KubernetesObject | undefined;
  /** Whether it was asked for: then it is kept whole. */
  readonly isAsked: boolean;
}

/** The objects of one kind by `namespace/name`, in bounded space. */
export interface KeptObjects {
  readonly size: number;
  get(key: string): KeptObject | undefined;
  keys(): IterableIterator<string>;
  values(): IterableIterator<KeptObject>;
  /** Puts an object in the place of what was known of its name. */
  keep(object: KubernetesObject, isAsked: boolean): KeptObject;
  drop(key: string): void;
}

/** The key of an object: `namespace/name`, nothing before the slash for cluster-scoped kinds. */
export function storeKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ""}/${name}`;
}

/** The key of an object, from the object. */
export function keyOfObject(object: KubernetesObject): string {
  return storeKey(metadataText(object, "namespace"), metadataText(object, "name"));
}

/** A text of the metadata; `""` when there is none. */
export function metadataText(object: KubernetesObject, key: string): string {
  const value = member(object.metadata, key);
  return typeof value === "string" ? value : "";
}

/** Keeps nothing yet. */
export function createKeptObjects(rule: KeepRule): KeptObjects {
  const kept = new Map<string, KeptObject>();
  const whole = new Set<string>();

  function evict(): void {
    const oldest = whole.values().next().value;
    const entry = oldest === undefined ? undefined : kept.get(oldest);
    if (oldest === undefined || entry === undefined) return;
    whole.delete(oldest);
    kept.set(oldest, { ...entry, object: undefined, isAsked: false });
  }

  return {
    get size(): number {
      return kept.size;
    },
    get: (key) => kept.get(key),
    keys: () => kept.keys(),
    values: () => kept.values(),
    keep(object: KubernetesObject, isAsked: boolean): KeptObject {
      const key = keyOfObject(object);
      const asked = rule.keepsAsked && (isAsked || (kept.get(key)?.isAsked ?? false));
      const isWhole = asked || rule.keeps(object);
      const entry = {
        version: metadataText(object, "resourceVersion"),
        uid: metadataText(object, "uid"),
        object: isWhole ? withoutManagedFields(object) : undefined,
        isAsked: asked,
      };
      kept.set(key, entry);
      whole.delete(key);
      if (isWhole) whole.add(key);
      if (whole.size > rule.maxObjects) evict();
      return entry;
    },
    drop(key: string): void {
      kept.delete(key);
      whole.delete(key);
    },
  };
}

function withoutManagedFields(object: KubernetesObject): KubernetesObject {
  if (member(object.metadata, "managedFields") === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
