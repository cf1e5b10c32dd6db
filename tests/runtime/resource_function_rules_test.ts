// SPDX-License-Identifier: Apache-2.0

/** Rules of chapters 6 to 9, on definitions as they are written. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { DiagnosticCode, JsonObject, Outcome } from "../../src/language/mod.ts";
import { ClusterError } from "../../src/runtime/mod.ts";
import type { KubernetesObject } from "../../src/runtime/ports.ts";
import { createMemoryApi } from "./memory_api.ts";
import { programOf, runDefinitions } from "./run_definitions.ts";

const API = "apiConfig: {apiVersion: v1, kind: ConfigMap, name: obj, namespace: ns}";
const TRIGGER: JsonObject = {
  apiVersion: "e.dev/v1",
  kind: "T",
  metadata: { name: "t", namespace: "ns", uid: "u1" },
};

const resourceFunction = (spec: string, api = API) =>
  `kind: ResourceFunction\nmetadata: {name: f}\nspec: {${api}, ${spec}}`;
const valueFunction = (spec: string, name = "f") =>
  `kind: ValueFunction\nmetadata: {name: ${name}}\nspec: {${spec}}`;
const template = (content: string, name = "t") =>
  `kind: ResourceTemplate\nmetadata: {name: ${name}}\nspec: {template: {${content}}}`;

function live(more: JsonObject = {}, metadata: JsonObject = {}): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "obj", namespace: "ns", ...metadata },
    ...more,
  };
}

/** Codes and paths of errors and unresolved references, and of what is named besides. */
function codes(text: string, besides?: DiagnosticCode): readonly string[] {
  return programOf(text).diagnostics
    .filter(({ code, severity }) =>
      code === besides || severity === "error" || severity === "unresolved"
    )
    .map(({ code, path }) => `${code} ${path}`);
}

/** The object of the only POST. */
async function created(text: string, inputs: JsonObject = {}): Promise<JsonObject> {
  const { writes } = await runDefinitions(text, { inputs });
  deepEqual(writes.map(({ verb }) => verb), ["POST"]);
  const { annotations: _, ...metadata } = writes[0]?.body?.metadata as JsonObject;
  return { ...writes[0]?.body, metadata };
}

// --- chapter 5 and 6: outcomes and the predicates that give them

const PREDICATES: readonly (readonly [name: string, entry: string, expected: JsonObject])[] = [
  ["PR-4 OC-2 skip", "skip: {message: m}", { type: "Skip", message: "m" }],
  ["PR-5 OC-3 depSkip", "depSkip: {message: m}", { type: "DepSkip", message: "m" }],
  ["PR-7 OC-5 permFail", "permFail: {message: m}", { type: "PermFail", message: "m" }],
  [
    "OC-4 retry",
    "retry: {message: m, delay: 7}",
    { type: "Retry", message: "m", delaySeconds: 7 },
  ],
];

for (const [name, entry, expected] of PREDICATES) {
  Deno.test(`${name} carries message and location, from preconditions and postconditions (PR-13)`, async () => {
    const fires = `[{assert: =true, ok: {}}, {assert: =false, ${entry}}]`;
    const before = await runDefinitions(
      resourceFunction(`resource: {}, preconditions: ${fires}, return: {a: 1}`),
    );
    deepEqual(before.outcome(), {
      ...expected,
      location: "w.spec.steps.call:spec.preconditions",
    });
    deepEqual(before.calls, []);
    const after = await runDefinitions(
      resourceFunction(`resource: {}, postconditions: ${fires}, return: {a: 1}`),
      { objects: [live()] },
    );
    deepEqual(after.outcome(), {
      ...expected,
      location: "w.spec.steps.call:spec.postconditions",
    });
    const value = await runDefinitions(valueFunction(`preconditions: ${fires}, return: {a: 1}`));
    deepEqual(value.outcome(), before.outcome());
  });
}

Deno.test("OC-1 Ok carries a value, which may be null", async () => {
  const value = await runDefinitions(valueFunction("return: {a: 1}"));
  deepEqual(value.outcome(), { type: "Ok", value: { a: 1 } });
  const nothing = await runDefinitions(valueFunction("preconditions: [{assert: =true, ok: {}}]"));
  deepEqual(nothing.outcome(), { type: "Ok", value: null });
});

