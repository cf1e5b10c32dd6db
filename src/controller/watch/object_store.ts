// SPDX-License-Identifier: Apache-2.0

import { type JsonValue, member } from "../../language/mod.ts";
import type { KubernetesObject, WatchEvent } from "../../runtime/ports.ts";
import {
  createKeptObjects,
  type KeepRule,
  type KeptObject,
  keyOfObject,
  metadataText,
} from "./kept_objects.ts";
import { createOwnDeletions, createPendingWrites } from "./pending_writes.ts";
import { isOlderVersion } from "./resource_version.ts";

/** What happened to an object that is followed. */
export interface ObjectChange {
  /** `written`: by us, as the answer to the write tells. */
  readonly type: "added" | "modified" | "written" | "deleted";
  /** `namespace/name`, with nothing before the slash for cluster-scoped kinds. */
  readonly key: string;
  /** What is there now, or was there last. Metadata alone where no more is watched. */
  readonly object: KubernetesObject;
  /** What was known before; absent when only its name was. */
  readonly previous?: KubernetesObject;
  /** Who wrote which of its fields last, as the server told; it is not kept. */
  readonly managedFields?: JsonValue;
  /** Whether it is what our own write or deletion led to. */
  readonly isOwn: boolean;
  /** Whether it was there when the kind was listed for the first time. */
  readonly isInitial: boolean;
}

/** What the store can say of an object without asking the server. */
export type Known =
  | { readonly type: "object"; readonly object: KubernetesObject }
  | { readonly type: "missing" }
  | { readonly type: "unknown" };

/** How a write of ours ended. */
export type WriteEnd =
  | { readonly type: "stored"; readonly object: KubernetesObject }
  | { readonly type: "deleted"; readonly uid?: string }
  /** It failed, or nobody knows: the server must be asked. */
  | { readonly type: "unknown" };

/** What is kept of the objects of one kind, and who is told of changes. */
export interface ObjectStoreOptions extends KeepRule {
  readonly onChange: (change: ObjectChange) => void;
}

/**
 * The objects of one kind, as the watch and our own writes tell.
 *
 * Holds at least our own writes: the result of a write is stored at once, an event that is older
 * than what is stored is ignored, and events of an object wait while a write of ours to it is on
 * its way, so that what we caused is never taken for someone else's change.
 */
export interface ObjectStore {
  listBegan(): void;
  listed(object: KubernetesObject): void;
  listEnded(resourceVersion: string): void;
  changed(event: WatchEvent): void;
  read(key: string): Known;
  /** The object as it was last seen, current or not. */
  peek(key: string): KubernetesObject | undefined;
  /** What the server answered when it was asked; `undefined`: there is none. */
  learn(key: string, object: KubernetesObject | undefined): void;
  writeBegan(key: string): void;
  writeEnded(key: string, end: WriteEnd): void;
  /** All objects that are kept whole. */
  objects(): readonly KubernetesObject[];
  readonly size: number;
}

