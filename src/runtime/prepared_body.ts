// SPDX-License-Identifier: Apache-2.0

import {
  isFault,
  isJsonObject,
  type JsonObject,
  jsonText,
  type JsonValue,
  member,
} from "../language/mod.ts";
import { objectWithoutDirectives } from "./directives.ts";
import { LAST_APPLIED } from "./last_applied.ts";
import type { KubernetesObject } from "./ports.ts";

/** What a body is made of. */
export interface BodyParts {
  /** The target, with `create.overlay` for a creation. */
  readonly target: JsonObject;
  /** The target without `create.overlay`. */
  readonly applied: JsonObject;
  /** All owner references, when they are written. */
  readonly ownerReferences?: readonly JsonValue[];
}

/** The body of a POST or PATCH (RF-60): without directives, with the last-applied annotation. */
export function preparedBody(parts: BodyParts): KubernetesObject {
  const applied = appliedConfiguration(parts);
  const body = withOwnerReferences(objectWithoutDirectives(parts.target), parts.ownerReferences);
  return withAnnotation(body, appliedText(applied)) as KubernetesObject;
}

/** What the last-applied annotation tells of a target (RF-60). */
function appliedConfiguration(parts: Omit<BodyParts, "target">): JsonObject {
  const applied = objectWithoutDirectives(parts.applied);
  return withOwnerReferences(withoutLastApplied(applied), parts.ownerReferences);
}

function appliedText(applied: JsonObject): string {
  const text = jsonText(applied, { order: "insertion" });
  if (isFault(text)) throw new TypeError(`Cannot write a target as JSON: ${text.reason}`);
  return text;
}

/** The object without the last-applied annotation, and without `annotations` emptied by that. */
export function withoutLastApplied(object: JsonObject): JsonObject {
  const annotations = member(object.metadata, "annotations");
  if (!isJsonObject(annotations) || !Object.hasOwn(annotations, LAST_APPLIED)) return object;
  const { [LAST_APPLIED]: _, ...others } = annotations;
  const { annotations: __, ...metadata } = object.metadata as JsonObject;
  const kept = Object.keys(others).length > 0 ? { ...metadata, annotations: others } : metadata;
  return { ...object, metadata: kept };
}

function withOwnerReferences(
  object: JsonObject,
  ownerReferences: readonly JsonValue[] | undefined,
): JsonObject {
  if (!ownerReferences) return object;
  return { ...object, metadata: { ...metadataOf(object), ownerReferences } };
}

/** Annotations that are no map stay as they are: the API server has to refuse them. */
function withAnnotation(object: JsonObject, text: string): JsonObject {
  const metadata = metadataOf(object);
  const annotations = metadata.annotations ?? {};
  if (!isJsonObject(annotations)) return object;
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: text } },
  };
}

function metadataOf(object: JsonObject): JsonObject {
  return isJsonObject(object.metadata) ? object.metadata : {};
}
