// SPDX-License-Identifier: Apache-2.0

import type { JsonObject, JsonValue } from "../../language/mod.ts";
import type { KubernetesObject } from "../../runtime/ports.ts";
import type { ApiServer } from "../api_server.ts";
import { methodNotAllowed, StatusError } from "../status_error.ts";
import { answerJson } from "./answer.ts";
import { call, type ObjectRequest, tableContext } from "./object_request.ts";
import { readBody } from "./request_body.ts";
import { checkListVersion, deleteRequest, listRequest, watchVersion } from "./request_options.ts";
import { partialMetadata, renderTable } from "./table.ts";
import { streamWatch } from "./watch_stream.ts";

/** Lists objects. */
export async function listObjects(asked: ObjectRequest): Promise<Response> {
  const { query, route, resource, form, service: { server } } = asked;
  checkListVersion(query, server.state.store.version);
  const page = await call(
    asked,
    { verb: "list" },
    () => server.list(resource, listRequest(query, route)),
  );
  const metadata: JsonObject = {
    resourceVersion: String(page.version),
    ...(page.continue === undefined ? {} : { continue: page.continue }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  };
  switch (form) {
    case "table":
      return answerJson(renderTable(page.items, metadata, tableContext(asked)));
    case "metadata":
      return answerJson({
        kind: "PartialObjectMetadataList",
        apiVersion: "meta.k8s.io/v1",
        metadata,
        items: page.items.map(partialMetadata),
      });
    default: {
      const { listKind: kind, apiVersion } = resource;
      return answerJson({ kind, apiVersion, metadata, items: page.items });
    }
  }
}

/** Streams changes of objects. */
export async function watchObjects(asked: ObjectRequest): Promise<Response> {
  const { query, route, resource, service: { server, clock } } = asked;
  const selection = listRequest(query, route);
  const seconds = Number(query.get("timeoutSeconds") ?? 0);
  const stream = await call(asked, { verb: "watch" }, () => {
    const after = watchVersion(query);
    const page = after === undefined ? server.list(resource, selection) : undefined;
    const version = after ?? page?.version ?? server.state.store.version;
    return streamWatch(clock, {
      feed: followOrRefuse(() => server.watch(resource, { ...selection, version })),
      initial: (page?.items ?? []).map((object) => ({ type: "ADDED", object }) as const),
      bookmarks: query.get("allowWatchBookmarks") === "true",
      ...(seconds > 0 ? { timeoutMs: seconds * 1000 } : {}),
      render: (object, isFirst) => renderEvent(asked, object, isFirst),
    });
  });
  return new Response(stream, { headers: { "content-type": "application/json" } });
}

// A watch that begins too early is refused within its stream, as the API server does.
function followOrRefuse(follow: () => ReturnType<ApiServer["watch"]>) {
  try {
    return follow();
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 410) throw error;
    return { next: () => Promise.reject(error), close: () => {} };
  }
}

function renderEvent(asked: ObjectRequest, object: KubernetesObject, isFirst: boolean): JsonValue {
  if (asked.form === "metadata") return partialMetadata(object);
  if (asked.form !== "table") return object;
  const { resourceVersion = "" } = object.metadata;
  const isBookmark = object.metadata.name === undefined;
  const table = renderTable(isBookmark ? [] : [object], { resourceVersion }, tableContext(asked));
  return isFirst ? table : { ...table, columnDefinitions: null };
}

/** Deletes the objects of a selection. */
export async function deleteObjects(asked: ObjectRequest): Promise<Response> {
  const { resource, query, route, service: { server } } = asked;
  if (!resource.collectionDeletable) throw methodNotAllowed();
  const body = await readBody(asked.request);
  const request = deleteRequest(body, query);
  const items = await call(asked, { verb: "deletecollection", body }, () => {
    const page = server.list(resource, listRequest(query, route));
    for (const { metadata } of page.items) {
      const target = {
        resource,
        namespace: String(metadata.namespace ?? ""),
        name: String(metadata.name),
      };
      server.delete(target, request);
    }
    return page.items;
  });
  const metadata = { resourceVersion: String(server.state.store.version) };
  return answerJson({
    kind: resource.listKind,
    apiVersion: resource.apiVersion,
    metadata,
    items,
  });
}
