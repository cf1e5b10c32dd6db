// SPDX-License-Identifier: Apache-2.0

import type { JsonObject } from "../../language/mod.ts";
import type { KubernetesObject } from "../../runtime/ports.ts";
import type { ObjectChange } from "../watch/object_store.ts";
import { jsonEqual } from "../../runtime/mod.ts";

/** What a change of a managed object means to the triggers that manage it. */
export type ManagedChange =
  /** Nothing: we did it, or nothing that a definition could see changed. */
  | "none"
  /** Someone else changed or deleted it. */
  | "foreign"
  /** An object whose deletion we asked for is gone. */
  | "deletionDone";

/** Judges the change of an object that some trigger manages. */
export function judgeManagedChange(change: ObjectChange): ManagedChange {
  if (change.isInitial || change.type === "written") return "none";
  if (change.isOwn) return change.type === "deleted" ? "deletionDone" : "none";
  const { object, previous } = change;
  if (change.type === "modified" && previous !== undefined && isSameContent(previous, object)) {
    return "none";
  }
  return "foreign";
}

function isSameContent(before: KubernetesObject, after: KubernetesObject): boolean {
  return jsonEqual(withoutVersion(before), withoutVersion(after));
}

function withoutVersion(object: KubernetesObject): JsonObject {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
