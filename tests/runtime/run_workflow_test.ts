// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import fc from "fast-check";
import type { Outcome, Program, Step, Workflow } from "../../src/language/mod.ts";
import {
  ClusterError,
  type Owner,
  parentOf,
  type RunContext,
  runWorkflow,
  type WorkflowRun,
} from "../../src/runtime/mod.ts";
import {
  always,
  computed,
  configMapFunction,
  diagnostic,
  literalTemplate,
  programOf,
  runContext,
  step,
  stoppedClock,
  valueFunction,
  variable,
  workflow,
} from "./definitions.ts";
import { createMemoryApi } from "./memory_api.ts";

const echo = valueFunction("echo", ({ inputs }) => ({ v: (inputs as { v?: number }).v ?? 0 }));
const inputs = (key: string, ...path: string[]) =>
  computed((variables) => ({
    [key]: variable(...path).evaluateJson(variables, undefined as never) as never,
  }));
const skip = valueFunction("skip", () => ({}), [
  always({ type: "skip", message: literalTemplate("no need") }),
]);
const retry = valueFunction("retry", () => ({}), [
  always({ type: "retry", message: literalTemplate("wait"), delaySeconds: literalTemplate(7) }),
]);
const fail = valueFunction("fail", () => ({}), [
  always({ type: "permFail", message: literalTemplate("broken") }),
]);
const configMap = configMapFunction("mk");
const owner: Owner = { apiVersion: "e.dev/v1", kind: "T", namespace: "ns", name: "t", uid: "u1" };

interface Setup {
  readonly program?: Program;
  readonly context?: Partial<RunContext>;
  readonly parent?: Record<string, never> | ReturnType<typeof parentOf>;
}

function run(wf: Workflow, setup: Setup = {}): Promise<WorkflowRun> {
  const program = setup.program ?? programOf(echo, skip, retry, fail, configMap, wf);
  const context = { program, cluster: createMemoryApi(), ...setup.context };
  return runWorkflow(wf, { parent: setup.parent ?? {}, owner }, runContext(context));
}

function outcomes(result: WorkflowRun): Record<string, Outcome> {
  return Object.fromEntries([...result.steps].map(([label, { outcome }]) => [label, outcome]));
}

Deno.test("WF-35 parent is the trigger, absent parts are null, state is that of the status", () => {
  deepEqual(parentOf({ apiVersion: "v1", kind: "K", metadata: {}, status: { state: { a: 1 } } }), {
    apiVersion: "v1",
    kind: "K",
    metadata: {},
    spec: null,
    status: { state: { a: 1 } },
    state: { a: 1 },
  });
  equal(parentOf({}).state, null);
});

Deno.test("WF-34 a step sees the values of the steps it depends on, and nothing else", async () => {
  let seen: unknown;
  const spy = valueFunction("spy", ({ inputs }) => (seen = inputs, {}));
  const wf = workflow("wf", [
    step("one", echo, { inputs: literalTemplate({ v: 1 }) }),
    step("two", echo, { inputs: literalTemplate({ v: 2 }) }),
    step("three", spy, {
      dependencies: ["two"],
      inputs: computed(({ parent, steps }) => ({ parent, steps }) as never),
    }),
  ]);
  const result = await run(wf, { program: programOf(echo, spy, wf), parent: {} });
  deepEqual(seen, { parent: {}, steps: { two: { v: 2 } } });
  deepEqual(result.outcome, { type: "Ok", value: [{ v: 1 }, { v: 2 }, {}] });
});

Deno.test("WF-34 skipIf is decided before the inputs are evaluated", async () => {
  const wf = workflow("wf", [
    step("one", echo, {
      skipIf: literalTemplate(true),
      inputs: computed(() => {
        throw new TypeError("not to be evaluated");
      }),
    }),
  ]);
  deepEqual((await run(wf)).outcome, { type: "Skip", message: "skipped by workflow" });
});

