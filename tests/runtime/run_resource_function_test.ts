// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import type { JsonObject, JsonValue, Outcome } from "../../src/language/mod.ts";
import {
  LAST_APPLIED,
  type Owner,
  type ResourceFunctionCall,
  type ResourceId,
  type RunContext,
  type RunEvent,
  runResourceFunction,
} from "../../src/runtime/mod.ts";
import type { KubernetesObject } from "../../src/runtime/ports.ts";
import { compiled, ready } from "./compiled.ts";
import { runContext } from "./definitions.ts";
import { createMemoryApi, type MemoryApi } from "./memory_api.ts";

const OWNER: Owner = { apiVersion: "e.dev/v1", kind: "T", namespace: "ns", name: "t", uid: "u1" };
const API =
  "apiConfig: {apiVersion: v1, kind: ConfigMap, plural: configmaps, name: n, namespace: ns, owned: false}";

interface Setup {
  /** The spec beside `apiConfig`, as flow members. */
  readonly spec?: string;
  readonly api?: string;
  readonly others?: readonly string[];
  readonly objects?: readonly KubernetesObject[];
  readonly cluster?: MemoryApi;
  readonly inputs?: JsonObject;
  readonly context?: Partial<RunContext>;
  readonly call?: Partial<ResourceFunctionCall>;
}

async function run(setup: Setup = {}) {
  const { spec = "resource: {data: {k: v}}", api = API } = setup;
  const program = compiled(
    `
    kind: ResourceFunction
    metadata: {name: rf}
    spec: {${api}, ${spec}}`,
    ...setup.others ?? [],
  );
  const cluster = setup.cluster ?? createMemoryApi(setup.objects);
  const fn = ready(program, "ResourceFunction", "rf");
  const call = { location: "loc", inputs: setup.inputs ?? {}, ...setup.call };
  const context = runContext({ program, cluster, ...setup.context });
  const { outcome, resourceId } = await runResourceFunction(fn, call, context);
  const { source: _, ...bare } = outcome as Outcome & { source?: unknown };
  const calls = cluster.calls.map(({ verb, name }) => `${verb} ${name}`);
  return { outcome: bare as Outcome, resourceId, calls, cluster };
}

function live(more: JsonObject = {}, metadata: JsonObject = {}): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "n", namespace: "ns", ...metadata },
    ...more,
  };
}

const same = live({ data: { k: "v" } });
const drifted = live({ data: { k: "w" } }, { uid: "live" });

// --- RF-30: the order of a call, and how each step ends it

interface Ending {
  readonly rule: string;
  readonly name: string;
  readonly setup: Setup;
  readonly outcome: Outcome;
  readonly calls: readonly string[];
  readonly hasId: boolean;
}

const permFail = (message: string, location: string): Outcome => ({
  type: "PermFail",
  message,
  location,
});

