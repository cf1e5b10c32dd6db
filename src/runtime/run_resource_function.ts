// SPDX-License-Identifier: Apache-2.0

import {
  isLongerThan,
  type JsonObject,
  type NonOk,
  type Outcome,
  type PermFail,
  type ResourceFunction,
  type Value,
} from "../language/mod.ts";
import { applyAction, deleteExisting } from "./apply_action.ts";
import { sendRequest } from "./api_request.ts";
import {
  decideCreation,
  decideEarly,
  decideUpdate,
  type ResourceAction,
  uidOf,
} from "./decide_action.ts";
import { checkPredicates, type Evaluated, evaluateJson } from "./evaluation.ts";
import { isOwnerReferenceDue, type Owner } from "./owner_reference.ts";
import type { KubernetesObject } from "./ports.ts";
import { prepareCall } from "./prepare_call.ts";
import { type ResourceId, resourceIdOf } from "./resource_id.ts";
import { objectPath, type ResourceIdentity, resourceText } from "./resource_identity.ts";
import type { RunContext } from "./run_context.ts";
import { buildCreation, buildTarget } from "./target_resource.ts";

/** What a ResourceFunction is called with. */
export interface ResourceFunctionCall {
  /** Default: `{}`. */
  readonly inputs?: Value;
  /** `<loc>` of its places. */
  readonly location: string;
  /** The trigger that owner references name; without it none are ever set. */
  readonly owner?: Owner | undefined;
  /** Labels of the steps that lead here, joined with `/`. Default: `""`. */
  readonly stepPath?: string;
  /** Told the resource id as soon as it is known, and again when it changes. */
  readonly report?: (resourceId: ResourceId) => void;
}

/** What a call of a ResourceFunction ends with (RF-80). */
export interface ResourceFunctionResult {
  /** What the call came to. */
  readonly outcome: Outcome;
  /** From the first request on, whatever the outcome. */
  readonly resourceId?: ResourceId;
}

const EMPTY: JsonObject = {};

type Named = ResourceIdentity & { readonly plural: string };

/** A call whose object is known. */
interface BoundCall {
  readonly fn: ResourceFunction;
  readonly call: ResourceFunctionCall;
  readonly inputs: Value;
  readonly locals: Value;
  readonly resource: Named;
  /** The owner, when a reference to it is due (RF-50). */
  readonly owner: Owner | undefined;
  readonly run: RunContext;
}

/**
 * Runs a ResourceFunction (RF-30): reads its object, and creates, patches or deletes it where the
 * definition says so.
 *
 * Rejects with the reason of `run.signal` when aborted; every failure of the cluster is an outcome.
 */
export async function runResourceFunction(
  fn: ResourceFunction,
  call: ResourceFunctionCall,
  run: RunContext,
): Promise<ResourceFunctionResult> {
  const prepared = prepareCall(fn, call, run);
  if (prepared.type !== "Ok") return { outcome: prepared };
  if (prepared.value.type === "ended") return { outcome: prepared.value.outcome };
  const { inputs, locals, identity } = prepared.value;
  const plural = await pluralOf(fn, identity, run);
  if (plural.type !== "Ok") return { outcome: plural };
  const resource = { ...identity, plural: plural.value };
  const owner = isOwnerReferenceDue(fn, identity, call.owner) ? call.owner : undefined;
  return await reconcileResource({ fn, call, inputs, locals, resource, owner, run });
}

/** RF-30.4. */
async function pluralOf(
  fn: ResourceFunction,
  identity: ResourceIdentity,
  run: RunContext,
): Promise<Evaluated<string>> {
  const { apiVersion, kind, plural } = fn.apiConfig;
  if (plural !== undefined) return { type: "Ok", value: plural };
  const location = "spec.apiConfig.plural";
  const resource = { ...identity, plural: kind.toLowerCase() };
  const found = await sendRequest(
    { verb: "get", resource, location, delaySeconds: 60 },
    (options) => run.cluster.discover({ apiVersion, kind }, options),
    run,
  );
  if (found.type !== "Ok") return found;
  if (found.value) return { type: "Ok", value: found.value.plural };
  const message =
    `Dynamic kind-plural lookup failed for '${kind}'. Set plural explicitly in apiConfig.`;
  return { type: "Retry", delaySeconds: 60, message, location };
}