Deno.test("WF-34 skipIf must be a bool", async () => {
  const wf = workflow("wf", [step("one", echo, { skipIf: literalTemplate(1) })]);
  deepEqual((await run(wf)).outcome, {
    type: "PermFail",
    message: "`skipIf` must evaluate to a bool, received '1' a int",
    location: "wf.spec.steps.one.skipIf",
  });
});

const DEPENDENCIES = [
  ["WF-52", skip, "'one' was skipped (no need at wf.spec.steps.one:spec.preconditions).", true],
  ["WF-53", retry, "'one' is waiting (wait at wf.spec.steps.one:spec.preconditions).", false],
  [
    "WF-54",
    fail,
    "'one' is in failure state (broken at wf.spec.steps.one:spec.preconditions).",
    false,
  ],
] as const;

for (const [rule, fn, message, rootedInSkip] of DEPENDENCIES) {
  Deno.test(`${rule} and WF-51: ${message}`, async () => {
    const wf = workflow("wf", [
      step("one", fn),
      step("two", echo, { dependencies: ["one"] }),
      step("three", echo, { dependencies: ["two"] }),
    ]);
    const { two, three } = outcomes(await run(wf));
    const location = "wf.spec.steps.two";
    deepEqual(two, { type: "DepSkip", message, location, rootedInSkip });
    deepEqual(three, {
      type: "DepSkip",
      message: `'two' is waiting on dependency (${message} at ${location}).`,
      location: "wf.spec.steps.three",
      rootedInSkip,
    });
  });
}

Deno.test("WF-34 the first dependency without Ok in listing order is named", async () => {
  const wf = workflow("wf", [
    step("one", echo),
    step("two", skip),
    step("three", fail),
    step("four", echo, { dependencies: ["one", "two", "three"] }),
  ]);
  match((outcomes(await run(wf)).four as { message: string }).message, /^'two' was skipped/);
});

Deno.test("WF-21 configStep gets its inputs and the trigger as parent", async () => {
  let seen: unknown;
  const spy = valueFunction("spy", ({ inputs }) => (seen = inputs, {}));
  const config = step("config", spy, {
    isConfigStep: true,
    inputs: literalTemplate({ a: 1, parent: "replaced" }),
  });
  const wf = workflow("wf", [config, step("one", fail)]);
  await run(wf, { program: programOf(spy, fail, wf), parent: parentOf({ kind: "K" }) });
  deepEqual(seen, { a: 1, parent: parentOf({ kind: "K" }) });
});

Deno.test("WF-20 the location of configStep is its own", async () => {
  const wf = workflow("wf", [step("config", fail, { isConfigStep: true })]);
  const { outcome } = await run(wf);
  equal(outcome.type === "PermFail" && outcome.location, "wf.spec.configStep:spec.preconditions");
});

// --- forEach

const item = valueFunction("item", ({ inputs }) => ({ v: (inputs as { item: number }).item }));
const each = (items: unknown, changes: Partial<Step> = {}) =>
  step("one", item, {
    forEach: { itemIn: literalTemplate(items as never), inputKey: "item" },
    ...changes,
  });

Deno.test("WF-40 itemIn must be a list", async () => {
  const wf = workflow("wf", [each({ a: 1 })]);
  deepEqual((await run(wf, { program: programOf(item, wf) })).outcome, {
    type: "PermFail",
    message: "Step `wf.spec.steps.one.forEach.itemIn` must be a list-type, received map.",
    location: "wf.spec.steps.one",
  });
});

Deno.test("LM-10 at most 1,000 items", async () => {
  const wf = workflow("wf", [each(new Array(1001).fill(1))]);
  const { outcome } = await run(wf, { program: programOf(item, wf) });
  match(outcome.type === "PermFail" ? outcome.message ?? "" : "", /^too-many-items/);
});

