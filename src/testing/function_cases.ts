// SPDX-License-Identifier: Apache-2.0

import {
  type Assertion,
  createBudget,
  evaluationFailure,
  type FunctionTest,
  isFailure,
  type JsonObject,
  mergeMaps,
  type Outcome,
  outcomeText,
  type Overlay,
  type Program,
  type ResourceFunction,
  type TestCase,
  type ValueFunction,
} from "../language/mod.ts";
import {
  identityOfObject,
  type RunEvent,
  runResourceFunction,
  runValueFunction,
} from "../runtime/mod.ts";
import { checkFunctionAssertion, type FunctionRun } from "./function_assertions.ts";
import { createRecordingCluster, isSameObject, resourceName } from "./recording_cluster.ts";
import type { CaseEnd } from "./run_cases.ts";
import { type Attempt, createWriteLog } from "./write_log.ts";
import { testClock } from "./test_clock.ts";

/** What is carried from one case to the next (FT-23). */
export interface FunctionState {
  readonly inputs: JsonObject;
  /** The object in the cluster, or the base of a ValueFunction. */
  readonly object: JsonObject | undefined;
}

/** What all cases of a FunctionTest share. */
export interface FunctionTestContext {
  readonly program: Program;
  readonly test: FunctionTest;
  readonly fn: ValueFunction | ResourceFunction;
  readonly signal: AbortSignal;
  /** Is told what happens. */
  readonly observe?: ((event: RunEvent) => void) | undefined;
}

/** The state of the first case (FT-21). */
export function firstFunctionState(test: FunctionTest): FunctionState {
  return { inputs: test.inputs, object: test.currentResource };
}

/** Runs one case of a Function's test (FT-20). */
export async function runFunctionCase(
  context: FunctionTestContext,
  testCase: TestCase,
  at: { readonly index: number; readonly state: FunctionState },
): Promise<CaseEnd<FunctionState>> {
  const { state } = at;
  const { inputOverrides } = testCase;
  const inputs = inputOverrides ? mergeMaps(state.inputs, inputOverrides) : state.inputs;
  const start = caseObject(testCase, inputs, state.object);
  if (start.type === "failed") {
    return { pass: false, message: start.message, outcome: start.outcome, next: state };
  }
  const location = `${context.test.id.name}.testCases[${at.index}]`;
  const given = { inputs, object: start.object };
  const [assertion] = testCase.assertions;
  if (!assertion) return { pass: true, next: given };
  return assertion.type === "stable"
    ? await runUntilStable(context, given, location)
    : await runOnce(context, { given, location, assertion });
}

/** The object of a case (FT-20, step 2), or why there is none. */
type CaseObject =
  | { readonly type: "object"; readonly object: JsonObject | undefined }
  | { readonly type: "failed"; readonly message: string; readonly outcome: Outcome };

const NO_OBJECT = "Can not overlay until the full resource exists. " +
  "Try setting `currentResource` or reordering test cases.";

function caseObject(
  testCase: TestCase,
  inputs: JsonObject,
  carried: JsonObject | undefined,
): CaseObject {
  const { overlayResource, currentResource } = testCase;
  if (overlayResource) {
    if (!carried) {
      return { type: "failed", message: NO_OBJECT, outcome: { type: "Ok", value: null } };
    }
    return overlaid(overlayResource, carried, { inputs, label: testCase.label });
  }
  const replaces = currentResource !== undefined && Object.keys(currentResource).length > 0;
  return { type: "object", object: replaces ? currentResource : carried };
}

/** EX-13: `resource`, `template` and `inputs` hide inputs of these names. */
function overlaid(
  overlay: Overlay,
  carried: JsonObject,
  given: { readonly inputs: JsonObject; readonly label: string },
): CaseObject {
  const { inputs, label } = given;
  const variables = { ...inputs, resource: carried, template: carried, inputs };
  const object = overlay.apply(carried, variables, createBudget());
  if (!isFailure(object)) return { type: "object", object };
  const outcome = evaluationFailure(`${label}:overlayResource`, object);
  const text = outcomeText(outcome);
  return {
    type: "failed",
    message: `Could not run test case due to resource overlay error: (${text})`,
    outcome,
  };
}

