// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import { createKindWatch, type WatchHealth } from "../../../src/controller/watch/kind_watch.ts";
import { NAMESPACES } from "../../../src/controller/watch/metadata_kinds.ts";
import { watchReport } from "../../../src/controller/watch/watch_report.ts";
import { ClusterError } from "../../../src/runtime/ports.ts";
import {
  createManualClock,
  createSeededRandom,
  createSimulator,
  type FaultRule,
} from "../../../src/simulator/mod.ts";

const PATH = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespace: "default" };
const never = new AbortController().signal;

/** A watch of ConfigMaps on a simulator, and what it says. */
function setUp(faults: readonly FaultRule[] = [], pageSize = 500) {
  const clock = createManualClock({ settle: () => new Promise((done) => setTimeout(done, 0)) });
  const calls: string[] = [];
  const simulator = createSimulator({ clock, onCall: ({ verb }) => void calls.push(verb) });
  for (const fault of faults) simulator.faults.inject(fault);
  const seen: string[] = [];
  const health: WatchHealth[] = [];
  const watch = createKindWatch({
    cluster: simulator.cluster,
    clock,
    random: createSeededRandom(),
    kind: { apiVersion: "v1", kind: "ConfigMap" },
    selection: { namespace: "default" },
    pageSize,
    sink: {
      listBegan: () => void seen.push("["),
      listed: ({ metadata }) => void seen.push(String(metadata.name)),
      listEnded: () => void seen.push("]"),
      changed: ({ type, object }) => void seen.push(`${type} ${object.metadata.name}`),
      healthChanged: (next) => void health.push(next),
    },
  });
  const make = (name: string) =>
    simulator.cluster.create(PATH, { apiVersion: "v1", kind: "ConfigMap", metadata: { name } }, {
      signal: never,
    });
  return { clock, calls, simulator, seen, health, watch, make };
}

Deno.test("kind watch: lists in pages, then follows, and ends on the abort", async () => {
  const { clock, calls, seen, health, watch, make } = setUp([], 2);
  for (const name of ["a", "b", "c"]) await make(name);
  calls.splice(0);
  const stop = new AbortController();
  const running = watch.run({ signal: stop.signal });
  await clock.advance(0);
  await make("d");
  await clock.advance(0);
  deepEqual(seen, ["[", "a", "b", "c", "]", "ADDED d"]);
  deepEqual(calls, ["discover", "list", "list", "watch", "create"]);
  deepEqual(health, ["current"]);
  stop.abort();
  await running;
});

Deno.test("kind watch: a server that ends every watch at once is not asked in a tight loop", async () => {
  const { clock, calls, simulator, watch } = setUp();
  const stop = new AbortController();
  const running = watch.run({ signal: stop.signal });
  for (let second = 0; second < 300; second++) {
    await clock.advance(1_000);
    if (watch.health !== "starting") simulator.dropWatches();
  }
  const watches = calls.filter((verb) => verb === "watch").length;
  ok(watches > 5 && watches <= 301, `${watches} watches`);
  equal(calls.filter((verb) => verb === "list").length, 1);
  stop.abort();
  await running;
});

Deno.test("kind watch: one that is open again is current, though nothing happens to its kind", async () => {
  const { clock, calls, simulator, health, watch } = setUp();
  const stop = new AbortController();
  const running = watch.run({ signal: stop.signal });
  await clock.advance(1_500);
  const isWatch = ({ verb }: { readonly verb: string }) => verb === "watch";
  simulator.faults.inject({ matches: isWatch, effect: { type: "cut" } });
  simulator.dropWatches();
  await clock.advance(0);
  deepEqual(health, ["current", "unavailable"]);
  await clock.advance(5_000);
  deepEqual(health, ["current", "unavailable", "current"]);
  equal(calls.filter((verb) => verb === "list").length, 1);
  stop.abort();
  await running;
  equal(clock.sleeping <= 1, true, "nothing of the watch waits on");
});

Deno.test("kind watch: Retry-After is honoured", async () => {
  const { clock, calls, watch } = setUp([{
    matches: ({ verb }) => verb === "list",
    effect: { type: "refuse", status: 429, retryAfterSeconds: 60 },
  }]);
  const stop = new AbortController();
  const running = watch.run({ signal: stop.signal });
  await clock.advance(59_000);
  equal(calls.filter((verb) => verb === "list").length, 1);
  await clock.advance(2_000);
  equal(calls.filter((verb) => verb === "list").length, 2);
  equal(watch.health, "current");
  stop.abort();
  await running;
});