Deno.test("PR-8 defaultReturn is literal, and text that looks like an expression is told", async () => {
  const text = valueFunction(
    "preconditions: [{assert: =false, defaultReturn: {a: =1 + 1, b: {c: [1]}}}], return: {z: 1}",
  );
  deepEqual((await runDefinitions(text)).outcome(), {
    type: "Ok",
    value: { a: "=1 + 1", b: { c: [1] } },
  });
  deepEqual(codes(text, "not-evaluated"), ["not-evaluated spec.preconditions[0].defaultReturn.a"]);
});

Deno.test("PR-1 LM-14 20 entries are read, 21 are too many", () => {
  for (const field of ["preconditions", "postconditions"]) {
    const entries = (count: number) =>
      resourceFunction(`resource: {}, ${field}: [${"{assert: =true, ok: {}},".repeat(count)}]`);
    deepEqual(codes(entries(20)), []);
    equal(codes(entries(21))[0], `too-many-predicates spec.${field}`);
  }
});

Deno.test("D5a a guard protects the asserts, messages and delays behind it", async () => {
  const { outcome } = await runDefinitions(valueFunction(
    "preconditions: [" +
      "{assert: =true, retry: {message: =inputs.gone, delay: =inputs.gone}}, " +
      "{assert: '=has(inputs.gone)', skip: {message: guard}}, " +
      "{assert: =inputs.gone > 1, permFail: {message: =inputs.gone}}]",
  ));
  deepEqual(outcome(), {
    type: "Skip",
    message: "guard",
    location: "w.spec.steps.call:spec.preconditions",
  });
});

// --- chapters 7 and 8

Deno.test("VF-2 RF-2 locals are named values for what comes after them", async () => {
  const value = await runDefinitions(
    valueFunction("locals: {a: =inputs.x + 1}, return: {v: =locals.a}"),
    { inputs: { x: 1 } },
  );
  deepEqual(value.outcome(), { type: "Ok", value: { v: 2 } });
  const without = await runDefinitions(valueFunction("return: {v: =locals}"));
  deepEqual(without.outcome(), { type: "Ok", value: { v: {} } });
  const resource = await created(
    resourceFunction("locals: {a: =inputs.x}, resource: {data: {k: =locals.a}}"),
    { x: "y" },
  );
  deepEqual(resource.data, { k: "y" });
});

Deno.test("RT-4 RF-32 a template is the base, and its identity loses", async () => {
  const text = [
    resourceFunction("resourceTemplateRef: {name: t}"),
    template(
      "apiVersion: x/v9, kind: Other, metadata: {name: other, namespace: other, labels: {l: a}}, data: {k: v}",
    ),
  ].join("\n---\n");
  deepEqual(await created(text), live({ data: { k: "v" } }, { labels: { l: "a" } }));
});

// --- 9.1: fields

Deno.test("RF-1 a precondition that fires ends the call before any request", async () => {
  const { outcome, calls } = await runDefinitions(
    resourceFunction("resource: {}, preconditions: [{assert: =inputs.x, skip: {message: no}}]"),
    { inputs: { x: false } },
  );
  equal(outcome()?.type, "Skip");
  deepEqual(calls, []);
});

Deno.test("RF-4 a plural that is given is the one of the path, literally", async () => {
  const given = await runDefinitions(
    resourceFunction("resource: {}", API.replace("kind:", "plural: =odd, kind:")),
  );
  deepEqual(given.plurals, ["=odd"]);
  const found = await runDefinitions(resourceFunction("resource: {}"));
  deepEqual(found.plurals, ["configmaps"]);
});

Deno.test("RF-5 name is required, and literal or an expression", async () => {
  deepEqual(codes(resourceFunction("resource: {}", API.replace("name: obj, ", ""))), [
    "missing-field spec.apiConfig",
    "broken-reference spec.steps[0].ref.name",
  ]);
  const named = resourceFunction(
    "resource: {}",
    API.replace("name: obj", "name: =inputs.x + '-y'"),
  );
  equal(((await created(named, { x: "a" })).metadata as JsonObject).name, "a-y");
});

