// SPDX-License-Identifier: Apache-2.0

import type { NonOk, Ok } from "../language/mod.ts";
import { type RequestContext, sendRequest } from "./api_request.ts";
import type { ResourceAction } from "./decide_action.ts";
import type { KubernetesObject } from "./ports.ts";
import { objectPath, type ResourceIdentity, resourceText } from "./resource_identity.ts";
import type { ResourceApi } from "./run_context.ts";

/** What an action is applied to. */
export interface ActionTarget {
  readonly resource: ResourceIdentity & { readonly plural: string };
  readonly run: RequestContext & { readonly cluster: ResourceApi };
}

/** What an applied action leaves. */
export interface AppliedAction {
  readonly outcome: NonOk;
  /** The object as stored after a write. */
  readonly stored?: KubernetesObject;
}

/** Carries out what was decided about an object (9.4, 9.5). */
export function applyAction(
  action: Exclude<ResourceAction, { readonly type: "none" }>,
  on: ActionTarget,
): Promise<AppliedAction> {
  switch (action.type) {
    case "create":
      return create(action, on);
    case "patch":
      return patch(action, on);
    case "recreate": {
      const message = `Deleting ${resourceText(on.resource)} to recreate due to ${action.reason}.`;
      const location = "spec.update.recreate";
      const retry = {
        type: "Retry",
        delaySeconds: action.delaySeconds,
        message,
        location,
      } as const;
      return remove(on, { uid: action.uid, location, retry });
    }
  }
}

/** Deletes the object of a `deleteIfExists` function (RF-30.6). */
export function deleteExisting(on: ActionTarget, uid: string | undefined): Promise<AppliedAction> {
  const message = `Deleting ${resourceText(on.resource)}.`;
  const retry = { type: "Retry", delaySeconds: 30, message } as const;
  return remove(on, { uid, location: "spec.apiConfig.deleteIfExists", retry });
}

/** RF-43. */
async function create(
  action: ResourceAction & { readonly type: "create" },
  on: ActionTarget,
): Promise<AppliedAction> {
  const { resource, run } = on;
  const { apiVersion, kind, plural, namespace } = resource;
  const path = { apiVersion, kind, plural, ...(namespace === undefined ? {} : { namespace }) };
  const { delaySeconds } = action;
  const request = { verb: "create", resource, location: "spec.create", delaySeconds } as const;
  const send = (options: { readonly signal: AbortSignal }) =>
    run.cluster.create(path, action.body, options);
  const message = `Creating ${resourceText(resource)}.`;
  const retry = { type: "Retry", delaySeconds, message, location: "spec.create" } as const;
  return written(await sendRequest(request, send, run), retry);
}

/** RF-45. */
async function patch(
  action: ResourceAction & { readonly type: "patch" },
  on: ActionTarget,
): Promise<AppliedAction> {
  const { resource, run } = on;
  const { delaySeconds, body } = action;
  const location = "spec.update.patch";
  const request = { verb: "patch", resource, location, delaySeconds } as const;
  const send = (options: { readonly signal: AbortSignal }) =>
    run.cluster.patch(objectPath(resource), { type: "merge", body }, options);
  const message = `Patching \`${resourceText(resource)}\` due to ${action.reason}.`;
  const retry = { type: "Retry", delaySeconds, message, location } as const;
  return written(await sendRequest(request, send, run), retry);
}

/** RF-49. */
async function remove(
  on: ActionTarget,
  how: {
    readonly uid: string | undefined;
    readonly location: string;
    readonly retry: NonOk & { readonly type: "Retry" };
  },
): Promise<AppliedAction> {
  const { resource, run } = on;
  const { delaySeconds } = how.retry;
  const request = { verb: "delete", resource, location: how.location, delaySeconds } as const;
  const precondition = how.uid === undefined ? {} : { uid: how.uid };
  const result = await sendRequest(
    request,
    (options) => run.cluster.delete(objectPath(resource), precondition, options),
    run,
  );
  return { outcome: result.type === "Ok" ? how.retry : result };
}

function written(result: Ok<KubernetesObject | undefined> | NonOk, retry: NonOk): AppliedAction {
  if (result.type !== "Ok") return { outcome: result };
  return { outcome: retry, ...(result.value ? { stored: result.value } : {}) };
}
