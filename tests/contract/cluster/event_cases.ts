// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import type { JsonObject } from "../../../src/language/mod.ts";
import type { KubernetesObject } from "../../../src/runtime/ports.ts";
import {
  at,
  configMapPath,
  type ContractCases,
  type ContractContext,
  createConfigMap,
  refused,
} from "./contract_case.ts";

const EVENTS = { apiVersion: "events.k8s.io/v1", kind: "Event", plural: "events" } as const;
const CORE_EVENTS = { apiVersion: "v1", kind: "Event", plural: "events" } as const;
const TIME = "2026-01-31T08:30:00.123000Z";

function event({ namespace }: ContractContext, more: JsonObject = {}): KubernetesObject {
  return {
    apiVersion: EVENTS.apiVersion,
    kind: EVENTS.kind,
    metadata: { name: "one.0123456789abcdef" },
    eventTime: TIME,
    reportingController: "koreo.dev/reconciler",
    reportingInstance: "koreo-0",
    type: "Normal",
    reason: "Ready",
    action: "Reconcile",
    note: "It is ready",
    regarding: { apiVersion: "v1", kind: "ConfigMap", namespace, name: "one", uid: "1-2" },
    ...more,
  };
}

function write(context: ContractContext, more: JsonObject = {}): Promise<KubernetesObject> {
  const { cluster, namespace } = context;
  return cluster.create({ ...EVENTS, namespace }, event(context, more), context);
}

function change(context: ContractContext, body: JsonObject): Promise<KubernetesObject> {
  const path = { ...EVENTS, namespace: context.namespace, name: "one.0123456789abcdef" };
  return context.cluster.patch(path, { type: "merge", body }, context);
}

/** What is refused at creation, and the field that the refusal names. */
const BROKEN: readonly (readonly [string, JsonObject, RegExp])[] = [
  ["without a time", { eventTime: null }, /eventTime/],
  ["without a controller", { reportingController: null }, /reportingController/],
  ["without an instance", { reportingInstance: null }, /reportingInstance/],
  ["without an action", { action: null }, /action/],
  ["without a reason", { reason: null }, /reason/],
  ["of another type", { type: "Error" }, /type/],
  ["with a note of more than 1 KiB", { note: "ä".repeat(513) }, /can have at most 1024 characters/],
  ["about something in no namespace, outside of default", {
    regarding: { apiVersion: "v1", kind: "Node", name: "one" },
  }, /namespace/],
];

/** Events (events.k8s.io/v1): what is written, and what both groups show. */
export const EVENT_CASES: ContractCases = {
  "keeps an Event as it was written": async (context) => {
    const made = await write(context, { note: "ä".repeat(512) });
    equal(at(made, "note"), "ä".repeat(512));
    equal(at(made, "eventTime"), TIME);
    equal(at(made, "regarding.name"), "one");
  },
  "shows an Event in the core group too": async (context) => {
    await write(context, { related: { apiVersion: "v1", kind: "Secret", name: "s" } });
    const { items } = await context.cluster.list(CORE_EVENTS, {
      namespace: context.namespace,
      fieldSelector: "involvedObject.name=one,involvedObject.uid=1-2",
    }, context);
    deepEqual(
      items.map((one) => [at(one, "message"), at(one, "reportingComponent"), at(one, "note")]),
      [["It is ready", "koreo.dev/reconciler", undefined]],
    );
    equal(at(items[0], "involvedObject.kind"), "ConfigMap");
    equal(at(items[0], "related.kind"), "Secret");
  },
  "takes an Event about something that lies in no namespace in default": async (context) => {
    const regarding = { apiVersion: "v1", kind: "Node", name: context.namespace };
    const metadata = { name: `${context.namespace}.0123456789abcdef` };
    const body = event(context, { regarding, metadata });
    const path = { ...EVENTS, namespace: "default" };
    equal(at(await context.cluster.create(path, body, context), "regarding.kind"), "Node");
  },
  "says in the series of an Event how often it has happened": async (context) => {
    await write(context);
    const series = { count: 2, lastObservedTime: "2026-01-31T08:31:00.000000Z" };
    deepEqual(at(await change(context, { series }), "series"), series);
    const later = { count: 7, lastObservedTime: "2026-01-31T08:33:00.000000Z" };
    deepEqual(at(await change(context, { series: later }), "series"), later);
  },
  "refuses a series of one": async (context) => {
    await write(context);
    const series = { count: 1, lastObservedTime: TIME };
    const refusal = { status: 422, reason: "Invalid", message: /series\.count/ };
    await refused(change(context, { series }), refusal);
  },
  "refuses another note in an Event": async (context) => {
    await write(context);
    await refused(change(context, { note: "Something else" }), {
      status: 422,
      reason: "Invalid",
      message: /immutable/,
    });
  },
  "answers 404 to the series of an Event that is gone": async (context) => {
    const series = { count: 2, lastObservedTime: TIME };
    await refused(change(context, { series }), { status: 404, reason: "NotFound" });
  },
  "keeps an Event when what it is about is deleted": async (context) => {
    const { cluster, namespace } = context;
    await createConfigMap(context, "one");
    await write(context);
    await cluster.delete(configMapPath(context, "one"), {}, context);
    equal((await cluster.list(EVENTS, { namespace }, context)).items.length, 1);
  },
  ...Object.fromEntries(BROKEN.map(([what, more, message]) => [
    `refuses an Event ${what}`,
    async (context) => {
      await refused(write(context, more), { status: 422, reason: "Invalid", message });
    },
  ])) satisfies ContractCases,
};
