// SPDX-License-Identifier: Apache-2.0

/**
 * Rules about what the server decides, on a real API server: the status subresource, garbage
 * collection, finalizers, conflicts and preconditions, and whole numbers on the wire.
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { connectCluster } from "../../src/adapters/kubernetes/mod.ts";
import { systemClock, systemRandom } from "../../src/adapters/system.ts";
import { createController } from "../../src/controller/mod.ts";
import type { JsonObject, Outcome } from "../../src/language/mod.ts";
import { parentOf, type ResourceApi, runWorkflow } from "../../src/runtime/mod.ts";
import type { Cluster } from "../../src/runtime/ports.ts";
import { siteDefinitions } from "../controller/site_definitions.ts";
import { createTestRegistry, triggerDefinition } from "../controller/world.ts";
import { ready } from "../runtime/compiled.ts";
import { runContext } from "../runtime/definitions.ts";
import { programOf } from "../runtime/run_definitions.ts";
import { pause, until } from "../until.ts";
import { KUBECTL_PATIENCE, KubectlError, openTestCluster } from "./test_cluster.ts";

/** A JSON value read from kubectl; tests know what they asked for. */
// deno-lint-ignore no-explicit-any
type Answer = any;

const testCluster = await openTestCluster();
Deno.test.afterAll(() => testCluster.close());

/** A kind of triggers, a namespace and a controller of a test's own. */
interface Site extends AsyncDisposable {
  readonly namespace: string;
  /** An object as kubectl prints it; `undefined` when it is not there. */
  get(kind: string, name: string): Promise<Answer | undefined>;
  /** The text of an object, for numbers that JSON.parse would round. */
  text(kind: string, name: string): Promise<string>;
  kubectl(...args: readonly string[]): Promise<string>;
  /** Creates the trigger `one` with the text of a spec in JSON. */
  createTrigger(spec?: string): Promise<void>;
  /** The trigger when its condition `Ready` is `True`. */
  untilReady(): Promise<Answer>;
}

interface SiteSetup {
  readonly kind: string;
  readonly definitions: string;
  readonly hasStatus?: boolean;
}

async function openSite({ kind, definitions, hasStatus = true }: SiteSetup): Promise<Site> {
  const namespace = await testCluster.createNamespace("rules");
  await testCluster.kubectl(
    ["apply", "-f", "-"],
    JSON.stringify(triggerDefinition(kind, hasStatus)),
  );
  const plural = `${kind.toLowerCase()}s`;
  await testCluster.kubectl([
    "wait",
    KUBECTL_PATIENCE,
    "--for=condition=Established",
    `crd/${plural}.example.dev`,
  ]);
  const cluster = await connectCluster({ kubeconfig: testCluster.kubeconfig });
  const registry = createTestRegistry();
  registry.set(definitions);
  const ending = new AbortController();
  const running = createController({
    cluster,
    registry,
    clock: systemClock,
    random: systemRandom,
    logger: { log: () => {} },
  }).run({ signal: ending.signal });
  const kubectl = (...args: readonly string[]) =>
    testCluster.kubectl(["--namespace", namespace, ...args]);
  const text = (what: string, name: string) =>
    kubectl("get", what, name, "-o", "json", "--show-managed-fields");
  const site: Site = {
    namespace,
    kubectl,
    text,
    get: async (what, name) => {
      try {
        return JSON.parse(await text(what, name));
      } catch (error) {
        if (error instanceof KubectlError && error.stderr.includes("NotFound")) return undefined;
        throw error;
      }
    },
    async createTrigger(spec = '{"text": "hello"}') {
      const head = { apiVersion: "example.dev/v1", kind, metadata: { name: "one", namespace } };
      const body = JSON.stringify(head).replace(/}$/, `,"spec":${spec}}`);
      await testCluster.kubectl(["create", "-f", "-"], body);
    },
    untilReady: () =>
      until("the trigger is ready", async () => {
        const trigger = await site.get(plural, "one");
        const ready = trigger?.status?.conditions?.find((one: Answer) => one.type === "Ready");
        return ready?.status === "True" ? trigger : undefined;
      }),
    async [Symbol.asyncDispose]() {
      ending.abort(new DOMException("the test is over", "AbortError"));
      await running.catch(() => {});
      cluster.close();
    },
  };
  return site;
}

// --- status

for (const hasStatus of [true, false]) {
  const kind = hasStatus ? "Statused" : "Plain";
  const through = hasStatus ? "/status" : "the object";
  Deno.test(`ST-1 ST-11 status goes through ${through} where the kind is ${kind}`, async () => {
    await using site = await openSite({
      kind,
      hasStatus,
      definitions: siteDefinitions({ crdKind: kind }),
    });
    await site.createTrigger();
    const { metadata, status } = await site.untilReady();
    deepEqual(status.state, { text0: "hello" });
    const managers = metadata.managedFields
      .filter(({ fieldsV1 }: Answer) => fieldsV1["f:status"] !== undefined)
      .map(({ subresource }: Answer) => subresource);
    deepEqual([...new Set(managers)], [hasStatus ? "status" : undefined]);
    if (hasStatus) {
      equal(metadata.generation, 1, "a status is no new generation");
      equal(status.observedGeneration, 1);
    }
    await pause(1_500);
    const later = await site.get(kind.toLowerCase(), "one");
    equal(later.metadata.resourceVersion, metadata.resourceVersion, "nothing more is written");
  });
}