/** RF-30.5 to RF-30.14. */
async function reconcileResource(bound: BoundCall): Promise<ResourceFunctionResult> {
  const { fn, resource, run } = bound;
  const read = await readLive(bound);
  const live = read.type === "Ok" ? read.value : undefined;
  let resourceId = report(bound, live);
  if (read.type !== "Ok") return { outcome: read, resourceId };
  switch (decideEarly(fn, live !== undefined)) {
    case "wait": {
      const message = `${resourceText(resource)} not found. Waiting...`;
      return { outcome: { type: "Retry", delaySeconds: 30, message }, resourceId };
    }
    case "delete": {
      const { outcome } = await deleteExisting({ resource, run }, live && uidOf(live));
      return { outcome, resourceId };
    }
    case "evaluate":
      return { outcome: evaluateResult(bound, live ?? EMPTY), resourceId };
    case "build": {
      const action = decide(bound, live);
      if (action.type !== "Ok") return { outcome: action, resourceId };
      if (action.value.type === "none") {
        return { outcome: evaluateResult(bound, live ?? EMPTY), resourceId };
      }
      const unrecorded = await recordFirst(bound, action.value, resourceId);
      if (unrecorded) return { outcome: unrecorded, resourceId };
      const { outcome, stored } = await applyAction(action.value, { resource, run });
      if (stored && !live) resourceId = report(bound, stored);
      return { outcome, resourceId };
    }
  }
}

/** RF-30.5. */
async function readLive(bound: BoundCall): Promise<Evaluated<KubernetesObject | undefined>> {
  const { resource, run, call } = bound;
  const request = {
    verb: "get",
    resource,
    location: "load resource",
    delaySeconds: 30,
  } as const;
  const path = objectPath(resource);
  const result = await sendRequest(request, (options) => run.cluster.get(path, options), run);
  if (result.type === "Ok" && run.trace) {
    const { location } = call;
    const definition = bound.fn.id;
    run.trace.observe({
      type: "resource-read",
      location,
      resource,
      definition,
      live: result.value,
    });
  }
  return result;
}

/** No API server takes more in one request. */
const MAX_TARGET = 3 * 1024 * 1024;

/** LM-1: the parts of the target are within the limits, and share more than can be written. */
function tooLong({ resource }: BoundCall): PermFail {
  return {
    type: "PermFail",
    message: `string-too-long: the target has more than ${MAX_TARGET} characters of JSON`,
    location: `${resourceText(resource)}:spec.resource`,
  };
}

/** Builds the target and decides (RF-30.9 to RF-30.12). */
function decide(bound: BoundCall, live: JsonObject | undefined): Evaluated<ResourceAction> {
  const { fn, resource, owner, run, call } = bound;
  const built = buildTarget(bound);
  if (built.type !== "Ok") return built;
  const target = built.value;
  if (isLongerThan(target, MAX_TARGET)) return tooLong(bound);
  let action: ResourceAction;
  if (live) {
    const isShared = run.isSharedObject?.(resource) ?? false;
    action = decideUpdate(fn, { target, live, owner, isShared });
  } else {
    const creation = buildCreation(bound, target);
    if (creation.type !== "Ok") return creation;
    if (isLongerThan(creation.value, MAX_TARGET)) return tooLong(bound);
    action = decideCreation(fn, { target, creation: creation.value, owner });
  }
  if (run.trace) {
    const difference = "difference" in action && action.difference
      ? { difference: action.difference }
      : {};
    const { location } = call;
    run.trace.observe({
      type: "resource-decided",
      location,
      resource,
      definition: fn.id,
      target,
      action,
      ...difference,
    });
  }
  return { type: "Ok", value: action };
}

/** CL-3: what clean-up must find is recorded before it exists. */
function recordFirst(
  bound: BoundCall,
  action: ResourceAction,
  resourceId: ResourceId,
): Promise<NonOk | undefined> | undefined {
  const { fn, call, run } = bound;
  const isWritten = action.type === "create" || action.type === "patch";
  if (!isWritten || fn.deletePolicy === undefined) return undefined;
  return run.recordBeforeCreate?.(resourceId, call.stepPath ?? "");
}

/** RF-30.13, RF-30.14. */
function evaluateResult(bound: BoundCall, resource: JsonObject): Outcome {
  const { fn, inputs, locals, call, run: { budget } } = bound;
  const variables = { inputs, locals, resource };
  const place = `${call.location}:spec.postconditions`;
  const ended = checkPredicates(fn.postconditions, { variables, budget, place });
  if (ended) return ended;
  if (!fn.return) return { type: "Ok", value: null };
  return evaluateJson(fn.return, { variables, budget, place: `${call.location}:spec.return` });
}

function report(bound: BoundCall, live: JsonObject | undefined): ResourceId {
  const { fn, resource, owner, call } = bound;
  const uid = live && uidOf(live);
  const resourceId = resourceIdOf(fn, { resource, isOwnerReferenceDue: owner !== undefined, uid });
  call.report?.(resourceId);
  return resourceId;
}
