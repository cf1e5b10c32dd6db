// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { Selection, WatchEvent } from "../../../src/runtime/ports.ts";
import {
  at,
  CONFIG_MAPS,
  configMapPath,
  type ContractCases,
  type ContractContext,
  createConfigMap,
  refused,
} from "./contract_case.ts";

/** Reads events of a watch, bookmarks left out. */
interface WatchReader extends AsyncDisposable {
  next(): Promise<WatchEvent | undefined>;
}

function watchHere(
  context: ContractContext,
  selection: Selection & { readonly resourceVersion: string },
): WatchReader {
  const stop = new AbortController();
  const { cluster, namespace } = context;
  const events = cluster.watch(CONFIG_MAPS, { namespace, ...selection }, { signal: stop.signal });
  const iterator = events[Symbol.asyncIterator]();
  return {
    async next() {
      for (;;) {
        const { done, value } = await iterator.next();
        if (done) return undefined;
        if (value.type !== "BOOKMARK") return value;
      }
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new DOMException("enough", "AbortError"));
      await iterator.return?.();
    },
  };
}

async function versionNow({ cluster, namespace, signal }: ContractContext): Promise<string> {
  return (await cluster.list(CONFIG_MAPS, { namespace }, { signal })).resourceVersion;
}

function seen(event: WatchEvent | undefined): readonly unknown[] {
  return [event?.type, at(event?.object, "metadata.name")];
}

function patchA(context: ContractContext, body: Parameters<typeof JSON.stringify>[0]) {
  return context.cluster.patch(configMapPath(context, "a"), { type: "merge", body }, context);
}

