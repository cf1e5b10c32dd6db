// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject, jsonObject, member, memberAt } from "../language/mod.ts";
import type { JsonObject, JsonValue } from "../language/mod.ts";
import type { KubernetesObject } from "../runtime/ports.ts";
import { validateSchema } from "./schema_validation.ts";
import type { ServedResource } from "./served_resource.ts";
import type { StatusCause } from "./status_error.ts";

const ENVELOPE = ["apiVersion", "kind", "metadata"];

/** The object with its schema's defaults and without the fields that the schema does not know. */
export function shapeCustomObject(
  resource: ServedResource,
  object: KubernetesObject,
): KubernetesObject {
  const schema = resource.custom?.schema;
  if (schema === undefined) return object;
  const shaped = shape(object, { ...schema, "x-kubernetes-embedded-resource": true });
  return shaped as KubernetesObject;
}

/** Paths of fields that the schema does not know: what pruning would drop. */
export function unknownFields(
  resource: ServedResource,
  object: JsonObject,
): readonly string[] {
  const schema = resource.custom?.schema;
  if (schema === undefined) return [];
  return unknownBelow(object, { ...schema, "x-kubernetes-embedded-resource": true }, "");
}

/** What the schema finds wrong with an object. */
export function schemaFaults(
  resource: ServedResource,
  object: KubernetesObject,
): readonly StatusCause[] {
  const schema = resource.custom?.schema;
  if (schema === undefined) return [];
  const content = jsonObject(Object.entries(object).filter(([key]) => !ENVELOPE.includes(key)));
  const required = member(schema, "required");
  const stated = isJsonList(required)
    ? required.filter((key) => !ENVELOPE.includes(String(key)))
    : [];
  return validateSchema(content, { ...schema, required: stated }, "");
}

function shape(value: JsonValue, schema: JsonValue | undefined): JsonValue {
  if (isJsonList(value)) {
    const items = member(schema, "items");
    return mapList(value, (item) => shape(item, items));
  }
  return isJsonObject(value) && isJsonObject(schema) ? shapeObject(value, schema) : value;
}

function shapeObject(value: JsonObject, schema: JsonObject): JsonObject {
  const entries: [string, JsonValue][] = [];
  let isChanged = false;
  for (const [key, entry] of Object.entries(value)) {
    const known = knownSchema(schema, key);
    if (known === undefined || isDefaultedNull(entry, known)) {
      isChanged = true;
      continue;
    }
    const shaped = shape(entry, known === "any" ? undefined : known);
    isChanged ||= shaped !== entry;
    entries.push([key, shaped]);
  }
  const defaults = missingDefaults(new Set(entries.map(([key]) => key)), schema);
  return isChanged || defaults.length > 0 ? jsonObject([...entries, ...defaults]) : value;
}

// A null that is not allowed gives way to the default.
function isDefaultedNull(value: JsonValue, schema: JsonValue): boolean {
  return value === null && member(schema, "default") !== undefined &&
    member(schema, "nullable") !== true;
}

function missingDefaults(
  present: ReadonlySet<string>,
  schema: JsonObject,
): readonly (readonly [string, JsonValue])[] {
  const properties = isJsonObject(schema.properties) ? Object.entries(schema.properties) : [];
  return properties.filter(([key]) => !present.has(key))
    .map(([key, property]) => [key, member(property, "default"), property] as const)
    .filter((entry): entry is [string, JsonValue, JsonValue] => entry[1] !== undefined)
    .map(([key, value, property]) => [key, shape(value, property)] as const);
}

/** The schema of a key; `any` when it may be there without one, `undefined` when it may not. */
function knownSchema(schema: JsonObject, key: string): JsonValue | "any" | undefined {
  const property = memberAt(schema, "properties", key);
  const isEmbedded = schema["x-kubernetes-embedded-resource"] === true;
  if (isEmbedded && key === "metadata") return "any";
  if (property !== undefined) return property;
  if (isEmbedded && ENVELOPE.includes(key)) return "any";
  const additional = schema.additionalProperties;
  if (isJsonObject(additional)) return additional;
  if (additional === true) return "any";
  return schema["x-kubernetes-preserve-unknown-fields"] === true ? "any" : undefined;
}

function unknownBelow(
  value: JsonValue,
  schema: JsonValue | undefined,
  path: string,
): readonly string[] {
  if (isJsonList(value)) {
    const items = member(schema, "items");
    return value.flatMap((item, index) => unknownBelow(item, items, `${path}[${index}]`));
  }
  if (!isJsonObject(value) || !isJsonObject(schema)) return [];
  return Object.entries(value).flatMap(([key, entry]) => {
    const known = knownSchema(schema, key);
    const below = path === "" ? key : `${path}.${key}`;
    if (known === undefined) return [below];
    return known === "any" ? [] : unknownBelow(entry, known, below);
  });
}

function mapList(
  list: readonly JsonValue[],
  change: (item: JsonValue) => JsonValue,
): readonly JsonValue[] {
  const changed = list.map(change);
  return changed.every((item, index) => item === list[index]) ? list : changed;
}
