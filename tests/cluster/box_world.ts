// SPDX-License-Identifier: Apache-2.0

/**
 * Two kinds, Box and Crate, whose Workflows share a Function: each trigger gets a ConfigMap that
 * says what the Function says. A number that its FunctionTest does not expect holds Crates back.
 */

import { makeServedFixture, type ServedFixture } from "../git/served_fixture.ts";
import { until } from "../until.ts";
import type { ReconcilerProcess } from "./reconciler_process.ts";
import { KUBECTL_PATIENCE, KubectlError, type TestCluster } from "./test_cluster.ts";
import {
  type Answer,
  condition,
  grantAccess,
  SERVICE_ACCOUNT,
  startWebAppReconciler,
} from "./web_app.ts";

/** What a revision of the definitions says. */
export interface BoxRevision {
  /** What the shared Function gives. */
  readonly text: string;
  /** What the Function that only Crates use gives. */
  readonly number?: number;
  /** What its FunctionTest expects. */
  readonly expected?: number;
  /** Whether there is a Workflow for Boxes. */
  readonly hasBoxes?: boolean;
}

/** A repository of such definitions, and triggers of them in a namespace. */
export interface BoxWorld extends AsyncDisposable {
  readonly namespace: string;
  readonly fixture: ServedFixture;
  /** Commits a revision and gives its id. */
  commit(revision: BoxRevision, branch?: string): Promise<string>;
  /** Makes a Box or a Crate, perhaps with labels. */
  create(kind: "Box" | "Crate", name: string, labels?: Answer): Promise<void>;
  get(what: string): Promise<Answer>;
  /** Waits until the ConfigMap of a trigger says this. */
  untilSays(name: string, text: string): Promise<void>;
  /** Waits until a trigger tells that it runs from a commit: a run tells it when it is over. */
  untilRuns(what: string, commit: string): Promise<void>;
  kubectl(...args: readonly string[]): Promise<string>;
  start(...args: readonly string[]): Promise<ReconcilerProcess>;
  /** Starts it by a configuration file. */
  startBy(config: string): Promise<ReconcilerProcess>;
}

const GROUP = "boxes.example.com";

/** Defines the kinds and grants the reconciler what it needs; gives its kubeconfig. */
export async function prepareBoxes(cluster: TestCluster, directory: string): Promise<string> {
  const kubeconfig = await grantAccess(cluster, directory);
  const apply = (objects: readonly Answer[]) =>
    cluster.kubectl(
      ["apply", "--filename", "-"],
      JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }),
    );
  await apply([definitionOf("Box"), definitionOf("Crate"), ROLE]);
  for (const name of [`boxs.${GROUP}`, `crates.${GROUP}`]) {
    await cluster.kubectl(["wait", KUBECTL_PATIENCE, "--for=condition=Established", `crd/${name}`]);
  }
  await until("the role reaches Boxes", async () => {
    const who = `system:serviceaccount:${SERVICE_ACCOUNT.namespace}:${SERVICE_ACCOUNT.name}`;
    const args = ["auth", "can-i", "patch", `boxs.${GROUP}`, "--as", who, "--all-namespaces"];
    return (await cluster.kubectl(args).catch(() => "no")).trim() === "yes";
  });
  return kubeconfig;
}

/** Starts a world without a record. */
export async function startBoxWorld(cluster: TestCluster, kubeconfig: string): Promise<BoxWorld> {
  await forgetRecord(cluster);
  const fixture = await makeServedFixture();
  const namespace = await cluster.createNamespace("boxes");
  const kubectl = (...args: readonly string[]) =>
    cluster.kubectl(["--namespace", namespace, ...args]);
  const get = async (what: string): Promise<Answer> =>
    JSON.parse(await kubectl("get", what, "-o", "json"));
  return {
    namespace,
    fixture,
    kubectl,
    get,
    commit: (revision, branch = "main") => {
      const message = `${revision.text}\n`;
      return fixture.commit(branch, { files: filesOf(revision), message });
    },
    async create(kind, name, labels = {}) {
      const object = { apiVersion: `${GROUP}/v1`, kind, metadata: { name, labels }, spec: {} };
      await cluster.kubectl(
        ["--namespace", namespace, "create", "--filename", "-"],
        JSON.stringify(object),
      );
    },
    async untilSays(name, text) {
      await until(`ConfigMap "${name}" says "${text}"`, async () => {
        const found = await get(`configmap/${name}`).catch(missing);
        return found?.data.text === text;
      });
    },
    async untilRuns(what, commit) {
      await until(`${what} runs from ${commit}`, async () => {
        const revision = (await get(what)).metadata.annotations?.["koreo.dev/revision"];
        return revision?.endsWith(`@sha1:${commit}`);
      });
    },
    start: (...args) => startWebAppReconciler(cluster, { url: fixture.url, args }, kubeconfig),
    startBy: (config) => startWebAppReconciler(cluster, { url: fixture.url, config }, kubeconfig),
    async [Symbol.asyncDispose]() {
      await kubectl("delete", `boxs.${GROUP},crates.${GROUP}`, "--all", "--wait=false");
      await fixture[Symbol.asyncDispose]();
    },
  };
}

