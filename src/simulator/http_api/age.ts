// SPDX-License-Identifier: Apache-2.0

import type { JsonValue } from "../../language/mod.ts";
import { parseTimestamp } from "../timestamp.ts";

/** The time since a timestamp as kubectl prints it: `5s`, `3m12s`, `4d`. */
export function ageSince(timestamp: JsonValue | undefined, nowMs: number): string {
  const since = typeof timestamp === "string" ? parseTimestamp(timestamp) : undefined;
  return since === undefined ? "<unknown>" : humanDuration(Math.floor(nowMs / 1000) - since);
}

// The steps of k8s.io/apimachinery duration.HumanDuration: two units while they tell something.
function humanDuration(seconds: number): string {
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (minutes < 2) return `${seconds}s`;
  if (minutes < 10) return twoUnits([minutes, "m"], [seconds % 60, "s"]);
  if (hours < 3) return `${minutes}m`;
  if (hours < 8) return twoUnits([hours, "h"], [minutes % 60, "m"]);
  if (hours < 48) return `${hours}h`;
  if (days < 8) return twoUnits([days, "d"], [hours % 24, "h"]);
  if (days < 730) return `${days}d`;
  const years = Math.floor(days / 365);
  return years < 8 ? twoUnits([years, "y"], [days % 365, "d"]) : `${years}y`;
}

function twoUnits(
  [large, largeUnit]: readonly [number, string],
  [small, smallUnit]: readonly [number, string],
): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}
