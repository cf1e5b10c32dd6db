// SPDX-License-Identifier: Apache-2.0

import {
  type JsonObject,
  type JsonValue,
  member,
  mergeMaps,
  type ResourceFunction,
} from "../language/mod.ts";
import { compareObjects } from "./compare.ts";
import { type Difference, differenceText } from "./difference.ts";
import { lastAppliedOf } from "./last_applied.ts";
import {
  isOwnedBy,
  type Owner,
  ownerReferencesOf,
  unitedReferences,
  withOwner,
} from "./owner_reference.ts";
import type { KubernetesObject } from "./ports.ts";
import { preparedBody } from "./prepared_body.ts";
import { findRemovals, type Removals } from "./removals.ts";

/** What to do about a managed object. */
export type ResourceAction =
  /** It is as it should be, or may not be changed. */
  | { readonly type: "none" }
  | {
    readonly type: "create";
    readonly body: KubernetesObject;
    readonly delaySeconds: number;
  }
  | {
    readonly type: "patch";
    readonly body: JsonObject;
    readonly delaySeconds: number;
    /** `<difference>` of RF-48. */
    readonly reason: string;
    readonly difference?: Difference;
  }
  /** Delete it, so that the next run creates it again. */
  | {
    readonly type: "recreate";
    readonly uid: string | undefined;
    readonly delaySeconds: number;
    readonly reason: string;
    readonly difference?: Difference;
  };

/** What is decided before a target is built (RF-30.6 to RF-30.8). */
export type EarlyDecision =
  /** `deleteIfExists`, and it exists. */
  | "delete"
  /** Missing, and not to be created. */
  | "wait"
  /** Nothing is written: on to the postconditions. */
  | "evaluate"
  | "build";

/** Decides what can be decided without a target. */
export function decideEarly(fn: ResourceFunction, isPresent: boolean): EarlyDecision {
  switch (fn.apiConfig.mode) {
    case "deleteIfExists":
      return isPresent ? "delete" : "evaluate";
    case "readonly":
      return isPresent ? "evaluate" : "wait";
    case "manage":
      return isPresent || fn.create.enabled ? "build" : "wait";
  }
}

/** What a creation is made of. */
export interface CreationFacts {
  readonly target: JsonObject;
  /** The target with `create.overlay`. */
  readonly creation: JsonObject;
  /** The owner, when a reference to it is due (RF-50). */
  readonly owner: Owner | undefined;
}

/** The action for a missing object (9.4). */
export function decideCreation(fn: ResourceFunction, facts: CreationFacts): ResourceAction {
  const { target, creation, owner } = facts;
  const named = ownerReferencesOf(creation);
  const body = preparedBody({
    target: creation,
    applied: target,
    ...(owner ? { ownerReferences: withOwner(named, owner) } : {}),
  });
  return { type: "create", body, delaySeconds: fn.create.delaySeconds };
}

/** What an update is decided on. */
export interface UpdateFacts {
  readonly target: JsonObject;
  readonly live: JsonObject;
  /** The owner, when a reference to it is due (RF-50). */
  readonly owner: Owner | undefined;
  /** Whether someone else manages the object too (DF-34). */
  readonly isShared: boolean;
}

/** The action for a present object (9.5, chapter 10). */
export function decideUpdate(fn: ResourceFunction, facts: UpdateFacts): ResourceAction {
  const { update } = fn;
  if (update.type === "never") return { type: "none" };
  const { target, live, owner } = facts;
  const lastApplied = lastAppliedOf(live);
  const changed = compareObjects(target, live, lastApplied);
  const removals = update.type === "patch" && lastApplied && !facts.isShared
    ? findRemovals({ target, live, lastApplied }, fn.create.overlay?.leafPaths)
    : undefined;
  const difference = toldDifference(changed ?? removals?.difference, target);
  const isOwnerMissing = owner !== undefined && !isOwnedBy(live, owner);
  if (!difference && !isOwnerMissing) return { type: "none" };
  const { delaySeconds } = update;
  const reason = difference ? differenceText(difference) : "<missing owner reference>";
  const why = { delaySeconds, reason, ...(difference ? { difference } : {}) };
  if (update.type === "patch") return { type: "patch", body: patchBody(facts, removals), ...why };
  if (difference) return { type: "recreate", uid: uidOf(live), ...why };
  return { type: "patch", body: ownerOnly(facts), ...why };
}

/** Keys of a Secret whose values never reach a text. */
const SECRET_KEYS: ReadonlySet<string | number | undefined> = new Set(["data", "stringData"]);

/** A difference as it may be told: without values where these are those of a Secret. */
function toldDifference(
  difference: Difference | undefined,
  { apiVersion, kind }: JsonObject,
): Difference | undefined {
  const isSecret = apiVersion === "v1" && kind === "Secret";
  if (!difference || !isSecret || !SECRET_KEYS.has(difference.path[0])) return difference;
  return { path: difference.path, reason: "<differs>" };
}

/** The whole prepared target, the removals, and the owner references if they change (RF-45). */
function patchBody(facts: UpdateFacts, removals: Removals | undefined): JsonObject {
  const references = changedReferences(facts);
  const body = preparedBody({
    target: facts.target,
    applied: facts.target,
    ...(references ? { ownerReferences: references } : {}),
  });
  return removals ? mergeMaps(body, removals.patch) : body;
}

/** RF-48: with `recreate`, only the reference is added. */
function ownerOnly(facts: UpdateFacts): JsonObject {
  return { metadata: { ownerReferences: changedReferences(facts) ?? [] } };
}

/**
 * The owner references to write, or `undefined` when the live ones stay. A merge patch carries a
 * list whole, so that references in the target are united with those of the live object.
 */
function changedReferences(facts: UpdateFacts): readonly JsonValue[] | undefined {
  const { target, live, owner } = facts;
  const present = ownerReferencesOf(live);
  const named = unitedReferences(present, ownerReferencesOf(target));
  const wanted = owner ? withOwner(named, owner) : named;
  const isNamed = ownerReferencesOf(target).length > 0;
  return wanted.length > present.length || isNamed ? wanted : undefined;
}

/** The uid of a live object. */
export function uidOf(live: JsonObject): string | undefined {
  const uid = member(live.metadata, "uid");
  return typeof uid === "string" && uid !== "" ? uid : undefined;
}