const ENDINGS: readonly Ending[] = [
  {
    rule: "RF-30.1",
    name: "a precondition ends the call before any request",
    setup: { spec: "resource: {}, preconditions: [{assert: =false, depSkip: {message: later}}]" },
    outcome: { type: "DepSkip", message: "later", location: "loc:spec.preconditions" },
    calls: [],
    hasId: false,
  },
  {
    rule: "PR-12",
    name: "a defaultReturn is the value, and nothing is read",
    setup: { spec: "resource: {}, preconditions: [{assert: =false, defaultReturn: {a: 1}}]" },
    outcome: { type: "Ok", value: { a: 1 } },
    calls: [],
    hasId: false,
  },
  {
    rule: "RF-30.3",
    name: "a null name fails",
    setup: { api: API.replace("name: n,", "name: =null,") },
    outcome: permFail(
      "Could not evaluate `spec.apiConfig.name`, evaluated to `null`",
      "spec.apiConfig.name",
    ),
    calls: [],
    hasId: false,
  },
  {
    rule: "RF-30.3",
    name: "an empty name fails",
    setup: { api: API.replace("name: n,", "name: =inputs.none,"), inputs: { none: "" } },
    outcome: permFail(
      "Invalid `spec.apiConfig.name` expression type (string)",
      "spec.apiConfig.name",
    ),
    calls: [],
    hasId: false,
  },
  {
    rule: "RF-30.3",
    name: "a name of another type fails",
    setup: { api: API.replace("name: n,", "name: =1.5,") },
    outcome: permFail(
      "Invalid `spec.apiConfig.name` expression type (double)",
      "spec.apiConfig.name",
    ),
    calls: [],
    hasId: false,
  },
  {
    rule: "RF-30.3",
    name: "an int is taken as text",
    setup: {
      api: API.replace("name: n,", "name: =7,"),
      spec: "resource: {}, create: {enabled: false}",
    },
    outcome: { type: "Retry", delaySeconds: 30, message: "ConfigMap:ns:7 not found. Waiting..." },
    calls: ["GET 7"],
    hasId: true,
  },
  {
    rule: "RF-30.3",
    name: "an empty namespace fails",
    setup: { api: API.replace("namespace: ns", "namespace: =null") },
    outcome: permFail(
      "`namespace` is required when `spec.apiConfig.namespaced` is `true`",
      "spec.apiConfig.namespace",
    ),
    calls: [],
    hasId: false,
  },
  {
    rule: "RF-30.6",
    name: "deleteIfExists deletes what is there",
    setup: { api: API.replace("owned: false", "deleteIfExists: true"), objects: [drifted] },
    outcome: { type: "Retry", delaySeconds: 30, message: "Deleting ConfigMap:ns:n." },
    calls: ["GET n", "DELETE n"],
    hasId: true,
  },
  {
    rule: "RF-30.6",
    name: "deleteIfExists goes on with an empty resource when nothing is there",
    setup: {
      api: API.replace("owned: false", "deleteIfExists: true"),
      spec: "resource: {}, return: {r: =resource}",
    },
    outcome: { type: "Ok", value: { r: {} } },
    calls: ["GET n"],
    hasId: true,
  },
  {
    rule: "RF-30.7",
    name: "readonly waits for what is missing",
    setup: { api: API.replace("owned: false", "readonly: true") },
    outcome: { type: "Retry", delaySeconds: 30, message: "ConfigMap:ns:n not found. Waiting..." },
    calls: ["GET n"],
    hasId: true,
  },
  {
    rule: "RF-30.8",
    name: "readonly returns what is there, however it looks",
    setup: {
      api: API.replace("owned: false", "readonly: true"),
      spec: "resource: {data: {k: v}}, return: {k: =resource.data.k}",
      objects: [drifted],
    },
    outcome: { type: "Ok", value: { k: "w" } },
    calls: ["GET n"],
    hasId: true,
  },
  {
    rule: "RF-30.11",
    name: "an object without difference is evaluated",
    setup: { spec: "resource: {data: {k: v}}, return: {k: =resource.data.k}", objects: [same] },
    outcome: { type: "Ok", value: { k: "v" } },
    calls: ["GET n"],
    hasId: true,
  },
  {
    rule: "RF-30.13",
    name: "a postcondition that does not hold is the outcome, with the resource id",
    setup: {
      spec: "resource: {data: {k: v}}, " +
        "postconditions: [{assert: =has(resource.status), retry: {message: wait, delay: 6}}]",
      objects: [same],
    },
    outcome: {
      type: "Retry",
      delaySeconds: 6,
      message: "wait",
      location: "loc:spec.postconditions",
    },
    calls: ["GET n"],
    hasId: true,
  },
  {
    rule: "RF-21",
    name: "without a return the value is null",
    setup: { objects: [same] },
    outcome: { type: "Ok", value: null },
    calls: ["GET n"],
    hasId: true,
  },
  {
    rule: "RF-33",
    name: "a template name that is no string",
    setup: { spec: "resourceTemplateRef: {name: =1}" },
    outcome: permFail(
      "Expected string, but received '1' (int) at `spec.resourceTemplateRef.name`",
      "ConfigMap:ns:n:spec.resourceTemplateRef.name<eval>",
    ),
    calls: ["GET n"],
    hasId: true,
  },
  {
    rule: "RF-34",
    name: "a template that does not exist",
    setup: { spec: "resourceTemplateRef: {name: none}" },
    outcome: {
      type: "Retry",
      delaySeconds: 30,
      message: "ResourceTemplate:none not found.",
      location: "ConfigMap:ns:n:spec.resourceTemplateRef.name<load>",
    },
    calls: ["GET n"],
    hasId: true,
  },
  {
    rule: "RF-37",
    name: "a skipIf that is no bool",
    setup: { spec: "resource: {}, overlays: [{skipIf: =1, overlay: {a: 1}}]" },
    outcome: permFail(
      "Expected boolean, but received int for 'spec.overlays[0].skipIf'",
      "ConfigMap:ns:n:spec.overlays[0].skipIf",
    ),
    calls: ["GET n"],
    hasId: true,
  },
  {
    rule: "RF-39",
    name: "an overlayRef to what does not exist",
    setup: { spec: "resource: {}, overlays: [{overlayRef: {kind: ValueFunction, name: ov}}]" },
    outcome: {
      type: "Retry",
      delaySeconds: 60,
      message: "ValueFunction:ov not ready (not found)",
      location: "spec.overlays[0].overlayRef",
    },
    calls: ["GET n"],
    hasId: true,
  },
  {
    rule: "RF-40",
    name: "an overlayRef whose inputs are not given",
    setup: {
      spec:
        "resource: {}, overlays: [{overlayRef: {kind: ValueFunction, name: ov}, inputs: {b: 1}}]",
      others: [
        "kind: ValueFunction\nmetadata: {name: ov}\nspec: {return: {x: =inputs.a + inputs.b + inputs.c}}",
      ],
    },
    outcome: permFail(
      'ov expected the following inputs "a", "c".',
      "spec.overlays[0].inputs",
    ),
    calls: ["GET n"],
    hasId: true,
  },
  {
    rule: "RF-38",
    name: "an overlayRef that gives no map",
    setup: {
      spec: "resource: {}, overlays: [{overlayRef: {kind: ValueFunction, name: ov}}]",
      others: [
        "kind: ValueFunction\nmetadata: {name: ov}\nspec: {preconditions: [{assert: =true, ok: {}}]}",
      ],
    },
    outcome: permFail(
      "Expected mapping, but received null for 'ConfigMap:ns:n:spec.overlays[0].overlayRef<eval>'",
      "ConfigMap:ns:n:spec.overlays[0].overlayRef<eval>",
    ),
    calls: ["GET n"],
    hasId: true,
  },
  {
    rule: "RF-38",
    name: "another outcome of an overlayRef is that of the call",
    setup: {
      spec: "resource: {}, overlays: [{overlayRef: {kind: ValueFunction, name: ov}}]",
      others: [
        "kind: ValueFunction\nmetadata: {name: ov}\nspec: {preconditions: [{assert: =false, skip: {message: m}}]}",
      ],
    },
    outcome: {
      type: "Skip",
      message: "m",
      location: "ConfigMap:ns:n:spec.overlays[0].overlayRef<eval>:spec.preconditions",
    },
    calls: ["GET n"],
    hasId: true,
  },
  {
    rule: "RF-43",
    name: "a missing object is created",
    setup: { spec: "resource: {data: {k: v}}, create: {delay: 5}" },
    outcome: {
      type: "Retry",
      delaySeconds: 5,
      message: "Creating ConfigMap:ns:n.",
      location: "spec.create",
    },
    calls: ["GET n", "POST n"],
    hasId: true,
  },
  {
    rule: "RF-45",
    name: "a difference is patched",
    setup: { objects: [drifted] },
    outcome: {
      type: "Retry",
      delaySeconds: 30,
      message: "Patching `ConfigMap:ns:n` due to 'data' -> 'k' -> <target:[v], resource:[w]>.",
      location: "spec.update.patch",
    },
    calls: ["GET n", "PATCH n"],
    hasId: true,
  },
  {
    rule: "RF-46",
    name: "or the object is recreated",
    setup: { spec: "resource: {data: {k: v}}, update: {recreate: {delay: 7}}", objects: [drifted] },
    outcome: {
      type: "Retry",
      delaySeconds: 7,
      message:
        "Deleting ConfigMap:ns:n to recreate due to 'data' -> 'k' -> <target:[v], resource:[w]>.",
      location: "spec.update.recreate",
    },
    calls: ["GET n", "DELETE n"],
    hasId: true,
  },
  {
    rule: "RF-47",
    name: "or nothing is done",
    setup: {
      spec: "resource: {data: {k: v}}, update: {never: {}}, return: {k: =resource.data.k}",
      objects: [drifted],
    },
    outcome: { type: "Ok", value: { k: "w" } },
    calls: ["GET n"],
    hasId: true,
  },
];

