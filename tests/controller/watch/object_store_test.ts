// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import {
  createObjectStore,
  type ObjectChange,
  type ObjectStoreOptions,
} from "../../../src/controller/watch/object_store.ts";
import { isOlderVersion } from "../../../src/controller/watch/resource_version.ts";
import type { JsonObject } from "../../../src/language/json.ts";
import type { KubernetesObject, WatchEvent } from "../../../src/runtime/ports.ts";

function setUp(options: Partial<ObjectStoreOptions> = {}) {
  const changes: ObjectChange[] = [];
  const store = createObjectStore({
    keeps: () => true,
    keepsAsked: true,
    maxObjects: 100,
    onChange: (change) => changes.push(change),
    ...options,
  });
  const told = () => changes.splice(0).map(({ type, key, isOwn }) => ({ type, key, isOwn }));
  return { store, changes, told };
}

function object(name: string, version: number, more: JsonObject = {}): KubernetesObject {
  const metadata = { namespace: "n", name, uid: `uid-${name}`, resourceVersion: `${version}` };
  return { apiVersion: "v1", kind: "ConfigMap", metadata, ...more };
}

function event(type: WatchEvent["type"], which: KubernetesObject): WatchEvent {
  return { type, object: which };
}

Deno.test("object store: versions compare as whole numbers", () => {
  equal(isOlderVersion("9", "10"), true);
  equal(isOlderVersion("10", "9"), false);
  equal(isOlderVersion("10", "10"), false);
  equal(isOlderVersion("123456789012345678901", "123456789012345678902"), true);
  equal(isOlderVersion("x", "10"), false);
});

Deno.test("object store: a name that the watch does not know is missing", () => {
  const { store } = setUp();
  store.changed(event("ADDED", object("a", 1)));
  equal(store.read("n/a").type, "object");
  equal(store.read("n/b").type, "missing");
});

Deno.test("object store: managedFields are dropped", () => {
  const { store } = setUp();
  const { metadata, ...rest } = object("a", 1);
  store.changed(event("ADDED", { ...rest, metadata: { ...metadata, managedFields: [{}] } }));
  equal(store.peek("n/a")?.metadata.managedFields, undefined);
});

Deno.test("object store: our write is read back before the watch tells of it", () => {
  const { store, told } = setUp();
  store.writeBegan("n/a");
  store.writeEnded("n/a", { type: "stored", object: object("a", 5, { data: { x: "1" } }) });
  deepEqual(store.read("n/a"), { type: "object", object: object("a", 5, { data: { x: "1" } }) });
  deepEqual(told(), [{ type: "written", key: "n/a", isOwn: true }]);
});

Deno.test("object store: the echo of our write is no change, before or after the answer", () => {
  for (const isBefore of [true, false]) {
    const { store, told } = setUp();
    const written = object("a", 5);
    store.writeBegan("n/a");
    if (isBefore) store.changed(event("ADDED", written));
    store.writeEnded("n/a", { type: "stored", object: written });
    if (!isBefore) store.changed(event("ADDED", written));
    deepEqual(told(), [{ type: "written", key: "n/a", isOwn: true }], `${isBefore}`);
  }
});

Deno.test("object store: a change by someone else during our write is told after it", () => {
  const { store, told } = setUp();
  store.changed(event("ADDED", object("a", 1)));
  store.writeBegan("n/a");
  store.changed(event("MODIFIED", object("a", 6)));
  equal(store.read("n/a").type, "unknown");
  store.writeEnded("n/a", { type: "stored", object: object("a", 5) });
  deepEqual(told().slice(1), [
    { type: "written", key: "n/a", isOwn: true },
    { type: "modified", key: "n/a", isOwn: false },
  ]);
});

Deno.test("object store: a stale event is ignored", () => {
  const { store, told } = setUp();
  store.changed(event("ADDED", object("a", 5)));
  store.changed(event("MODIFIED", object("a", 4)));
  store.changed(event("DELETED", object("a", 4)));
  equal(told().length, 1);
  equal(store.read("n/a").type, "object");
});

Deno.test("object store: after our deletion the server is asked until the watch tells", () => {
  const { store, told } = setUp();
  store.changed(event("ADDED", object("a", 5)));
  store.writeBegan("n/a");
  store.writeEnded("n/a", { type: "deleted", uid: "uid-a" });
  equal(store.read("n/a").type, "unknown");
  store.changed(event("DELETED", object("a", 6)));
  equal(store.read("n/a").type, "missing");
  deepEqual(told()[1], { type: "deleted", key: "n/a", isOwn: true });
});

