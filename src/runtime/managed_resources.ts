// SPDX-License-Identifier: Apache-2.0

import { type JsonObject, jsonObject, type JsonValue } from "../language/mod.ts";
import type { LogicResult, StepResult } from "./step_record.ts";

/** Annotation of a trigger with what it manages (TR-1). */
export const MANAGED_RESOURCES = "koreo.dev/managed-resources";

/** The entries of a Workflow's steps, in execution order (ST-40). */
export function managedResources(
  workflow: string,
  steps: ReadonlyMap<string, StepResult>,
): JsonObject {
  return { workflow, resources: jsonObject(entries(steps)) };
}

function* entries(
  steps: ReadonlyMap<string, StepResult>,
): Generator<readonly [string, JsonValue]> {
  for (const [label, step] of steps) {
    yield [label, step.items ? step.items.map(entryOf) : entryOf(step)];
  }
}

/** ST-41, ST-42, ST-44. */
function entryOf(result: LogicResult): JsonValue {
  if (result.workflow) return managedResources(result.workflow.name, result.workflow.steps);
  return result.resourceId ?? null;
}