for (const rule of ["RF-7", "RF-26", "D19a"]) {
  Deno.test(`${rule} readonly and deleteIfExists exclude each other`, () => {
    const api = API.replace("kind:", "readonly: true, deleteIfExists: true, kind:");
    const told = codes(resourceFunction("resource: {}", api));
    deepEqual(told.map((one) => one.split(" ")[0]), ["conflict", "broken-reference"]);
    const one = API.replace("kind:", "readonly: false, deleteIfExists: true, kind:");
    deepEqual(codes(resourceFunction("resource: {}", one)), []);
  });
}

Deno.test("RF-8 without owned no owner reference is set", async () => {
  for (const [owned, count] of [["true", 1], ["false", 0]] as const) {
    const api = API.replace("kind:", `owned: ${owned}, kind:`);
    const { writes } = await runDefinitions(resourceFunction("resource: {}", api), {
      trigger: TRIGGER,
    });
    const metadata = writes[0]?.body?.metadata as JsonObject;
    equal((metadata.ownerReferences as unknown[] | undefined)?.length ?? 0, count);
  }
});

Deno.test("RF-10 a template name may be literal or an expression", async () => {
  const templates = ["a", "b"].map((name) =>
    template(`apiVersion: v1, kind: ConfigMap, data: {from: ${name}}`, name)
  );
  for (const [name, from] of [["a", "a"], ["=inputs.x", "b"]] as const) {
    const text = [resourceFunction(`resourceTemplateRef: {name: ${name}}`), ...templates];
    deepEqual((await created(text.join("\n---\n"), { x: "b" })).data, { from });
  }
});

Deno.test("RF-14 an overlayRef gets its inputs, the target only as one of them or as base", async () => {
  const overlaid = (inputs: string) =>
    created(
      [
        resourceFunction(
          `resource: {data: {k: v}}, ` +
            `overlays: [{overlayRef: {kind: ValueFunction, name: o}${inputs}}]`,
        ),
        valueFunction("return: {data: {seen: '=to_json(inputs)', base: =resource.data.k}}", "o"),
      ].join("\n---\n"),
    );
  deepEqual((await overlaid("")).data, { k: "v", seen: "{}", base: "v" });
  deepEqual((await overlaid(", inputs: {x: =resource.data}")).data, {
    k: "v",
    seen: '{"x": {"k": "v"}}',
    base: "v",
  });
});

Deno.test("RF-15 X5 skipIf leaves its entry out, and sees the target so far", async () => {
  const text = resourceFunction(
    "resource: {data: {a: '1'}}, overlays: [" +
      "{skipIf: '=resource.data.a == \"1\"', overlay: {data: {b: '2'}}}, " +
      "{skipIf: '=has(resource.data.b)', overlay: {data: {c: '3'}}}]",
  );
  deepEqual((await created(text)).data, { a: "1", c: "3" });
});

Deno.test("RF-16 create says whether a missing object is made, and how long to wait then", async () => {
  const outcomeOf = async (create: string) => {
    const run = await runDefinitions(resourceFunction(`resource: {}${create}`));
    const outcome = run.outcome() as Outcome & { readonly delaySeconds?: number };
    return [outcome.type, outcome.delaySeconds, run.writes.length];
  };
  deepEqual(await outcomeOf(""), ["Retry", 30, 1]);
  deepEqual(await outcomeOf(", create: {delay: 0}"), ["Retry", 0, 1]);
  deepEqual(await outcomeOf(", create: {enabled: false}"), ["Retry", 30, 0]);
  deepEqual(codes(resourceFunction("resource: {}, create: {delay: -1}")), [
    "bad-value spec.create.delay",
    "broken-reference spec.steps[0].ref.name",
  ]);
});

Deno.test("RF-20 postconditions look at the live object", async () => {
  const text = resourceFunction(
    "resource: {data: {k: v}}, " +
      "postconditions: [{assert: '=has(resource.status.ready)', retry: {message: soon, delay: 2}}]",
  );
  const waiting = await runDefinitions(text, { objects: [live({ data: { k: "v" } })] });
  equal(waiting.outcome()?.type, "Retry");
  const there = live({ data: { k: "v" }, status: { ready: null } });
  equal((await runDefinitions(text, { objects: [there] })).outcome()?.type, "Ok");
});

