// SPDX-License-Identifier: Apache-2.0

import {
  isJsonList,
  isJsonObject,
  type JsonObject,
  jsonObject,
  type JsonValue,
} from "../../src/language/mod.ts";
import {
  ClusterError,
  identityOfObject,
  type KubernetesObject,
  type ObjectPath,
  runTrigger,
} from "../../src/runtime/mod.ts";
import { isRunDue } from "../../src/controller/triggers/trigger_change.ts";
import { writeTrigger } from "../../src/controller/triggers/write_trigger.ts";
import { asObject } from "./case_file.ts";
import { runContext } from "./logic_steps.ts";
import { outcomeShape } from "./outcome_shape.ts";
import type { GoldenWorld } from "./run_case.ts";

/**
 * The step `controller`: events make runs due as in the controller, and a run does what the
 * controller does for one trigger.
 */
export function createControllerSteps(
  world: GoldenWorld,
): (step: JsonObject) => Promise<JsonObject> {
  const seen = new Map<string, KubernetesObject>();
  const due = new Set<string>();
  const gone = new Set<JsonValue | undefined>();

  async function event(step: JsonObject): Promise<JsonObject> {
    const object = asObject(step.object) as KubernetesObject;
    const key = keyOf(object);
    await insertIfAbsent(world, object);
    if (step.type === "DELETED") {
      seen.delete(key);
      due.delete(key);
      gone.add(object.metadata.uid);
    } else if (!gone.has(object.metadata.uid)) {
      // An API server sends no event of an object after the one of its deletion.
      const before = seen.get(key);
      if (!before || isRunDue(before, object)) due.add(key);
      seen.set(key, object);
    }
    return { requestsQueued: due.size };
  }

  async function reconcile(): Promise<JsonObject> {
    const [key] = due;
    const object = key === undefined ? undefined : seen.get(key);
    if (key === undefined || !object) return { outcome: null };
    due.delete(key);
    return { outcome: await reconcileTrigger(world, pathOf(object)) };
  }

  return (step) => {
    switch (step.op) {
      case "reset":
        seen.clear();
        due.clear();
        return Promise.resolve({});
      case "index":
        indexWorkflow(world, step);
        return Promise.resolve({});
      case "event":
        return event(step);
      case "reconcile":
        return reconcile();
      default:
        throw new TypeError(`Cannot run controller operation ${JSON.stringify(step.op)}`);
    }
  };
}

async function reconcileTrigger(world: GoldenWorld, path: ObjectPath): Promise<JsonValue> {
  const signal = new AbortController().signal;
  const trigger = await world.cluster.store.get(path, { signal });
  if (!trigger) return null;
  const run = await runTrigger({ trigger, path, isCustomResource: true }, runContext(world));
  const target = { cluster: world.cluster.api, path, hasStatus: false, sent: undefined };
  try {
    await writeTrigger(run.trigger, { update: run.update }, target, { signal });
  } catch (error) {
    // A status write that fails does not change the outcome (ST-1).
    if (!(error instanceof ClusterError)) throw error;
  }
  const { outcome } = run;
  return outcome.type === "Ok" ? { type: "Ok" } : outcomeShape(outcome);
}

/** In the original the index is apart from the document; here it is the `crdRef`. */
function indexWorkflow(world: GoldenWorld, step: JsonObject): void {
  const [apiGroup = "", kind = "", version = ""] = String(step.crd).split(":");
  const workflow = world.documents.get("Workflow", String(step.workflow));
  const spec = { ...asObject(workflow.spec), crdRef: { apiGroup, kind, version } };
  world.documents.put({ ...workflow, spec });
}

async function insertIfAbsent(world: GoldenWorld, object: KubernetesObject): Promise<void> {
  const { store } = world.cluster;
  const path = pathOf(object);
  const options = { signal: new AbortController().signal };
  if (!store.find(path)) await store.create(path, object, options);
}

function pathOf(object: KubernetesObject): ObjectPath {
  const identity = identityOfObject(object);
  return { ...identity, plural: `${identity.kind.toLowerCase()}s` };
}

function keyOf(object: KubernetesObject): string {
  const { apiVersion, kind, namespace, name } = identityOfObject(object);
  return `${apiVersion} ${kind} ${namespace ?? ""}/${name}`;
}

/**
 * A call in the words of the case files: the original's status patch has `null` for the keys of
 * `status.koreo` without value. What the patch leaves is compared in `finalCluster`.
 */
export function callShape(call: JsonObject): JsonObject {
  const status = asObject(asObject(call.body).status);
  if (call.verb !== "PATCH" || !isJsonObject(status.koreo)) return call;
  const koreo = { errors: null, locations: null, state_errors: null, ...status.koreo };
  return { ...call, body: { ...asObject(call.body), status: { ...status, koreo } } };
}

/** Conditions without times: the case files leave them out. */
export function withoutTimes(value: JsonValue): JsonValue {
  if (isJsonList(value)) return value.map(withoutTimes);
  if (!isJsonObject(value)) return value;
  const kept = Object.entries(value).filter(([key]) => !/^last(Transition|Update)Time$/.test(key));
  return jsonObject(kept.map(([key, inner]) => [key, withoutTimes(inner)]));
}
