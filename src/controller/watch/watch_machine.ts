// SPDX-License-Identifier: Apache-2.0

import type { ObjectList, ResourceType } from "../../runtime/ports.ts";
import { unreachable } from "../../language/mod.ts";

/** Why a watch does not follow its kind at the moment. */
export type WatchFault =
  /** The cluster does not serve the kind. */
  | "notServed"
  /** We may not list or watch it. */
  | "forbidden"
  /** No answer, or one that means that the server cannot answer now. */
  | "unavailable";

/** Where a watch stands. */
export type WatchState =
  | { readonly type: "discovering"; readonly failures: number }
  | {
    readonly type: "listing";
    readonly resource: ResourceType;
    readonly failures: number;
    /** Token of the page to ask for; absent for the first. */
    readonly page?: string;
  }
  | {
    readonly type: "watching";
    readonly resource: ResourceType;
    readonly resourceVersion: string;
    readonly failures: number;
  }
  | {
    readonly type: "waiting";
    readonly fault: WatchFault;
    readonly failures: number;
    readonly retryAfterMs: number;
    readonly then: Exclude<WatchState, { type: "waiting" }>;
  };

/** What happened to a watch. */
export type WatchObservation =
  | { readonly type: "discovered"; readonly resource: ResourceType | undefined }
  | { readonly type: "page"; readonly list: Pick<ObjectList, "resourceVersion" | "continue"> }
  /** An event or a bookmark: everything up to this version is known. */
  | { readonly type: "advanced"; readonly resourceVersion: string }
  /** The server ended the watch. */
  | { readonly type: "ended"; readonly isEarly: boolean }
  | { readonly type: "failed"; readonly status?: number; readonly retryAfterMs: number }
  | { readonly type: "waited" };

/** Where every watch begins. */
export const FIRST_WATCH_STATE: WatchState = { type: "discovering", failures: 0 };

/** Where a watch goes from `state` after an observation. Never throws for what a server may say. */
export function nextWatchState(state: WatchState, seen: WatchObservation): WatchState {
  switch (seen.type) {
    case "discovered":
      return afterDiscovery(state, seen.resource);
    case "page":
      return afterPage(state, seen.list);
    case "advanced":
      return state.type === "watching"
        ? { ...state, resourceVersion: seen.resourceVersion, failures: 0 }
        : state;
    case "ended":
      // A server that ends every watch at once must not be asked in a tight loop.
      return seen.isEarly ? wait(state, "unavailable", 0) : { ...state, failures: 0 };
    case "failed":
      return afterFailure(state, seen.status, seen.retryAfterMs);
    case "waited":
      return state.type === "waiting" ? state.then : state;
    default:
      return unreachable(seen);
  }
}

function afterDiscovery(state: WatchState, resource: ResourceType | undefined): WatchState {
  if (resource === undefined) return wait(state, "notServed", 0);
  return { type: "listing", resource, failures: state.failures };
}

function afterPage(
  state: WatchState,
  { resourceVersion, continue: page }: Pick<ObjectList, "resourceVersion" | "continue">,
): WatchState {
  if (state.type !== "listing") return state;
  const { resource, failures } = state;
  if (page !== undefined && page !== "") return { type: "listing", resource, failures, page };
  return { type: "watching", resource, resourceVersion, failures };
}

function afterFailure(
  state: WatchState,
  status: number | undefined,
  retryAfterMs: number,
): WatchState {
  if (status === 410) return afterExpiry(state);
  if (status === 404) return wait(restart(state), "notServed", retryAfterMs);
  if (status === 401 || status === 403) return wait(restart(state), "forbidden", retryAfterMs);
  return wait(state, "unavailable", retryAfterMs);
}

/** The version or the page is too old: list afresh, at once the first time. */
function afterExpiry(state: WatchState): WatchState {
  if (state.type !== "listing" && state.type !== "watching") return state;
  const { resource, failures } = state;
  const listing: WatchState = { type: "listing", resource, failures: failures + 1 };
  return failures === 0 ? listing : wait({ ...listing, failures }, "unavailable", 0);
}

function restart(state: WatchState): WatchState {
  return { type: "discovering", failures: state.failures };
}

function wait(state: WatchState, fault: WatchFault, retryAfterMs: number): WatchState {
  const goal = state.type === "waiting" ? state.then : state;
  const failures = state.failures + 1;
  return { type: "waiting", fault, failures, retryAfterMs, then: { ...firstPage(goal), failures } };
}

/** A list that failed begins anew: its first pages are no longer in the sink's hands. */
function firstPage(
  state: Exclude<WatchState, { type: "waiting" }>,
): Exclude<WatchState, { type: "waiting" }> {
  if (state.type !== "listing") return state;
  return { type: "listing", resource: state.resource, failures: state.failures };
}