Deno.test("WF-41 an empty list is Ok, and has no resource ids", async () => {
  const wf = workflow("wf", [each([])]);
  const result = await run(wf, { program: programOf(item, wf) });
  deepEqual(result.outcome, { type: "Ok", value: [[]] });
  deepEqual(result.managedResources, { workflow: "wf", resources: { one: null } });
});

Deno.test("WF-42 the item replaces an input of its name", async () => {
  const wf = workflow("wf", [each([1, 2], { inputs: literalTemplate({ item: 9 }) })]);
  const result = await run(wf, { program: programOf(item, wf) });
  deepEqual(result.outcome, { type: "Ok", value: [[{ v: 1 }, { v: 2 }]] });
});

const picky = valueFunction("item", ({ inputs }) => ({ v: (inputs as { item: number }).item }), [
  {
    assert: computed(({ inputs }) => (inputs as { item: number }).item !== 3),
    action: { type: "skip", message: literalTemplate("three") },
  },
  {
    assert: computed(({ inputs }) => (inputs as { item: number }).item !== 4),
    action: { type: "depSkip", message: literalTemplate("four") },
  },
  {
    assert: computed(({ inputs }) => (inputs as { item: number }).item !== 5),
    action: { type: "retry", message: literalTemplate("five"), delaySeconds: literalTemplate(5) },
  },
]);

Deno.test("WF-43 items that wait or fail combine, the others are left out", async () => {
  const wf = workflow("wf", [each([1, 5, 3, 5])]);
  deepEqual((await run(wf, { program: programOf(picky, wf) })).outcome, {
    type: "Retry",
    message: "five, five",
    delaySeconds: 5,
    location: "wf.spec.steps.one[1]:spec.preconditions, wf.spec.steps.one[3]:spec.preconditions",
  });
});

Deno.test("WF-44 skipped items are null", async () => {
  const wf = workflow("wf", [each([1, 3, 4])]);
  const result = await run(wf, { program: programOf(picky, wf) });
  deepEqual(result.outcome, { type: "Ok", value: [[{ v: 1 }, null, null]] });
});

// --- refSwitch

const switched = (on: unknown, isDefault = false) =>
  step("one", echo, {
    logic: {
      type: "switch",
      switchOn: literalTemplate(on as never),
      cases: [
        { case: "1", ref: { kind: "ValueFunction", name: "echo" }, isDefault: false },
        { case: "b", ref: { kind: "ValueFunction", name: "fail" }, isDefault },
      ],
    },
  });

Deno.test("WF-46 the text of an int or bool is compared with the cases", async () => {
  const wf = workflow("wf", [switched(1)]);
  equal((await run(wf)).outcome.type, "Ok");
});

Deno.test("WF-46, WF-50 the default is taken, and the location tells the value", async () => {
  const wf = workflow("wf", [switched("zzz", true)]);
  const { outcome } = await run(wf);
  equal(
    outcome.type === "PermFail" && outcome.location,
    "wf.spec.steps.one.refSwitch['zzz']:spec.preconditions",
  );
});

Deno.test("WF-46 no case and no default", async () => {
  const wf = workflow("wf", [switched("z")]);
  deepEqual((await run(wf)).outcome, {
    type: "PermFail",
    message: "`refSwitch` must match one case or a default must be provided, failed to match " +
      "'z' a string. Use a `skipIf` guard if this is expected.",
    location: "wf.spec.steps.one.refSwitch.<match-case>",
  });
});

Deno.test("WF-46 switchOn of another type", async () => {
  const wf = workflow("wf", [switched([])]);
  const { outcome } = await run(wf);
  equal(
    outcome.type === "PermFail" && outcome.message,
    "`switchOn` must evaluate to a string, int or bool value, received '[]' a list",
  );
});

// --- sub-Workflows