Deno.test("RF-25 what has no effect beside readonly or deleteIfExists is told and has none", async () => {
  const fields = "create: {enabled: true, overlay: {data: {k: w}}}, update: {recreate: {}}, " +
    "delete: {destroy: {}}, overlays: [{overlay: {data: {k: '=1 / 0'}}}]";
  for (const mode of ["readonly", "deleteIfExists"]) {
    const api = API.replace("kind:", `${mode}: true, kind:`);
    const text = resourceFunction(`resource: {data: {k: v}}, ${fields}, return: {a: 1}`, api);
    deepEqual([...codes(text, "no-effect")].sort(), [
      "no-effect spec.create",
      "no-effect spec.delete",
      "no-effect spec.overlays",
      "no-effect spec.update",
    ]);
    const isReadonly = mode === "readonly";
    const run = await runDefinitions(text, { objects: isReadonly ? [live()] : [] });
    deepEqual(run.outcome(), { type: "Ok", value: { a: 1 } });
    deepEqual(run.writes, []);
  }
});

// --- 9.2: the order of a call

/** Each entry fails at its own step; the first that fails is what the call ends with. */
const ORDER: readonly (readonly [rule: string, broken: string, location: string])[] = [
  ["RF-30.1", "preconditions", "w.spec.steps.call:spec.preconditions"],
  ["RF-30.2", "locals", "w.spec.steps.call:spec.locals"],
  ["RF-30.3", "name", "spec.apiConfig.name"],
  ["RF-30.5", "get", "load resource"],
  ["RF-30.9", "resource", "ConfigMap:ns:obj:spec.resource"],
  ["RF-30.9", "overlay", "ConfigMap:ns:obj:spec.overlays[0].overlay"],
  ["RF-30.10", "creation", "spec.create.overlay"],
  ["RF-30.13", "postconditions", "w.spec.steps.call:spec.postconditions"],
  ["RF-30.14", "return", "w.spec.steps.call:spec.return"],
];

function orderedFunction(broken: ReadonlySet<string>): string {
  const value = (part: string, good: string) => broken.has(part) ? "=inputs.gone" : good;
  const api = API.replace("name: obj", `name: ${value("name", "obj")}`);
  return resourceFunction(
    [
      `preconditions: [{assert: ${value("preconditions", "=true")}, ok: {}}]`,
      `locals: {a: ${value("locals", "1")}}`,
      `resource: {data: {k: ${value("resource", "v")}}}`,
      `overlays: [{overlay: {data: {o: ${value("overlay", "v")}}}}]`,
      `create: {overlay: {data: {c: ${value("creation", "v")}}}}`,
      `postconditions: [{assert: ${value("postconditions", "=true")}, ok: {}}]`,
      `return: {a: ${value("return", "1")}}`,
    ].join(", "),
    api,
  );
}

ORDER.forEach(([rule, part, location], index) => {
  Deno.test(`RF-30 ${rule} ${part} comes before all that is listed after it`, async () => {
    const later = ORDER.slice(index).map(([, one]) => one);
    const isMissing = ORDER.findIndex(([, one]) => one === "creation") >= index;
    const cluster = createMemoryApi(isMissing ? [] : [live({ data: { k: "v", o: "v" } })]);
    cluster.before = ({ verb }) => {
      if (verb === "GET" && part === "get") {
        throw new ClusterError("refused", "no", { status: 500 });
      }
    };
    const run = await runDefinitions(orderedFunction(new Set(later)), { cluster });
    const outcome = run.outcome() as Outcome & { readonly location?: string };
    equal(outcome.location, location);
    equal(outcome.type, part === "get" ? "Retry" : "PermFail");
    const isBeforeGet = ["preconditions", "locals", "name"].includes(part);
    deepEqual(run.calls, isBeforeGet ? [] : ["GET obj"]);
    equal(run.workflow.managedResources !== undefined, true);
    const { resources } = run.workflow.managedResources as { resources: JsonObject };
    equal(resources.call !== null, !isBeforeGet, "RF-30.5 the id is reported from here on");
  });
});

Deno.test("RF-30 RF-30.11 RF-30.12 a difference is put right, and nothing after it is evaluated", async () => {
  const text = resourceFunction(
    "resource: {data: {k: v}}, postconditions: [{assert: =inputs.gone, ok: {}}], return: {a: =inputs.gone}",
  );
  const run = await runDefinitions(text, { objects: [live({ data: { k: "w" } })] });
  equal(run.outcome()?.type, "Retry");
  deepEqual(run.calls, ["GET obj", "PATCH obj"]);
});

