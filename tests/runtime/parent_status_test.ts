// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import type { JsonObject, NonOk, Outcome } from "../../src/language/mod.ts";
import {
  conditionOf,
  nextStatus,
  type StatusReport,
  type WorkflowRun,
} from "../../src/runtime/mod.ts";

const NOW = 1_700_000_000_000;
const TIME = "2023-11-14T22:13:20Z";
const OLD = "2020-01-01T00:00:00Z";
const RETRY: Outcome = { type: "Retry", delaySeconds: 5, message: "m", location: "l" };
const FAIL: Outcome = { type: "PermFail", message: "m", location: "l" };
const OK: Outcome = { type: "Ok", value: [] };

function report(outcome: Outcome, changes: Partial<WorkflowRun> = {}): StatusReport {
  const run: WorkflowRun = {
    workflow: "wf",
    outcome,
    steps: new Map(),
    conditions: [conditionOf(outcome, { type: "Ready", name: "Workflow wf", workflow: "wf" })],
    state: {},
    stateErrors: {},
    keptStateKeys: [],
    managedResources: {},
    ...changes,
  };
  return { type: "run", run };
}

function status(
  given: StatusReport,
  facts: {
    readonly status?: JsonObject;
    readonly metadata?: JsonObject;
    readonly isCustomResource?: boolean;
    readonly cleanUp?: NonOk;
  } = {},
) {
  const { metadata = { generation: 3 }, isCustomResource = true, cleanUp } = facts;
  const trigger = { metadata, ...(facts.status ? { status: facts.status } : {}) };
  return nextStatus({ trigger, isCustomResource, report: given, cleanUp, now: NOW });
}

const conditions = (next: { status: JsonObject }) =>
  next.status.conditions as readonly JsonObject[];
const types = (next: { status: JsonObject }) => conditions(next).map(({ type }) => type);

Deno.test("ST-9, ST-11, ST-13 a first status is written whole", () => {
  const { status: written, patch } = status(report(OK, { state: { a: 1 } }));
  deepEqual(written, {
    conditions: [{
      type: "Ready",
      status: "True",
      reason: "Ready",
      message: "Workflow wf ready.",
      location: "wf",
      observedGeneration: 3,
      lastTransitionTime: TIME,
      lastUpdateTime: TIME,
    }],
    observedGeneration: 3,
    state: { a: 1 },
    koreo: {},
  });
  deepEqual(patch, {
    ...written,
    koreo: { errors: null, locations: null, state_errors: null },
  });
});

Deno.test("ST-1 nothing is written when nothing differs", () => {
  for (const outcome of [OK, RETRY, FAIL]) {
    const given = report(outcome, { state: { a: null, b: { c: null } } });
    const first = status(given);
    equal(status(given, { status: first.status }).patch, undefined);
    // What a merge patch cannot store is not written again and again.
    const stored = { ...first.status, state: { b: {} } };
    equal(status(given, { status: stored }).patch, undefined);
  }
});

Deno.test("ST-9 without a generation there is none in the status", () => {
  const { status: written } = status(report(OK), { metadata: {} });
  equal("observedGeneration" in written, false);
  equal("observedGeneration" in ((written.conditions as JsonObject[])[0] ?? {}), false);
});

Deno.test("ST-10 the times of a condition that stays are kept", () => {
  const { status: first } = status(report(OK));
  const old = conditions({ status: first }).map((condition) => ({
    ...condition,
    lastTransitionTime: OLD,
    lastUpdateTime: OLD,
  }));
  const same = status(report(OK), { status: { ...first, conditions: old } });
  deepEqual(same.status.conditions, old);
  const newer = status(report(OK), {
    status: { ...first, conditions: old },
    metadata: { generation: 4 },
  });
  const [condition] = conditions(newer);
  deepEqual([condition?.lastTransitionTime, condition?.lastUpdateTime], [OLD, TIME]);
  const failed = status(report(FAIL), { status: { ...first, conditions: old } });
  deepEqual(conditions(failed)[0]?.lastTransitionTime, TIME);
});

Deno.test("ST-12 Reconciling and Stalled follow the overall outcome", () => {
  const waiting = status(report(RETRY));
  deepEqual(types(waiting), ["Ready", "Reconciling"]);
  const [ready, reconciling] = conditions(waiting);
  deepEqual(reconciling, { ...ready, type: "Reconciling", status: "True" });
  const failed = status(report(FAIL), { status: waiting.status });
  deepEqual(types(failed), ["Ready", "Stalled"]);
  deepEqual(types(status(report(OK), { status: failed.status })), ["Ready"]);
});

