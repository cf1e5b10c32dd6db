// SPDX-License-Identifier: Apache-2.0

import { fileURLToPath } from "node:url";
import { isJsonObject, type JsonObject, member, memberAt } from "../../language/mod.ts";
import type { KubernetesObject, ObjectPath } from "../../runtime/ports.ts";
import { durationText } from "../duration.ts";
import type { OpenCluster } from "../open_cluster.ts";
import { readObjects } from "../read_objects.ts";
import { type DemoRepository, replacing } from "./demo_repository.ts";
import type { Narrator } from "./narrator.ts";
import { untilObject } from "./until.ts";

/** Everything that the story happens in. */
export interface Stage {
  readonly narrator: Narrator;
  readonly repository: DemoRepository;
  readonly embedded: OpenCluster;
  /** Directory of the example. */
  readonly example: URL;
  /** The trigger stays, to be looked at. */
  readonly keep: boolean;
  readonly signal: AbortSignal;
}

const NAMESPACE = "team-a";
const WEB_APP = {
  apiVersion: "apps.example.com/v1",
  kind: "WebApp",
  plural: "webapps",
  namespace: NAMESPACE,
  name: "shop",
};
const DEPLOYMENT = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  plural: "deployments",
  namespace: NAMESPACE,
  name: "shop",
};
const SERVICE = {
  apiVersion: "v1",
  kind: "Service",
  plural: "services",
  namespace: NAMESPACE,
  name: "shop",
};

/** Tells the main job from the first commit to the trigger's deletion. */
export async function tellStory(stage: Stage): Promise<void> {
  await createTrigger(stage);
  await changeDefinition(stage);
  await breakDefinition(stage);
  await deleteManagedObject(stage);
  if (stage.keep) await handOver(stage);
  else await deleteTrigger(stage);
}

async function createTrigger(stage: Stage): Promise<void> {
  const { narrator, repository, embedded } = stage;
  narrator.chapter("A Git repository, a cluster, and the reconciler that follows one on the other");
  narrator.line(`repository ${repository.directory} (examples/web-app, branch main)`);
  narrator.line(`cluster    ${embedded.server} (embedded)`);
  await create(stage, "namespaces", namespaceObject());
  for (const crd of await readObjects(fileOf(stage, "crd.yaml"))) {
    await create(stage, "customresourcedefinitions", crd);
  }
  narrator.chapter('A developer creates the WebApp "shop"');
  for (const trigger of await readObjects(fileOf(stage, "trigger.yaml"))) {
    await create(stage, WEB_APP.plural, trigger);
  }
  tellConditions(stage, await until(stage, WEB_APP, "WebApp that is ready", isReady));
}

async function changeDefinition(stage: Stage): Promise<void> {
  const { narrator, repository } = stage;
  narrator.chapter("A commit gives small apps more memory; no restart");
  const commit = await repository.change("Small apps may use 256Mi", {
    "sizes.k.yaml": replacing("memory: 128Mi", "memory: 256Mi"),
    "functions.test.k.yaml": replacing("memory: 128Mi", "memory: 256Mi"),
  });
  narrator.line(`commit ${commit}: Small apps may use 256Mi`);
  await until(
    stage,
    DEPLOYMENT,
    "Deployment with more memory",
    (deployment) => memoryOf(deployment) === "256Mi",
  );
  await narrator.untilRunIsOk();
  narrator.line("the running Deployment has 256Mi");
}

async function breakDefinition(stage: Stage): Promise<void> {
  const { narrator, repository } = stage;
  narrator.chapter("A commit changes the Service's port, and its own FunctionTest says no");
  const commit = await repository.change("Serve on another port", {
    "resources.k.yaml": replacing("port: 80,", "port: 81,"),
  });
  narrator.line(`commit ${commit}: Serve on another port`);
  await narrator.untilHeldBack();
  const service = await stage.embedded.cluster.get(SERVICE, { signal: stage.signal });
  const [port] = listAt(service, "spec", "ports");
  narrator.line(`the Service still has port ${String(member(port, "port"))}`);
}