Deno.test("WF-47 a sub-Workflow gives its state, and its inputs are its parent", async () => {
  const sub = workflow("sub", [
    step("one", echo, {
      inputs: inputs("v", "parent", "n"),
      state: inputs("got", "value", "v"),
      stateKeys: ["got"],
    }),
  ]);
  const wf = workflow("wf", [step("sss", sub, { inputs: literalTemplate({ n: 5 }) })]);
  const result = await run(wf, { program: programOf(echo, sub, wf) });
  deepEqual(result.outcome, { type: "Ok", value: [{ got: 5 }] });
  deepEqual(result.managedResources, {
    workflow: "wf",
    resources: { sss: { workflow: "sub", resources: { one: null } } },
  });
});

Deno.test("WF-47, WF-50 another outcome is the step's, located in the outer Workflow", async () => {
  const sub = workflow("sub", [step("one", fail)]);
  const wf = workflow("wf", [step("sss", sub)]);
  deepEqual((await run(wf, { program: programOf(fail, sub, wf) })).outcome, {
    type: "PermFail",
    message: "broken",
    location: "wf.spec.steps.one:spec.preconditions",
  });
});

Deno.test("LM-13 sub-Workflows have at most 16 levels", async () => {
  const chain = (levels: number) => {
    const workflows = [workflow("w0", [step("end", echo)])];
    for (let level = 1; level <= levels; level++) {
      workflows.unshift(workflow(`w${level}`, [step("down", workflows[0] as Workflow)]));
    }
    return run(workflows[0] as Workflow, { program: programOf(echo, ...workflows) });
  };
  equal((await chain(16)).outcome.type, "Ok");
  const { outcome } = await chain(17);
  match(outcome.type === "PermFail" ? outcome.message ?? "" : "", /^workflow-too-deep/);
});

// --- readiness

Deno.test("WF-31, WF-32, WF-33 a Workflow with missing Logic does not run", async () => {
  let ran = false;
  const spy = valueFunction("spy", () => (ran = true, {}));
  const broken = {
    type: "Broken" as const,
    id: { kind: "ValueFunction" as const, namespace: "default", name: "bad" },
    digest: "",
    source: { file: "f", line: 1, column: 1 },
    diagnostics: [diagnostic("it is wrong")],
  };
  const ref = (name: string) => ({ type: "ValueFunction" as const, id: { name } });
  const wf = workflow("wf", [
    step("config", ref("bad"), { isConfigStep: true }),
    step("one", spy),
    step("two", ref("nope")),
    step("six", spy, {
      logic: {
        type: "switch",
        switchOn: literalTemplate("a"),
        cases: [
          { case: "a", ref: { kind: "ValueFunction", name: "spy" }, isDefault: false },
          { case: "b", ref: { kind: "Workflow", name: "none" }, isDefault: false },
        ],
      },
    }),
  ]);
  const result = await run(wf, { program: programOf(spy, broken, wf) });
  equal(ran, false);
  const message = "'ValueFunction:bad' is not healthy (it is wrong); will retry., " +
    "'ValueFunction:nope' not cached; will retry., 'Workflow:none' not cached; will retry.";
  const location = "wf:spec.configStep.ValueFunction:bad, " +
    "spec.steps['two'].ValueFunction:nope, spec.steps['six'][1].Workflow:none";
  const source = { file: "test.yaml", line: 1, column: 1 };
  deepEqual(result.outcome, { type: "Retry", delaySeconds: 180, message, location, source });
  equal(result.managedResources, undefined);
  equal(result.stoppedBy, "readiness");
  deepEqual(result.conditions, [{
    type: "Ready",
    status: "False",
    reason: "Wait",
    message: `Awaiting Workflow wf to be ready (${message}).`,
    location,
  }]);
});