interface OneRun {
  readonly given: FunctionState;
  readonly location: string;
}

async function runOnce(
  context: FunctionTestContext,
  run: OneRun & { readonly assertion: Assertion },
): Promise<CaseEnd<FunctionState>> {
  const observed = await runFunction(context, run.given, run.location);
  const verdict = checkFunctionAssertion(run.assertion, observed);
  const next = { inputs: run.given.inputs, object: observed.object };
  if (verdict.pass) return { ...verdict, outcome: observed.outcome, next };
  const parts = [verdict.message, observed.strangerNote].filter((part) => part !== undefined);
  const message = parts.length === 0 ? {} : { message: parts.join("\n") };
  return { ...verdict, ...message, outcome: observed.outcome, next };
}

/** How often the object may be written before a case counts as a loop (FT-45). */
const MAX_WRITES = 5;

/** FT-45: runs until nothing is written. */
async function runUntilStable(
  context: FunctionTestContext,
  given: FunctionState,
  location: string,
): Promise<CaseEnd<FunctionState>> {
  const log = createWriteLog();
  let state = given;
  let writes = 0;
  for (;;) {
    context.signal.throwIfAborted();
    const observed = await runFunction(context, state, location);
    state = { inputs: given.inputs, object: observed.object };
    writes += observed.writes.length;
    log.add(observed.attempts);
    if (observed.writes.length === 0) return { pass: true, outcome: observed.outcome, next: state };
    if (writes > MAX_WRITES) {
      const message = [`Not stable after ${writes} writes`, ...log.lines()].join("\n");
      return { pass: false, message, outcome: observed.outcome, next: state };
    }
  }
}

/** One run, with the object it leaves. */
interface ObservedRun extends FunctionRun {
  readonly object: JsonObject | undefined;
  /** Why things were written. */
  readonly attempts: readonly Attempt[];
  /** That the Function asked for another object than the test's (FT-30). */
  readonly strangerNote?: string;
}

async function runFunction(
  context: FunctionTestContext,
  given: FunctionState,
  location: string,
): Promise<ObservedRun> {
  const { fn } = context;
  const budget = createBudget();
  if (fn.type === "ResourceFunction") {
    return await runOnCluster({ ...context, fn }, { given, location });
  }
  const base = given.object === undefined ? {} : { base: given.object };
  const outcome = runValueFunction(fn, { inputs: given.inputs, ...base, location }, { budget });
  return { outcome, writes: [], attempts: [], object: given.object };
}

async function runOnCluster(
  context: FunctionTestContext & { readonly fn: ResourceFunction },
  run: OneRun,
): Promise<ObservedRun> {
  const { program, test, fn, signal } = context;
  const { object, inputs } = run.given;
  const cluster = createRecordingCluster(object ? [object] : []);
  const attempts: Attempt[] = [];
  const { outcome } = await runResourceFunction(fn, {
    inputs,
    location: run.location,
    ...test.owner ? { owner: test.owner } : {},
  }, {
    program,
    cluster,
    signal,
    budget: createBudget(),
    clock: testClock,
    trace: {
      observe(event) {
        if (event.type === "resource-decided") attempts.push(event);
        context.observe?.(event);
      },
    },
  });
  const asked = cluster.reads[0];
  const isStranger = object && asked && !isSameObject(asked, identityOfObject(object));
  return {
    outcome,
    writes: cluster.writes,
    attempts,
    object: asked ? cluster.find(asked) ?? (isStranger ? object : undefined) : object,
    ...isStranger
      ? {
        strangerNote: `The Function asked for ${resourceName(asked)}, ` +
          `the object of the test is ${resourceName(identityOfObject(object))}`,
      }
      : {},
  };
}
