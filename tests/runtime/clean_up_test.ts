// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import {
  type JsonObject,
  type JsonValue,
  type Outcome,
  type ResourceFunction,
  type Workflow,
} from "../../src/language/mod.ts";
import {
  cleanUp,
  cleanUpOrder,
  ClusterError,
  decideCleanUp,
  decideRetirement,
  LAST_APPLIED,
  managedRecord,
  needsFinalizer,
  nextFinalizers,
  readRecord,
  recordAhead,
  type RecordedResource,
  recordText,
  type ResourceId,
  type StepResult,
  type WorkflowRun,
} from "../../src/runtime/mod.ts";
import {
  configMapFunction,
  programOf,
  step,
  stoppedClock,
  valueFunction,
  workflow,
} from "./definitions.ts";
import { createMemoryApi } from "./memory_api.ts";

const mk = configMapFunction("mk", { deletePolicy: "destroy" });
const secrets = configMapFunction("secrets", {
  apiConfig: {
    ...mk.apiConfig,
    kind: "Secret",
    plural: "secrets",
  } as ResourceFunction["apiConfig"],
});
const pure = valueFunction("pure", () => ({}));

function id(name: string, changes: Record<string, JsonValue> = {}): ResourceId {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    plural: "configmaps",
    name,
    readonly: false,
    namespace: "ns",
    resourceFunction: "mk",
    delete: "destroy",
    owned: true,
    uid: `uid-${name}`,
    ...changes,
  };
}

const former = (
  name: string,
  at = "one",
  changes: Record<string, JsonValue> = {},
): RecordedResource => ({
  id: id(name, changes),
  step: at,
});

// --- what is recorded

Deno.test("ST-45 the record of a trigger is read back, whatever stands in it", () => {
  const tree: JsonObject = {
    workflow: "wf",
    resources: {
      none: null,
      one: id("a"),
      list: [id("b"), null, id("c")],
      sub: { workflow: "sub", resources: { inner: id("d") } },
    },
  };
  const text = recordText(managedRecord(tree, [former("e", "gone")]));
  equal(text.includes(" "), false);
  const recorded = readRecord(text);
  deepEqual(recorded.reported.map(({ id: { name }, step }) => [name, step]), [
    ["a", "one"],
    ["b", "list"],
    ["c", "list"],
    ["d", "sub/inner"],
  ]);
  deepEqual(recorded.former, [former("e", "gone")]);
  for (
    const garbage of [
      "",
      "{",
      "null",
      "[]",
      '"x"',
      '{"resources":[1,{"a":{"kind":1}}],"former":{"a":1}}',
    ]
  ) {
    const read = readRecord(garbage);
    deepEqual([read.reported, read.former], [[], []]);
  }
});

Deno.test("ST-45 without former resources there is no third key", () => {
  equal(
    recordText(managedRecord({ workflow: "wf", resources: {} }, [])),
    '{"workflow":"wf","resources":{}}',
  );
});

Deno.test("CL-3 a resource is recorded ahead unless it is recorded already", () => {
  const recorded = readRecord(recordText({ workflow: "wf", resources: { one: id("a") } }));
  equal(recordAhead(recorded, former("a", "two")), undefined);
  // Made anew: with the old uid a crash would leave an object that is nobody's (CL-13).
  const renewed = recordAhead(recorded, former("a", "one", { uid: "new" }));
  equal(renewed && readRecord(recordText(renewed)).former[0]?.id.uid, "new");
  const changed = recordAhead(recorded, former("a", "one", { delete: "abandon" }));
  equal(changed && readRecord(recordText(changed)).former[0]?.id.delete, "abandon");
  const added = recordAhead(recorded, former("b"));
  deepEqual(added && readRecord(recordText(added)).former, [former("b")]);
});

const FINALIZER_CASES = [
  ["destroy", false, true],
  ["destroy", true, false],
  ["abandon", true, true],
  ["abandon", false, false],
] as const;