Deno.test("WF-32a, WF-32b a Workflow that is broken in its steps says why", async () => {
  const broken = {
    type: "Broken" as const,
    id: { kind: "Workflow" as const, namespace: "default", name: "wf" },
    digest: "",
    source: { file: "f", line: 1, column: 1 },
    diagnostics: [],
    workflow: {
      stepErrors: [{
        label: "one",
        isConfigStep: false,
        message: "Duplicate step-label (one) can not prepare Workflow.",
        diagnostic: diagnostic("x"),
      }],
    },
  };
  const context = runContext({ program: programOf(broken), cluster: createMemoryApi() });
  const { outcome } = await runWorkflow(broken, { parent: {} }, context);
  equal(
    outcome.type === "PermFail" && outcome.message,
    "Duplicate step-label (one) can not prepare Workflow.",
  );
  equal(outcome.type === "PermFail" && outcome.location, "wf:spec.steps['one']");
  const empty = await run(workflow("none", []));
  deepEqual(empty.outcome, {
    type: "PermFail",
    message: "No steps specified Workflow at least one step in 'spec.steps' is required.",
  });
});

// --- state

Deno.test("ST-20 to ST-23 state is merged in listing order, what failed is told and kept", async () => {
  const wf = workflow("wf", [
    step("one", echo, { state: literalTemplate({ a: { x: 1 }, b: 1 }), stateKeys: ["a", "b"] }),
    step("two", echo, { state: literalTemplate({ a: { y: 2 } }), stateKeys: ["a"] }),
    step("three", retry, { state: literalTemplate({ c: 1 }), stateKeys: ["c"] }),
    step("four", skip, { state: literalTemplate({ d: 1 }), stateKeys: ["d"] }),
    step("five", echo, {
      dependencies: ["four"],
      state: literalTemplate({ e: 1 }),
      stateKeys: ["e"],
    }),
    step("six", fail, { state: literalTemplate({ f: 1 }), stateKeys: ["f"] }),
  ]);
  const result = await run(wf);
  deepEqual(result.state, { a: { y: 2 }, b: 1 });
  deepEqual(result.keptStateKeys, ["c", "f"]);
});

// --- resources, deadline, failures

const made = (label: string, name: string, changes: Partial<Step> = {}) =>
  step(label, configMap, { inputs: literalTemplate({ name }), ...changes });

Deno.test("ST-40 to ST-44 the tree of managed resources is in execution order", async () => {
  const cluster = createMemoryApi();
  const wf = workflow("wf", [
    made("late", "x", { dependencies: ["early"] }),
    step("early", echo),
    step("list", configMap, {
      inputs: literalTemplate({}),
      forEach: { itemIn: literalTemplate(["a", "b"]), inputKey: "name" },
    }),
    step("skipped", configMap, { skipIf: literalTemplate(true) }),
  ], { executionOrder: [1, 0, 2, 3] });
  const id = (name: string) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    plural: "configmaps",
    name,
    readonly: false,
    namespace: "ns",
    resourceFunction: "mk",
  });
  const result = await run(wf, { context: { cluster } });
  equal(
    JSON.stringify(result.managedResources),
    JSON.stringify({
      workflow: "wf",
      resources: { early: null, late: id("x"), list: [id("a"), id("b")], skipped: null },
    }),
  );
});

Deno.test("WF-36 a step that fails unexpectedly disturbs no other", async () => {
  const cluster = createMemoryApi();
  cluster.before = ({ name }) => {
    if (name === "bad") throw new RangeError("surprise");
  };
  const wf = workflow("wf", [made("one", "bad"), made("two", "good"), step("three", echo)]);
  const result = outcomes(await run(wf, { context: { cluster } }));
  deepEqual(result.one, {
    type: "Retry",
    delaySeconds: 60,
    message: "Unknown error (surprise) running Step (one), will retry.",
    location: "wf",
  });
  equal((result.two as { message: string }).message, "Creating ConfigMap:ns:good.");
  equal(result.three?.type, "Ok");
});

