// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, rejects } from "node:assert/strict";
import { createResourceDiscovery } from "../../../src/adapters/kubernetes/resource_discovery.ts";
import { ClusterError } from "../../../src/runtime/ports.ts";

const SIGNAL = { signal: new AbortController().signal };
const WIDGET = { apiVersion: "example.com/v1", kind: "Widget" };
const SERVED = {
  resources: [
    { name: "widgets", kind: "Widget", namespaced: true },
    { name: "widgets/status", kind: "Widget", namespaced: true },
    { name: "gadgets", kind: "Gadget", namespaced: false },
  ],
};

/** A server whose answers a test sets, and a clock that a test moves. */
function world(answer: () => unknown) {
  const paths: string[] = [];
  let now = 0;
  const discovery = createResourceDiscovery({
    send: async ({ path }) => {
      paths.push(path);
      return await answer() as never;
    },
  }, { maxAgeMs: 600_000, minRetryMs: 2_000, now: () => now });
  return { discovery, paths, advance: (ms: number) => void (now += ms) };
}

Deno.test("discovery finds plural, scope and status of a kind", async () => {
  const { discovery } = world(() => SERVED);
  deepEqual(await discovery.find(WIDGET, SIGNAL), {
    ...WIDGET,
    plural: "widgets",
    namespaced: true,
    hasStatus: true,
  });
  deepEqual(await discovery.find({ ...WIDGET, kind: "Gadget" }, SIGNAL), {
    ...WIDGET,
    kind: "Gadget",
    plural: "gadgets",
    namespaced: false,
    hasStatus: false,
  });
});

Deno.test("discovery asks once for a group, however many want to know at once", async () => {
  const { discovery, paths } = world(() => SERVED);
  await Promise.all(Array.from({ length: 50 }, () => discovery.find(WIDGET, SIGNAL)));
  deepEqual(paths, ["/apis/example.com/v1"]);
});

Deno.test("discovery asks again for an unknown kind, but not more often than allowed", async () => {
  let answer: unknown = { resources: [] };
  const { discovery, paths, advance } = world(() => answer);
  for (let asked = 0; asked < 10; asked++) {
    equal(await discovery.find(WIDGET, SIGNAL), undefined);
  }
  equal(paths.length, 1);
  answer = SERVED;
  advance(1_999);
  equal(await discovery.find(WIDGET, SIGNAL), undefined);
  advance(1);
  equal((await discovery.find(WIDGET, SIGNAL))?.plural, "widgets");
  equal(paths.length, 2);
});

Deno.test("discovery takes a group that is not there for one without kinds", async () => {
  const { discovery } = world(() => {
    throw new ClusterError("refused", "404 page not found", { status: 404 });
  });
  equal(await discovery.find(WIDGET, SIGNAL), undefined);
});

Deno.test("discovery remembers no failure", async () => {
  let isAway = true;
  const { discovery } = world(() => {
    if (isAway) throw new ClusterError("unreachable", "away");
    return SERVED;
  });
  await rejects(discovery.find(WIDGET, SIGNAL), ClusterError);
  isAway = false;
  equal((await discovery.find(WIDGET, SIGNAL))?.plural, "widgets");
});

Deno.test("discovery asks again after ten minutes, and when told that it was wrong", async () => {
  const { discovery, paths, advance } = world(() => SERVED);
  await discovery.find(WIDGET, SIGNAL);
  advance(600_000);
  await discovery.find(WIDGET, SIGNAL);
  equal(paths.length, 2);
  discovery.forget("example.com/v1");
  await discovery.find(WIDGET, SIGNAL);
  equal(paths.length, 3);
});

Deno.test("discovery rejects with the caller's reason, and still answers the others", async () => {
  const gate = Promise.withResolvers<unknown>();
  const { discovery, paths } = world(() => gate.promise);
  const caller = new AbortController();
  const given = discovery.find(WIDGET, { signal: caller.signal });
  const waiting = discovery.find(WIDGET, SIGNAL);
  caller.abort("enough");
  await rejects(given, (reason) => reason === "enough");
  gate.resolve(SERVED);
  equal((await waiting)?.plural, "widgets");
  equal(paths.length, 1);
});
