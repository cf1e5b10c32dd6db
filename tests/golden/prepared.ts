// SPDX-License-Identifier: Apache-2.0

import type {
  BrokenDefinition,
  Definition,
  DefinitionKind,
  JsonObject,
  Program,
} from "../../src/language/mod.ts";
import { planWorkflow } from "../../src/runtime/mod.ts";
import { outcomeShape } from "./outcome_shape.ts";

/** The state of a definition in the words of the case files; `null`: there is none. */
export function preparedStatus(
  program: Program,
  kind: string,
  name: string,
): JsonObject | null {
  const found = program.winner(kind as DefinitionKind, name);
  if (!found) return null;
  if (found.type === "Workflow") return workflowStatus(program, found);
  if (found.type !== "Broken") return { type: "Ok" };
  const stepErrors = found.workflow?.stepErrors ?? [];
  return stepErrors.length > 0 ? workflowStatus(program, found) : brokenStatus(found);
}

/** A Workflow whose steps cannot run is sound by itself, as the original has it. */
function workflowStatus(
  program: Program,
  workflow: Extract<Definition, { readonly type: "Workflow" }> | BrokenDefinition,
): JsonObject {
  const plan = planWorkflow(program, workflow);
  if (plan.type === "plan") return { type: "Ok" };
  return { type: "Ok", stepsReady: outcomeShape(plan.outcome) };
}

function brokenStatus(broken: BrokenDefinition): JsonObject {
  const first = broken.diagnostics.find(({ severity }) => severity === "error");
  const { kind, name } = broken.id;
  return {
    type: "PermFail",
    message: first?.message ?? null,
    location: `prepare:${kind}:${name}${first?.path ? `:${first.path}` : ""}`,
  };
}
