// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { readObjects } from "../../src/cli/read_objects.ts";
import { isJsonObject, type JsonObject, member, memberAt } from "../../src/language/mod.ts";
import type { KubernetesObject, ResourceType } from "../../src/runtime/ports.ts";
import { createWorld, type World } from "../controller/world.ts";

const EXAMPLES = new URL("../../examples/", import.meta.url);
const { signal } = new AbortController();

/** What a run of an example leads to, and what is left when its trigger is deleted. */
const RUNS = [
  {
    example: "deployment-labels",
    namespaces: ["payments-prod"],
    kinds: ["apps/v1 Deployment"],
    expected: ["Deployment payments-prod/shop"],
    conditions: ["LabelsApplied", "Ready"],
    remaining: [],
  },
  {
    example: "service-for-deployments",
    namespaces: ["payments-prod"],
    kinds: ["v1 Service"],
    expected: ["Service payments-prod/shop"],
    conditions: ["Ready", "ServiceReady"],
    remaining: [],
  },
  {
    example: "web-app",
    namespaces: [], // the world has "team-a"
    kinds: [
      "v1 ConfigMap",
      "v1 Service",
      "apps/v1 Deployment",
      "networking.k8s.io/v1 Ingress",
      "autoscaling/v2 HorizontalPodAutoscaler",
    ],
    expected: [
      "ConfigMap team-a/shop-config",
      "Service team-a/shop",
      "Deployment team-a/shop",
      "Ingress team-a/shop",
      "HorizontalPodAutoscaler team-a/shop",
    ],
    conditions: ["DeploymentReady", "IngressReady", "Ready", "ServiceReady"],
    remaining: [],
  },
  {
    example: "environment",
    namespaces: [],
    kinds: ["v1 ResourceQuota", "rbac.authorization.k8s.io/v1 RoleBinding"],
    expected: [
      "ResourceQuota shop-prod/stage",
      "ResourceQuota shop-test/stage",
      "RoleBinding shop-prod/ada.example.com-view",
      "RoleBinding shop-prod/grace.example.com-view",
      "RoleBinding shop-test/ada.example.com-edit",
      "RoleBinding shop-test/grace.example.com-edit",
    ],
    conditions: ["Ready", "StagesReady"],
    remaining: [],
  },
] as const;

for (const { example, namespaces, kinds, expected, conditions, remaining } of RUNS) {
  Deno.test(`example ${example} makes its objects, and they go with its trigger`, async () => {
    const world = await startExample(example, namespaces);
    const [trigger] = await readObjects(pathOf(example, "trigger.yaml"));
    if (trigger === undefined) throw new TypeError("Cannot find the trigger");
    await createObject(world, trigger);
    const ready = await passUntilReady(world, trigger);
    deepEqual(trueConditions(ready), conditions);
    deepEqual(await namesOf(world, kinds), expected);

    await deleteObject(world, trigger);
    for (let turn = 0; turn < 10; turn++) await world.pass(15);
    equal(await liveObject(world, trigger), undefined);
    deepEqual(await namesOf(world, kinds), remaining);
    await world.stop();
  });
}

async function startExample(example: string, namespaces: readonly string[]): Promise<World> {
  const texts: string[] = [];
  const objects: JsonObject[] = namespaces.map((name) => (
    { apiVersion: "v1", kind: "Namespace", metadata: { name } }
  ));
  for await (const { name } of Deno.readDir(pathOf(example))) {
    if (name.endsWith(".k.yaml")) texts.push(await Deno.readTextFile(pathOf(example, name)));
    if (name === "crd.yaml") objects.push(...await readObjects(pathOf(example, name)));
  }
  return await createWorld({ definitions: texts.join("\n---\n"), objects });
}

function pathOf(example: string, file = ""): string {
  return fileURLToPath(new URL(`${example}/${file}`, EXAMPLES));
}

async function passUntilReady(world: World, trigger: JsonObject): Promise<KubernetesObject> {
  for (let turn = 0; turn < 30; turn++) {
    await playKubelet(world);
    await world.pass(1);
    const live = await liveObject(world, trigger);
    if (live !== undefined && trueConditions(live).includes("Ready")) return live;
  }
  throw new TypeError(`Cannot see "Ready" in ${JSON.stringify(await liveObject(world, trigger))}`);
}

/** There are no nodes: Deployments are said to run. */
async function playKubelet({ simulator: { cluster } }: World): Promise<void> {
  const deployments = { apiVersion: "apps/v1", kind: "Deployment", plural: "deployments" };
  for (const { metadata } of (await cluster.list(deployments, {}, { signal })).items) {
    const path = { ...deployments, ...namesIn(metadata) };
    const body = { status: { availableReplicas: 1 } };
    await cluster.patch(path, { type: "merge", subresource: "status", body }, { signal });
  }
}

function trueConditions(object: KubernetesObject): readonly string[] {
  const conditions = memberAt(object, "status", "conditions");
  return (Array.isArray(conditions) ? conditions : [])
    .filter((condition) => member(condition, "status") === "True")
    .map((condition) => String(member(condition, "type")))
    .sort();
}

async function namesOf(world: World, kinds: readonly string[]): Promise<readonly string[]> {
  const names: string[] = [];
  for (const text of kinds) {
    const [apiVersion = "", kind = ""] = text.split(" ");
    const type = await typeOf(world, { apiVersion, kind });
    const { items } = await world.simulator.cluster.list(type, {}, { signal });
    names.push(
      ...items.map(({ metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`).sort(),
    );
  }
  return names;
}

async function typeOf(
  { simulator: { cluster } }: World,
  kind: { readonly apiVersion: string; readonly kind: string },
): Promise<ResourceType> {
  const type = await cluster.discover(kind, { signal });
  if (type === undefined) throw new TypeError(`Cannot find the kind ${kind.kind}`);
  return type;
}

async function placeOf(world: World, object: JsonObject) {
  const { apiVersion, kind, metadata } = object;
  const type = await typeOf(world, { apiVersion: String(apiVersion), kind: String(kind) });
  return { ...type, ...namesIn(isJsonObject(metadata) ? metadata : {}) };
}

function namesIn({ name, namespace }: JsonObject) {
  return {
    name: String(name),
    ...(namespace === undefined ? {} : { namespace: String(namespace) }),
  };
}

async function createObject(world: World, object: JsonObject): Promise<void> {
  const path = await placeOf(world, object);
  await world.simulator.cluster.create(path, object as KubernetesObject, { signal });
}

async function liveObject(world: World, object: JsonObject): Promise<KubernetesObject | undefined> {
  return await world.simulator.cluster.get(await placeOf(world, object), { signal });
}

async function deleteObject(world: World, object: JsonObject): Promise<void> {
  await world.simulator.cluster.delete(await placeOf(world, object), {
    propagation: "Background",
  }, { signal });
}