for (const [policy, owned, expected] of FINALIZER_CASES) {
  Deno.test(`CL-20 the finalizer with ${policy} and owned ${owned}: ${expected}`, () => {
    const changes = { delete: policy, owned };
    const reported = { workflow: "wf", resources: { one: [id("a", changes)] } };
    equal(needsFinalizer(reported), expected);
    const onlyFormer = managedRecord({ workflow: "wf", resources: {} }, [
      former("a", "x", changes),
    ]);
    equal(needsFinalizer(onlyFormer), expected);
  });
}

Deno.test("CL-20 other finalizers stay", () => {
  const trigger = { metadata: { finalizers: ["other"] } };
  deepEqual(nextFinalizers(trigger, true), ["other", "koreo.dev/cleanup"]);
  equal(nextFinalizers(trigger, false), undefined);
  const both = { metadata: { finalizers: ["koreo.dev/cleanup", "other"] } };
  deepEqual(nextFinalizers(both, false), ["other"]);
  equal(nextFinalizers(both, true), undefined);
});

// --- what is retired

const OK: Outcome = { type: "Ok", value: null };
const RETRY: Outcome = { type: "Retry", delaySeconds: 1 };
const FAIL: Outcome = { type: "PermFail" };
const SKIP: Outcome = { type: "Skip" };
const rooted = (rootedInSkip: boolean): Outcome => ({ type: "DepSkip", rootedInSkip });

function retired(
  results: readonly StepResult[],
  given: {
    readonly workflow?: Workflow;
    readonly recorded?: readonly RecordedResource[];
    readonly run?: Partial<WorkflowRun>;
    readonly elsewhere?: boolean;
    readonly subs?: readonly Workflow[];
  } = {},
): readonly string[] {
  const wf = given.workflow ??
    workflow("wf", [step("one", mk), step("two", secrets), step("three", pure)]);
  const run: WorkflowRun = {
    workflow: "wf",
    outcome: OK,
    steps: new Map(results.map((result) => [result.label, result])),
    conditions: [],
    state: {},
    stateErrors: {},
    keptStateKeys: [],
    managedResources: { workflow: "wf", resources: {} },
    ...given.run,
  };
  const decided = decideRetirement({
    program: programOf(mk, secrets, pure, ...given.subs ?? [], wf),
    workflow: wf,
    run,
    recorded: { annotation: {}, reported: given.recorded ?? [former("x")], former: [] },
    isManagedElsewhere: () => given.elsewhere ?? false,
  });
  return decided.retired.map(({ id: { name } }) => name);
}

const done = (label: string): StepResult => ({ label, outcome: OK });

Deno.test("CL-4 a recorded resource that a good run does not report is retired", () => {
  deepEqual(retired([done("one"), done("two"), done("three")]), ["x"]);
});

Deno.test("CL-1 only resources with a policy are retired", () => {
  const { delete: _, ...plain } = id("x");
  deepEqual(retired([done("one")], { recorded: [{ id: plain as ResourceId, step: "one" }] }), []);
});

Deno.test("CL-5 nothing is retired by a run that was stopped", () => {
  deepEqual(retired([done("one")], { run: { stoppedBy: "deadline" } }), []);
  deepEqual(retired([done("one")], { run: { stoppedBy: "readiness" } }), []);
});

Deno.test("CL-6 what the run or another trigger reports is not retired, whatever the version", () => {
  const resources = { two: id("x", { apiVersion: "v1" }) };
  deepEqual(
    retired([done("one")], { run: { managedResources: { workflow: "wf", resources } } }),
    [],
  );
  const grouped = [former("x", "one", { apiVersion: "apps/v1" })];
  const newer = { two: id("x", { apiVersion: "apps/v2" }) };
  deepEqual(
    retired([done("one")], {
      recorded: grouped,
      run: { managedResources: { workflow: "wf", resources: newer } },
    }),
    [],
  );
  deepEqual(retired([done("one")], { elsewhere: true }), []);
});