// --- garbage collection and finalizers

const unowned = (definitions: string) =>
  definitions.replace(
    "namespace: =inputs.namespace",
    "namespace: =inputs.namespace\n    owned: false",
  );

Deno.test("CL-2 RF-51 without a policy the server deletes what has an owner reference, and only that", async () => {
  for (const isOwned of [true, false]) {
    const kind = isOwned ? "Owning" : "Loose";
    const definitions = siteDefinitions({ crdKind: kind });
    await using site = await openSite({
      kind,
      definitions: isOwned ? definitions : unowned(definitions),
    });
    await site.createTrigger();
    const trigger = await site.untilReady();
    equal(trigger.metadata.finalizers, undefined);
    const made = await site.get("configmap", "one");
    deepEqual(
      made.metadata.ownerReferences?.map(({ uid }: Answer) => uid),
      isOwned ? [trigger.metadata.uid] : undefined,
    );
    await site.kubectl("delete", kind.toLowerCase(), "one");
    if (isOwned) {
      await until("it is collected", async () => await site.get("configmap", "one") === undefined);
    } else {
      await pause(1_000);
      ok(await site.get("configmap", "one"));
    }
  }
});

Deno.test("TR-8 CL-20 CL-21 the finalizer holds a trigger until what it must destroy is gone", async () => {
  const kind = "Destroying";
  await using site = await openSite({
    kind,
    definitions: unowned(siteDefinitions({ crdKind: kind, deletePolicy: "destroy: {}" })),
  });
  await site.createTrigger();
  const trigger = await site.untilReady();
  deepEqual(trigger.metadata.finalizers, ["koreo.dev/cleanup"]);
  await site.kubectl("patch", "configmap", "one", "--type=merge", "-p", HOLD);
  await site.kubectl("delete", kind.toLowerCase(), "one", "--wait=false");
  await until("its deletion is asked for", async () => {
    return (await site.get("configmap", "one")).metadata.deletionTimestamp;
  });
  ok(await site.get(kind.toLowerCase(), "one"), "it waits for the object that is held");
  await site.kubectl("patch", "configmap", "one", "--type=merge", "-p", RELEASE);
  await until("both are gone", async () => {
    return await site.get(kind.toLowerCase(), "one") === undefined &&
      await site.get("configmap", "one") === undefined;
  });
});

const HOLD = '{"metadata": {"finalizers": ["example.dev/hold"]}}';
const RELEASE = '{"metadata": {"finalizers": null}}';

Deno.test("CL-12 CL-21 an abandoned object outlives its trigger, without our marks", async () => {
  const kind = "Abandoning";
  await using site = await openSite({
    kind,
    definitions: siteDefinitions({ crdKind: kind, deletePolicy: "abandon: {}" }),
  });
  await site.createTrigger();
  await site.untilReady();
  await site.kubectl("delete", kind.toLowerCase(), "one");
  await pause(1_000);
  const { data, metadata } = await site.get("configmap", "one");
  equal(data.text, "hello");
  equal(metadata.ownerReferences, undefined);
  equal(metadata.annotations, undefined);
});

Deno.test("CL-22 with owned: false an abandoned object outlives a deletion in the foreground", async () => {
  const kind = "Foreground";
  await using site = await openSite({
    kind,
    definitions: unowned(siteDefinitions({ crdKind: kind, deletePolicy: "abandon: {}" })),
  });
  await site.createTrigger();
  await site.untilReady();
  await site.kubectl("delete", kind.toLowerCase(), "one", "--cascade=foreground");
  await pause(1_000);
  equal((await site.get("configmap", "one")).data.text, "hello");
});

// --- whole numbers on the wire

Deno.test("EX-20 a trigger's int64 is exact in the object that is made, in state and in the record", async () => {
  const kind = "Numbered";
  await using site = await openSite({
    kind,
    definitions: siteDefinitions({ crdKind: kind })
      .replace("text: =inputs.text\n", "text: =string(inputs.text - 1)\n")
      .replace(
        "state: {text0: =value.text}",
        "state: {n: =parent.spec.text, less: =parent.spec.text - 1}",
      ),
  });
  await site.createTrigger('{"text": 9223372036854775807}');
  await site.untilReady();
  equal((await site.get("configmap", "one")).data.text, "9223372036854775806");
  const text = await site.text(kind.toLowerCase(), "one");
  match(text, /"n": 9223372036854775807\b/);
  match(text, /"less": 9223372036854775806\b/);
});

// --- what other writers do between a read and a write

const NAMESPACE = await testCluster.createNamespace("conflicts");