for (const { rule, name, setup, outcome, calls, hasId } of ENDINGS) {
  Deno.test(`${rule} ${name}`, async () => {
    const result = await run(setup);
    deepEqual(result.outcome, outcome);
    deepEqual(result.calls, calls);
    equal(result.resourceId !== undefined, hasId);
  });
}

Deno.test("RF-30.4 a plural that is not given is looked up", async () => {
  const api = API.replace("plural: configmaps, ", "");
  equal((await run({ api })).resourceId?.plural, "configmaps");
  const cluster = { ...createMemoryApi(), discover: () => Promise.resolve(undefined) };
  deepEqual((await run({ api, cluster })).outcome, {
    type: "Retry",
    delaySeconds: 60,
    message:
      "Dynamic kind-plural lookup failed for 'ConfigMap'. Set plural explicitly in apiConfig.",
    location: "spec.apiConfig.plural",
  });
});

// --- bodies

const annotation = (object: JsonObject | undefined): JsonValue =>
  ((object?.metadata as JsonObject).annotations as JsonObject)[LAST_APPLIED] ?? null;

Deno.test("RF-31 no overlay, template or creation changes the identity", async () => {
  const other = '{apiVersion: x, kind: x, metadata: {name: x, namespace: x, labels: {l: "1"}}}';
  const { cluster } = await run({
    spec: `resource: ${other}, overlays: [{overlay: ${other}}], create: {overlay: ${other}}`,
  });
  const { annotations: _, ...metadata } = cluster.calls[1]?.body?.metadata as JsonObject;
  deepEqual({ ...cluster.calls[1]?.body, metadata }, {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "n", namespace: "ns", labels: { l: "1" } },
  });
});

