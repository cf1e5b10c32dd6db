// SPDX-License-Identifier: Apache-2.0

import type { MetricDefinition } from "../../runtime/ports.ts";

/** Seconds of what goes from a millisecond to a minute. */
const SHORT = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** Seconds of what goes from ten milliseconds to ten minutes. */
const LONG = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 600];

const counter = (help: string, ...labels: readonly string[]): MetricDefinition => ({
  type: "counter",
  help,
  labels,
});
const gauge = (help: string, ...labels: readonly string[]): MetricDefinition => ({
  type: "gauge",
  help,
  labels,
});
const histogram = (
  buckets: readonly number[],
  help: string,
  ...labels: readonly string[]
): MetricDefinition => ({ type: "histogram", help, labels, buckets });

/** The name of a metric. Written out: the package is published with its types. */
export type MetricName =
  | "koreo_ready"
  | "koreo_triggers"
  | "koreo_managed_objects"
  | "koreo_queue_triggers"
  | "koreo_queue_wait_seconds"
  | "koreo_queue_wakes_total"
  | "koreo_reconciles_total"
  | "koreo_reconcile_duration_seconds"
  | "koreo_reconcile_failures_total"
  | "koreo_objects_written_total"
  | "koreo_drift_corrected_total"
  | "koreo_contests_total"
  | "koreo_api_requests_total"
  | "koreo_api_request_duration_seconds"
  | "koreo_watch_current"
  | "koreo_watched_objects"
  | "koreo_channel_revision_info"
  | "koreo_channel_workflows"
  | "koreo_channel_held_back"
  | "koreo_channel_failed"
  | "koreo_channel_definitions"
  | "koreo_canary_triggers"
  | "koreo_release_steps_total"
  | "koreo_source_polls_total"
  | "koreo_source_poll_duration_seconds"
  | "koreo_source_last_success_timestamp_seconds"
  | "koreo_gate_duration_seconds"
  | "koreo_gate_tests_total"
  | "koreo_gate_tests_duration_seconds"
  | "koreo_events_lost_total"
  | "koreo_event_loop_delay_seconds"
  | "process_resident_memory_bytes"
  | "process_cpu_seconds_total"
  | "process_start_time_seconds";

/**
 * Every metric by its name. Labels hold kinds (`WebApp.apps.example.com`), Workflows, channels and
 * sources, of which there are few; never names of triggers or objects, and no messages.
 */
export const METRICS: Readonly<Record<MetricName, MetricDefinition>> = {
  koreo_ready: gauge("1 once definitions are loaded and what is watched was listed"),
  koreo_triggers: gauge("Triggers"),
  koreo_managed_objects: gauge("Distinct objects that triggers manage"),
  koreo_queue_triggers: gauge(
    "Triggers by where they stand: `ready` wait for a worker, `delayed` are due later, `running`",
    "state",
  ),
  koreo_queue_wait_seconds: histogram(LONG, "Time that a trigger was due before its turn began"),
  koreo_queue_wakes_total: counter("Why turns of triggers were due; `retry` among them", "reason"),
  koreo_reconciles_total: counter(
    "Runs of Workflows by outcome; without a Workflow that could be chosen `workflow` is empty",
    ...["kind", "workflow", "outcome"],
  ),
  koreo_reconcile_duration_seconds: histogram(SHORT, "Time of a run", "kind", "workflow"),
  koreo_reconcile_failures_total: counter(
    "Turns that came to no end: the trigger could not be read, or a fault of the controller",
    "kind",
  ),
  koreo_objects_written_total: counter("Managed objects written", "kind", "verb"),
  koreo_drift_corrected_total: counter("Changes by others that were put right", "kind"),
  koreo_contests_total: counter("Fights over an object that began", "kind"),
  koreo_api_requests_total: counter(
    "Requests to the API server, those for the record too; `status` 0: there was no answer",
    ...["verb", "status"],
  ),
  koreo_api_request_duration_seconds: histogram(
    SHORT,
    "Time of a request to the API server, watches apart",
    "verb",
  ),
  koreo_watch_current: gauge("1 while a kind is watched, 0 while that fails", "kind", "role"),
  koreo_watched_objects: gauge("Objects known of a kind", "kind", "role"),
  koreo_channel_revision_info: gauge(
    "1 for each revision that Workflows of a channel run from",
    ...["channel", "revision"],
  ),
  koreo_channel_workflows: gauge("Workflows of a channel", "channel"),
  koreo_channel_held_back: gauge("Workflows of which a newer revision is refused", "channel"),
  koreo_channel_failed: gauge(
    "1 while its source cannot be read, or the newest revision cannot be loaded",
    "channel",
  ),
  koreo_channel_definitions: gauge("Definitions of the newest revision", "channel"),
  koreo_canary_triggers: gauge(
    "Triggers of a canary under way: `all` in the share, of these `ran`, `ready`, `failed`",
    ...["channel", "state"],
  ),
  koreo_release_steps_total: counter(
    "Canaries that began or were dropped, promotions, rollbacks, and refusals that were lifted",
    ...["channel", "step"],
  ),
  koreo_source_polls_total: counter(
    "Looks at a repository; `result` is `ok` or the code of the failure",
    ...["source", "result"],
  ),
  koreo_source_poll_duration_seconds: histogram(
    LONG,
    "Time of a look at a repository, what it brought put in force",
    "source",
  ),
  koreo_source_last_success_timestamp_seconds: gauge(
    "When a repository was looked at without a failure",
    "source",
  ),
  koreo_gate_duration_seconds: histogram(LONG, "Time from a new revision to the gate's decision"),
  koreo_gate_tests_total: counter("FunctionTests run by the gate", "result"),
  koreo_gate_tests_duration_seconds: histogram(LONG, "Time of the FunctionTests of a revision"),
  koreo_events_lost_total: counter("Kubernetes Events that could not be written or were too many"),
  koreo_event_loop_delay_seconds: histogram(
    [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    "How late a timer fired: what the process waits for while it computes",
  ),
  process_resident_memory_bytes: gauge("Resident memory"),
  process_cpu_seconds_total: counter("Processor time"),
  process_start_time_seconds: gauge("When the process started"),
};
