// SPDX-License-Identifier: Apache-2.0

import { groupOf } from "../../runtime/mod.ts";
import type { MetricLabels, MetricSink } from "../../runtime/ports.ts";
import type { ControllerStatus } from "../controller.ts";
import type { ControllerEvent, ControllerObserver } from "../events/controller_event.ts";
import type { MetricName } from "./metric_definitions.ts";
import type { ChannelStatus, RegistryStatus } from "../feed/channel_status.ts";
import type { KindName } from "../queue/trigger_key.ts";

/** Counts and measures what happens. */
export function createMetricsObserver(sink: MetricSink): ControllerObserver {
  const to = namedSink(sink);
  return (event) => {
    measureReconciling(to, event);
    measureFollowing(to, event);
  };
}

/** A sink that takes the names of {@linkcode METRICS} alone. */
interface NamedSink {
  add(name: MetricName, labels?: MetricLabels, by?: number): void;
  set(name: MetricName, labels: MetricLabels, value: number): void;
  observe(name: MetricName, labels: MetricLabels, value: number): void;
  clear(name: MetricName): void;
}

function namedSink(sink: MetricSink): NamedSink {
  return { ...sink, add: (name, labels = {}, by = 1) => sink.add(name, labels, by) };
}

function measureReconciling(to: NamedSink, event: ControllerEvent): void {
  switch (event.type) {
    case "turn-started":
      to.observe("koreo_queue_wait_seconds", {}, event.waitMs / 1000);
      for (const reason of event.reasons) to.add("koreo_queue_wakes_total", { reason });
      return;
    case "run-ended": {
      const { workflow = "", outcome, durationMs } = event;
      const kind = kindText(event.trigger);
      to.add("koreo_reconciles_total", { kind, workflow, outcome: outcome.type });
      to.observe("koreo_reconcile_duration_seconds", { kind, workflow }, durationMs / 1000);
      return;
    }
    case "turn-failed":
      return to.add("koreo_reconcile_failures_total", { kind: kindText(event.trigger) });
    case "object-written": {
      const kind = kindText(event.object);
      to.add("koreo_objects_written_total", { kind, verb: event.verb });
      if (event.isHealing) to.add("koreo_drift_corrected_total", { kind });
      return;
    }
    case "contested":
      return to.add("koreo_contests_total", { kind: kindText(event.object) });
    case "events-lost":
      return to.add("koreo_events_lost_total", {}, event.count);
  }
}

function measureFollowing(to: NamedSink, event: ControllerEvent): void {
  switch (event.type) {
    case "request-ended": {
      const { verb, status, durationMs } = event;
      to.add("koreo_api_requests_total", { verb, status: String(status) });
      if (verb === "watch") return;
      return to.observe("koreo_api_request_duration_seconds", { verb }, durationMs / 1000);
    }
    case "source-polled": {
      const { source, durationMs, at, failure = "ok" } = event;
      to.add("koreo_source_polls_total", { source, result: failure });
      to.observe("koreo_source_poll_duration_seconds", { source }, durationMs / 1000);
      if (failure !== "ok") return;
      return to.set("koreo_source_last_success_timestamp_seconds", { source }, at / 1000);
    }
    case "release-stepped":
      return to.add("koreo_release_steps_total", { channel: event.channel, step: event.step });
    case "revision-judged":
      return to.observe("koreo_gate_duration_seconds", {}, event.durationMs / 1000);
    case "tests-ran":
      to.add("koreo_gate_tests_total", { result: "passed" }, event.tests - event.failed);
      to.add("koreo_gate_tests_total", { result: "failed" }, event.failed);
      return to.observe("koreo_gate_tests_duration_seconds", {}, event.durationMs / 1000);
  }
}

/** Sets the gauges to what is so now. */
export function collectMetrics(
  sink: MetricSink,
  now: { readonly controller: ControllerStatus; readonly registry: RegistryStatus },
): void {
  const to = namedSink(sink);
  for (const name of COLLECTED) to.clear(name);
  collectController(to, now.controller);
  for (const channel of now.registry.channels) collectChannel(to, channel);
}

/** Gauges whose labels come and go. */
const COLLECTED: readonly MetricName[] = [
  "koreo_watch_current",
  "koreo_watched_objects",
  "koreo_channel_revision_info",
  "koreo_channel_workflows",
  "koreo_channel_held_back",
  "koreo_channel_failed",
  "koreo_channel_definitions",
  "koreo_canary_triggers",
];

function collectController(to: NamedSink, status: ControllerStatus): void {
  to.set("koreo_ready", {}, status.isReady ? 1 : 0);
  to.set("koreo_triggers", {}, status.triggers);
  to.set("koreo_managed_objects", {}, status.managedObjects);
  for (const state of ["ready", "delayed", "running"] as const) {
    to.set("koreo_queue_triggers", { state }, status.queue[state]);
  }
  for (const watch of status.watches) {
    const labels = { kind: kindText(watch), role: watch.role };
    to.set("koreo_watch_current", labels, watch.health === "current" ? 1 : 0);
    to.set("koreo_watched_objects", labels, watch.objects);
  }
}

function collectChannel(to: NamedSink, status: ChannelStatus): void {
  const { name: channel, workflows, definitions, error, canary } = status;
  for (const revision of new Set(workflows.flatMap((workflow) => workflow.revision ?? []))) {
    to.set("koreo_channel_revision_info", { channel, revision }, 1);
  }
  const heldBack = workflows.filter((workflow) => workflow.heldBack !== undefined);
  to.set("koreo_channel_workflows", { channel }, workflows.length);
  to.set("koreo_channel_held_back", { channel }, heldBack.length);
  to.set("koreo_channel_failed", { channel }, error === undefined ? 0 : 1);
  to.set("koreo_channel_definitions", { channel }, definitions);
  if (canary?.progress === undefined) return;
  const { triggers: all, ran, ready, failed } = canary.progress;
  for (const [state, count] of Object.entries({ all, ran, ready, failed })) {
    to.set("koreo_canary_triggers", { channel, state }, count);
  }
}

/** `WebApp.apps.example.com`. */
function kindText({ apiVersion, kind }: KindName): string {
  const group = groupOf(apiVersion);
  return group === "" ? kind : `${kind}.${group}`;
}
