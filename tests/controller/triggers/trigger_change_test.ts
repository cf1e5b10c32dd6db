// SPDX-License-Identifier: Apache-2.0

import { equal } from "node:assert/strict";
import { firstReason, isRunDue } from "../../../src/controller/triggers/trigger_change.ts";
import type { JsonObject } from "../../../src/language/json.ts";
import type { KubernetesObject } from "../../../src/runtime/ports.ts";

function trigger(metadata: JsonObject, rest: JsonObject = {}): KubernetesObject {
  return {
    apiVersion: "example.dev/v1",
    kind: "Trigger",
    metadata: { name: "t", uid: "u", ...metadata },
    spec: { x: 1 },
    ...rest,
  };
}

const annotated = (key: string, value: string) => trigger({ annotations: { [key]: value } });

const CASES: readonly {
  readonly name: string;
  readonly after: KubernetesObject;
  readonly due: boolean;
}[] = [
  { name: "the same again", after: trigger({}), due: false },
  {
    name: "its version and generation",
    after: trigger({ resourceVersion: "9", generation: 2 }),
    due: false,
  },
  { name: "its spec", after: trigger({}, { spec: { x: 2 } }), due: true },
  { name: "its labels", after: trigger({ labels: { a: "b" } }), due: true },
  { name: "an annotation", after: annotated("a", "b"), due: true },
  { name: "its status", after: trigger({}, { status: { state: { a: 1 } } }), due: false },
  { name: "what Koreo wrote", after: annotated("koreo.dev/managed-resources", "{}"), due: false },
  { name: "its revision", after: annotated("koreo.dev/revision", "main@sha1:1"), due: false },
  {
    name: "what kubectl wrote",
    after: annotated("kubectl.kubernetes.io/last-applied-configuration", "{}"),
    due: false,
  },
  { name: "its Workflow", after: annotated("koreo.dev/workflow", "w"), due: true },
  { name: "merge-conditions", after: annotated("koreo.dev/merge-conditions", "true"), due: true },
  { name: "its suspension", after: annotated("koreo.dev/reconcile", "suspended"), due: true },
  { name: "a requested run", after: annotated("koreo.dev/requested-at", "now"), due: true },
  {
    name: "a run requested as of old",
    after: annotated("koreo.dev/last-manual-reconcile", "now"),
    due: true,
  },
  { name: "its channel", after: annotated("koreo.dev/channel", "beta"), due: true },
  { name: "its finalizers", after: trigger({ finalizers: ["koreo.dev/cleanup"] }), due: false },
  {
    name: "its deletion",
    after: trigger({ deletionTimestamp: "2026-01-01T00:00:00Z" }),
    due: true,
  },
  { name: "its uid", after: trigger({ uid: "other" }), due: true },
];

for (const { name, after, due } of CASES) {
  Deno.test(`TR-18 a change of ${name} makes ${due ? "a" : "no"} run due`, () => {
    equal(isRunDue(trigger({}), after), due);
  });
}

Deno.test("law 13: a trigger whose generation was not seen goes before the restart's backlog", () => {
  const status = { observedGeneration: 3 };
  equal(firstReason(trigger({ generation: 4 }, { status }), true), "changedWhileAway");
  equal(firstReason(trigger({ generation: 3 }, { status }), true), "seen");
  equal(firstReason(trigger({ generation: 3 }), true), "seen");
  equal(firstReason(trigger({ generation: 1 }), false), "edited");
});
