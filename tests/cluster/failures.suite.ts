// SPDX-License-Identifier: Apache-2.0

/** The reconciler, its API server and its Git server go away, and nothing is lost. */

import { deepEqual } from "node:assert/strict";
import { until } from "../until.ts";
import { replacing, serveRepository } from "./served_repository.ts";
import { KUBECTL_PATIENCE, openOwnCluster } from "./test_cluster.ts";
import {
  applyExample,
  createWebAppNamespace,
  EXAMPLE,
  FIRST_OBJECTS,
  grantAccess,
  LAST_OBJECT,
  startWebAppReconciler,
} from "./web_app.ts";

const cluster = await openOwnCluster();
const files = await Deno.makeTempDir({ prefix: "koreo-failures-" });
await applyExample(cluster, "crd.yaml");
const kubeconfig = await grantAccess(cluster, files);
Deno.test.afterAll(async () => {
  await Deno.remove(files, { recursive: true });
  await cluster.close();
});

/** A WebApp that is ready, and the reconciler that made it. */
async function readyWebApp() {
  const repository = await serveRepository(EXAMPLE);
  const webApp = await createWebAppNamespace(cluster);
  const reconciler = await startWebAppReconciler(cluster, repository, kubeconfig);
  await webApp.createTrigger();
  await webApp.playKubelet();
  await webApp.kubectl("wait", "--for=condition=Ready", "webapp/shop", KUBECTL_PATIENCE);
  return {
    repository,
    webApp,
    reconciler,
    async [Symbol.asyncDispose]() {
      await reconciler[Symbol.asyncDispose]();
      await webApp.kubectl("delete", "webapp/shop", "--wait=false");
      await repository[Symbol.asyncDispose]();
    },
  };
}

Deno.test("a reconciler that crashed picks up what happened meanwhile, and makes nothing twice", async () => {
  await using world = await readyWebApp();
  const { webApp, repository } = world;
  const uidsOf = async (objects: readonly string[]) =>
    await Promise.all(objects.map(async (what) => (await webApp.get(what)).metadata.uid));
  const others = [...FIRST_OBJECTS.filter((what) => what !== "service/shop"), LAST_OBJECT];
  const before = await uidsOf(others);
  await world.reconciler.crash();

  await webApp.kubectl("delete", "service/shop");
  await repository.commit("The Service listens on 8000", {
    "resources.k.yaml": replacing("port: 80,", "port: 8000,"),
    "functions.test.k.yaml": replacing("port: 80,", "port: 8000,"),
  });
  await using _second = await startWebAppReconciler(cluster, repository, kubeconfig);
  // First as the record has it, then as the newest commit does.
  await until("the Service is there again, as the newest commit has it", async () => {
    return await webApp.isThere("service/shop") &&
      (await webApp.get("service/shop")).spec.ports[0].port === 8000;
  });
  await webApp.kubectl("wait", "--for=condition=Ready", "webapp/shop", KUBECTL_PATIENCE);
  deepEqual(await uidsOf(others), before);
});

Deno.test("an API server that was away finds its reconciler at work", async () => {
  await using world = await readyWebApp();
  const { webApp, reconciler } = world;
  await cluster.server.stop();
  await reconciler.untilLogged(/Cannot watch .*tried again/);
  await cluster.server.startAgain();
  await webApp.kubectl("delete", "service/shop", "--wait=false");
  await until("the Service is there again", () => webApp.isThere("service/shop"));
  await webApp.kubectl("patch", "webapp/shop", "--type=merge", "-p", '{"spec":{"host":null}}');
  await until("the Ingress is gone", async () => !(await webApp.isThere("ingress/shop")));
});

Deno.test("a Git server that fails leaves everything in force, and is followed again", async () => {
  await using world = await readyWebApp();
  const { webApp, repository, reconciler } = world;
  repository.backend.setFault({ type: "status", status: 503 });
  await reconciler.untilLogged(/what is in force stays/);
  await webApp.kubectl("delete", "service/shop", "--wait=false");
  await until("the Service is there again", () => webApp.isThere("service/shop"));
  await repository.commit("The Service listens on 8000", {
    "resources.k.yaml": replacing("port: 80,", "port: 8000,"),
    "functions.test.k.yaml": replacing("port: 80,", "port: 8000,"),
  });
  repository.backend.setFault(undefined);
  await until(
    "the Service has the new port",
    async () => (await webApp.get("service/shop")).spec.ports[0].port === 8000,
  );
});
