// SPDX-License-Identifier: Apache-2.0

import type { KubernetesObject, Selection } from "../runtime/ports.ts";
import { selectionFilter } from "./selector.ts";
import type { ServedResource } from "./served_resource.ts";
import { inVersion, type ServerState } from "./server_state.ts";
import { badRequest, expired } from "./status_error.ts";
import type { WatchFeed } from "./watch_hub.ts";

/** A page of a list. */
export interface ListPage {
  readonly items: readonly KubernetesObject[];
  readonly version: number;
  readonly continue?: string;
  /** Items after this page; absent when a selector makes them unknown. */
  readonly remaining?: number;
}

/** Which part of a list is asked for. */
export interface ListRequest extends Omit<Selection, "metadataOnly"> {
  readonly limit?: number;
  readonly continue?: string;
}

/** Lists objects, a page at a time; all pages show the same moment. */
export type ListObjects = (resource: ServedResource, request: ListRequest) => ListPage;

interface Rest {
  readonly storage: string;
  readonly items: readonly KubernetesObject[];
  readonly version: number;
}

const KEPT_LISTS = 100;

/** {@linkcode ListObjects} over a state. Keeps the rest of at most 100 lists, oldest dropped. */
export function createListing(state: ServerState): ListObjects {
  const rests = new Map<string, Rest>();
  let lists = 0;

  function keep(rest: Rest): string {
    const token = `list-${++lists}`;
    rests.set(token, rest);
    const oldest = rests.keys().next().value;
    if (rests.size > KEPT_LISTS && oldest !== undefined) rests.delete(oldest);
    return token;
  }
  function begin(resource: ServedResource, request: ListRequest): Rest {
    const filter = selectionFilter(resource, request);
    const all = state.store.scan(resource.storage, request.namespace);
    return {
      storage: resource.storage,
      items: filter === undefined ? all : all.filter(filter),
      version: state.store.version,
    };
  }
  function resume(resource: ServedResource, token: string): Rest {
    const rest = rests.get(token);
    if (rest !== undefined && rest.storage === resource.storage) return rest;
    if (!/^list-\d+$/.test(token)) throw badRequest("continue key is not valid: " + token);
    throw expired(
      "The provided continue parameter is too old to display a consistent list result. You can " +
        "start a new list without the continue parameter.",
    );
  }
  return (resource, request) => {
    const rest = request.continue ? resume(resource, request.continue) : begin(resource, request);
    const size = request.limit === undefined || request.limit <= 0 ? Infinity : request.limit;
    const items = rest.items.slice(0, size).map((object) => inVersion(resource, object));
    if (rest.items.length <= size) return { items, version: rest.version };
    const left = rest.items.slice(size);
    const selected = request.labelSelector || request.fieldSelector;
    return {
      items,
      version: rest.version,
      continue: keep({ ...rest, items: left }),
      ...(selected ? {} : { remaining: left.length }),
    };
  };
}

/** Follows the changes of a kind after a version. */
export function watchObjects(
  state: ServerState,
  resource: ServedResource,
  request: Omit<Selection, "metadataOnly"> & { readonly version: number },
): WatchFeed {
  const { namespace } = request;
  const filter = selectionFilter(resource, request);
  const hub = state.store.hub(resource.storage);
  const feed = hub.follow(
    { ...(namespace === undefined ? {} : { namespace }), filter },
    request.version,
  );
  return {
    close: feed.close,
    async next() {
      const event = await feed.next();
      return event && { ...event, object: inVersion(resource, event.object) };
    },
  };
}