Deno.test("RF-31 a cluster-scoped object has no namespace", async () => {
  const { cluster, outcome, resourceId } = await run({
    api:
      "apiConfig: {apiVersion: v1, kind: Namespace, plural: namespaces, name: n, namespaced: false}",
    spec: "resource: {}",
    call: { owner: OWNER },
  });
  deepEqual(Object.keys(cluster.calls[1]?.body?.metadata as JsonObject), ["name", "annotations"]);
  equal(outcome.type === "Retry" && outcome.message, "Creating Namespace:n.");
  equal(resourceId && "namespace" in resourceId, false);
});

Deno.test("RF-36 each overlay sees the result of those before it", async () => {
  const { cluster } = await run({
    spec: 'resource: {data: {a: "1"}}, overlays: [' +
      "{overlay: {data: {b: =resource.data.a + '2'}}}, " +
      "{skipIf: =resource.data.b == '12', overlay: {data: {never: x}}}, " +
      "{overlayRef: {kind: ValueFunction, name: ov}, inputs: {from: =resource.data.b}}]",
    others: [
      "kind: ValueFunction\nmetadata: {name: ov}\n" +
      "spec: {return: {data: {c: =inputs.from + resource.data.a}}}",
    ],
  });
  deepEqual(cluster.calls[1]?.body?.data, { a: "1", b: "12", c: "121" });
});

Deno.test("RF-42, RF-60 create.overlay is created, but not part of what was applied", async () => {
  const { cluster } = await run({
    spec: "resource: {data: {k: v}}, create: {overlay: {data: {once: =resource.data.k}}}",
  });
  const [, post] = cluster.calls;
  deepEqual(post?.body?.data, { k: "v", once: "v" });
  deepEqual(JSON.parse(String(annotation(post?.body))).data, { k: "v" });
  // RF-44, DF-33: the next run leaves it alone.
  const again = await run({
    cluster,
    spec: "resource: {data: {k: v}}, create: {overlay: {data: {once: x}}}",
  });
  equal(again.outcome.type, "Ok");
});

