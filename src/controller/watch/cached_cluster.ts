// SPDX-License-Identifier: Apache-2.0

import type { ResourceApi } from "../../runtime/mod.ts";
import {
  type Abortable,
  type DeleteRequest,
  type KubernetesObject,
  type ObjectPath,
  type PatchRequest,
  type ResourcePath,
  type ResourceType,
} from "../../runtime/ports.ts";
import type { FollowedKinds } from "./followed_kinds.ts";
import { metadataText, storeKey } from "./kept_objects.ts";
import type { ObjectStore, WriteEnd } from "./object_store.ts";

/** A write of ours that the server carried out. */
export interface WriteReport {
  readonly verb: "create" | "patch" | "delete";
  readonly path: ObjectPath;
  /** As stored; absent for a deletion. */
  readonly object?: KubernetesObject;
}

/** What the cache needs. */
export interface CachedClusterOptions {
  readonly cluster: ResourceApi;
  readonly kinds: Pick<FollowedKinds, "byPath" | "byKind">;
  readonly onWrite?: (report: WriteReport) => void;
  /** An object is about to be read or written. */
  readonly onTouch?: (path: ObjectPath) => void;
}

/**
 * A cluster whose reads are answered by the watches where these are current, and otherwise by the
 * server. Holds at least our own writes.
 */
export function createCachedCluster(options: CachedClusterOptions): ResourceApi {
  const { cluster, kinds, onWrite = () => {}, onTouch = () => {} } = options;
  return {
    async discover(kind: Pick<ResourceType, "apiVersion" | "kind">, abort: Abortable) {
      const followed = kinds.byKind(kind);
      const isServed = followed?.health === "current";
      return (isServed ? followed.resource : undefined) ?? await cluster.discover(kind, abort);
    },
    async get(path: ObjectPath, abort: Abortable): Promise<KubernetesObject | undefined> {
      onTouch(path);
      const followed = kinds.byPath(path);
      const key = storeKey(path.namespace, path.name);
      const known = followed?.health === "current" ? followed.store.read(key) : undefined;
      if (known?.type === "object") return known.object;
      if (known?.type === "missing") return undefined;
      const object = await cluster.get(path, abort);
      followed?.store.learn(key, object);
      return object;
    },
    async create(
      path: ResourcePath & { readonly namespace?: string },
      body: KubernetesObject,
      abort: Abortable,
    ): Promise<KubernetesObject> {
      const created = { ...path, name: metadataText(body, "name") };
      onTouch(created);
      const object = await write(kinds.byPath(path)?.store, created, {
        send: () => cluster.create(path, body, abort),
        endOf: stored,
      });
      onWrite({ verb: "create", path: created, object });
      return object;
    },
    async patch(path: ObjectPath, patch: PatchRequest, abort: Abortable) {
      onTouch(path);
      const object = await write(kinds.byPath(path)?.store, path, {
        send: () => cluster.patch(path, patch, abort),
        endOf: stored,
      });
      onWrite({ verb: "patch", path, object });
      return object;
    },
    async delete(path: ObjectPath, request: DeleteRequest, abort: Abortable): Promise<void> {
      onTouch(path);
      const { uid } = request;
      await write(kinds.byPath(path)?.store, path, {
        send: () => cluster.delete(path, request, abort),
        endOf: () => uid === undefined ? { type: "deleted" } : { type: "deleted", uid },
      });
      onWrite({ verb: "delete", path });
    },
  };
}

/** Sends a write, and tells the store that it began and how it ended. */
async function write<T>(
  store: ObjectStore | undefined,
  path: ObjectPath,
  { send, endOf }: { readonly send: () => Promise<T>; readonly endOf: (answer: T) => WriteEnd },
): Promise<T> {
  const key = storeKey(path.namespace, path.name);
  store?.writeBegan(key);
  let end: WriteEnd = { type: "unknown" };
  try {
    const answer = await send();
    end = endOf(answer);
    return answer;
  } finally {
    store?.writeEnded(key, end);
  }
}

const stored = (object: KubernetesObject): WriteEnd => ({ type: "stored", object });
