// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import type { ReleaseAnswer, ReleaseControl } from "../../../src/controller/release/canary.ts";
import { NO_RELEASES } from "../../../src/controller/release/canary.ts";
import { answerOn, requestPatch } from "../../../src/controller/release/release_request.ts";
import { createReleaseRequests } from "../../../src/controller/record/release_requests.ts";
import type { KubernetesObject, LogEntry } from "../../../src/runtime/ports.ts";
import {
  createManualClock,
  createSeededRandom,
  createSimulator,
} from "../../../src/simulator/mod.ts";

const { signal } = new AbortController();
const MAPS = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" };
const PATH = { ...MAPS, namespace: "koreo-system", name: "koreo-record-stable" };
const DONE: ReleaseAnswer = { type: "done", message: "Done", revision: "main@1" };
const ROLLBACK = { type: "rollback", revision: "", requestedAt: "2026-01-31T08:30:00Z" } as const;

/** What is said beyond that it was asked for. */
function why(reason: string): string {
  return reason.replace("it was asked for", "").replace(": ", " because ");
}

/** A head in a cluster, and what is asked of the releases by it. */
function setUp(annotations: Readonly<Record<string, string>> = {}) {
  const clock = createManualClock({ settle: () => new Promise((done) => setTimeout(done, 0)) });
  const simulator = createSimulator({ clock, namespaces: ["koreo-system"] });
  const asked: string[] = [];
  let recorded = Promise.resolve();
  const ready = Promise.withResolvers<void>();
  const logs: LogEntry[] = [];
  const releases: ReleaseControl = {
    ...NO_RELEASES,
    promote(channel, { revision, reason }) {
      asked.push(`promote ${channel} ${revision ?? "any"}${why(reason)}`);
      return DONE;
    },
    rollBack(channel, { to, takingBack, reason }) {
      const meant = takingBack === undefined ? "" : ` from ${takingBack}`;
      asked.push(`rollback ${channel} ${to ?? "any"}${meant}${why(reason)}`);
      return DONE;
    },
  };
  const { cluster } = simulator;
  const requests = createReleaseRequests({
    cluster,
    namespace: "koreo-system",
    releases,
    clock,
    random: createSeededRandom(1),
    logger: { log: (entry) => void logs.push(entry) },
    ready: ready.promise,
    recorded: () => recorded,
  });
  const stop = new AbortController();
  let running: Promise<void> = Promise.resolve();
  return {
    clock,
    simulator,
    asked,
    logs,
    create: () =>
      cluster.create({ ...MAPS, namespace: PATH.namespace }, {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: {
          name: PATH.name,
          namespace: PATH.namespace,
          labels: { "koreo.dev/record": "channel" },
          annotations: { "koreo.dev/record-channel": "stable", ...annotations },
        },
      }, { signal }),
    async start({ isReady = true } = {}) {
      if (isReady) ready.resolve();
      running = requests.run({ signal: stop.signal });
      await clock.advance(0);
    },
    /** From now on nothing is recorded, until it is called. */
    holdRecord() {
      const held = Promise.withResolvers<void>();
      recorded = held.promise;
      return held.resolve;
    },
    becomeReady: () => ready.resolve(),
    patch: (body: ReturnType<typeof requestPatch>) =>
      cluster.patch(PATH, { type: "merge", body }, { signal }),
    head: async () => await cluster.get(PATH, { signal }) as KubernetesObject,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await clock.advance(60_000);
      await running;
    },
  };
}

Deno.test("a request on the head of a record is carried out, answered and taken away", async () => {
  await using world = setUp();
  await world.create();
  await world.start();
  deepEqual(world.asked, []);
  await world.patch(requestPatch({ ...ROLLBACK, type: "promote", revision: "main@2" }));
  await world.clock.advance(0);
  deepEqual(world.asked, ["promote stable main@2"]);
  const head = await world.head();
  deepEqual(answerOn(head), {
    type: "promote",
    revision: "main@2",
    requestedAt: ROLLBACK.requestedAt,
    result: "done",
    message: "Done",
    inForce: "main@1",
  });
  deepEqual(Object.keys(head.metadata.annotations as object).sort(), [
    "koreo.dev/record-channel",
    "koreo.dev/release-answer",
  ]);
});

Deno.test("a request that somebody annotated by hand before the start is carried out", async () => {
  await using world = setUp({ "koreo.dev/rollback": "" });
  await world.create();
  await world.start();
  deepEqual(world.asked, ["rollback stable any"]);
  equal(answerOn(await world.head())?.result, "done");
});