Deno.test("ST-8 a shared status keeps other conditions in place, and has no kstatus", () => {
  const other = { type: "Other", status: "False" };
  const metadata = { generation: 3, annotations: { "koreo.dev/merge-conditions": "true" } };
  const stale = { type: "Ready", status: "False", lastTransitionTime: OLD };
  const given = { conditions: [other, stale, { type: "Last" }] };
  const shared = status(report(RETRY), { metadata, status: given });
  deepEqual(types(shared), ["Other", "Ready", "Last"]);
  deepEqual(conditions(shared)[0], other);
  equal(conditions(shared)[1]?.lastTransitionTime, OLD);
  equal("observedGeneration" in shared.status, false);
  const builtIn = status(report(RETRY), { isCustomResource: false, status: given });
  deepEqual(types(builtIn), ["Other", "Ready", "Last"]);
  const untrue = { annotations: { "koreo.dev/merge-conditions": "True" } };
  deepEqual(types(status(report(OK), { metadata: untrue, status: given })), ["Ready"]);
});

Deno.test("ST-13 errors, locations and state errors; keys without value are absent", () => {
  deepEqual(status(report(RETRY)).status.koreo, { errors: "m", locations: "l" });
  const failed = report(OK, { stateErrors: { one: "bad at one:state" } });
  const next = status(failed);
  deepEqual(next.status.koreo, { state_errors: { one: "bad at one:state" } });
  const cleared = status(report(OK), { status: next.status });
  deepEqual(cleared.patch, {
    koreo: { errors: null, locations: null, state_errors: null },
  });
});

Deno.test("ST-23 keys that could not be produced keep their value, others go", () => {
  const given = report(RETRY, { state: { made: 2 }, keptStateKeys: ["kept", "never"] });
  const { status: after, patch } = status(given, {
    status: { state: { made: 1, kept: { x: 1 }, dropped: 1 } },
  });
  deepEqual(after.state, { made: 2, kept: { x: 1 } });
  deepEqual(patch?.state, { made: 2, dropped: null });
});

Deno.test("WF-33, TR-17 a run that could not start, and a failed lookup, change no state", () => {
  const before = { state: { a: 1 } };
  const unready = report(RETRY, { stoppedBy: "readiness" });
  deepEqual(status(unready, { status: before }).status.state, { a: 1 });
  const failed = { type: "failed", reason: "NoWorkflow", message: "none" } as const;
  const next = status(failed, { status: before });
  deepEqual(next.status.state, { a: 1 });
  deepEqual(types(next), ["Ready", "Reconciling"]);
  const { reason, location, status: value } = conditions(next)[0] ?? {};
  deepEqual([reason, location, value], ["NoWorkflow", null, "False"]);
  deepEqual(next.status.koreo, { errors: "none" });
});

Deno.test("CL-24 pending clean-up is told unless ST-12 tells of that type", () => {
  const cleanUp: NonOk = { type: "Retry", delaySeconds: 15, message: "Deleting x.", location: "d" };
  const pending = status(report(OK), { cleanUp });
  deepEqual(types(pending), ["Ready", "Reconciling"]);
  const { reason, message, status: value } = conditions(pending)[1] ?? {};
  deepEqual([reason, message, value], ["CleanUp", "Deleting x.", "True"]);
  const both = status(report(RETRY), { cleanUp });
  deepEqual(conditions(both).map(({ reason }) => reason), ["Wait", "Wait"]);
  const stalled = status(report(RETRY), { cleanUp: { type: "PermFail", message: "no" } });
  deepEqual(types(stalled), ["Ready", "Reconciling", "Stalled"]);
  deepEqual(types(status(report(OK), { cleanUp, isCustomResource: false })), ["Ready"]);
});

Deno.test("ST-2 two conditions of one type give one, in the place of the first", () => {
  const condition = (type: string, name: string) => conditionOf(OK, { type, name, workflow: "wf" });
  const given = report(OK, {
    conditions: [condition("A", "1"), condition("B", "2"), condition("A", "3")],
  });
  deepEqual(conditions(status(given)).map(({ message }) => message), ["3 ready.", "2 ready."]);
});
