// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import type { ControllerEvent } from "../../../src/controller/events/controller_event.ts";
import { channelNotes, eventNotes } from "../../../src/controller/events/event_note.ts";
import { eventObject } from "../../../src/controller/events/event_object.ts";
import { findRefusals } from "../../../src/controller/gate/gate_refusals.ts";

const trigger = {
  apiVersion: "example.dev/v1",
  kind: "Site",
  namespace: "team-a",
  name: "one",
  uid: "1-2",
};
const object = { apiVersion: "v1", kind: "ConfigMap", namespace: "team-a", name: "map" };
const revision = "main@sha1:2";
const run = {
  type: "run-ended",
  trigger,
  workflow: "site.v1",
  revision,
  outcome: { type: "Ok", value: null },
  isOutcomeNew: true,
  durationMs: 1,
} as const;
const write = {
  type: "object-written",
  trigger,
  object,
  verb: "create",
  isHealing: false,
} as const;
const heldBack = {
  revision,
  author: "Ada",
  subject: "Serve on another port",
  reason: "expected 1, found 2",
  file: "koreo/site.test.k.yaml",
  line: 12,
  test: "site",
  case: "port",
};

interface Case {
  readonly name: string;
  readonly event: ControllerEvent;
  readonly expected: readonly string[];
}

const CASES: readonly Case[] = [
  { name: "a new outcome", event: run, expected: ['Ready: Workflow "site.v1" is ready'] },
  {
    name: "no outcome that is known already",
    event: { ...run, isOutcomeNew: false },
    expected: [],
  },
  {
    name: "what a trigger waits for",
    event: { ...run, outcome: { type: "Retry", delaySeconds: 5, message: "no address yet" } },
    expected: ['Waiting: Workflow "site.v1" waits: no address yet'],
  },
  {
    name: "why a trigger failed",
    event: { ...run, outcome: { type: "PermFail", message: "no such region" } },
    expected: ['Failed: Workflow "site.v1" failed: no such region'],
  },
  {
    name: "a failure without a word",
    event: { ...run, outcome: { type: "PermFail" } },
    expected: ['Failed: Workflow "site.v1" failed'],
  },
  {
    name: "why nothing was run",
    event: {
      type: "run-ended",
      trigger,
      outcome: { type: "Retry", delaySeconds: 120, message: "Channel 'x' is not configured." },
      isOutcomeNew: true,
      durationMs: 1,
    },
    expected: ["NoWorkflow: Channel 'x' is not configured."],
  },
  {
    name: "a revision that a trigger moved to",
    event: { ...run, isOutcomeNew: false, movedFrom: "main@sha1:1" },
    expected: [
      `RevisionChanged: Workflow "site.v1" runs from ${revision} now, before from main@sha1:1`,
    ],
  },
  {
    name: "an object that was made",
    event: write,
    expected: ['Created: Created ConfigMap "team-a/map"'],
  },
  {
    name: "what someone changed",
    event: {
      ...write,
      verb: "patch",
      isHealing: true,
      healed: { type: "changed", manager: "kubectl-edit", field: "data.text" },
    },
    expected: [
      'DriftCorrected: Corrected ConfigMap "team-a/map": "kubectl-edit" had changed "data.text"',
    ],
  },
  {
    name: "what someone deleted",
    event: { ...write, isHealing: true, healed: { type: "deleted" } },
    expected: [
      'DriftCorrected: Created ConfigMap "team-a/map" again: someone else had deleted it',
    ],
  },
  {
    name: "who keeps undoing what",
    event: { type: "contested", trigger, object, change: { type: "deleted" }, times: 5 },
    expected: ['Contested: Someone else keeps deleting ConfigMap "team-a/map"'],
  },
  {
    name: "a refused revision, why, where, and whose it is",
    event: {
      type: "held-back",
      channel: "stable",
      workflow: "site.v1",
      heldBack,
      inForce: "main@sha1:1",
      triggers: [trigger],
    },
    expected: [
      'HeldBack: Workflow "site.v1" stays on main@sha1:1: main@sha1:2 ("Serve on another port" by ' +
      "Ada) is refused: expected 1, found 2 (site, port) at koreo/site.test.k.yaml:12",
    ],
  },
];

for (const { name, event, expected } of CASES) {
  Deno.test(`Events tell ${name}`, () => {
    deepEqual(eventNotes(event).map(({ reason, note }) => `${reason}: ${note}`), expected);
  });
}