/** A clock whose sleepers are woken by hand. */
function manualClock() {
  const sleepers: (() => void)[] = [];
  return {
    ring: () => sleepers.forEach((wake) => wake()),
    clock: {
      now: () => 0,
      sleep: (_ms: number, { signal }: { signal: AbortSignal }) =>
        new Promise<void>((resolve, reject) => {
          sleepers.push(resolve);
          signal.addEventListener("abort", () => reject(signal.reason));
        }),
    },
  };
}

const never = (signal: AbortSignal) =>
  new Promise<void>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });

Deno.test("WF-37 at the deadline steps and items without an outcome time out, results stay", async () => {
  const cluster = createMemoryApi();
  const { clock, ring } = manualClock();
  cluster.before = ({ name, verb }, signal) => {
    if (name === "last" && verb === "POST") setTimeout(ring, 0);
    return name.startsWith("slow") ? never(signal) : undefined;
  };
  const wf = workflow("wf", [
    made("one", "slow"),
    made("two", "quick"),
    step("three", echo, { dependencies: ["one"] }),
    step("list", configMap, {
      inputs: literalTemplate({}),
      forEach: { itemIn: literalTemplate(["slow2", "last"]), inputKey: "name" },
    }),
  ]);
  const result = await run(wf, { context: { cluster, clock } });
  const { one, two, three, list } = outcomes(result);
  const timeout = (label: string) => ({
    type: "Retry",
    delaySeconds: 30,
    message: `Timeout running step (${label}), will retry.`,
    location: "wf",
  });
  deepEqual(one, timeout("one"));
  equal((two as { message: string }).message, "Creating ConfigMap:ns:quick.");
  equal(
    (three as { message: string }).message,
    "'one' is waiting (Timeout running step (one), will retry. at wf).",
  );
  equal(
    (list as { message: string }).message,
    "Timeout running step (list-0), will retry., Creating ConfigMap:ns:last.",
  );
  equal(result.stoppedBy, "deadline");
});

Deno.test("WF-37 what a stopped step answers later changes nothing", async () => {
  const cluster = createMemoryApi();
  const { clock, ring } = manualClock();
  let answer = () => {};
  cluster.before = () => new Promise<void>((resolve) => (answer = resolve, setTimeout(ring, 0)));
  const wf = workflow("wf", [made("one", "x"), made("two", "y", { dependencies: ["one"] })]);
  const result = await run(wf, { context: { cluster, clock } });
  const before = JSON.stringify([...result.steps]);
  answer();
  await new Promise((resolve) => setTimeout(resolve, 0));
  equal(JSON.stringify([...result.steps]), before);
  equal(cluster.calls.length, 1);
});

Deno.test("WF-37 after the deadline no further item is begun", async () => {
  const cluster = createMemoryApi();
  const { clock, ring } = manualClock();
  cluster.before = (_call, signal) => (setTimeout(ring, 0), never(signal));
  const wf = workflow("wf", [
    step("list", configMap, {
      inputs: literalTemplate({}),
      forEach: { itemIn: literalTemplate(["a", "b", "c"]), inputKey: "name" },
    }),
  ]);
  const result = await run(wf, { context: { cluster, clock, forEachConcurrency: 1 } });
  await new Promise((resolve) => setTimeout(resolve, 0));
  deepEqual(cluster.calls.map(({ name }) => name), ["a"]);
  equal(result.steps.get("list")?.items?.every(({ outcome }) => outcome.type === "Retry"), true);
});

Deno.test("an aborted run rejects with the reason of the signal", async () => {
  const cluster = createMemoryApi();
  const controller = new AbortController();
  cluster.before = (_call, signal) => {
    setTimeout(() => controller.abort(new TypeError("stop")), 0);
    return never(signal);
  };
  const wf = workflow("wf", [made("one", "x"), made("two", "y")]);
  const { signal } = controller;
  await rejects(run(wf, { context: { cluster, signal, clock: stoppedClock() } }), /stop/);
});