Deno.test("RF-61 annotations that are null count as none", async () => {
  const spec = "resource: {metadata: {annotations: null}, data: null}";
  const { cluster, outcome } = await run({ spec });
  equal(outcome.type, "Retry");
  deepEqual(
    Object.keys((cluster.calls[1]?.body?.metadata as JsonObject).annotations as JsonObject),
    [
      LAST_APPLIED,
    ],
  );
  equal(cluster.calls[1]?.body?.data, null);
  equal((await run({ spec, cluster })).outcome.type, "Ok");
});

Deno.test("RF-45 after its own patch the object is as it should be", async () => {
  const cluster = createMemoryApi([drifted]);
  await run({ cluster });
  const again = await run({ cluster });
  deepEqual(again.outcome, { type: "Ok", value: null });
  deepEqual(again.calls, ["GET n", "PATCH n", "GET n"]);
});

Deno.test("DF-30, DF-34 a dropped key is removed unless the object is shared", async () => {
  const cluster = createMemoryApi();
  await run({ cluster, spec: "resource: {data: {k: v, old: x}}" });
  const shared = await run({ cluster, context: { isSharedObject: () => true } });
  equal(shared.outcome.type, "Ok");
  const { outcome } = await run({ cluster });
  equal(
    outcome.type === "Retry" && outcome.message,
    "Patching `ConfigMap:ns:n` due to 'data' -> <'old' removed from target>.",
  );
  deepEqual(cluster.objects.get("n")?.data, { k: "v" });
});

// --- ownership

const OWNED = API.replace(", owned: false", "");
const references = (cluster: MemoryApi) =>
  (cluster.objects.get("n")?.metadata as JsonObject).ownerReferences;

Deno.test("RF-50, RF-51 an object in the trigger's namespace names the trigger", async () => {
  const { cluster } = await run({ api: OWNED, call: { owner: OWNER } });
  deepEqual(references(cluster), [{
    apiVersion: "e.dev/v1",
    kind: "T",
    blockOwnerDeletion: true,
    controller: false,
    name: "t",
    uid: "u1",
  }]);
});

const NOT_DUE: readonly (readonly [string, Setup])[] = [
  ["owned is false", { call: { owner: OWNER } }],
  ["the trigger is in another namespace", {
    api: OWNED,
    call: { owner: { ...OWNER, namespace: "x" } },
  }],
  ["there is no trigger", { api: OWNED }],
  [
    "the object is the trigger itself",
    {
      api: OWNED,
      call: {
        owner: { apiVersion: "v1", kind: "ConfigMap", namespace: "ns", name: "n", uid: "u1" },
      },
    },
  ],
];

for (const [why, setup] of NOT_DUE) {
  Deno.test(`RF-50 no owner reference when ${why}`, async () => {
    equal(references((await run(setup)).cluster), undefined);
  });
}

// --- the resource id

Deno.test("RF-80 the resource id has its keys in order", async () => {
  const { resourceId } = await run({ objects: [same] });
  equal(
    JSON.stringify(resourceId),
    '{"apiVersion":"v1","kind":"ConfigMap","plural":"configmaps","name":"n","readonly":false,' +
      '"namespace":"ns","resourceFunction":"rf"}',
  );
});

Deno.test("RF-80 with a delete policy it tells policy, ownership and uid", async () => {
  const spec = "resource: {data: {k: v}}, delete: {destroy: {}}";
  const reports: ResourceId[] = [];
  const report = (id: ResourceId) => void reports.push(id);
  const { resourceId } = await run({ api: OWNED, spec, call: { owner: OWNER, report } });
  equal(
    JSON.stringify(resourceId),
    '{"apiVersion":"v1","kind":"ConfigMap","plural":"configmaps","name":"n","readonly":false,' +
      '"namespace":"ns","resourceFunction":"rf","delete":"destroy","owned":true,"uid":"uid-1"}',
  );
  deepEqual(reports.map(({ uid }) => uid), [undefined, "uid-1"]);
  const abandoned = await run({ spec: spec.replace("destroy", "abandon"), objects: [drifted] });
  deepEqual(
    [abandoned.resourceId?.delete, abandoned.resourceId?.owned, abandoned.resourceId?.uid],
    ["abandon", false, "live"],
  );
});