Deno.test("a request is carried out once, however long its answer takes and whatever else changes", async () => {
  await using world = setUp();
  await world.create();
  await world.start();
  const failing = world.simulator.faults.inject({
    // Only answers are JSON patches here.
    matches: ({ verb, body }) => verb === "patch" && Array.isArray(body),
    times: Infinity,
    effect: { type: "refuse", status: 503 },
  });
  await world.patch(requestPatch(ROLLBACK));
  await world.clock.advance(500);
  // The record is written meanwhile.
  await world.patch({ data: { revision: "main@1" } });
  await world.clock.advance(5_000);
  equal(failing.struck > 1, true);
  deepEqual(world.asked, ["rollback stable any"]);
  equal(answerOn(await world.head()), undefined);
  failing.remove();
  await world.clock.advance(60_000);
  deepEqual(world.asked, ["rollback stable any"]);
  equal(answerOn(await world.head())?.result, "done");
  // Asked again, it is another request.
  await world.patch(requestPatch({ ...ROLLBACK, requestedAt: "2026-01-31T08:31:00Z" }));
  await world.clock.advance(0);
  equal(world.asked.length, 2);
});

Deno.test("a request waits until what is in force is known", async () => {
  await using world = setUp({ "koreo.dev/rollback": "" });
  await world.create();
  await world.start({ isReady: false });
  await world.clock.advance(5_000);
  deepEqual([world.asked, answerOn(await world.head())], [[], undefined]);
  world.becomeReady();
  await world.clock.advance(0);
  await world.clock.advance(0);
  deepEqual(world.asked, ["rollback stable any"]);
});

Deno.test("a request that is never heard ends with the process", async () => {
  await using world = setUp();
  await world.start({ isReady: false });
  deepEqual(world.asked, []);
});

Deno.test("a rollback says what it is meant to take back", async () => {
  await using world = setUp();
  await world.create();
  await world.start();
  await world.patch(requestPatch({ ...ROLLBACK, takingBack: "main@2" }));
  await world.clock.advance(0);
  deepEqual(world.asked, ["rollback stable any from main@2"]);
  deepEqual(Object.keys((await world.head()).metadata.annotations as object).sort(), [
    "koreo.dev/record-channel",
    "koreo.dev/release-answer",
  ]);
});

const REASONS = [
  { name: "in its words", reason: "it is slow, Ada", told: " because it is slow, Ada" },
  { name: "in one line", reason: " it\n\tis  slow\n", told: " because it is slow" },
  { name: "in 300 characters", reason: "x".repeat(400), told: ` because ${"x".repeat(300)}` },
  { name: "not at all where nothing is said", reason: " ", told: "" },
] as const;

for (const { name, reason, told } of REASONS) {
  Deno.test(`a request says why, ${name}`, async () => {
    await using world = setUp();
    await world.create();
    await world.start();
    await world.patch(requestPatch({ ...ROLLBACK, reason }));
    await world.clock.advance(0);
    deepEqual(world.asked, [`rollback stable any${told}`]);
    // It is gone with its request, and is no reason of the next one.
    await world.patch(requestPatch({ ...ROLLBACK, type: "promote", requestedAt: "later" }));
    await world.clock.advance(0);
    deepEqual(world.asked.slice(1), ["promote stable any"]);
    deepEqual(Object.keys((await world.head()).metadata.annotations as object).sort(), [
      "koreo.dev/record-channel",
      "koreo.dev/release-answer",
    ]);
  });
}

Deno.test("a request stays until a restart would find what it led to", async () => {
  await using world = setUp();
  await world.create();
  await world.start();
  const record = world.holdRecord();
  await world.patch(requestPatch(ROLLBACK));
  await world.clock.advance(5_000);
  deepEqual([world.asked, answerOn(await world.head())], [["rollback stable any"], undefined]);
  record();
  await world.clock.advance(0);
  await world.clock.advance(0);
  equal(answerOn(await world.head())?.result, "done");
});

Deno.test("a request is answered also where nothing can be recorded", async () => {
  await using world = setUp();
  await world.create();
  await world.start();
  world.holdRecord();
  await world.patch(requestPatch(ROLLBACK));
  await world.clock.advance(10_000);
  await world.clock.advance(0);
  equal(answerOn(await world.head())?.result, "done");
});

Deno.test("what else stands in the annotation of the answer is no answer", () => {
  for (const text of ["", "[]", "7", "{"]) {
    const metadata = { annotations: { "koreo.dev/release-answer": text } };
    equal(answerOn({ apiVersion: "v1", kind: "ConfigMap", metadata }), undefined);
  }
});
