// SPDX-License-Identifier: Apache-2.0

import type { JsonObject } from "../language/mod.ts";
import type { KubernetesObject } from "../runtime/ports.ts";

/** Where Events lie, whichever group they are asked for in: as core/v1 has them. */
export const EVENT_STORAGE = "/events";

/** Field of core/v1, field of events.k8s.io/v1; the others have the same name in both. */
const RENAMED: readonly (readonly [string, string])[] = [
  ["involvedObject", "regarding"],
  ["message", "note"],
  ["reportingComponent", "reportingController"],
  ["source", "deprecatedSource"],
  ["firstTimestamp", "deprecatedFirstTimestamp"],
  ["lastTimestamp", "deprecatedLastTimestamp"],
  ["count", "deprecatedCount"],
];

const TO_GROUP = new Map(RENAMED);
const TO_CORE = new Map(RENAMED.map(([core, group]) => [group, core]));

/** An Event in the form of the other group. */
export function eventInVersion(event: KubernetesObject, apiVersion: string): KubernetesObject {
  const names = apiVersion === "v1" ? TO_CORE : TO_GROUP;
  const entries = Object.entries<JsonObject[string]>(event)
    .map(([key, value]) => [names.get(key) ?? key, value] as const);
  return { ...Object.fromEntries(entries) as KubernetesObject, apiVersion };
}