const OUTCOMES = [
  ["Ok", OK, true],
  ["Skip", SKIP, true],
  ["DepSkip rooted in a Skip", rooted(true), true],
  ["DepSkip not rooted in a Skip", rooted(false), false],
  ["Retry", RETRY, false],
  ["PermFail", FAIL, false],
] as const;

for (const [name, outcome, expected] of OUTCOMES) {
  Deno.test(`CL-7 the step that recorded it ended ${name}: ${expected}`, () => {
    // With an id reported the step is not open, so that only CL-7 decides.
    const result = { label: "one", outcome, resourceId: id("other") };
    deepEqual(retired([result]), expected ? ["x"] : []);
  });
}

Deno.test("CL-7 a step that no longer exists keeps nothing", () => {
  deepEqual(retired([done("one")], { recorded: [former("x", "gone")] }), ["x"]);
  deepEqual(retired([done("one")], { recorded: [former("x", "gone/inner")] }), ["x"]);
});

Deno.test("CL-7 in a sub-Workflow that did not run the enclosing step decides", () => {
  const sub = workflow("sub", [step("inner", pure)]);
  const wf = workflow("wf", [step("one", sub)]);
  const given = { workflow: wf, subs: [sub], recorded: [former("x", "one/inner")] };
  deepEqual(retired([{ label: "one", outcome: SKIP }], given), ["x"]);
  deepEqual(retired([{ label: "one", outcome: RETRY }], given), []);
  const inner = (outcome: Outcome): StepResult => ({
    label: "one",
    outcome,
    workflow: { name: "sub", steps: new Map([["inner", { label: "inner", outcome }]]) },
  });
  deepEqual(retired([inner(OK)], given), ["x"]);
  deepEqual(retired([inner(RETRY)], given), []);
});

Deno.test("CL-8 an open step that could produce the kind keeps it, one of another kind does not", () => {
  const recorded = [former("x", "gone")];
  deepEqual(retired([{ label: "one", outcome: RETRY }], { recorded }), []);
  deepEqual(retired([done("one"), { label: "two", outcome: RETRY }], { recorded }), ["x"]);
  deepEqual(retired([done("one"), { label: "three", outcome: FAIL }], { recorded }), ["x"]);
  const named = { label: "one", outcome: RETRY, resourceId: id("successor") };
  deepEqual(retired([named], { recorded }), ["x"]);
});

Deno.test("CL-8 one open item is enough", () => {
  const recorded = [former("x", "gone")];
  const items = [{ outcome: OK, resourceId: id("a") }, { outcome: RETRY }];
  deepEqual(retired([{ label: "one", outcome: RETRY, items }], { recorded }), []);
});

Deno.test("CL-8 what an open step could produce goes through cases and sub-Workflows", () => {
  const sub = workflow("sub", [step("inner", mk)]);
  const switched = step("one", pure, {
    logic: {
      type: "switch",
      switchOn: { evaluate: () => null, evaluateJson: () => null },
      cases: [
        { case: "a", ref: { kind: "ValueFunction", name: "pure" }, isDefault: false },
        { case: "b", ref: { kind: "Workflow", name: "sub" }, isDefault: false },
      ],
    },
  });
  const wf = workflow("wf", [switched]);
  const recorded = [former("x", "gone")];
  const given = { workflow: wf, subs: [sub], recorded };
  deepEqual(retired([{ label: "one", outcome: FAIL }], given), []);
});

// --- in which order, and what is done

Deno.test("CL-10 later steps first, items of one forEach together", () => {
  const order = cleanUpOrder([
    former("a", "one"),
    former("b", "env/net"),
    former("c", "env/vm"),
    former("d", "env/net"),
    former("e", "env/vm"),
  ]);
  deepEqual(order.map((group) => group.map(({ id: { name } }) => name)), [["c", "e"], ["b", "d"], [
    "a",
  ]]);
});

