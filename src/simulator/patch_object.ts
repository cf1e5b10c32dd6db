// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject } from "../language/mod.ts";
import type { JsonValue } from "../language/mod.ts";
import { applyMergePatch } from "../runtime/mod.ts";
import type { KubernetesObject, PatchRequest, PatchType } from "../runtime/ports.ts";
import { objectType } from "./field_types.ts";
import { applyJsonPatch, JsonPatchError } from "./json_patch.ts";
import { admit, seal } from "./json_values.ts";
import { applyObject } from "./server_side_apply.ts";
import type { ServedResource } from "./served_resource.ts";
import type { ObjectTarget, ServerState, WriteOptions } from "./server_state.ts";
import { requiredValue } from "./object_names.ts";
import { badRequest, invalid, type StatusCause, StatusError } from "./status_error.ts";
import { applyStrategicPatch, checkDirectives } from "./strategic_merge_patch.ts";
import { type Change, updateObject } from "./update_object.ts";

/** The port's patch types, and the one that only kubectl sends. */
export type ServerPatchType = PatchType | "strategic";

/** A patch of any type. */
export interface ServerPatch extends Omit<PatchRequest, "type"> {
  readonly type: ServerPatchType;
}

/** Patches an object and returns it as stored. */
export function patchObject(
  state: ServerState,
  target: ObjectTarget,
  patch: ServerPatch,
  options: WriteOptions,
): KubernetesObject {
  const faults = optionFaults(patch);
  if (faults.length > 0) throw invalid(PATCH_OPTIONS, "", faults);
  const body = admit(patch.body);
  switch (patch.type) {
    case "merge":
      return updateObject(state, target, mergeChange(body), options);
    case "json":
      return updateObject(state, target, jsonChange(body), options);
    case "strategic":
      return updateObject(state, target, strategicChange(target.resource, body), options);
    case "apply":
      return applyObject(state, target, { body, force: patch.force ?? false }, options);
    default:
      return unreachable(patch.type);
  }
}

const PATCH_OPTIONS = { group: "meta.k8s.io", kind: "PatchOptions", plural: "patchoptions" };

function optionFaults({ type, fieldManager, force }: ServerPatch): readonly StatusCause[] {
  if (type === "apply") {
    return fieldManager ? [] : [requiredValue("fieldManager", "is required for apply patch")];
  }
  if (force === undefined) return [];
  return [{
    reason: "FieldValueForbidden",
    message: "Forbidden: may not be specified for non-apply patch",
    field: "force",
  }];
}

function mergeChange(patch: JsonValue): Change {
  if (!isJsonObject(patch)) {
    const type = isJsonList(patch) ? "array" : typeof patch;
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${type} into Go value of type ` +
        "map[string]interface {}",
    );
  }
  return (live) => asObject(applyMergePatch(live, patch));
}

function strategicChange(resource: ServedResource, patch: JsonValue): Change {
  if (!isJsonObject(patch)) throw badRequest("error decoding patch: a map is expected");
  checkDirectives(patch);
  return (live) => asObject(applyStrategicPatch(live, patch, objectType(resource)));
}

function jsonChange(patch: JsonValue): Change {
  if (!isJsonList(patch)) {
    const type = typeof patch;
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${type} into Go value of type ` +
        "[]handlers.jsonPatchOp",
    );
  }
  return (live) => {
    try {
      return asObject(applyJsonPatch(live, patch));
    } catch (error) {
      if (!(error instanceof JsonPatchError)) throw error;
      throw new StatusError(
        422,
        "Invalid",
        "the server rejected our request due to an error in our request",
      );
    }
  };
}

function asObject(value: JsonValue): KubernetesObject {
  if (isJsonObject(value)) return seal(value) as KubernetesObject;
  throw badRequest("a patch must leave an object");
}

function unreachable(value: never): never {
  throw new TypeError(`Cannot handle ${String(value)}`);
}
