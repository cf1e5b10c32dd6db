// SPDX-License-Identifier: Apache-2.0

import {
  isJsonList,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  member,
} from "../language/mod.ts";
import { parseJson } from "./last_applied.ts";
import { MANAGED_RESOURCES } from "./managed_resources.ts";
import type { ResourceId } from "./resource_id.ts";
import type { ResourceIdentity } from "./resource_identity.ts";

/** A resource as a managed-resources annotation records it. */
export interface RecordedResource {
  readonly id: ResourceId;
  /** Labels of the steps that lead to it, joined with `/`; items of a `forEach` have one path. */
  readonly step: string;
}

/** What a managed-resources annotation says (12.5). */
export interface RecordedResources {
  /** The whole annotation; `{}` when it is absent or nothing that Koreo wrote. */
  readonly annotation: JsonObject;
  /** Resources that the last run reported, in recorded order. */
  readonly reported: readonly RecordedResource[];
  /** Resources of earlier runs that are not finished with (ST-45). */
  readonly former: readonly RecordedResource[];
}

/** Reads the annotation of a trigger. What is not understood counts as not recorded. */
export function recordedResources(trigger: JsonObject): RecordedResources {
  const text = member(member(trigger.metadata, "annotations"), MANAGED_RESOURCES);
  return readRecord(typeof text === "string" ? text : "");
}

/** Reads the text of an annotation. */
export function readRecord(text: string): RecordedResources {
  const parsed = text === "" ? undefined : parseJson(text);
  const annotation = isJsonObject(parsed) ? parsed : {};
  const former = isJsonList(annotation.former) ? annotation.former : [];
  return {
    annotation,
    reported: recordedIn(annotation),
    former: former.flatMap((entry) => {
      const step = member(entry, "step");
      return isResourceId(entry) && typeof step === "string"
        ? [{ id: withoutStep(entry), step }]
        : [];
    }),
  };
}

/** The resources that a managed-resources tree reports, in its order. */
export function recordedIn(tree: JsonObject): readonly RecordedResource[] {
  return [...reportedIn(tree.resources, "")];
}

function* reportedIn(resources: JsonValue | undefined, path: string): Generator<RecordedResource> {
  if (!isJsonObject(resources)) return;
  for (const label of Object.keys(resources)) yield* entriesOf(resources[label], path + label);
}

function* entriesOf(entry: JsonValue | undefined, step: string): Generator<RecordedResource> {
  if (isJsonList(entry)) {
    for (const item of entry) yield* entriesOf(item, step);
  } else if (isResourceId(entry)) {
    yield { id: entry, step };
  } else yield* reportedIn(member(entry, "resources"), `${step}/`);
}

function isResourceId(entry: JsonValue | undefined): entry is ResourceId {
  return isJsonObject(entry) && typeof entry.readonly === "boolean" &&
    ["apiVersion", "kind", "plural", "name"].every((key) => typeof entry[key] === "string");
}

function withoutStep({ step: _, ...id }: ResourceId): ResourceId {
  return id as ResourceId;
}

/** The identity of a recorded resource, with its path for the API. */
export function resourceOf(id: ResourceId): ResourceIdentity & { readonly plural: string } {
  const { apiVersion, kind, plural, name, namespace } = id;
  return {
    apiVersion,
    kind,
    plural,
    name,
    ...(typeof namespace === "string" ? { namespace } : {}),
  };
}

/** The `former` entry of a recorded resource (ST-45). */
export function formerEntry({ id, step }: RecordedResource): JsonObject {
  return { ...id, step };
}