Deno.test("kind watch: 410 while a list is read begins it anew", async () => {
  const { clock, seen, watch, make } = setUp([{
    matches: ({ verb }) => verb === "list",
    nth: 2,
    effect: { type: "expire" },
  }], 2);
  for (const name of ["a", "b", "c"]) await make(name);
  const stop = new AbortController();
  const running = watch.run({ signal: stop.signal });
  await clock.advance(0);
  deepEqual(seen, ["[", "a", "b", "[", "a", "b", "c", "]"]);
  stop.abort();
  await running;
});

Deno.test("kind watch: a server that forbids for a moment, as it does when it starts, is asked again soon", async () => {
  const { clock, health, watch } = setUp([{
    matches: ({ verb }) => verb === "list",
    times: 3,
    effect: { type: "refuse", status: 403, reason: "Forbidden" },
  }]);
  const stop = new AbortController();
  const running = watch.run({ signal: stop.signal });
  await clock.advance(0);
  equal(watch.health, "forbidden");
  for (let second = 0; second < 8; second++) await clock.advance(1_000);
  deepEqual(health.at(-1), "current");
  stop.abort();
  await running;
});

const SITE = { apiVersion: "example.dev/v1", kind: "Site", role: "trigger" } as const;

Deno.test("kind watch: a hint that comes while the kind is looked for is not lost", async () => {
  const clock = createManualClock({ settle: () => new Promise((done) => setTimeout(done, 0)) });
  const simulator = createSimulator({ clock });
  let looks = 0;
  let isServed = false;
  const watch = createKindWatch({
    cluster: {
      ...simulator.cluster,
      async discover(kind, options) {
        looks++;
        const answer = isServed ? await simulator.cluster.discover(kind, options) : undefined;
        // The kind comes to be served after the server has answered, before the answer is here.
        if (looks === 8) {
          isServed = true;
          watch.retryNow();
        }
        return answer;
      },
    },
    clock,
    random: createSeededRandom(),
    kind: { apiVersion: "v1", kind: "ConfigMap" },
    selection: {},
    sink: {
      listBegan: () => {},
      listed: () => {},
      listEnded: () => {},
      changed: () => {},
      healthChanged: () => {},
    },
  });
  const stop = new AbortController();
  const running = watch.run({ signal: stop.signal });
  while (looks < 8) await clock.advance(1_000);
  await clock.advance(5_000);
  equal(watch.health, "current");
  stop.abort();
  await running;
});

Deno.test("kind watch: an answer that was here before the abort is not taken", async () => {
  const { clock, simulator, seen } = setUp();
  const stop = new AbortController();
  const watch = createKindWatch({
    cluster: {
      ...simulator.cluster,
      async list(...call) {
        const list = await simulator.cluster.list(...call);
        stop.abort();
        return list;
      },
    },
    clock,
    random: createSeededRandom(),
    kind: { apiVersion: "v1", kind: "ConfigMap" },
    selection: {},
    sink: {
      listBegan: () => void seen.push("["),
      listed: () => {},
      listEnded: () => void seen.push("]"),
      changed: () => {},
      healthChanged: (health) => void seen.push(health),
    },
  });
  await watch.run({ signal: stop.signal });
  deepEqual(seen, []);
});

Deno.test("the log says what cannot be watched, why, and when it is tried again", () => {
  const cause = new ClusterError("refused", "sites is forbidden", { status: 403 });
  const lines = ([
    { followed: SITE, health: "current" },
    { followed: SITE, health: "notServed", retryMs: 1_400 },
    { followed: SITE, health: "forbidden", cause, retryMs: 30_000 },
    { followed: { ...SITE, role: "managed" }, health: "unavailable", cause, retryMs: 900 },
    { followed: NAMESPACES, health: "forbidden", retryMs: 1_000 },
  ] as const).map((report) => watchReport(report).message);
  deepEqual(lines, [
    "Watching Site (example.dev/v1)",
    "Cannot watch Site (example.dev/v1): the cluster does not serve this kind; looked for again " +
    "when a CustomResourceDefinition changes and in 2 s; its triggers are not reconciled until then",
    "Cannot watch Site (example.dev/v1): missing permission to list and watch it: sites is " +
    "forbidden; tried again in 30 s; its triggers are not reconciled until then",
    "Cannot watch Site (example.dev/v1): sites is forbidden; tried again in 1 s; until then " +
    "changes by others are noticed at the next resync",
    "Cannot watch Namespace (v1): missing permission to list and watch it; tried again in 1 s; no " +
    "label of a Namespace counts for the channel of its triggers until then",
  ]);
});
