// SPDX-License-Identifier: Apache-2.0

import { member } from "../../language/mod.ts";
import { identityKey, type ResourceApi } from "../../runtime/mod.ts";
import type { KubernetesObject, ObjectPath, ResourceType } from "../../runtime/ports.ts";
import { createCachedCluster, type WriteReport } from "../watch/cached_cluster.ts";
import { afterFlip, type Contest, CONTEST_FLIPS, contestText } from "../events/contest.ts";
import type { EventObject, ForeignChange } from "../events/controller_event.ts";
import { afterDriftRun } from "./drift_pace.ts";
import type { ReconcileContext } from "./reconcile_context.ts";
import { parseTriggerKey, triggerText } from "../queue/trigger_key.ts";
import type { TriggerMemory } from "./trigger_memory.ts";
import type { WorkItem } from "../queue/work_queue.ts";

/** One turn of one trigger. */
export interface Turn {
  readonly item: WorkItem;
  readonly name: EventObject;
  readonly context: ReconcileContext;
  readonly memory: TriggerMemory;
  readonly resource: ResourceType;
  readonly path: ObjectPath;
  /** The cluster with its watch caches. */
  readonly cluster: ResourceApi;
  readonly signal: AbortSignal;
  /** How many writes to managed objects were carried out so far. */
  readonly writes: () => number;
}

/** A turn, and the trigger as it was when it began. */
export interface TriggerTurn extends Turn {
  readonly trigger: KubernetesObject;
}

/** A turn of a trigger; `undefined` when its kind is no longer followed. */
export function createTurn(
  item: WorkItem,
  context: ReconcileContext,
  signal: AbortSignal,
): Turn | undefined {
  const { storeKey, ...name } = parseTriggerKey(item.key);
  const resource = context.kinds.byKind(name)?.resource;
  if (resource === undefined) return undefined;
  const memory = context.memories.of(item.key);
  const path: ObjectPath = { ...name, plural: resource.plural };
  const itself = identityKey(path);
  let writes = 0;
  const foreign = foreignChanges(item, context, memory);
  memory.foreign.clear();
  memory.touched.clear();
  memory.hasDeletionEnded = false;
  if (item.reasons.includes("managed")) {
    memory.drift = afterDriftRun(memory.drift, context.clock.now());
  }
  const cluster = createCachedCluster({
    cluster: context.cluster,
    kinds: context.kinds,
    onTouch: (touched) => {
      const key = identityKey(touched);
      if (key === itself || memory.touched.has(key)) return;
      // What happens to it from now on makes the next run due, before it stands in the record.
      memory.touched.add(key);
      context.watched.add(item.key, key);
    },
    onWrite: (report) => {
      if (identityKey(report.path) === itself) return;
      writes++;
      tellWrite(turn, report, foreign);
    },
  });
  const uid = uidOf(context.kinds.byKind(name)?.store.peek(storeKey));
  const turn: Turn = {
    item,
    name: { ...name, ...uid },
    context,
    memory,
    resource,
    path,
    cluster,
    signal,
    writes: () => writes,
  };
  return turn;
}

function uidOf(object: KubernetesObject | undefined): Pick<EventObject, "uid"> {
  const uid = member(object?.metadata, "uid");
  return typeof uid === "string" ? { uid } : {};
}

/**
 * What others did to objects that were recorded before this turn (it records those it is going to
 * make too), as long as nothing else made the turn due: what is written then puts it right.
 */
function foreignChanges(
  { key, reasons }: WorkItem,
  { managed }: ReconcileContext,
  { foreign }: TriggerMemory,
): ReadonlyMap<string, ForeignChange> {
  if (reasons.some((reason) => reason !== "managed")) return new Map();
  const recorded = managed.objectsOf(key);
  return new Map([...foreign].filter(([object]) => recorded.has(object)));
}

function tellWrite(
  { name: trigger, context, memory }: Turn,
  { path, verb, object: stored }: WriteReport,
  foreign: ReadonlyMap<string, ForeignChange>,
): void {
  const { apiVersion, kind, namespace, name } = path;
  const place = namespace === undefined ? {} : { namespace };
  const object = { apiVersion, kind, name, ...place, ...uidOf(stored) };
  const key = identityKey(path);
  const change = verb === "delete" ? undefined : foreign.get(key);
  const isHealing = change !== undefined;
  const healed = isHealing ? { healed: change } : {};
  context.observe({ type: "object-written", trigger, verb, object, isHealing, ...healed });
  if (change === undefined) return;
  const contest = afterFlip(memory.contests.get(key), { object, change }, context.clock.now());
  memory.contests.set(key, contest);
  if (contest.flips === CONTEST_FLIPS) tellContest(trigger, contest, context);
}

function tellContest(
  trigger: EventObject,
  contest: Contest,
  { observe, logger }: ReconcileContext,
): void {
  const { object, change, flips: times } = contest;
  observe({ type: "contested", trigger, object, change, times });
  logger.log({
    level: "warn",
    message: `${triggerText(trigger)} is in a fight: ${contestText(contest)}`,
    fields: { kind: trigger.kind, namespace: trigger.namespace ?? null, name: trigger.name },
  });
}