/** Throws the record away, as docs/reconcile.md says. */
export async function forgetRecord(cluster: TestCluster): Promise<void> {
  const where = ["--namespace", SERVICE_ACCOUNT.namespace];
  await cluster.kubectl(["delete", "configmap", "--selector", "koreo.dev/record", ...where]);
}

/** The ConfigMaps of the record. */
export async function recordMaps(cluster: TestCluster, selector: string): Promise<Answer> {
  const where = ["--namespace", SERVICE_ACCOUNT.namespace];
  const args = ["get", "configmap", "--selector", selector, "-o", "json", ...where];
  return JSON.parse(await cluster.kubectl(args)).items;
}

/** Waits until a trigger is ready. */
export async function untilReady(world: BoxWorld, what: string): Promise<void> {
  await until(`${what} is ready`, async () => {
    return condition(await world.get(what), "Ready")?.status === "True";
  });
}

/** Waits until the record of a channel says that a commit is in force. */
export async function untilRecorded(cluster: TestCluster, commit: string): Promise<void> {
  await until(`${commit} is recorded`, async () => {
    const heads = await recordMaps(cluster, "koreo.dev/record=channel");
    return heads.some(({ data }: Answer) => data.revision.includes(commit));
  });
}

function missing(error: unknown): undefined {
  if (error instanceof KubectlError && /NotFound|not found/.test(error.stderr)) return undefined;
  throw error;
}

function filesOf(revision: BoxRevision): Record<string, string | null> {
  const { text, number = 1, expected = number, hasBoxes = true } = revision;
  return {
    "koreo/shared.k.yaml": `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: shared.v1}
spec: {return: {text: ${JSON.stringify(text)}}}
---
apiVersion: koreo.dev/v1beta1
kind: ResourceFunction
metadata: {name: map.v1}
spec:
  apiConfig: {apiVersion: v1, kind: ConfigMap, name: =inputs.name, namespace: =inputs.namespace}
  resource: {data: {text: =inputs.text}}
  create: {delay: 0}
  update: {patch: {delay: 0}}
`,
    "koreo/box.k.yaml": hasBoxes ? workflowOf("box.v1", "Box") : null,
    "koreo/crate.k.yaml": `${workflowOf("crate.v1", "Crate", NUMBER_STEP)}---
apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: number.v1}
spec: {return: {number: ${number}}}
---
apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata: {name: number.v1}
spec:
  functionRef: {kind: ValueFunction, name: number.v1}
  testCases: [{label: gives its number, expectReturn: {number: ${expected}}}]
`,
  };
}

const NUMBER_STEP = `
  - label: number
    ref: {kind: ValueFunction, name: number.v1}`;

function workflowOf(name: string, kind: string, furtherStep = ""): string {
  return `apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata: {name: ${name}}
spec:
  crdRef: {apiGroup: ${GROUP}, version: v1, kind: ${kind}}
  steps:${furtherStep}
  - label: shared
    ref: {kind: ValueFunction, name: shared.v1}
  - label: map
    ref: {kind: ResourceFunction, name: map.v1}
    inputs:
      name: =parent.metadata.name
      namespace: =parent.metadata.namespace
      text: =steps.shared.text
`;
}

function definitionOf(kind: string): Answer {
  const singular = kind.toLowerCase();
  const names = { kind, listKind: `${kind}List`, plural: `${singular}s`, singular };
  const schema = {
    openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  };
  const version = { name: "v1", served: true, storage: true, subresources: { status: {} }, schema };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${singular}s.${GROUP}` },
    spec: { group: GROUP, names, scope: "Namespaced", versions: [version] },
  };
}

const ROLE = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name: "koreo-boxes", labels: { "koreo.dev/aggregate-to-reconciler": "true" } },
  rules: [
    { apiGroups: [GROUP], resources: ["boxs", "crates"], verbs: ["get", "list", "watch", "patch"] },
    { apiGroups: [GROUP], resources: ["boxs/status", "crates/status"], verbs: ["patch"] },
  ],
};
