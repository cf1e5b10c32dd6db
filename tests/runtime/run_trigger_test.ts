// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createBudget, type JsonObject, type Program } from "../../src/language/mod.ts";
import {
  applyMergePatch,
  recordedResources,
  runTrigger,
  type TriggerCall,
  type TriggerRun,
  unknownChannel,
} from "../../src/runtime/mod.ts";
import type { Cluster, KubernetesObject, ObjectPath } from "../../src/runtime/ports.ts";
import { type ClusterCall, createManualClock, createSimulator } from "../../src/simulator/mod.ts";
import { compiled } from "./compiled.ts";

const CRD = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "things.example.dev" },
  spec: {
    group: "example.dev",
    scope: "Namespaced",
    names: { kind: "Thing", plural: "things", singular: "thing", listKind: "ThingList" },
    versions: [{
      name: "v1",
      served: true,
      storage: true,
      subresources: { status: {} },
      schema: {
        openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
      },
    }],
  },
} satisfies KubernetesObject;

const CONFIG_MAP = (name: string, policy: string, owned: boolean) => `
  kind: ResourceFunction
  metadata: {name: ${name}}
  spec:
    apiConfig: {apiVersion: v1, kind: ConfigMap, name: =inputs.name, namespace: team, owned: ${owned}}
    resource: {data: {k: v}}
    create: {delay: 0}
    ${policy === "" ? "return: {n: =resource.metadata.name}" : `delete: {${policy}: {}}`}`;

const LOGIC = [
  CONFIG_MAP("plain", "", true),
  CONFIG_MAP("destroyed", "destroy", true),
  CONFIG_MAP("orphaned", "destroy", false),
  CONFIG_MAP("abandoned", "abandon", true),
];

function workflow(...steps: readonly string[]): string {
  return `
    kind: Workflow
    metadata: {name: wf}
    spec:
      crdRef: {apiGroup: example.dev, version: v1, kind: Thing}
      steps:
${steps.map((step) => `      - ${step}`).join("\n")}`;
}

function rf(label: string, fn: string, name: string): string {
  return `{label: ${label}, ref: {kind: ResourceFunction, name: ${fn}}, inputs: {name: ${name}}}`;
}

const NOTHING = "{label: nothing, ref: {kind: ValueFunction, name: none}}";
const NONE = "kind: ValueFunction\nmetadata: {name: none}\nspec: {return: {a: 1}}";

const PATH: ObjectPath = {
  apiVersion: "example.dev/v1",
  kind: "Thing",
  plural: "things",
  namespace: "team",
  name: "shop",
};

/** A trigger in a simulated cluster, and runs for it whose results are written. */
interface World {
  readonly cluster: Cluster;
  readonly calls: ClusterCall[];
  read(): Promise<KubernetesObject>;
  configMaps(): Promise<readonly string[]>;
  run(program: Program, changes?: Partial<TriggerCall>): Promise<TriggerRun>;
  /** Runs until nothing is written any more. */
  settle(program: Program, changes?: Partial<TriggerCall>): Promise<TriggerRun>;
}