interface Race {
  readonly rule: string;
  readonly name: string;
  /** The function's spec beside `apiConfig`. */
  readonly spec: string;
  /** What is there when the function reads. */
  readonly before?: JsonObject;
  /** What someone else does after the read. */
  readonly between?: (kubectl: (...args: readonly string[]) => Promise<string>) => Promise<unknown>;
  readonly outcome: Pick<Outcome, "type"> & { readonly message: RegExp; readonly location: string };
  readonly namespace?: string;
}

const data = (k: unknown): JsonObject => ({ data: { k } as JsonObject });

const RACES: readonly Race[] = [
  {
    rule: "RF-75",
    name: "another's creation in between is waited for",
    spec: "resource: {data: {k: v}}",
    between: (kubectl) => kubectl("create", "configmap", "race"),
    outcome: {
      type: "Retry",
      message: /^Waiting on competing creation of ConfigMap:/,
      location: "spec.create(contention)",
    },
  },
  {
    rule: "RF-49 RF-76",
    name: "an object that was made anew in between is not deleted",
    spec: "resource: {data: {k: v}}, update: {recreate: {delay: 1}}",
    before: data("w"),
    between: async (kubectl) => {
      await kubectl("delete", "configmap", "race");
      await kubectl("create", "configmap", "race", "--from-literal=k=theirs");
    },
    outcome: {
      type: "Retry",
      message: /^Conflict deleting ConfigMap:.*(Precondition|UID)/,
      location: "spec.update.recreate",
    },
  },
  {
    rule: "RF-74",
    name: "an object that disappears before a patch is looked for again",
    spec: "resource: {data: {k: v}}, update: {patch: {delay: 1}}",
    before: data("w"),
    between: (kubectl) => kubectl("delete", "configmap", "race"),
    outcome: {
      type: "Retry",
      message: /^ConfigMap:.* disappeared while patching\.$/,
      location: "spec.update.patch",
    },
  },
  {
    rule: "RF-74",
    name: "a deletion of what is gone is as good as done",
    spec: "resource: {data: {k: v}}, update: {recreate: {delay: 1}}",
    before: data("w"),
    between: (kubectl) => kubectl("delete", "configmap", "race"),
    outcome: {
      type: "Retry",
      message: /^Deleting ConfigMap:.* to recreate due to /,
      location: "spec.update.recreate",
    },
  },
  {
    rule: "RF-79",
    name: "what the server does not take needs intervention",
    spec: "resource: {data: {'not a key': v}}",
    outcome: {
      type: "PermFail",
      message: /^Error creating ConfigMap:.*Invalid value/,
      location: "spec.create",
    },
  },
  {
    rule: "RF-72",
    name: "a namespace that is not there is waited for",
    spec: "resource: {data: {k: v}}",
    namespace: "rules-nowhere",
    outcome: {
      type: "Retry",
      message: /^Namespace `rules-nowhere` not found\. Waiting\.\.\.$/,
      location: "spec.create",
    },
  },
];

for (const race of RACES) {
  Deno.test(`${race.rule} ${race.name}`, async () => {
    const kubectl = (...args: readonly string[]) =>
      testCluster.kubectl(["--namespace", NAMESPACE, ...args]);
    await kubectl("delete", "configmap", "race", "--ignore-not-found");
    if (race.before) await createMap(race.before);
    const outcome = await runOnce(race, async () => void await race.between?.(kubectl));
    equal(outcome.type, race.outcome.type, JSON.stringify(outcome));
    match(String(outcome.message), race.outcome.message);
    equal(outcome.location, race.outcome.location);
    if (race.rule.startsWith("RF-49")) {
      equal(JSON.parse(await kubectl("get", "configmap", "race", "-o", "json")).data.k, "theirs");
    }
  });
}

async function createMap(content: JsonObject): Promise<void> {
  const metadata = { name: "race", namespace: NAMESPACE };
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata, ...content };
  await testCluster.kubectl(["create", "-f", "-"], JSON.stringify(body));
}

interface Told {
  readonly type: Outcome["type"];
  readonly message?: string;
  readonly location?: string;
}

/** Runs a ResourceFunction once; `between` happens after its read. */
async function runOnce(race: Race, between: () => Promise<void>): Promise<Told> {
  const program = programOf(
    "kind: ResourceFunction\nmetadata: {name: f}\nspec: {apiConfig: {apiVersion: v1, " +
      `kind: ConfigMap, name: race, namespace: ${race.namespace ?? NAMESPACE}}, ${race.spec}}`,
  );
  const cluster = await connectCluster({ kubeconfig: testCluster.kubeconfig });
  try {
    const { steps } = await runWorkflow(
      ready(program, "Workflow", "w"),
      { parent: parentOf({}) },
      runContext({ program, cluster: interrupted(cluster, between), clock: systemClock }),
    );
    return (steps.get("call")?.outcome ?? { type: "Ok" }) as Told;
  } finally {
    cluster.close();
  }
}

function interrupted(cluster: Cluster, between: () => Promise<void>): ResourceApi {
  return {
    discover: (...args) => cluster.discover(...args),
    async get(...args) {
      const found = await cluster.get(...args);
      await between();
      return found;
    },
    create: (...args) => cluster.create(...args),
    patch: (...args) => cluster.patch(...args),
    delete: (...args) => cluster.delete(...args),
  };
}