/** Makes an empty store. */
export function createObjectStore(options: ObjectStoreOptions): ObjectStore {
  const { onChange } = options;
  const kept = createKeptObjects(options);
  const writes = createPendingWrites();
  const deletedByUs = createOwnDeletions();
  const doubtful = new Set<string>();
  let unlisted: Set<string> | undefined;
  let listedVersion = "";
  let isInitial = true;

  function upsert(object: KubernetesObject): void {
    const key = keyOfObject(object);
    const before = kept.get(key);
    if (before !== undefined && !isNewer(object, before)) return;
    doubtful.delete(key);
    const now = kept.keep(object, false).object ?? object;
    if (before === undefined || before.uid !== metadataText(object, "uid")) {
      // With another uid it is another object: the one before is gone.
      return onChange({ type: "added", key, object: now, isOwn: false, isInitial });
    }
    const isOwn = deletedByUs.has(before.uid) && isBeingDeleted(object);
    const managedFields = member(object.metadata, "managedFields");
    const managers = managedFields === undefined ? {} : { managedFields };
    onChange({
      type: "modified",
      key,
      object: now,
      isOwn,
      isInitial,
      ...previousOf(before),
      ...managers,
    });
  }

  function remove(key: string, object: KubernetesObject): void {
    const before = kept.get(key);
    if (before === undefined || isOlder(object, before)) return;
    kept.drop(key);
    doubtful.delete(key);
    const isOwn = deletedByUs.take(before.uid);
    onChange({ type: "deleted", key, object, isOwn, isInitial, ...previousOf(before) });
  }

  function apply(event: WatchEvent): void {
    if (event.type === "DELETED") remove(keyOfObject(event.object), event.object);
    else upsert(event.object);
  }

  function store(key: string, object: KubernetesObject): void {
    const before = kept.get(key);
    if (before !== undefined && !isNewer(object, before)) return;
    // A list that is newer than the write did not have it: it is gone, and no event will say so.
    if (before === undefined && isOlder(object, { version: listedVersion })) {
      return void doubtful.add(key);
    }
    doubtful.delete(key);
    const now = kept.keep(object, true).object ?? object;
    const previous = before === undefined ? {} : previousOf(before);
    onChange({ type: "written", key, object: now, isOwn: true, isInitial: false, ...previous });
  }

  function endWrite(key: string, end: WriteEnd): void {
    if (end.type === "stored") return store(key, end.object);
    doubtful.add(key);
    if (end.type === "deleted" && end.uid !== undefined) deletedByUs.add(end.uid);
  }

  return {
    listBegan(): void {
      unlisted = new Set(kept.keys());
    },
    listed(object: KubernetesObject): void {
      const key = keyOfObject(object);
      unlisted?.delete(key);
      if (!writes.hold(key, { type: "MODIFIED", object })) upsert(object);
    },
    listEnded(resourceVersion: string): void {
      for (const key of unlisted ?? []) {
        const entry = kept.get(key);
        // What was written after the list was taken is not gone.
        if (entry === undefined || isOlderVersion(resourceVersion, entry.version)) continue;
        remove(key, entry.object ?? nameOnly(key, entry));
      }
      unlisted = undefined;
      listedVersion = resourceVersion;
      isInitial = false;
    },
    changed(event: WatchEvent): void {
      if (!writes.hold(keyOfObject(event.object), event)) apply(event);
    },
    read(key: string): Known {
      if (writes.has(key) || doubtful.has(key)) return { type: "unknown" };
      const entry = kept.get(key);
      if (entry === undefined) return { type: "missing" };
      const { object } = entry;
      return object === undefined ? { type: "unknown" } : { type: "object", object };
    },
    peek: (key) => kept.get(key)?.object,
    learn(key: string, object: KubernetesObject | undefined): void {
      const entry = kept.get(key);
      if (writes.has(key)) return;
      // A version that is not known yet is left to the watch: its event must reach everyone.
      const isAsKnown = object === undefined
        ? entry === undefined
        : entry?.version === metadataText(object, "resourceVersion");
      if (!isAsKnown) return;
      doubtful.delete(key);
      if (object !== undefined) kept.keep(object, true);
    },
    writeBegan: writes.begin,
    writeEnded(key: string, end: WriteEnd): void {
      endWrite(key, end);
      for (const event of writes.end(key)) apply(event);
    },
    objects(): readonly KubernetesObject[] {
      return [...kept.values()].flatMap(({ object }) => object === undefined ? [] : [object]);
    },
    get size(): number {
      return kept.size;
    },
  };
}

function isNewer(object: KubernetesObject, entry: KeptObject): boolean {
  const version = metadataText(object, "resourceVersion");
  return version !== entry.version && !isOlderVersion(version, entry.version);
}

function isOlder(object: KubernetesObject, entry: Pick<KeptObject, "version">): boolean {
  return isOlderVersion(metadataText(object, "resourceVersion"), entry.version);
}

function isBeingDeleted(object: KubernetesObject): boolean {
  return member(object.metadata, "deletionTimestamp") !== undefined;
}

function previousOf({ object }: KeptObject): { readonly previous?: KubernetesObject } {
  return object === undefined ? {} : { previous: object };
}

/** What is left to say of an object of which only the name was kept. */
function nameOnly(key: string, entry: KeptObject): KubernetesObject {
  const slash = key.indexOf("/");
  const namespace = slash > 0 ? { namespace: key.slice(0, slash) } : {};
  const names = { ...namespace, name: key.slice(slash + 1), uid: entry.uid };
  return { apiVersion: "", kind: "", metadata: { ...names, resourceVersion: entry.version } };
}