async function world(test: (world: World) => Promise<void>): Promise<void> {
  const calls: ClusterCall[] = [];
  const clock = createManualClock();
  using simulator = createSimulator({
    clock,
    namespaces: ["team"],
    onCall: (call) => void calls.push(call),
  });
  const { cluster } = simulator;
  const signal = new AbortController().signal;
  const options = { signal };
  const crds = { apiVersion: CRD.apiVersion, kind: CRD.kind, plural: "customresourcedefinitions" };
  await cluster.create(crds, CRD, options);
  const body = {
    apiVersion: PATH.apiVersion,
    kind: PATH.kind,
    metadata: { name: PATH.name, namespace: "team" },
    spec: {},
  };
  await cluster.create(PATH, body, options);
  const made: World = {
    cluster,
    calls,
    async read() {
      const found = await cluster.get(PATH, options);
      ok(found, "the trigger is there");
      return found;
    },
    async configMaps() {
      const path = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" };
      const { items } = await cluster.list(path, { namespace: "team" }, options);
      return items.map(({ metadata }) => String(metadata.name)).sort();
    },
    async run(program, changes = {}) {
      const trigger = await made.read();
      const result = await runTrigger(
        { trigger, path: PATH, isCustomResource: true, ...changes },
        { program, cluster, clock, signal, budget: createBudget() },
      );
      const { metadataPatch, statusPatch } = result.update;
      if (metadataPatch) {
        const patch = { type: "merge", body: { metadata: metadataPatch } } as const;
        await cluster.patch(PATH, patch, options);
      }
      if (statusPatch) {
        const patch = {
          type: "merge",
          body: { status: statusPatch },
          subresource: "status",
        } as const;
        await cluster.patch(PATH, patch, options);
      }
      return result;
    },
    async settle(program, changes) {
      for (let turn = 0; turn < 20; turn++) {
        const before = calls.length;
        const result = await made.run(program, changes);
        if (!calls.slice(before).some(({ verb }) => verb !== "get" && verb !== "discover")) {
          return result;
        }
      }
      throw new RangeError("Cannot settle: 20 runs wrote");
    },
  };
  await test(made);
}

const condition = (trigger: KubernetesObject, type: string) =>
  ((trigger.status as JsonObject).conditions as readonly JsonObject[])
    .find((one) => one.type === type);

Deno.test("ST-1 a settled trigger is not written again", () =>
  world(async ({ settle, read, calls, run }) => {
    const program = compiled(...LOGIC, workflow(rf("one", "plain", "a")));
    const result = await settle(program);
    deepEqual(result.outcome, { type: "Ok", value: [{ n: "a" }] });
    const trigger = await read();
    equal(condition(trigger, "Ready")?.status, "True");
    equal(condition(trigger, "Reconciling"), undefined);
    const before = calls.length;
    const { update } = await run(program);
    deepEqual(update, {});
    deepEqual(calls.slice(before).map(({ verb }) => verb).filter((verb) => verb !== "get"), [
      "discover",
    ]);
  }));

Deno.test("CL-2 without a policy nothing is done when a resource is no longer produced", () =>
  world(async ({ settle, configMaps, read }) => {
    await settle(compiled(...LOGIC, workflow(rf("one", "plain", "a"))));
    await settle(compiled(...LOGIC, NONE, workflow(NOTHING)));
    deepEqual(await configMaps(), ["a"]);
    deepEqual(recordedResources(await read()).former, []);
  }));

Deno.test("CL-4, CL-10, CL-11 what a run no longer reports is destroyed, later steps first", () =>
  world(async ({ settle, run, configMaps, read }) => {
    await settle(compiled(
      ...LOGIC,
      workflow(rf("one", "destroyed", "a"), rf("two", "destroyed", "b")),
    ));
    const after = compiled(...LOGIC, NONE, workflow(NOTHING));
    const first = await run(after);
    deepEqual(await configMaps(), ["a"]);
    equal(first.outcome.type, "Ok");
    equal(first.cleanUp?.message, "Deleting ConfigMap:team:b.");
    deepEqual(recordedResources(await read()).former.map(({ id, step }) => [id.name, step]), [
      ["a", "one"],
      ["b", "two"],
    ]);
    const reconciling = condition(await read(), "Reconciling");
    deepEqual([reconciling?.reason, reconciling?.status], ["CleanUp", "True"]);
    const settled = await settle(after);
    equal(settled.cleanUp, undefined);
    deepEqual(await configMaps(), []);
    deepEqual(recordedResources(await read()).former, []);
    equal(condition(await read(), "Reconciling"), undefined);
  }));