Deno.test("Events of a channel tell of canaries, promotions, rollbacks and what is held back", () => {
  const map = { apiVersion: "v1", kind: "ConfigMap", namespace: "koreo-system", name: "record" };
  const step = { type: "release-stepped", channel: "stable", revision } as const;
  const told = ([
    { ...step, step: "canary-began" },
    { ...step, step: "canary-dropped", reason: "it behaves like what is in force" },
    { ...step, step: "promoted", reason: "asked for by hand" },
    { ...step, step: "rolled-back", reason: 'Site "team-a/one" fails' },
    { ...step, step: "refusal-lifted", reason: "it was asked for" },
    { type: "held-back", channel: "stable", workflow: "w", heldBack, inForce: null, triggers: [] },
    run,
  ] as const).flatMap((event) => channelNotes(event, map));
  deepEqual(told.map(({ reason, note }) => `${reason}: ${note}`), [
    'CanaryBegan: Channel "stable" tries main@sha1:2 with a share of its triggers',
    'CanaryDropped: Channel "stable" no longer tries main@sha1:2: it behaves like what is in force',
    'Promoted: Channel "stable" runs main@sha1:2 for all: asked for by hand',
    'RolledBack: Channel "stable" took main@sha1:2 back: Site "team-a/one" fails',
    'RefusalLifted: Channel "stable" lets run again what it took back with main@sha1:2: it was asked for',
    'HeldBack: Workflow "w" does not run: main@sha1:2 ("Serve on another port" by Ada) is refused: ' +
    "expected 1, found 2 (site, port) at koreo/site.test.k.yaml:12",
  ]);
  deepEqual(new Set(told.map(({ regarding }) => regarding)), new Set([map]));
});

Deno.test("an Event of what is held back has room for the way on, however long the commit speaks", () => {
  const layers = (digit: string) => `beta@sha1:${digit.repeat(40)}+main@sha1:${digit.repeat(40)}`;
  const why = { reason: "x".repeat(320), at: 0 };
  const taken = { revision: layers("1"), ...why, workflows: [{ name: "site.v1", digest: "b" }] };
  const fault = findRefusals({ takenBack: { channel: "beta", refused: [taken] } })
    .ofWorkflow("site.v1", "a", "b");
  ok(fault !== undefined);
  const [note] = eventNotes({
    type: "held-back",
    channel: "beta",
    workflow: "site.v1",
    heldBack: {
      revision: layers("2"),
      author: "Ada ".repeat(100),
      subject: "A word ".repeat(1_000),
      ...fault,
    },
    inForce: layers("3"),
    triggers: [trigger],
  });
  ok(note !== undefined);
  const text = String(eventObject(note, stamp).note);
  equal(text.endsWith(`allow it with "koreo promote beta --revision ${taken.revision}"`), true);
});

const stamp = { instance: "koreo-0", at: Date.UTC(2026, 0, 31, 8, 30, 0, 123), suffix: "0f" };

Deno.test("an Event names its trigger, the object, who tells, and when", () => {
  const [note] = eventNotes(write);
  ok(note !== undefined);
  deepEqual(eventObject(note, stamp), {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { name: "one.0f", namespace: "team-a" },
    eventTime: "2026-01-31T08:30:00.123000Z",
    reportingController: "koreo.dev/reconciler",
    reportingInstance: "koreo-0",
    type: "Normal",
    reason: "Created",
    action: "Reconcile",
    note: 'Created ConfigMap "team-a/map"',
    regarding: trigger,
    related: object,
  });
});

Deno.test("an Event about what lies in no namespace lies in default", () => {
  const { namespace: _, ...regarding } = trigger;
  const made = eventObject({ reason: "Ready", note: "", regarding }, stamp);
  equal(made.metadata.namespace, "default");
});

Deno.test("the note and the name of an Event are cut to what the API takes", () => {
  const regarding = { ...trigger, name: `${"a".repeat(249)}.b-c` };
  const made = eventObject({ reason: "Failed", note: "ä".repeat(2_000), regarding }, stamp);
  const bytes = new TextEncoder().encode(String(made.note)).length;
  ok(bytes <= 1_024 && bytes > 1_000, `${bytes} bytes`);
  equal(made.metadata.name, `${"a".repeat(249)}.0f`);
});
