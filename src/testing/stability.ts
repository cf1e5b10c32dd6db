// SPDX-License-Identifier: Apache-2.0

import type { JsonObject, JsonValue } from "../language/mod.ts";
import { alternatingText, valueText } from "./outcome_text.ts";
import { resourceName, type Write } from "./recording_cluster.ts";
import { conditionsOf, stateOf } from "./workflow_assertions.ts";
import { type Attempt, createWriteLog } from "./write_log.ts";

/** One of the runs that are repeated until nothing changes. */
export interface RepeatedRun {
  readonly writes: readonly Write[];
  readonly status: JsonObject;
  readonly attempts: readonly Attempt[];
}

/** Watches repeated runs for the one that changes nothing (FW-20). */
export interface StabilityWatch {
  add(run: RepeatedRun): "settled" | "changing" | "looping";
  /** The objects, state keys and conditions that take several values, with these values. */
  lines(): readonly string[];
}

/** How often one object may be written. */
const MAX_WRITES = 5;

/** Makes a watch for the runs of one case, which begins with a status. */
export function createStabilityWatch(initial: JsonObject): StabilityWatch {
  const log = createWriteLog();
  const writes = new Map<string, number>();
  const seen = new Map<string, Set<string>>();
  let before = JSON.stringify(statusValues(initial));
  return {
    add(run) {
      const values = statusValues(run.status);
      for (const [name, value] of values) remember(seen, name, value);
      log.add(run.attempts);
      for (const write of run.writes) count(writes, resourceName(write.resource));
      const after = JSON.stringify(values);
      const isSame = before === after;
      before = after;
      if (run.writes.length === 0 && isSame) return "settled";
      return [...writes.values()].some((times) => times > MAX_WRITES) ? "looping" : "changing";
    },
    lines: () => [
      ...log.lines(),
      ...[...seen].filter(([, values]) => values.size > 1)
        .map(([name, values]) => `${name} alternates between ${alternatingText(values)}`),
    ],
  };
}

/** State keys and condition fields, times left out, by name. */
function statusValues(status: JsonObject): readonly (readonly [string, string])[] {
  const state = Object.entries(stateOf(status)).map(([key, value]) =>
    [`state.${key}`, valueText(value)] as const
  );
  const conditions = conditionsOf(status).flatMap((condition) =>
    Object.entries(condition)
      .filter(([key]) => key !== "type" && !key.endsWith("Time"))
      .map(([key, value]) =>
        [`condition ${text(condition.type)}.${key}`, valueText(value)] as const
      )
  );
  return [...state, ...conditions];
}

function text(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function remember(seen: Map<string, Set<string>>, name: string, value: string): void {
  const values = seen.get(name) ?? new Set();
  seen.set(name, values.add(value));
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