Deno.test("RF-30.10 a missing object is created, and the next run reads it", async () => {
  const text = resourceFunction("resource: {data: {k: v}}, return: {k: =resource.data.k}");
  const cluster = createMemoryApi();
  equal((await runDefinitions(text, { cluster })).outcome()?.type, "Retry");
  const next = await runDefinitions(text, { cluster });
  deepEqual(next.outcome(), { type: "Ok", value: { k: "v" } });
  deepEqual(next.calls, ["GET obj", "POST obj", "GET obj"]);
});

// --- 9.3 to 9.8

Deno.test("RF-35 a broken template is waited for, with its first diagnostic", async () => {
  const text = [
    resourceFunction("resourceTemplateRef: {name: =inputs.t}"),
    template("kind: ConfigMap", "broken"),
  ].join("\n---\n");
  const outcome = (await runDefinitions(text, { inputs: { t: "broken" } })).outcome();
  equal(outcome?.type, "Retry");
  ok(outcome?.type === "Retry");
  equal(outcome.delaySeconds, 30);
  match(String(outcome.message), /^ResourceTemplate:broken is not ready \(.*apiVersion.*\)$/);
  equal(outcome.location, "ConfigMap:ns:obj:spec.resourceTemplateRef.name<load>");
});

Deno.test("RF-44 X13 what only create.overlay sets is neither compared nor removed", async () => {
  const text = resourceFunction(
    "resource: {data: {k: =inputs.k}}, create: {overlay: {data: {once: a, k2: b}}}, return: {a: 1}",
  );
  const cluster = createMemoryApi();
  await runDefinitions(text, { cluster, inputs: { k: "v" } });
  deepEqual(cluster.objects.get("obj")?.data, { k: "v", once: "a", k2: "b" });
  const changed = { ...cluster.objects.get("obj"), data: { k: "v", once: "other" } };
  cluster.objects.set("obj", changed as KubernetesObject);
  equal((await runDefinitions(text, { cluster, inputs: { k: "v" } })).outcome()?.type, "Ok");
  await runDefinitions(text, { cluster, inputs: { k: "w" } });
  deepEqual(cluster.objects.get("obj")?.data, { k: "w", once: "other" });
});

Deno.test("RF-52 an owner reference is recognised by its uid alone", async () => {
  const reference = { apiVersion: "old/v1", kind: "Old", name: "old", uid: "u1" };
  const text = resourceFunction("resource: {}, return: {a: 1}");
  const owned = live({}, { ownerReferences: [reference] });
  const same = await runDefinitions(text, { trigger: TRIGGER, objects: [owned] });
  equal(same.outcome()?.type, "Ok");
  const other = live({}, { ownerReferences: [{ ...reference, uid: "u2" }] });
  const run = await runDefinitions(text, { trigger: TRIGGER, objects: [other] });
  const metadata = run.writes[0]?.body?.metadata as JsonObject;
  deepEqual((metadata.ownerReferences as readonly JsonObject[]).map(({ uid }) => uid), [
    "u2",
    "u1",
  ]);
});

Deno.test("RF-71 a 404 of a GET means that the object is missing", async () => {
  const cluster = createMemoryApi();
  const { outcome, calls } = await runDefinitions(resourceFunction("resource: {}"), { cluster });
  deepEqual(outcome(), {
    type: "Retry",
    delaySeconds: 30,
    message: "Creating ConfigMap:ns:obj.",
    location: "spec.create",
  });
  deepEqual(calls, ["GET obj", "POST obj"]);
});

Deno.test("RF-79a after a write that failed the next run reads the object again", async () => {
  const cluster = createMemoryApi([live({ data: { k: "w" } })]);
  const text = resourceFunction("resource: {data: {k: v}}, return: {k: =resource.data.k}");
  cluster.before = ({ verb }) => {
    if (verb !== "PATCH") return;
    // The server took the patch, and its answer was lost.
    cluster.objects.set("obj", live({ data: { k: "v" } }));
    throw new ClusterError("timeout", "no answer", {});
  };
  equal((await runDefinitions(text, { cluster })).outcome()?.type, "Retry");
  const next = await runDefinitions(text, { cluster });
  deepEqual(next.outcome(), { type: "Ok", value: { k: "v" } });
  deepEqual(next.calls, ["GET obj", "PATCH obj", "GET obj"]);
});