/** Watches. */
export const WATCH_CASES: ContractCases = {
  "says when it is open, before anything happens": async (context) => {
    const stop = new AbortController();
    const open = Promise.withResolvers<void>();
    const resourceVersion = await versionNow(context);
    const options = { signal: stop.signal, onOpen: open.resolve };
    const { cluster, namespace } = context;
    const events = cluster.watch(CONFIG_MAPS, { namespace, resourceVersion }, options);
    const first = events[Symbol.asyncIterator]().next().catch(() => "ended");
    await open.promise;
    stop.abort(new DOMException("enough", "AbortError"));
    equal(await first, "ended");
  },
  "tells of what is added, modified and deleted": async (context) => {
    await using watch = watchHere(context, { resourceVersion: await versionNow(context) });
    const made = await createConfigMap(context, "a");
    const patched = await patchA(context, { data: { x: "y" } });
    await context.cluster.delete(configMapPath(context, "a"), {}, context);
    deepEqual(await watch.next(), { type: "ADDED", object: made });
    deepEqual(await watch.next(), { type: "MODIFIED", object: patched });
    const deleted = await watch.next();
    deepEqual(seen(deleted), ["DELETED", "a"]);
    deepEqual(deleted?.object.data, { x: "y" });
    ok(
      Number(at(deleted?.object, "metadata.resourceVersion")) >
        Number(at(patched, "metadata.resourceVersion")),
    );
  },
  "resumes after the version of any event": async (context) => {
    const made = await createConfigMap(context, "a");
    await patchA(context, { data: { x: "1" } });
    await patchA(context, { data: { x: "2" } });
    const resourceVersion = String(at(made, "metadata.resourceVersion"));
    await using watch = watchHere(context, { resourceVersion });
    equal(at((await watch.next())?.object, "data.x"), "1");
    equal(at((await watch.next())?.object, "data.x"), "2");
  },
  "tells nothing of what changed before": async (context) => {
    await createConfigMap(context, "a");
    await using watch = watchHere(context, { resourceVersion: await versionNow(context) });
    await createConfigMap(context, "b");
    deepEqual(seen(await watch.next()), ["ADDED", "b"]);
  },
  "tells only of its namespace": async (context) => {
    await using watch = watchHere(context, { resourceVersion: await versionNow(context) });
    await createConfigMap({ ...context, namespace: "default" }, context.namespace);
    await context.cluster.delete(
      { ...CONFIG_MAPS, namespace: "default", name: context.namespace },
      {},
      context,
    );
    await createConfigMap(context, "mine");
    deepEqual(seen(await watch.next()), ["ADDED", "mine"]);
  },
  "tells nothing of changes that change nothing": async (context) => {
    await createConfigMap(context, "a", { data: { x: "y" } });
    await using watch = watchHere(context, { resourceVersion: await versionNow(context) });
    await patchA(context, { data: { x: "y" } });
    await createConfigMap(context, "b");
    deepEqual(seen(await watch.next()), ["ADDED", "b"]);
  },
  "shows objects move into a selection and out of it": async (context) => {
    const resourceVersion = await versionNow(context);
    await using watch = watchHere(context, { resourceVersion, labelSelector: "app=web" });
    await createConfigMap(context, "a", { data: { x: "1" } });
    await patchA(context, { metadata: { labels: { app: "web" } } });
    await patchA(context, { data: { x: "2" } });
    await patchA(context, { metadata: { labels: { app: "db" } }, data: { x: "3" } });
    await createConfigMap(context, "b", { metadata: { labels: { app: "web" } } });
    deepEqual(seen(await watch.next()), ["ADDED", "a"]);
    deepEqual(seen(await watch.next()), ["MODIFIED", "a"]);
    const left = await watch.next();
    deepEqual([...seen(left), at(left?.object, "data.x")], ["DELETED", "a", "2"]);
    deepEqual(seen(await watch.next()), ["ADDED", "b"]);
  },
  "watches one object by its name": async (context) => {
    const resourceVersion = await versionNow(context);
    await using watch = watchHere(context, { resourceVersion, fieldSelector: "metadata.name=b" });
    await createConfigMap(context, "a");
    await createConfigMap(context, "b");
    deepEqual(seen(await watch.next()), ["ADDED", "b"]);
  },
  "watches metadata alone": async (context) => {
    const resourceVersion = await versionNow(context);
    await using watch = watchHere(context, { resourceVersion, metadataOnly: true });
    const made = await createConfigMap(context, "a", { data: { x: "y" } });
    deepEqual(await watch.next(), {
      type: "ADDED",
      object: { apiVersion: "v1", kind: "ConfigMap", metadata: made.metadata },
    });
  },
  "watches from the version of a list of nothing": async (context) => {
    const { resourceVersion } = await context.cluster.list(CONFIG_MAPS, {
      namespace: context.namespace,
    }, context);
    await createConfigMap(context, "a");
    await using watch = watchHere(context, { resourceVersion });
    deepEqual(seen(await watch.next()), ["ADDED", "a"]);
  },
  "tells of a deletion that finalizers delay": async (context) => {
    await createConfigMap(context, "a", { metadata: { finalizers: ["example.com/x"] } });
    await using watch = watchHere(context, { resourceVersion: await versionNow(context) });
    await context.cluster.delete(configMapPath(context, "a"), {}, context);
    await patchA(context, { metadata: { finalizers: null } });
    const marked = await watch.next();
    deepEqual(seen(marked), ["MODIFIED", "a"]);
    ok(at(marked?.object, "metadata.deletionTimestamp") !== undefined);
    deepEqual(seen(await watch.next()), ["DELETED", "a"]);
  },
  "rejects a watch with the reason of its abort": async (
    { cluster, namespace, signal, ...rest },
  ) => {
    const stop = new AbortController();
    const resourceVersion = await versionNow({ cluster, namespace, signal, ...rest });
    const events = cluster.watch(CONFIG_MAPS, { namespace, resourceVersion }, stop);
    const waiting = events[Symbol.asyncIterator]().next();
    stop.abort(new RangeError("enough"));
    await rejects(waiting, { name: "RangeError", message: "enough" });
  },
  "refuses to watch a kind that is not served": async ({ cluster, signal }) => {
    const kind = { apiVersion: "frobs.example.com/v1", kind: "Frob", plural: "frobs" };
    const events = cluster.watch(kind, { resourceVersion: "1" }, { signal });
    await refused(events[Symbol.asyncIterator]().next(), { status: 404 });
  },
};
