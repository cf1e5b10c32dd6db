// SPDX-License-Identifier: Apache-2.0

import { type Ok, type PermFail, typeName, type Value } from "../language/mod.ts";
import { evaluate, shownValue } from "./evaluation.ts";
import { runResourceFunction } from "./run_resource_function.ts";
import { runSubWorkflow } from "./run_sub_workflow.ts";
import { runValueFunction } from "./run_value_function.ts";
import type { LogicRecord } from "./step_record.ts";
import type { Logic, ResolvedLogic } from "./workflow_plan.ts";
import type { LogicCall } from "./workflow_scope.ts";
import type { Pending } from "./pending.ts";

/** Runs the Logic of a step, or of one item of it, through its `refSwitch` if it has one. */
export function runLogic(record: LogicRecord, call: LogicCall): Pending {
  const { logic } = call.step;
  if (logic.type === "ref") {
    tellStart(logic.logic, call);
    return runOne(record, logic.logic, call);
  }
  const chosen = chooseCase(logic, call);
  if (chosen.type !== "Ok") {
    record.outcome = chosen;
    return undefined;
  }
  const { value: { logic: one, text } } = chosen;
  tellStart(one, call, text);
  return runOne(record, one, { ...call, location: `${call.location}.refSwitch['${text}']` });
}

function tellStart({ id }: Logic, { step, scope: { run } }: LogicCall, switchedOn?: string): void {
  run.trace?.observe({
    type: "logic-started",
    workflow: step.workflow,
    label: step.step.label,
    logic: id,
    ...(switchedOn === undefined ? {} : { switchedOn }),
  });
}

function runOne(record: LogicRecord, logic: Logic, call: LogicCall): Pending {
  switch (logic.type) {
    case "ValueFunction":
      record.outcome = runValueFunction(logic, call, call.scope.run);
      return undefined;
    case "Workflow":
      return runSubWorkflow(record, logic, call);
    case "ResourceFunction": {
      const { inputs, location, scope } = call;
      const report = (resourceId: LogicRecord["resourceId"]) => {
        record.resourceId = resourceId;
      };
      const stepPath = scope.path + call.step.step.label;
      const called = { inputs, location, owner: scope.owner, stepPath, report };
      return runResourceFunction(logic, called, scope.run).then(({ outcome }) => {
        record.outcome ??= outcome;
      });
    }
  }
}

/** WF-46. */
function chooseCase(
  logic: ResolvedLogic & { readonly type: "switch" },
  call: LogicCall,
): Ok<{ readonly logic: Logic; readonly text: string }> | PermFail {
  const place = `${call.location}.refSwitch.switchOn`;
  const variables = { ...call.variables, inputs: call.inputs };
  const result = evaluate(logic.switchOn, { variables, budget: call.scope.run.budget, place });
  if (result.type !== "Ok") return result;
  const text = caseText(result.value);
  const found = `'${shownValue(result.value)}' a ${typeName(result.value)}`;
  if (text === undefined) {
    const message = `\`switchOn\` must evaluate to a string, int or bool value, received ${found}`;
    return { type: "PermFail", message, location: place };
  }
  const one = logic.cases.get(text) ?? logic.fallback;
  if (one) return { type: "Ok", value: { logic: one, text } };
  return {
    type: "PermFail",
    message: "`refSwitch` must match one case or a default must be provided, failed to match " +
      `${found}. Use a \`skipIf\` guard if this is expected.`,
    location: `${call.location}.refSwitch.<match-case>`,
  };
}

function caseText(value: Value): string | undefined {
  if (typeof value === "string") return value;
  const type = typeName(value);
  return type === "int" || type === "bool" ? String(value) : undefined;
}