async function deleteManagedObject(stage: Stage): Promise<void> {
  const { narrator, embedded: { cluster }, signal } = stage;
  narrator.chapter("Someone deletes the Service; it comes back");
  const before = uidOf(await cluster.get(SERVICE, { signal }));
  const start = performance.now();
  await cluster.delete(SERVICE, {}, { signal });
  await until(
    stage,
    SERVICE,
    "Service that came back",
    (service) => service !== undefined && uidOf(service) !== before,
  );
  narrator.line(`back after ${durationText(performance.now() - start)}`);
  await narrator.untilRunIsOk();
}

async function deleteTrigger(stage: Stage): Promise<void> {
  const { narrator, embedded: { cluster }, signal } = stage;
  narrator.chapter("The developer deletes the WebApp; what it had goes with it");
  await cluster.delete(WEB_APP, { propagation: "Background" }, { signal });
  await until(stage, WEB_APP, "WebApp that is gone", (object) => object === undefined);
  await until(stage, DEPLOYMENT, "Deployment that is gone", (object) => object === undefined);
  await until(stage, SERVICE, "Service that is gone", (object) => object === undefined);
  narrator.line("gone: the WebApp, and every object that was made for it");
}

/** Takes the bad commit back first: what is committed next would be held back with it. */
async function handOver({ narrator, repository, embedded }: Stage): Promise<void> {
  narrator.chapter("Look at it; Ctrl-C ends it");
  const commit = await repository.change("Serve on port 80 again", {
    "resources.k.yaml": replacing("port: 81,", "port: 80,"),
  });
  narrator.line(`commit ${commit}: Serve on port 80 again`);
  const kubectl = `kubectl --server ${embedded.server} -n ${NAMESPACE}`;
  narrator.line(`${kubectl} get webapps,deployments,services,ingresses`);
  narrator.line(`${kubectl} get webapp shop -o yaml`);
  narrator.line(`${kubectl} get events`);
  narrator.line(`${kubectl} delete service shop`);
  narrator.line(`edit ${repository.directory}/koreo and commit: this shows what becomes of it`);
}

function until(
  { embedded: { cluster }, signal }: Stage,
  path: ObjectPath,
  what: string,
  is: (object: KubernetesObject | undefined) => boolean,
): Promise<KubernetesObject | undefined> {
  return untilObject(cluster, path, { what, is, signal });
}

async function create(
  { embedded: { cluster }, narrator, signal }: Stage,
  plural: string,
  object: JsonObject,
): Promise<void> {
  const { apiVersion, kind, metadata } = object;
  const namespace = member(metadata, "namespace");
  const path = { apiVersion: String(apiVersion), kind: String(kind), plural };
  const place = namespace === undefined ? path : { ...path, namespace: String(namespace) };
  await cluster.create(place, object as KubernetesObject, { signal });
  narrator.line(`kubectl apply: ${path.kind} ${String(member(metadata, "name"))}`);
}

function namespaceObject(): JsonObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } };
}

function fileOf({ example }: Stage, name: string): string {
  return fileURLToPath(new URL(name, example));
}

function isReady(object: KubernetesObject | undefined): boolean {
  return listAt(object, "status", "conditions").some((condition) =>
    member(condition, "type") === "Ready" && member(condition, "status") === "True"
  );
}

function tellConditions({ narrator }: Stage, trigger: KubernetesObject | undefined): void {
  narrator.line("conditions:");
  for (const condition of listAt(trigger, "status", "conditions")) {
    const [type, status, message] = ["type", "status", "message"].map((key) =>
      String(member(condition, key))
    );
    narrator.line(`  ${type?.padEnd(16)} ${status?.padEnd(5)} ${message}`);
  }
}

function listAt(object: KubernetesObject | undefined, ...path: readonly string[]) {
  const value = memberAt(object, ...path);
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function memoryOf(deployment: KubernetesObject | undefined): unknown {
  const [container] = listAt(deployment, "spec", "template", "spec", "containers");
  return memberAt(container, "resources", "limits", "memory");
}

function uidOf(object: KubernetesObject | undefined): unknown {
  return member(object?.metadata, "uid");
}
