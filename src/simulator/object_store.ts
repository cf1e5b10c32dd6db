// SPDX-License-Identifier: Apache-2.0

import { isJsonList, member } from "../language/mod.ts";
import type { KubernetesObject } from "../runtime/ports.ts";
import { seal, withKeys } from "./json_values.ts";
import { createWatchHub, type StoreEvent, type WatchHub, type WatchLimits } from "./watch_hub.ts";

/** Where an object lies. */
export interface ObjectKey {
  /** `storage` of its kind. */
  readonly storage: string;
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
}

/** All objects, each at one version. Objects are frozen and shared with every reader. */
export interface ObjectStore {
  /** The version of the last change. */
  readonly version: number;
  read(key: ObjectKey): KubernetesObject | undefined;
  /** Stores the object under a new version and tells the watchers. */
  write(key: ObjectKey, object: KubernetesObject): KubernetesObject;
  /** Removes it; watchers see `last` at a new version. */
  remove(key: ObjectKey, last: KubernetesObject): KubernetesObject;
  /** Objects of a kind by namespace, then name. */
  scan(storage: string, namespace?: string): readonly KubernetesObject[];
  /** Keys of all objects in a namespace. */
  inNamespace(namespace: string): readonly ObjectKey[];
  byUid(uid: string): ObjectKey | undefined;
  /** Keys of the objects that name this uid as an owner. */
  dependents(uid: string): readonly ObjectKey[];
  hub(storage: string): WatchHub;
  hubs(): readonly WatchHub[];
}

interface Shelf {
  readonly hub: WatchHub;
  readonly namespaces: Map<string, Map<string, KubernetesObject>>;
}

/** An empty store. `observe` hears of every change after it has happened. */
export function createObjectStore(
  limits: WatchLimits,
  observe: (key: ObjectKey, event: StoreEvent) => void = () => {},
): ObjectStore {
  const shelves = new Map<string, Shelf>();
  const uids = new Map<string, ObjectKey>();
  const dependents = createDependents();
  let version = 0;

  function shelf(storage: string): Shelf {
    let found = shelves.get(storage);
    if (found === undefined) {
      found = { hub: createWatchHub(limits), namespaces: new Map() };
      shelves.set(storage, found);
    }
    return found;
  }
  function stamp(object: KubernetesObject): KubernetesObject {
    version++;
    const metadata = withKeys(object.metadata, { resourceVersion: String(version) });
    return seal({ ...object, metadata });
  }
  const read = (key: ObjectKey) =>
    shelves.get(key.storage)?.namespaces.get(key.namespace)?.get(key.name);

  return {
    get version() {
      return version;
    },
    read,
    write(key, object) {
      const previous = read(key);
      const stored = stamp(object);
      const { namespaces, hub } = shelf(key.storage);
      let names = namespaces.get(key.namespace);
      if (names === undefined) namespaces.set(key.namespace, names = new Map());
      names.set(key.name, stored);
      uids.set(uidOf(stored), key);
      dependents.move(key, previous, stored);
      const type = previous === undefined ? "ADDED" : "MODIFIED";
      const event = { type, version, object: stored, ...(previous ? { previous } : {}) } as const;
      hub.publish(event);
      observe(key, event);
      return stored;
    },
    remove(key, last) {
      const previous = read(key) ?? last;
      const removed = stamp(last);
      const { namespaces, hub } = shelf(key.storage);
      const names = namespaces.get(key.namespace);
      names?.delete(key.name);
      if (names?.size === 0) namespaces.delete(key.namespace);
      uids.delete(uidOf(previous));
      dependents.move(key, previous, undefined);
      const event = { type: "DELETED", version, object: removed, previous } as const;
      hub.publish(event);
      observe(key, event);
      return removed;
    },
    scan(storage, namespace) {
      const all = shelves.get(storage)?.namespaces;
      if (all === undefined) return [];
      const names = namespace === undefined ? sortedKeys(all) : [namespace];
      return names.flatMap((name) => sortedValues(all.get(name)));
    },
    inNamespace(namespace) {
      return [...shelves].flatMap(([storage, { namespaces }]) =>
        sortedKeys(namespaces.get(namespace) ?? new Map())
          .map((name) => ({ storage, namespace, name }))
      );
    },
    byUid: (uid) => uids.get(uid),
    dependents: dependents.of,
    hub: (storage) => shelf(storage).hub,
    hubs: () => [...shelves.values()].map((one) => one.hub),
  };
}

/** The uids that an object's owner references name. */
export function ownerUids(object: KubernetesObject | undefined): readonly string[] {
  const references = member(object?.metadata, "ownerReferences");
  if (!isJsonList(references)) return [];
  return references.map((reference) => member(reference, "uid"))
    .filter((uid) => typeof uid === "string");
}

/** The object's uid. */
export function uidOf(object: KubernetesObject): string {
  return String(object.metadata.uid ?? "");
}

interface Dependents {
  of(uid: string): readonly ObjectKey[];
  move(
    key: ObjectKey,
    before: KubernetesObject | undefined,
    after: KubernetesObject | undefined,
  ): void;
}

function createDependents(): Dependents {
  const byOwner = new Map<string, Map<string, ObjectKey>>();
  const text = (key: ObjectKey) => `${key.storage} ${key.namespace} ${key.name}`;
  return {
    of: (uid) => [...byOwner.get(uid)?.values() ?? []],
    move(key, before, after) {
      for (const uid of ownerUids(before)) {
        const keys = byOwner.get(uid);
        keys?.delete(text(key));
        if (keys?.size === 0) byOwner.delete(uid);
      }
      for (const uid of ownerUids(after)) {
        const keys = byOwner.get(uid) ?? new Map<string, ObjectKey>();
        byOwner.set(uid, keys.set(text(key), key));
      }
    },
  };
}

function sortedKeys(map: ReadonlyMap<string, unknown>): readonly string[] {
  return [...map.keys()].sort();
}

function sortedValues(
  map: ReadonlyMap<string, KubernetesObject> | undefined,
): readonly KubernetesObject[] {
  if (map === undefined) return [];
  return sortedKeys(map).map((name) => map.get(name)).filter((object) => object !== undefined);
}
