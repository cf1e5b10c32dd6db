// SPDX-License-Identifier: Apache-2.0

import {
  type BrokenDefinition,
  combineOutcomes,
  type DefinitionId,
  type Diagnostic,
  type LogicRef,
  type NonOk,
  type Outcome,
  type Program,
  type ResourceFunction,
  type SourcePlace,
  type Step,
  type StepError,
  type Template,
  type ValueFunction,
  type Workflow,
} from "../language/mod.ts";

/** What a step can run. */
export type Logic = ValueFunction | ResourceFunction | Workflow;

/** The Logic of a step, found. */
export type ResolvedLogic =
  | { readonly type: "ref"; readonly logic: Logic }
  | {
    readonly type: "switch";
    readonly switchOn: Template;
    readonly cases: ReadonlyMap<string, Logic>;
    readonly fallback: Logic | undefined;
  };

/** A step with everything that running it needs to know. */
export interface PlannedStep {
  readonly step: Step;
  /** The Workflow it is part of. */
  readonly workflow: DefinitionId;
  readonly logic: ResolvedLogic;
  /** Indexes of the steps it depends on, in listing order. */
  readonly dependencies: readonly number[];
  /** Indexes of the steps that depend on it. */
  readonly dependents: readonly number[];
}

/** A Workflow that can run. */
export interface WorkflowPlan {
  readonly type: "plan";
  readonly workflow: Workflow;
  /** In listing order. */
  readonly steps: readonly PlannedStep[];
  /** Whether no step needs the cluster, so that nothing in it can wait. */
  readonly isPure: boolean;
}

/** A Workflow that cannot run, and what its overall outcome is (WF-30). */
export interface UnreadyWorkflow {
  readonly type: "unready";
  /** Its location is without the name of the Workflow. */
  readonly outcome: NonOk;
}

type Prepared = WorkflowPlan | UnreadyWorkflow;

/** Programs are immutable, so that what was found once holds as long as the Program lives. */
const prepared = new WeakMap<Program, WeakMap<Workflow | BrokenDefinition, Prepared>>();

/** Resolves the Logic of every step; or tells why the Workflow cannot run (WF-30). */
export function planWorkflow(program: Program, workflow: Workflow | BrokenDefinition): Prepared {
  let plans = prepared.get(program);
  if (!plans) prepared.set(program, plans = new WeakMap());
  let plan = plans.get(workflow);
  if (!plan) plans.set(workflow, plan = prepareWorkflow(program, workflow));
  return plan;
}

function prepareWorkflow(program: Program, workflow: Workflow | BrokenDefinition): Prepared {
  if (workflow.type === "Broken") return unready(workflow.workflow?.stepErrors ?? [], []);
  if (workflow.stepErrors.length > 0 || workflow.steps.length === 0) {
    return unready(workflow.stepErrors, []);
  }
  const missing: Outcome[] = [];
  const logics = workflow.steps.map((step) => resolveStep(program, step, missing));
  const found = logics.filter((logic): logic is ResolvedLogic => logic !== undefined);
  if (missing.length > 0 || found.length < logics.length) return unready([], missing);
  return planSteps(workflow, found);
}

function planSteps(workflow: Workflow, logics: readonly ResolvedLogic[]): WorkflowPlan {
  const indexes = new Map(workflow.steps.map((step, index) => [step.label, index]));
  const dependencies = workflow.steps.map((step) =>
    step.dependencies.flatMap((label) => indexes.get(label) ?? [])
  );
  const steps = workflow.steps.map((step, index) => ({
    step,
    workflow: workflow.id,
    logic: logics[index] as ResolvedLogic,
    dependencies: dependencies[index] ?? [],
    dependents: workflow.executionOrder.filter((other) => dependencies[other]?.includes(index)),
  }));
  return { type: "plan", workflow, steps, isPure: logics.every(isPureLogic) };
}

function isPureLogic(logic: ResolvedLogic): boolean {
  return logicsOf(logic).every((one) => one.type === "ValueFunction");
}

/** Every Logic a step may run. */
export function logicsOf(logic: ResolvedLogic): readonly Logic[] {
  if (logic.type === "ref") return [logic.logic];
  return [...logic.cases.values(), ...(logic.fallback ? [logic.fallback] : [])];
}

function resolveStep(program: Program, step: Step, missing: Outcome[]): ResolvedLogic | undefined {
  const place = stepPlace(step);
  if (step.logic.type === "ref") {
    const logic = resolveLogic(program, step.logic.ref, { place, missing });
    return logic && { type: "ref", logic };
  }
  const cases = new Map<string, Logic>();
  let fallback: Logic | undefined;
  let isComplete = true;
  for (const [index, one] of step.logic.cases.entries()) {
    const logic = resolveLogic(program, one.ref, { place: `${place}[${index}]`, missing });
    if (!logic) isComplete = false;
    else {
      cases.set(one.case, logic);
      if (one.isDefault) fallback = logic;
    }
  }
  if (!isComplete) return undefined;
  return { type: "switch", switchOn: step.logic.switchOn, cases, fallback };
}

/** WF-31, WF-32. */
function resolveLogic(
  program: Program,
  ref: LogicRef,
  at: { readonly place: string; readonly missing: Outcome[] },
): Logic | undefined {
  const found = program.find(ref.kind, ref.name);
  if (found.type === "ready") return found.definition;
  const name = `${ref.kind}:${ref.name}`;
  const location = `${at.place}.${name}`;
  at.missing.push(
    found.type === "missing"
      ? {
        type: "Retry",
        delaySeconds: 15,
        message: `'${name}' not cached; will retry.`,
        location,
      }
      : {
        type: "Retry",
        delaySeconds: 180,
        message: `'${name}' is not healthy (${found.diagnostic.message}); will retry.`,
        location,
        source: placeOf(found.diagnostic),
      },
  );
  return undefined;
}

/** WF-32a, WF-32b, and the combination of all that is missing. */
function unready(errors: readonly StepError[], missing: readonly Outcome[]): UnreadyWorkflow {
  const failures: Outcome[] = errors.map((error) => ({
    type: "PermFail",
    message: error.message,
    source: placeOf(error.diagnostic),
    ...(error.label === undefined ? {} : { location: stepPlace({ ...error, label: error.label }) }),
  }));
  const outcome = combineOutcomes([...failures, ...missing]);
  return {
    type: "unready",
    outcome: outcome.type === "PermFail" || outcome.type === "Retry" ? outcome : NO_STEPS,
  };
}

const NO_STEPS: NonOk = {
  type: "PermFail",
  message: "No steps specified Workflow at least one step in 'spec.steps' is required.",
};

/** WF-33. */
function stepPlace(step: { readonly label: string; readonly isConfigStep: boolean }): string {
  return step.isConfigStep ? "spec.configStep" : `spec.steps['${step.label}']`;
}

function placeOf({ file, line, column }: Diagnostic): SourcePlace {
  return { file, line, column };
}