Deno.test("CL-12 an abandoned object stays, without our marks", () =>
  world(async ({ settle, cluster, configMaps }) => {
    await settle(compiled(...LOGIC, workflow(rf("one", "abandoned", "a"))));
    await settle(compiled(...LOGIC, NONE, workflow(NOTHING)));
    deepEqual(await configMaps(), ["a"]);
    const path = {
      apiVersion: "v1",
      kind: "ConfigMap",
      plural: "configmaps",
      namespace: "team",
      name: "a",
    };
    const object = await cluster.get(path, { signal: new AbortController().signal });
    deepEqual(object?.metadata.annotations ?? {}, {});
    deepEqual(object?.metadata.ownerReferences ?? [], []);
  }));

Deno.test("CL-6 a resource that moved to another step is never retired", () =>
  world(async ({ settle, calls }) => {
    await settle(compiled(...LOGIC, workflow(rf("one", "destroyed", "a"))));
    await settle(compiled(...LOGIC, workflow(rf("two", "destroyed", "a"))));
    deepEqual(calls.filter(({ verb }) => verb === "delete"), []);
  }));

Deno.test("CL-7, CL-8 a renamed resource is retired when its successor is Ok", () =>
  world(async ({ settle, run, configMaps }) => {
    await settle(compiled(...LOGIC, workflow(rf("one", "destroyed", "a"))));
    const renamed = compiled(...LOGIC, workflow(rf("one", "destroyed", "b")));
    await run(renamed);
    deepEqual(await configMaps(), ["a", "b"]);
    await settle(renamed);
    deepEqual(await configMaps(), ["b"]);
  }));

Deno.test("CL-5 a Workflow that cannot run retires nothing and leaves the annotation", () =>
  world(async ({ settle, run, configMaps, read }) => {
    await settle(compiled(...LOGIC, workflow(rf("one", "destroyed", "a"))));
    const before = (await read()).metadata.annotations;
    const { outcome } = await run(compiled(workflow(rf("one", "missing", "a"))));
    equal(outcome.type === "Retry" && outcome.delaySeconds, 15);
    deepEqual([await configMaps(), (await read()).metadata.annotations], [["a"], before]);
  }));

Deno.test("CL-3, CL-20 id and finalizer are on the trigger before the object is created", () =>
  world(async ({ run, calls, read }) => {
    calls.length = 0;
    await run(compiled(...LOGIC, workflow(rf("one", "orphaned", "a"), rf("two", "orphaned", "b"))));
    const writes = calls.filter(({ verb }) => ["create", "patch"].includes(verb));
    const order = writes.map(({ verb, kind, subresource }) =>
      `${verb} ${kind} ${subresource ?? ""}`.trim()
    );
    equal(order[0], "patch Thing");
    ok(order.indexOf("create ConfigMap") > 0);
    deepEqual((await read()).metadata.finalizers, ["koreo.dev/cleanup"]);
  }));

Deno.test("CL-20 the finalizer goes when nothing needs it any more", () =>
  world(async ({ settle, read, configMaps }) => {
    await settle(compiled(...LOGIC, workflow(rf("one", "orphaned", "a"))));
    deepEqual((await read()).metadata.finalizers, ["koreo.dev/cleanup"]);
    await settle(compiled(...LOGIC, NONE, workflow(NOTHING)));
    deepEqual([(await read()).metadata.finalizers ?? [], await configMaps()], [[], []]);
  }));

Deno.test("CL-21 a deleted trigger is cleaned up from its annotation alone", () =>
  world(async ({ settle, run, cluster, configMaps }) => {
    const { signal } = new AbortController();
    await settle(compiled(
      ...LOGIC,
      workflow(
        rf("one", "orphaned", "a"),
        rf("two", "orphaned", "b"),
        rf("three", "abandoned", "c"),
      ),
    ));
    await cluster.delete(PATH, {}, { signal });
    const empty = compiled();
    const first = await run(empty);
    equal(first.cleanUp?.message, "Deleting ConfigMap:team:b.");
    deepEqual(await configMaps(), ["a", "c"]);
    await run(empty);
    deepEqual(await configMaps(), ["c"]);
    await run(empty);
    equal(await cluster.get(PATH, { signal }), undefined);
    deepEqual(await configMaps(), ["c"]);
  }));

