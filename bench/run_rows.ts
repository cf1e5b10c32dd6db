// SPDX-License-Identifier: Apache-2.0

import {
  createBudget,
  type JsonObject,
  type Program,
  type ResourceFunction,
  type ValueFunction,
  type Workflow,
} from "../src/language/mod.ts";
import {
  parentOf,
  type RunContext,
  runResourceFunction,
  runValueFunction,
  runWorkflow,
} from "../src/runtime/mod.ts";
import { createRecordingCluster, runFunctionTests, testClock } from "../src/testing/mod.ts";
import { valueFunctionByHand } from "./by_hand.ts";
import { corpusObject, corpusProgram } from "./corpus.ts";
import { measure, measurePair } from "./measure.ts";
import { type Row, row } from "./row.ts";

const { signal } = new AbortController();

/** Everything that runs: Functions, Workflows and FunctionTests. */
export async function* runRows(): AsyncGenerator<Row> {
  const program = corpusProgram();
  const inputs = corpusObject("inputs.yaml");
  yield* valueFunctionRows(program, inputs);
  yield await workflowRow(program);
  yield* resourceFunctionRows(program, inputs);
  yield await functionTestRow(program);
}

function ofType<T extends { readonly type: string }>(
  program: Program,
  type: T["type"],
): readonly T[] {
  return program.definitions.filter((definition): definition is never => definition.type === type);
}

async function* valueFunctionRows(program: Program, inputs: JsonObject): AsyncGenerator<Row> {
  const functions = ofType<ValueFunction>(program, "ValueFunction");
  const evaluated = await measure((turn) => {
    const fn = functions[turn % functions.length] as ValueFunction;
    const outcome = runValueFunction(fn, { inputs, location: "bench" }, { budget: createBudget() });
    if (outcome.type !== "Ok") throw new TypeError(outcome.message);
  }, { batch: 3_500 });
  yield row({
    work: "ValueFunction evaluations a second",
    figure: evaluated.perCpuSecond,
    unit: "/s",
    budget: 100_000,
    bound: "at least",
    original: "292 /s",
  });
  // Kept, so that nothing of the work can be left out; few, so that none of them grows old.
  const sink: unknown[] = [];
  const one = functions[0] as ValueFunction;
  const { first: same, second: byHand } = await measurePair((turn) => {
    sink[turn & 7] = runValueFunction(one, { inputs, location: "bench" }, {
      budget: createBudget(),
    });
  }, (turn) => {
    sink[turn & 7] = valueFunctionByHand(inputs);
  });
  yield row({
    work: "times as long as the same ValueFunction written by hand",
    figure: same / byHand,
    unit: "×",
    budget: 4,
    bound: "at most",
  });
}

function contextOf(program: Program, objects: Iterable<JsonObject>): RunContext {
  const cluster = createRecordingCluster(objects);
  return { program, cluster, clock: testClock, signal, budget: createBudget() };
}

async function workflowRow(program: Program): Promise<Row> {
  const workflows = ofType<Workflow>(program, "Workflow");
  const parent = parentOf(corpusObject("trigger.yaml"));
  const rate = await measure(async (turn) => {
    const workflow = workflows[turn % workflows.length] as Workflow;
    const { outcome } = await runWorkflow(workflow, { parent }, contextOf(program, []));
    if (outcome.type !== "Ok") throw new TypeError(outcome.message);
  }, { batch: 500 });
  return row({
    work: "Workflows of 10 ValueFunction steps a second",
    figure: rate.perCpuSecond,
    unit: "/s",
    budget: 8_000,
    bound: "at least",
    original: "24.6 /s",
  });
}

async function* resourceFunctionRows(program: Program, inputs: JsonObject): AsyncGenerator<Row> {
  const functions = ofType<ResourceFunction>(program, "ResourceFunction");
  const run = (fn: ResourceFunction, objects: Iterable<JsonObject>) => {
    const context = contextOf(program, objects);
    return runResourceFunction(fn, { inputs, location: "bench" }, context).then((result) => ({
      result,
      objects: (context.cluster as ReturnType<typeof createRecordingCluster>).objects(),
    }));
  };
  const stored = await Promise.all(functions.map(async (fn) => (await run(fn, [])).objects));
  const outdated = stored.map((objects) => objects.map((object) => ({ ...object, spec: {} })));
  const rows = [
    ["create", functions.map(() => []), "Retry", "198 /s"],
    ["match", stored, "Ok", "199 /s"],
    ["patch", outdated, "Retry", "219 /s"],
  ] as const;
  for (const [what, clusters, expected, original] of rows) {
    const rate = await measure(async (turn) => {
      const at = turn % functions.length;
      const { result } = await run(functions[at] as ResourceFunction, clusters[at] ?? []);
      if (result.outcome.type !== expected) throw new TypeError(JSON.stringify(result.outcome));
    }, { batch: 1_500 });
    yield row({
      work: `ResourceFunction ${what} a second, in memory`,
      figure: rate.perCpuSecond,
      unit: "/s",
      ...(what === "match" ? { budget: 30_000 } : {}),
      bound: "at least",
      original,
    });
  }
}

async function functionTestRow(program: Program): Promise<Row> {
  const { passed, failed } = await runFunctionTests(program, { signal });
  if (failed > 0) throw new TypeError(`Cannot measure: ${failed} cases of the corpus fail`);
  const rate = await measure(() => runFunctionTests(program, { signal }), { batch: 1 });
  return row({
    work: "FunctionTest cases a second",
    figure: rate.perCpuSecond * passed,
    unit: "/s",
    budget: 10_000,
    bound: "at least",
    original: "181–296 /s",
  });
}
