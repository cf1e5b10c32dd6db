// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import { METRICS } from "../../../src/controller/metrics/metric_definitions.ts";
import { collectMetrics, createMetricsObserver } from "../../../src/controller/metrics/metrics.ts";
import type { MetricLabels, MetricSink } from "../../../src/runtime/ports.ts";
import { siteDefinitions } from "../site_definitions.ts";
import { createWorld, site, triggerDefinition } from "../world.ts";

/** Keeps what is measured: `name{label=value}` and the number; of a histogram how many values. */
function keptSink() {
  const values = new Map<string, number>();
  const names = Object.entries(METRICS);
  function keyOf(name: string, labels: MetricLabels, type: string): string {
    const [, definition] = names.find(([known]) => known === name) ?? [];
    equal(definition?.type, type, name);
    const given = Object.keys(labels).sort();
    deepEqual(given, [...definition?.labels ?? []].sort(), name);
    return `${name}{${Object.entries(labels).map((pair) => pair.join("=")).join()}}`;
  }
  const add = (key: string, by: number) => void values.set(key, (values.get(key) ?? 0) + by);
  const sink: MetricSink = {
    add: (name, labels, by = 1) => add(keyOf(name, labels, "counter"), by),
    set: (name, labels, value) => void values.set(keyOf(name, labels, "gauge"), value),
    observe: (name, labels) => add(keyOf(name, labels, "histogram"), 1),
    clear(name) {
      for (const key of values.keys()) if (key.startsWith(`${name}{`)) values.delete(key);
    },
  };
  return { sink, values };
}

Deno.test("metrics count what a controller does, by kind and Workflow, never by trigger", async () => {
  const { sink, values } = keptSink();
  const world = await createWorld({
    definitions: siteDefinitions(),
    objects: [triggerDefinition("Site")],
  });
  await world.create(site("secret-name"));
  await world.settle();
  await world.remove("ConfigMap", "secret-name");
  const observe = createMetricsObserver(sink);
  for (const event of world.events) observe(event);
  const value = (key: string) => values.get(key);
  const kind = "kind=Site.example.dev,workflow=site.v1";
  ok((value(`koreo_reconciles_total{${kind},outcome=Ok}`) ?? 0) >= 2);
  ok((value(`koreo_reconcile_duration_seconds{${kind}}`) ?? 0) >= 2);
  equal(value("koreo_objects_written_total{kind=ConfigMap,verb=create}"), 2);
  equal(value("koreo_drift_corrected_total{kind=ConfigMap}"), 1);
  equal(value("koreo_api_requests_total{verb=create,status=200}"), 2);
  ok((value("koreo_queue_wakes_total{reason=edited}") ?? 0) >= 1);
  equal([...values.keys()].some((key) => key.includes("secret-name")), false);
  await world.stop();
});

Deno.test("metrics say what is in force, what is held back, and how watches fare", async () => {
  const { sink, values } = keptSink();
  const world = await createWorld({
    definitions: siteDefinitions(),
    objects: [triggerDefinition("Site")],
  });
  await world.create(site("one"));
  await world.settle();
  const channel = {
    name: "stable",
    branch: "main",
    head: "b".repeat(40),
    definitions: 7,
    diagnostics: [],
  };
  const workflow = { namespace: "default", name: "a", revision: "main@sha1:b" };
  const heldBack = { revision: "main@sha1:b", author: "Ada", subject: "No", reason: "no" };
  const collect = (workflows: Parameters<typeof statusOf>[0]) =>
    collectMetrics(sink, { controller: world.controller.status(), registry: statusOf(workflows) });
  const statusOf = (workflows: readonly (typeof workflow & { heldBack?: typeof heldBack })[]) => ({
    channels: [{ ...channel, workflows }],
  });
  collect([workflow, { ...workflow, name: "b", revision: "main@sha1:a", heldBack }]);
  deepEqual(
    [...values].filter(([key]) => key.startsWith("koreo_channel")),
    [
      ["koreo_channel_revision_info{channel=stable,revision=main@sha1:b}", 1],
      ["koreo_channel_revision_info{channel=stable,revision=main@sha1:a}", 1],
      ["koreo_channel_workflows{channel=stable}", 2],
      ["koreo_channel_held_back{channel=stable}", 1],
      ["koreo_channel_failed{channel=stable}", 0],
      ["koreo_channel_definitions{channel=stable}", 7],
    ],
  );
  equal(values.get("koreo_watch_current{kind=Site.example.dev,role=trigger}"), 1);
  equal(values.get("koreo_managed_objects{}"), 1);
  equal(values.get("koreo_ready{}"), 1);
  collect([workflow]);
  const revisions = [...values.keys()].filter((key) => key.startsWith("koreo_channel_revision"));
  equal(revisions.length, 1);
  await world.stop();
});

Deno.test("metrics say how following repositories fares", () => {
  const { sink, values } = keptSink();
  const observe = createMetricsObserver(sink);
  const polled = { type: "source-polled", source: "platform", durationMs: 20, at: 5_000 } as const;
  observe(polled);
  observe({ ...polled, at: 9_000, failure: "unreachable" });
  observe({ type: "revision-judged", channel: "stable", revision: "main@sha1:a", durationMs: 9 });
  observe({ type: "tests-ran", tests: 5, failed: 2, durationMs: 9 });
  observe({ type: "events-lost", count: 3 });
  deepEqual(Object.fromEntries(values), {
    "koreo_source_polls_total{source=platform,result=ok}": 1,
    "koreo_source_polls_total{source=platform,result=unreachable}": 1,
    "koreo_source_poll_duration_seconds{source=platform}": 2,
    "koreo_source_last_success_timestamp_seconds{source=platform}": 5,
    "koreo_gate_duration_seconds{}": 1,
    "koreo_gate_tests_total{result=passed}": 3,
    "koreo_gate_tests_total{result=failed}": 2,
    "koreo_gate_tests_duration_seconds{}": 1,
    "koreo_events_lost_total{}": 3,
  });
});
