// SPDX-License-Identifier: Apache-2.0

import {
  createBudget,
  evaluationFailure,
  type FunctionTest,
  isFailure,
  isJsonObject,
  type JsonObject,
  mergeMaps,
  type Outcome,
  outcomeText,
  type ResourceOverlay,
  type TestCase,
} from "../language/mod.ts";
import { identityOfObject, parentOf } from "../runtime/mod.ts";
import { isSameObject, resourceName } from "./recording_cluster.ts";
import type { CaseEnd } from "./run_cases.ts";
import {
  runTestedWorkflow,
  type WorkflowRunEnd,
  type WorkflowState,
  type WorkflowTestContext,
} from "./run_tested_workflow.ts";
import { createStabilityWatch } from "./stability.ts";
import { checkWorkflowAssertions } from "./workflow_assertions.ts";

/** The state of the first case. */
export function firstWorkflowState(test: FunctionTest): WorkflowState {
  return { subject: test.parent ?? test.inputs, objects: test.currentResources };
}

/** Runs one case of a Workflow's test (FW-14, FW-20). */
export async function runWorkflowCase(
  context: WorkflowTestContext,
  testCase: TestCase,
  carried: WorkflowState,
): Promise<CaseEnd<WorkflowState>> {
  const start = caseState(testCase, carried, context.test.parent !== undefined);
  if (start.type === "failed") return { pass: false, ...start.failure, next: carried };
  const isStable = testCase.assertions.some((assertion) => assertion.type === "stable");
  const settled = isStable
    ? await runUntilStable(context, start.state)
    : { run: await runTestedWorkflow(context, start.state) };
  const { run, message: loop } = settled;
  const verdict = checkWorkflowAssertions(testCase.assertions, run);
  const end = { outcome: run.outcome, next: run.next };
  if (loop === undefined) return { ...verdict, ...end };
  return { ...verdict, ...end, pass: false, message: joined(loop, verdict.message) };
}

function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join("\n");
}

/** The state of a case before the run, or why there is none. */
type CaseStart =
  | { readonly type: "ready"; readonly state: WorkflowState }
  | {
    readonly type: "failed";
    readonly failure: { readonly message: string; readonly outcome?: Outcome };
  };

/** FW-5 to FW-7. */
function caseState(testCase: TestCase, carried: WorkflowState, isTrigger: boolean): CaseStart {
  const { inputOverrides, currentResources, overlayResources = [] } = testCase;
  const subject = inputOverrides ? mergeMaps(carried.subject, inputOverrides) : carried.subject;
  let objects = currentResources ?? carried.objects;
  for (const entry of overlayResources) {
    const changed = overlaid(objects, entry, {
      label: testCase.label,
      parent: isTrigger ? parentOf(subject) : subject,
    });
    if ("message" in changed) return { type: "failed", failure: changed };
    objects = changed.objects;
  }
  return { type: "ready", state: { subject, objects } };
}

type Overlaid =
  | { readonly objects: readonly JsonObject[] }
  | { readonly message: string; readonly outcome?: Outcome };

/** FW-7, FW-13. */
function overlaid(
  objects: readonly JsonObject[],
  entry: ResourceOverlay,
  given: { readonly label: string; readonly parent: JsonObject },
): Overlaid {
  const index = objects.findIndex((one) => isSameObject(identityOfObject(one), entry.identity));
  const found = objects[index];
  if (entry.type === "absent") return { objects: objects.filter((_one, at) => at !== index) };
  if (!found) {
    const name = resourceName(entry.identity);
    return { message: `Cannot overlay ${name}: the cluster has no such object` };
  }
  const variables = { resource: found, template: found, parent: given.parent };
  const changed = entry.overlay.apply(found, variables, createBudget());
  if (!isFailure(changed)) return { objects: objects.with(index, changed) };
  const outcome = evaluationFailure(`${given.label}:overlayResources`, changed);
  const text = outcomeText(outcome);
  return { message: `Could not run test case due to resource overlay error: (${text})`, outcome };
}

/** How many runs a case may need to settle (FW-20). */
const MAX_RUNS = 300;

/** FW-20: runs until nothing changes; `message` tells why it never does. */
async function runUntilStable(
  context: WorkflowTestContext,
  start: WorkflowState,
): Promise<{ readonly run: WorkflowRunEnd; readonly message?: string }> {
  const { status } = context.test.parent ? start.subject : {};
  const watch = createStabilityWatch(isJsonObject(status) ? status : {});
  let run = await runTestedWorkflow(context, start);
  for (let runs = 1;; runs++) {
    const verdict = watch.add(run);
    if (verdict === "settled") return { run };
    if (verdict === "looping" || runs >= MAX_RUNS) {
      return { run, message: [`Not stable after ${runs} runs`, ...watch.lines()].join("\n") };
    }
    run = await runTestedWorkflow(context, run.next);
  }
}
