// SPDX-License-Identifier: Apache-2.0

import { isJsonObject, type JsonValue, member, memberAt } from "../language/mod.ts";
import type { KubernetesObject } from "../runtime/ports.ts";
import { sameJson } from "./json_values.ts";
import { invalidValue, requiredValue } from "./object_names.ts";
import type { StatusCause } from "./status_error.ts";

type Faults = readonly StatusCause[];

/** Longest texts, as events.k8s.io/v1 has them. */
const LONGEST = { reason: 128, action: 128, reportingInstance: 128, note: 1_024 } as const;
const KEPT = ["reportingController", "reportingInstance", "action", "reason"] as const;
const REQUIRED = ["eventTime", ...KEPT] as const;

/** What is wrong with an Event of events.k8s.io/v1; Events of core/v1 are hardly looked at. */
export function eventFaults(event: KubernetesObject): Faults {
  if (event.apiVersion === "v1") return [];
  return [
    ...namespaceFaults(event),
    ...REQUIRED.filter((field) => !event[field]).map((field) => requiredValue(field)),
    ...Object.entries(LONGEST).flatMap(([field, most]) => lengthFaults(event, field, most)),
    ...typeFaults(event.type),
    ...seriesFaults(event.series),
  ];
}

/** What is wrong with the change of an Event: all of it stays but the series. */
export function eventChangeFaults(before: KubernetesObject, after: KubernetesObject): Faults {
  if (after.apiVersion === "v1") return [];
  const fields = [...KEPT, "regarding", "related", "note", "type"];
  return fields.filter((field) => !sameJson(before[field], after[field]))
    .map((field) => invalidValue(field, after[field] ?? null, "field is immutable"));
}

/** Where Events about what lies in no namespace may lie. */
const PLACES: ReadonlySet<JsonValue> = new Set(["default", "kube-system"]);

function namespaceFaults(event: KubernetesObject): Faults {
  const { namespace = "" } = event.metadata;
  if (memberAt(event, "regarding", "namespace") || PLACES.has(namespace)) return [];
  return [invalidValue("involvedObject.namespace", "", "does not match event.namespace")];
}

function lengthFaults(event: KubernetesObject, field: string, most: number): Faults {
  const value = event[field];
  const bytes = typeof value === "string" ? new TextEncoder().encode(value).length : 0;
  if (bytes <= most) return [];
  // The server speaks of the field of core/v1.
  const name = field === "note" ? "message" : field;
  return [invalidValue(name, "", `can have at most ${most} characters`)];
}

function typeFaults(type: JsonValue | undefined): Faults {
  return type === "Normal" || type === "Warning"
    ? []
    : [invalidValue("type", type ?? "", "has invalid value")];
}

function seriesFaults(series: JsonValue | undefined): Faults {
  if (!isJsonObject(series)) return [];
  return [
    ...(Number(member(series, "count") ?? 0) >= 2
      ? []
      : [invalidValue("series.count", series.count ?? 0, "should be at least 2")]),
    ...(series.lastObservedTime === undefined ? [requiredValue("series.lastObservedTime")] : []),
  ];
}