const object = (name: string, metadata: JsonObject = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, uid: `uid-${name}`, resourceVersion: "7", ...metadata },
});

const DECISIONS = [
  ["CL-11 missing is done", former("a"), undefined, { type: "done" }],
  ["CL-11 destroy by uid", former("a"), object("a"), { type: "destroy", uid: "uid-a" }],
  [
    "CL-11 an object that is going is waited for",
    former("a"),
    object("a", { deletionTimestamp: "t" }),
    { type: "wait" },
  ],
  ["CL-13 another uid is not ours", former("a"), object("a", { uid: "new" }), { type: "done" }],
  [
    "CL-13 without a recorded uid the annotation proves it",
    former("a", "one", { uid: 0 }),
    object("a", { annotations: { [LAST_APPLIED]: "{}" } }),
    { type: "destroy", uid: "uid-a" },
  ],
  ["CL-13 without uid and annotation it is not ours", former("a", "one", { uid: 0 }), object("a"), {
    type: "done",
  }],
  [
    "CL-12 abandon takes annotation and owner reference away",
    former("a", "one", { delete: "abandon" }),
    object("a", {
      annotations: { [LAST_APPLIED]: "{}", other: "x" },
      ownerReferences: [{ uid: "z" }, { uid: "owner" }],
    }),
    {
      type: "abandon",
      body: {
        metadata: {
          resourceVersion: "7",
          annotations: { [LAST_APPLIED]: null },
          ownerReferences: [{ uid: "z" }],
        },
      },
    },
  ],
  [
    "CL-12 nothing left to abandon is done",
    former("a", "one", { delete: "abandon" }),
    object("a"),
    { type: "done" },
  ],
] as const;

for (const [name, resource, live, expected] of DECISIONS) {
  Deno.test(name, () => deepEqual(decideCleanUp({ resource, live, ownerUid: "owner" }), expected));
}

const context = (cluster: ReturnType<typeof createMemoryApi>) => ({
  cluster,
  clock: stoppedClock(),
  signal: new AbortController().signal,
  ownerUid: "owner",
});

Deno.test("CL-10, CL-11 a step is finished before the step before it begins", async () => {
  const cluster = createMemoryApi([object("a"), object("b")]);
  const resources = [former("a", "one"), former("b", "two")];
  const first = await cleanUp(resources, context(cluster));
  deepEqual(first.done, []);
  deepEqual(first.pending, {
    type: "Retry",
    delaySeconds: 15,
    message: "Deleting ConfigMap:ns:b.",
    location: "spec.delete.destroy",
  });
  deepEqual(cluster.calls.map(({ verb, name }) => `${verb} ${name}`), ["GET b", "DELETE b"]);
  const second = await cleanUp(resources, context(cluster));
  deepEqual(second.done.map(({ id: { name } }) => name), ["b"]);
  equal(second.pending?.message, "Deleting ConfigMap:ns:a.");
  const third = await cleanUp(resources.slice(0, 1), context(cluster));
  deepEqual([third.done.length, third.pending], [1, undefined]);
});

Deno.test("CL-13 what another trigger manages is done, untouched and unread", async () => {
  const cluster = createMemoryApi([object("a")]);
  const report = await cleanUp([former("a")], {
    ...context(cluster),
    isManagedElsewhere: () => true,
  });
  deepEqual([report.done.length, cluster.calls.length], [1, 0]);
});

Deno.test("CL-14 failures are those of other requests, at the place of the policy", async () => {
  const cluster = createMemoryApi([object("a"), object("b")]);
  cluster.before = ({ verb }) => {
    if (verb === "DELETE") throw new ClusterError("refused", "no", { status: 409 });
  };
  const report = await cleanUp([former("a")], context(cluster));
  deepEqual(report.pending, {
    type: "Retry",
    delaySeconds: 15,
    message: "Conflict deleting ConfigMap:ns:a: no",
    location: "spec.delete.destroy",
  });
});