Deno.test("RF-80 a readonly object has no policy", async () => {
  const { resourceId } = await run({
    api: API.replace("owned: false", "readonly: true"),
    spec: "resource: {}, return: {a: 1}",
    objects: [same],
  });
  deepEqual([resourceId?.readonly, resourceId?.delete], [true, undefined]);
});

Deno.test("CL-3 an object with a policy is recorded before it is written", async () => {
  const spec = "resource: {data: {k: v}}, delete: {destroy: {}}";
  const seen: string[] = [];
  const cluster = createMemoryApi();
  cluster.before = ({ verb }) => void seen.push(verb);
  const recordBeforeCreate = (id: ResourceId, stepPath: string) => {
    seen.push(`${stepPath} ${id.name} ${id.uid}`);
    return Promise.resolve(undefined);
  };
  await run({ spec, cluster, context: { recordBeforeCreate }, call: { stepPath: "a/b" } });
  deepEqual(seen, ["GET", "a/b n undefined", "POST"]);
  const failure = { type: "Retry", delaySeconds: 5, message: "cannot record" } as const;
  const refused = await run({
    spec,
    context: { recordBeforeCreate: () => Promise.resolve(failure) },
  });
  deepEqual([refused.outcome, refused.calls], [failure, ["GET n"]]);
  const plain = await run({ context: { recordBeforeCreate: () => Promise.resolve(failure) } });
  deepEqual(plain.calls, ["GET n", "POST n"]);
});

// --- what happens is told, and abortion is no outcome

Deno.test("a trace sees the object that was read, the target and what was decided", async () => {
  const events: RunEvent[] = [];
  const trace = { observe: (event: RunEvent) => void events.push(event) };
  await run({ objects: [drifted], context: { trace } });
  const [read, decided] = events;
  equal(read?.type === "resource-read" && read.live, drifted);
  equal(decided?.type, "resource-decided");
  if (decided?.type !== "resource-decided") return;
  deepEqual(decided.target, { data: { k: "v" }, ...live() });
  deepEqual(decided.difference?.path, ["data", "k"]);
  equal(decided.action.type, "patch");
});

Deno.test("an aborted call rejects with the reason of the signal", async () => {
  const controller = new AbortController();
  const cluster = createMemoryApi([drifted]);
  cluster.before = () => controller.abort(new TypeError("enough"));
  await rejects(run({ cluster, context: { signal: controller.signal } }), /enough/);
});

Deno.test("RF-49 a DELETE carries the uid that was read", async () => {
  const { cluster } = await run({
    spec: "resource: {data: {k: v}}, update: {recreate: {}}",
    objects: [drifted],
  });
  equal(cluster.calls[1]?.uid, "live");
});

Deno.test("EX-41 failures in overlays, inputs and creation name their place", async () => {
  const places = [
    ["resource: {a: =inputs.x}", "ConfigMap:ns:n:spec.resource"],
    ["resourceTemplateRef: {name: =inputs.x}", "ConfigMap:ns:n:spec.resourceTemplateRef.name"],
    [
      "resource: {}, overlays: [{overlay: {a: =inputs.x}}]",
      "ConfigMap:ns:n:spec.overlays[0].overlay",
    ],
    [
      "resource: {}, overlays: [{skipIf: =inputs.x, overlay: {a: 1}}]",
      "ConfigMap:ns:n:spec.overlays[0].skipIf",
    ],
    ["resource: {}, create: {overlay: {a: =inputs.x}}", "spec.create.overlay"],
  ] as const;
  for (const [spec, place] of places) {
    const { outcome } = await run({ spec });
    equal(outcome.type === "PermFail" && outcome.location, place);
    match(outcome.type === "PermFail" ? outcome.message ?? "" : "", /^Error evaluating `/);
  }
});
