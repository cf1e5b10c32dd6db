// SPDX-License-Identifier: Apache-2.0

import type { JsonValue } from "../language/mod.ts";
import type { ResourceAction, ResourceIdentity, RunEvent } from "../runtime/mod.ts";
import { renderPath } from "./difference.ts";
import { resourceName } from "./recording_cluster.ts";
import { alternatingText, valueText } from "./outcome_text.ts";

/** What a run decided about one object, and because of what. */
export type Attempt = Extract<RunEvent, { readonly type: "resource-decided" }>;

/** Why objects were written again and again (FT-45, FW-20). */
export interface WriteLog {
  add(attempts: Iterable<Attempt>): void;
  /** Per object the paths whose differences led to writes, and the values they take in turn. */
  lines(): readonly string[];
}

interface ObjectHistory {
  readonly resource: ResourceIdentity;
  readonly actions: Map<ResourceAction["type"], number>;
  readonly paths: Map<string, Set<string>>;
}

/** Makes an empty log. */
export function createWriteLog(): WriteLog {
  const objects = new Map<string, ObjectHistory>();
  return {
    add(attempts) {
      for (const attempt of attempts) {
        const name = resourceName(attempt.resource);
        const history = objects.get(name) ?? emptyHistory(attempt.resource);
        objects.set(name, history);
        remember(history, attempt);
      }
    },
    lines: () => [...objects.values()].flatMap(historyLines),
  };
}

function emptyHistory(resource: ResourceIdentity): ObjectHistory {
  return { resource, actions: new Map(), paths: new Map() };
}

function remember(history: ObjectHistory, attempt: Attempt): void {
  const { action, difference } = attempt;
  if (action.type === "none") return;
  history.actions.set(action.type, (history.actions.get(action.type) ?? 0) + 1);
  if (!difference) return;
  const path = renderPath(difference.path);
  const values = history.paths.get(path) ?? new Set();
  values.add(shown(difference.live)).add(shown(difference.target));
  history.paths.set(path, values);
}

function historyLines(history: ObjectHistory): readonly string[] {
  const counts = [...history.actions].map(([type, count]) => `${type} ${count}×`);
  if (counts.length === 0) return [];
  const paths = [...history.paths].map(([path, values]) =>
    `  ${path} alternates between ${alternatingText(values)}`
  );
  return [`${resourceName(history.resource)}: ${counts.join(", ")}`, ...paths];
}

function shown(value: JsonValue | undefined): string {
  return value === undefined ? "nothing" : valueText(value);
}
