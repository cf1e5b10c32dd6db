// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import {
  FIRST_WATCH_STATE,
  nextWatchState,
  type WatchObservation,
  type WatchState,
} from "../../../src/controller/watch/watch_machine.ts";
import type { ResourceType } from "../../../src/runtime/ports.ts";

const RESOURCE: ResourceType = {
  apiVersion: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  namespaced: true,
  hasStatus: false,
};
const LISTING: WatchState = { type: "listing", resource: RESOURCE, failures: 0 };
const WATCHING: WatchState = {
  type: "watching",
  resource: RESOURCE,
  resourceVersion: "7",
  failures: 0,
};
const refused = (status: number): WatchObservation => ({ type: "failed", status, retryAfterMs: 0 });

interface Case {
  readonly name: string;
  readonly state: WatchState;
  readonly seen: WatchObservation;
  readonly next: WatchState;
}

const CASES: readonly Case[] = [
  {
    name: "a served kind is listed",
    state: FIRST_WATCH_STATE,
    seen: { type: "discovered", resource: RESOURCE },
    next: LISTING,
  },
  {
    name: "a kind that is not served is waited for",
    state: FIRST_WATCH_STATE,
    seen: { type: "discovered", resource: undefined },
    next: {
      type: "waiting",
      fault: "notServed",
      failures: 1,
      retryAfterMs: 0,
      then: { type: "discovering", failures: 1 },
    },
  },
  {
    name: "a list goes on with its next page",
    state: LISTING,
    seen: { type: "page", list: { resourceVersion: "5", continue: "more" } },
    next: { ...LISTING, page: "more" },
  },
  {
    name: "the last page is followed by the watch from its version",
    state: { ...LISTING, page: "more" },
    seen: { type: "page", list: { resourceVersion: "7" } },
    next: WATCHING,
  },
  {
    name: "an event or a bookmark moves the watch on and ends its run of failures",
    state: { ...WATCHING, failures: 4 },
    seen: { type: "advanced", resourceVersion: "9" },
    next: { ...WATCHING, resourceVersion: "9" },
  },
  {
    name: "a watch that the server ended resumes where it was",
    state: WATCHING,
    seen: { type: "ended", isEarly: false },
    next: WATCHING,
  },
  {
    name: "a watch that ends at once resumes after a back-off",
    state: WATCHING,
    seen: { type: "ended", isEarly: true },
    next: {
      type: "waiting",
      fault: "unavailable",
      failures: 1,
      retryAfterMs: 0,
      then: { ...WATCHING, failures: 1 },
    },
  },
  {
    name: "410 leads to a new list at once",
    state: WATCHING,
    seen: refused(410),
    next: { ...LISTING, failures: 1 },
  },
  {
    name: "410 again and again leads to a new list after a back-off",
    state: { ...WATCHING, failures: 1 },
    seen: refused(410),
    next: {
      type: "waiting",
      fault: "unavailable",
      failures: 2,
      retryAfterMs: 0,
      then: { ...LISTING, failures: 2 },
    },
  },
  {
    name: "410 for a page begins the list anew",
    state: { ...LISTING, page: "old" },
    seen: refused(410),
    next: { ...LISTING, failures: 1 },
  },
  {
    name: "403 is looked at again from the beginning, later",
    state: WATCHING,
    seen: refused(403),
    next: {
      type: "waiting",
      fault: "forbidden",
      failures: 1,
      retryAfterMs: 0,
      then: { type: "discovering", failures: 1 },
    },
  },
  {
    name: "404 means that the kind went away",
    state: WATCHING,
    seen: refused(404),
    next: {
      type: "waiting",
      fault: "notServed",
      failures: 1,
      retryAfterMs: 0,
      then: { type: "discovering", failures: 1 },
    },
  },
  {
    name: "a lost connection resumes from the last version",
    state: { ...WATCHING, failures: 2 },
    seen: { type: "failed", retryAfterMs: 0 },
    next: {
      type: "waiting",
      fault: "unavailable",
      failures: 3,
      retryAfterMs: 0,
      then: { ...WATCHING, failures: 3 },
    },
  },
  {
    name: "Retry-After is carried into the wait",
    state: LISTING,
    seen: { type: "failed", status: 429, retryAfterMs: 9_000 },
    next: {
      type: "waiting",
      fault: "unavailable",
      failures: 1,
      retryAfterMs: 9_000,
      then: { ...LISTING, failures: 1 },
    },
  },
  {
    name: "a page that failed begins the list anew",
    state: { ...LISTING, page: "more" },
    seen: refused(503),
    next: {
      type: "waiting",
      fault: "unavailable",
      failures: 1,
      retryAfterMs: 0,
      then: { ...LISTING, failures: 1 },
    },
  },
];

for (const { name, state, seen, next } of CASES) {
  Deno.test(`watch: ${name}`, () => deepEqual(nextWatchState(state, seen), next));
}

Deno.test("watch: a wait ends where it was to lead", () => {
  const waiting = nextWatchState(WATCHING, { type: "failed", retryAfterMs: 0 });
  const next = nextWatchState(waiting, { type: "waited" });
  equal(next.type, "watching");
});