Deno.test("CL-21 a trigger that someone else's finalizer holds is cleaned up once", () =>
  world(async ({ settle, run, cluster, calls, read }) => {
    const { signal } = new AbortController();
    await settle(compiled(
      ...LOGIC,
      CONFIG_MAP("released", "abandon", false),
      workflow(rf("one", "released", "a"), rf("two", "destroyed", "b")),
    ));
    const held = { type: "merge", body: { metadata: { finalizers: ["other.dev/hold"] } } } as const;
    await cluster.patch(PATH, held, { signal });
    await cluster.delete(PATH, {}, { signal });
    const { cleanUp } = await run(compiled());
    equal(cleanUp, undefined);
    deepEqual((await read()).metadata.finalizers, ["other.dev/hold"]);
    deepEqual(recordedResources(await read()).former, []);
    // What Kubernetes deletes by owner reference is left to it.
    const before = calls.length;
    await run(compiled());
    deepEqual(calls.slice(before).map(({ verb, kind }) => `${verb} ${kind}`), ["get Thing"]);
  }));

Deno.test("CL-3 steps that record at the same time share a write", () =>
  world(async ({ run, calls, read }) => {
    const names = ["a", "b", "c", "d", "e", "f"];
    calls.length = 0;
    await run(compiled(
      ...LOGIC,
      workflow(...names.map((name) => rf(`step_${name}`, "orphaned", name))),
    ));
    const records = calls.filter(({ verb, kind, subresource }) =>
      verb === "patch" && kind === "Thing" && subresource === undefined
    );
    ok(records.length <= 3, `${records.length} writes for six resources and the end of the run`);
    deepEqual(recordedResources(await read()).reported.map(({ id }) => id.name), names);
  }));

Deno.test("CL-3 what cannot be recorded is not created", () =>
  world(async ({ cluster, calls, configMaps }) => {
    const program = compiled(...LOGIC, workflow(rf("one", "orphaned", "a")));
    const trigger = await cluster.get(PATH, { signal: new AbortController().signal });
    ok(trigger);
    const stale = { ...trigger, metadata: { ...trigger.metadata, resourceVersion: "1" } };
    const result = await runTrigger(
      { trigger: stale, path: PATH, isCustomResource: true },
      {
        program,
        cluster,
        clock: createManualClock(),
        signal: new AbortController().signal,
        budget: createBudget(),
      },
    );
    match(
      result.outcome.type === "Retry" ? result.outcome.message ?? "" : "",
      /^Conflict patching Thing:team:shop: /,
    );
    deepEqual(calls.filter(({ verb, kind }) => verb === "create" && kind === "ConfigMap"), []);
    deepEqual(await configMaps(), []);
  }));

Deno.test("CL-1 a policy that changed is the one that was recorded last", () =>
  world(async ({ settle, configMaps, cluster }) => {
    await settle(compiled(...LOGIC, workflow(rf("one", "destroyed", "a"))));
    await settle(compiled(...LOGIC, workflow(rf("one", "abandoned", "a"))));
    await settle(compiled(...LOGIC, NONE, workflow(NOTHING)));
    deepEqual(await configMaps(), ["a"]);
    await cluster.delete(PATH, {}, { signal: new AbortController().signal });
    deepEqual(await configMaps(), ["a"]);
  }));

Deno.test("CL-13 what another trigger manages is released, not deleted", () =>
  world(async ({ settle, read, configMaps }) => {
    await settle(compiled(...LOGIC, workflow(rf("one", "destroyed", "a"))));
    const after = compiled(...LOGIC, NONE, workflow(NOTHING));
    await settle(after, { isManagedElsewhere: () => true });
    // CL-6: as long as the other one reports it, it stays recorded.
    deepEqual(recordedResources(await read()).former.length, 1);
    deepEqual(await configMaps(), ["a"]);
  }));