Deno.test("object store: after a write that failed the server is asked", () => {
  const { store } = setUp();
  store.writeBegan("n/a");
  store.writeEnded("n/a", { type: "unknown" });
  equal(store.read("n/a").type, "unknown");
  store.learn("n/a", undefined);
  equal(store.read("n/a").type, "missing");
});

Deno.test("object store: what the server answers newer than the watch is left to the watch", () => {
  const { store, told } = setUp();
  store.changed(event("ADDED", object("a", 5)));
  store.learn("n/a", object("a", 6));
  store.changed(event("MODIFIED", object("a", 6)));
  deepEqual(told().map(({ type }) => type), ["added", "modified"]);
});

Deno.test("object store: only marked objects and those asked for are kept whole", () => {
  const { store } = setUp({ keeps: ({ data }) => data !== undefined });
  store.changed(event("ADDED", object("plain", 1)));
  store.changed(event("ADDED", object("marked", 2, { data: {} })));
  equal(store.read("n/plain").type, "unknown");
  equal(store.read("n/marked").type, "object");
  store.learn("n/plain", object("plain", 1));
  equal(store.read("n/plain").type, "object");
});

Deno.test("object store: beyond its bound the longest kept is reduced to its name", () => {
  const { store } = setUp({ maxObjects: 2 });
  for (const [index, name] of ["a", "b", "c"].entries()) {
    store.changed(event("ADDED", object(name, index + 1)));
  }
  deepEqual(["a", "b", "c"].map((name) => store.read(`n/${name}`).type), [
    "unknown",
    "object",
    "object",
  ]);
});

Deno.test("object store: a new list tells what came, changed and went meanwhile", () => {
  const { store, told } = setUp();
  store.listBegan();
  for (const name of ["same", "changed", "gone"]) store.listed(object(name, 1));
  store.listEnded("1");
  told();
  store.listBegan();
  store.listed(object("same", 1));
  store.listed(object("changed", 8));
  store.listed(object("new", 9));
  store.listEnded("9");
  deepEqual(told(), [
    { type: "modified", key: "n/changed", isOwn: false },
    { type: "added", key: "n/new", isOwn: false },
    { type: "deleted", key: "n/gone", isOwn: false },
  ]);
});

Deno.test("object store: what we wrote after a list was taken is not taken for gone", () => {
  for (const isBefore of [true, false]) {
    const { store } = setUp();
    if (!isBefore) store.listBegan();
    store.writeBegan("n/a");
    store.writeEnded("n/a", { type: "stored", object: object("a", 12) });
    // A server may answer from a cache that does not have the write yet.
    if (isBefore) store.listBegan();
    store.listEnded("10");
    equal(store.read("n/a").type, "object", `${isBefore}`);
  }
});

Deno.test("object store: a write that a newer list does not have does not bring back what is gone", () => {
  const { store, told } = setUp();
  store.changed(event("ADDED", object("a", 1)));
  store.writeBegan("n/a");
  store.listBegan();
  store.listEnded("10");
  told();
  // Written at 8, deleted by someone at 9: the watch goes on from 10 and will not tell.
  store.writeEnded("n/a", { type: "stored", object: object("a", 8) });
  deepEqual(told(), []);
  equal(store.read("n/a").type, "unknown");
  store.learn("n/a", undefined);
  equal(store.read("n/a").type, "missing");
});

Deno.test("object store: an object made anew under the same name is an added one", () => {
  const { store, changes } = setUp();
  store.changed(event("ADDED", object("a", 1)));
  const { metadata, ...rest } = object("a", 4);
  store.changed(event("MODIFIED", { ...rest, metadata: { ...metadata, uid: "other" } }));
  equal(changes[1]?.type, "added");
});

Deno.test("object store: whatever order events and answers come in, the newest counts", () => {
  const versions = fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8], { minLength: 1 });
  fc.assert(
    fc.property(versions, fc.func(fc.boolean()), (order, isWrite) => {
      const { store } = setUp();
      for (const version of order) {
        if (isWrite(version)) {
          store.writeBegan("n/a");
          store.writeEnded("n/a", { type: "stored", object: object("a", version) });
        } else {
          store.changed(event("MODIFIED", object("a", version)));
        }
      }
      equal(store.peek("n/a")?.metadata.resourceVersion, `${Math.max(...order)}`);
    }),
  );
});
