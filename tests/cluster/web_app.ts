// SPDX-License-Identifier: Apache-2.0

/** The WebApp of `examples/` on a cluster, and the reconciler as `deploy/` runs it. */

import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { until } from "../until.ts";
import { type ReconcilerProcess, startReconciler } from "./reconciler_process.ts";
import type { ServedRepository } from "./served_repository.ts";
import { KubectlError, type TestCluster } from "./test_cluster.ts";

/** A JSON value read from kubectl; tests know what they asked for. */
// deno-lint-ignore no-explicit-any
export type Answer = any;

/** The example's directory. */
export const EXAMPLE = new URL("../../examples/web-app/", import.meta.url);

/** Who the reconciler is in the cluster. */
export const SERVICE_ACCOUNT = { namespace: "koreo-system", name: "koreo-reconciler" };

/** What a WebApp has at once. */
export const FIRST_OBJECTS = [
  "configmap/shop-config",
  "deployment/shop",
  "service/shop",
  "ingress/shop",
];
/** What it has when its Deployment is available. */
export const LAST_OBJECT = "hpa/shop";

const ROOT = new URL("../../", import.meta.url);
/** The modules of the thread that follows repositories; the image has them in /koreo. */
const SOURCES = fileURLToPath(new URL("src", ROOT));
const RUNNING = '{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}';

/** A namespace with a WebApp in it, or to be. */
export interface WebAppNamespace {
  readonly namespace: string;
  kubectl(...args: readonly string[]): Promise<string>;
  get(what: string): Promise<Answer>;
  isThere(what: string): Promise<boolean>;
  /** Makes the WebApp `shop`. */
  createTrigger(): Promise<void>;
  /** Pods never run in a cluster without kubelet, so the test says that they do. */
  playKubelet(): Promise<void>;
}

/** A new namespace. */
export async function createWebAppNamespace(cluster: TestCluster): Promise<WebAppNamespace> {
  const namespace = await cluster.createNamespace("web-app");
  const kubectl = (...args: readonly string[]) =>
    cluster.kubectl(["--namespace", namespace, ...args]);
  const getJson = async (...what: readonly string[]): Promise<Answer> =>
    JSON.parse(await kubectl("get", ...what, "-o", "json"));
  return {
    namespace,
    kubectl,
    get: getJson,
    isThere: (what) => kubectl("get", what).then(() => true, isMissing),
    createTrigger: () =>
      applyExample(cluster, "trigger.yaml", (text) => text.replace("team-a", namespace)),
    async playKubelet() {
      const pods = await until("there is a Pod", async () => {
        const { items } = await getJson("pods");
        return items.length > 0 ? items : undefined;
      });
      for (const { metadata } of pods) {
        const args = ["patch", "pod", metadata.name, "--subresource=status", "--type=merge", "-p"];
        await kubectl(...args, RUNNING);
      }
    },
  };
}

/** Applies a file of the example. */
export async function applyExample(
  cluster: TestCluster,
  name: string,
  edit: (text: string) => string = (text) => text,
): Promise<void> {
  const text = edit(await Deno.readTextFile(new URL(name, EXAMPLE)));
  await cluster.kubectl(["apply", "--filename", "-"], text);
}

/** Applies the RBAC of `deploy/` and writes a kubeconfig of its service account. */
export async function grantAccess(cluster: TestCluster, directory: string): Promise<string> {
  for (const name of ["rbac.yaml", "web-app-kinds.yaml"]) {
    await cluster.kubectl(["apply", "--filename", "-"], await read(`deploy/${name}`));
  }
  await until("the aggregated role has rules", async () => {
    const role = JSON.parse(
      await cluster.kubectl(["get", "clusterrole", "koreo-reconciler", "-o", "json"]),
    );
    return role.rules?.some(({ resources }: Answer) => resources.includes("ingresses"));
  });
  const file = `${directory}/kubeconfig`;
  return await cluster.serviceAccountKubeconfig({ ...SERVICE_ACCOUNT, file });
}

/** Starts it as the Deployment does, but with a kubeconfig and servers on loopback. */
export async function startWebAppReconciler(
  cluster: TestCluster,
  { url, args = [], config }: Pick<ServedRepository, "url"> & {
    /** Further arguments of `koreo reconcile`. */
    readonly args?: readonly string[];
    /** A configuration file that says what to follow, instead of options that do. */
    readonly config?: string;
  },
  kubeconfig: string,
): Promise<ReconcilerProcess> {
  return startReconciler({
    permissions: [
      ...await deploymentPermissions(),
      `--allow-net=${new URL(cluster.url).host},${new URL(url).host}`,
      `--allow-read=${[kubeconfig, SOURCES, ...(config === undefined ? [] : [config])]}`,
    ],
    args: [
      ...(config === undefined ? optionsOf(url) : ["--config", config]),
      ...["--cluster", "kubeconfig", "--kubeconfig", kubeconfig],
      ...args,
    ],
  });
}

function optionsOf(url: string): readonly string[] {
  const where = ["--repo", url, "--path", "koreo", "--branch", "main"];
  return [...where, "--namespace", "platform", "--interval", "1s"];
}

/** The permissions of `deploy/deployment.yaml`, apart from hosts and files, which differ here. */
export async function deploymentPermissions(): Promise<readonly string[]> {
  const deployment = parse(await read("deploy/deployment.yaml"));
  const [container] = deployment.spec.template.spec.containers;
  const flags: readonly string[] = container.args.filter((arg: string) =>
    arg.startsWith("--allow-")
  );
  return flags.filter((flag) => !/^--allow-(net|read)=/.test(flag));
}

function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, ROOT));
}

/** The condition of a type. */
export function condition(object: Answer, type: string): Answer {
  return object.status?.conditions?.find((each: Answer) => each.type === type);
}

function isMissing(error: unknown): false {
  if (error instanceof KubectlError && /NotFound|not found/.test(error.stderr)) return false;
  throw error;
}