Deno.test("RF-70 a request that is not answered in time is a timeout", async () => {
  const cluster = createMemoryApi();
  const { clock, ring } = manualClock();
  cluster.before = (_call, signal) => (setTimeout(ring, 0), never(signal));
  const fn = configMapFunction("mk");
  const wf = workflow("wf", [made("one", "x")]);
  // Only the request has a clock that rings.
  const sleeps: number[] = [];
  const timed = {
    now: clock.now,
    sleep: (ms: number, options: { signal: AbortSignal }) => {
      sleeps.push(ms);
      return ms === 10_000 ? clock.sleep(ms, options) : stoppedClock().sleep(ms, options);
    },
  };
  const result = await run(wf, {
    program: programOf(fn, wf),
    context: { cluster, clock: timed, requestTimeoutMs: 10_000 },
  });
  deepEqual(outcomes(result).one, {
    type: "Retry",
    delaySeconds: 30,
    message: "ServerError loading ConfigMap x. (no answer within 10 s)",
    location: "load resource",
  });
  deepEqual(sleeps, [60_000, 10_000]);
});

Deno.test("WF-34 any interleaving of answers gives the same result", async () => {
  const labels = ["aaa", "bbb", "ccc", "ddd", "eee", "fff"];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...labels), { maxLength: 6 }),
      fc.array(fc.nat(5), { minLength: 30, maxLength: 30 }),
      fc.array(fc.constantFrom("ok", "retry", "missing"), { minLength: 6, maxLength: 6 }),
      async (edges, delays, kinds) => {
        const steps = labels.map((label, index) => {
          const dependencies = labels.slice(0, index).filter((other) => edges.includes(other));
          const name = `${label}-${kinds[index]}`;
          return made(label, name, { dependencies });
        });
        const wf = workflow("wf", steps);
        const results = [];
        for (const waits of [delays, [...delays].reverse(), delays.map(() => 0)]) {
          const cluster = createMemoryApi(
            labels.filter((_, index) => kinds[index] === "ok").map((label) => ({
              apiVersion: "v1",
              kind: "ConfigMap",
              metadata: { name: `${label}-ok`, namespace: "ns", ownerReferences: [{ uid: "u1" }] },
              data: { k: "v" },
            })),
          );
          let next = 0;
          cluster.before = async ({ name }) => {
            for (let turn = waits[next++ % 30] ?? 0; turn > 0; turn--) await Promise.resolve();
            if (name.endsWith("retry")) throw new ClusterError("refused", "busy", { status: 503 });
          };
          const { steps: ended, ...rest } = await run(wf, { context: { cluster } });
          results.push(JSON.stringify({ ...rest, steps: [...ended] }));
        }
        equal(new Set(results).size, 1);
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("WF-34 independent steps run at the same time", async () => {
  const cluster = createMemoryApi();
  let waiting = 0;
  let most = 0;
  cluster.before = async () => {
    most = Math.max(most, ++waiting);
    await new Promise((resolve) => setTimeout(resolve, 0));
    waiting--;
  };
  const wf = workflow("wf", [made("one", "x"), made("two", "y"), made("three", "z")]);
  await run(wf, { context: { cluster } });
  equal(most, 3);
});

Deno.test("WF-42 items run at the same time, but not all at once", async () => {
  const cluster = createMemoryApi();
  let waiting = 0;
  let most = 0;
  cluster.before = async () => {
    most = Math.max(most, ++waiting);
    await new Promise((resolve) => setTimeout(resolve, 0));
    waiting--;
  };
  const names = Array.from({ length: 12 }, (_, index) => `n${index}`);
  const wf = workflow("wf", [
    step("list", configMap, {
      inputs: literalTemplate({}),
      forEach: { itemIn: literalTemplate(names), inputKey: "name" },
    }),
  ]);
  const result = await run(wf, { context: { cluster, forEachConcurrency: 4 } });
  equal(most, 4);
  equal(result.steps.get("list")?.items?.length, 12);
});