Deno.test("TR-17 a failed lookup leaves state and annotation, and is told", () =>
  world(async ({ settle, run, read }) => {
    await settle(compiled(...LOGIC, workflow(rf("one", "plain", "a"))));
    const before = (await read()).metadata.annotations;
    const { outcome } = await run(compiled());
    deepEqual(outcome, {
      type: "Retry",
      delaySeconds: 120,
      message: "Failed to find Workflow for `example.dev:Thing:v1`",
    });
    const trigger = await read();
    deepEqual(trigger.metadata.annotations, before);
    equal(condition(trigger, "Ready")?.reason, "NoWorkflow");
    equal(condition(trigger, "Reconciling")?.reason, "NoWorkflow");
    const channel = await run(compiled(), { failedLookup: unknownChannel("beta") });
    match(channel.outcome.type === "Retry" ? channel.outcome.message ?? "" : "", /^Channel 'beta'/);
  }));

Deno.test("TR-9a the revision is written only together with another write", () =>
  world(async ({ settle, run, read }) => {
    const program = compiled(...LOGIC, workflow(rf("one", "plain", "a")));
    await settle(program, { revision: "main@sha1:1" });
    const annotations = async () => (await read()).metadata.annotations as JsonObject;
    equal((await annotations())["koreo.dev/revision"], "main@sha1:1");
    const { update } = await run(program, { revision: "main@sha1:2" });
    deepEqual(update, {});
    await run(compiled(...LOGIC, workflow(rf("one", "plain", "b"))), { revision: "main@sha1:3" });
    equal((await annotations())["koreo.dev/revision"], "main@sha1:3");
  }));

Deno.test("LM-15 managed-resources-too-large fails the run, and nothing of it is written", () =>
  world(async ({ run, read }) => {
    const numbers = Array.from({ length: 900 }, (_, index) => index).join(",");
    const names = `=[${numbers}].map(n, string(n) + "-${"x".repeat(150)}")`;
    const program = compiled(
      `
      kind: ResourceFunction
      metadata: {name: many}
      spec:
        apiConfig: {apiVersion: v1, kind: ConfigMap, name: =inputs.name, namespace: team}
        resource: {}
        create: {enabled: false}
        delete: {destroy: {}}`,
      workflow(
        "{label: list, ref: {kind: ResourceFunction, name: many}, " +
          `forEach: {itemIn: '${names}', inputKey: name}}`,
      ),
    );
    const { outcome } = await run(program);
    match(
      outcome.type === "PermFail" ? outcome.message ?? "" : outcome.type,
      /^managed-resources-too-large/,
    );
    const trigger = await read();
    equal(trigger.metadata.annotations, undefined);
    equal(condition(trigger, "Ready")?.reason, "Failure");
    equal(condition(trigger, "Stalled")?.status, "True");
  }));

Deno.test("DF-34 an object that two steps manage keeps what one of them dropped", () =>
  world(async ({ settle, cluster }) => {
    const share = (data: string) => `
      kind: ResourceFunction
      metadata: {name: second}
      spec:
        apiConfig: {apiVersion: v1, kind: ConfigMap, name: a, namespace: team}
        resource: {data: ${data}}
        create: {delay: 0}`;
    const steps = workflow(rf("one", "plain", "a"), rf("two", "second", "a"));
    await settle(compiled(...LOGIC, share("{x: y, z: w}"), steps));
    await settle(compiled(...LOGIC, share("{x: y}"), steps));
    const path = {
      apiVersion: "v1",
      kind: "ConfigMap",
      plural: "configmaps",
      namespace: "team",
      name: "a",
    };
    const object = await cluster.get(path, { signal: new AbortController().signal });
    deepEqual(object?.data, { k: "v", x: "y", z: "w" });
  }));

Deno.test("ST-1 the status patch gives exactly the status that is told beside it", () =>
  world(async ({ run, read }) => {
    const trigger = await read();
    const { update } = await run(compiled(...LOGIC, workflow(rf("one", "plain", "a"))));
    deepEqual(applyMergePatch(trigger.status, update.statusPatch ?? {}), update.status);
  }));
