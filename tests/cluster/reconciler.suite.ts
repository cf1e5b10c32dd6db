// SPDX-License-Identifier: Apache-2.0

/**
 * The main job on a real API server: the reconciler as a process, with a service account's token,
 * the RBAC of `deploy/` and the Deno permissions of the Deployment, follows a repository over HTTP.
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { pause, until } from "../until.ts";
import { replacing, serveRepository } from "./served_repository.ts";
import { KUBECTL_PATIENCE, KubectlError, openTestCluster } from "./test_cluster.ts";
import {
  type Answer,
  applyExample,
  condition,
  createWebAppNamespace,
  EXAMPLE,
  FIRST_OBJECTS,
  grantAccess,
  LAST_OBJECT,
  SERVICE_ACCOUNT,
  startWebAppReconciler,
} from "./web_app.ts";

const cluster = await openTestCluster();
const repository = await serveRepository(EXAMPLE);
const files = await Deno.makeTempDir({ prefix: "koreo-reconciler-" });
Deno.test.afterAll(async () => {
  await repository[Symbol.asyncDispose]();
  await Deno.remove(files, { recursive: true });
  await cluster.close();
});

Deno.test("the reconciler runs a repository's Workflows on a real cluster", async (test) => {
  const webApp = await createWebAppNamespace(cluster);
  const { namespace, kubectl, get, isThere } = webApp;
  const kubeconfig = await grantAccess(cluster, files);
  await using reconciler = await startWebAppReconciler(cluster, repository, kubeconfig);

  await test.step("waits for a trigger kind that is not defined yet", async () => {
    await reconciler.untilLogged(/Cannot watch WebApp \(apps\.example\.com\/v1\)/);
    await applyExample(cluster, "crd.yaml");
    await kubectl(
      "wait",
      KUBECTL_PATIENCE,
      "--for=condition=Established",
      "crd/webapps.apps.example.com",
    );
    await reconciler.untilLogged(/Watching WebApp/);
  });

  await test.step("a trigger that is created gets its objects", async () => {
    await webApp.createTrigger();
    for (const what of FIRST_OBJECTS) await until(`${what} exists`, () => isThere(what));
    equal(await isThere(LAST_OBJECT), false, "the autoscaler waits for the Deployment");
    const owner = (await get("webapp/shop")).metadata;
    const [reference] = (await get("service/shop")).metadata.ownerReferences;
    deepEqual(reference, {
      apiVersion: "apps.example.com/v1",
      blockOwnerDeletion: true,
      controller: false,
      kind: "WebApp",
      name: "shop",
      uid: owner.uid,
    });
    deepEqual((await get("configmap/shop-config")).data, { GREETING: "hello" });
  });

  await test.step("its conditions say what is waited for, and that it is ready", async () => {
    const waiting = await until("the trigger waits for its Deployment", async () => {
      const ready = condition(await get("webapp/shop"), "Ready");
      return ready?.message.includes("no replica is available yet") ? ready : undefined;
    });
    equal(waiting.status, "False");
    equal(waiting.reason, "Wait");
    await webApp.playKubelet();
    await kubectl("wait", "--for=condition=Ready", "webapp/shop", KUBECTL_PATIENCE);
    ok(await isThere(LAST_OBJECT));
    const { metadata, status } = await get("webapp/shop");
    deepEqual(
      status.conditions.map(({ type, status, reason }: Answer) => [type, status, reason]),
      [
        ["DeploymentReady", "True", "Ready"],
        ["ServiceReady", "True", "Ready"],
        ["IngressReady", "True", "Ready"],
        ["Ready", "True", "Ready"],
      ],
    );
    equal(status.observedGeneration, metadata.generation);
    deepEqual(status.state, { replicas: 1, url: "https://shop.example.com" });
    const managed = JSON.parse(metadata.annotations["koreo.dev/managed-resources"]);
    equal(managed.workflow, "web-app.v1");
    equal(managed.resources.ingress.plural, "ingresses");
  });

  await test.step("a settled trigger is left alone", async () => {
    const before = (await get("webapp/shop")).metadata.resourceVersion;
    await kubectl("label", "namespace", namespace, "touched=yes");
    await pause(1_500);
    equal((await get("webapp/shop")).metadata.resourceVersion, before);
  });

  await test.step("an object that is deleted or changed is put right at once", async () => {
    const { uid } = (await get("service/shop")).metadata;
    await kubectl("delete", "service/shop", "--wait=false");
    await until("the Service is there again", async () => {
      return await isThere("service/shop") && (await get("service/shop")).metadata.uid !== uid;
    });
    await kubectl("patch", "configmap/shop-config", "--type=merge", "-p", BAD_GREETING);
    await until("the ConfigMap is as it should be", async () => {
      return (await get("configmap/shop-config")).data.GREETING === "hello";
    });
  });

  await test.step("a change of the trigger reaches its objects", async () => {
    await kubectl("patch", "webapp/shop", "--type=merge", "-p", '{"spec":{"host":null}}');
    await until("the Ingress is gone", async () => !(await isThere("ingress/shop")));
  });

  await test.step("a commit reaches the objects without a restart", async () => {
    const commit = await repository.commit("The Service listens on 8000", {
      "resources.k.yaml": replacing("port: 80,", "port: 8000,"),
      "functions.test.k.yaml": replacing("port: 80,", "port: 8000,"),
    });
    await until(
      "the Service has the new port",
      async () => (await get("service/shop")).spec.ports[0].port === 8000,
    );
    await until(
      "the trigger names the revision",
      async () =>
        (await get("webapp/shop")).metadata.annotations["koreo.dev/revision"]?.includes(commit),
    );
  });

  await test.step("a commit that fails its FunctionTest is held back", async () => {
    const commit = await repository.commit("The Service listens on 9000", {
      "resources.k.yaml": replacing("port: 8000,", "port: 9000,"),
    });
    const line = await reconciler.untilLogged(new RegExp(`back.*${commit}|${commit}.*back`));
    match(line, /web-app-service\.v1/);
    await kubectl("delete", "service/shop", "--wait=false");
    await until("the Service is there again", () => isThere("service/shop"));
    equal((await get("service/shop")).spec.ports[0].port, 8000);
  });

  await test.step("the commit that mends it is put in force", async () => {
    await repository.commit("The test knows of 9000", {
      "functions.test.k.yaml": replacing("port: 8000,", "port: 9000,"),
    });
    await until(
      "the Service has the new port",
      async () => (await get("service/shop")).spec.ports[0].port === 9000,
    );
  });

  await test.step("Events tell what was made, corrected, moved and held back, and by whom", async () => {
    const expected = [
      ["Created", /^Created Service "[^"]+\/shop"$/],
      ["Waiting", /no replica is available yet/],
      ["Ready", /^Workflow "web-app\.v1" is ready$/],
      ["DriftCorrected", /"kubectl-patch" had changed "data\.GREETING"$/],
      ["DriftCorrected", /^Created Service "[^"]+\/shop" again: someone else had deleted it$/],
      ["RevisionChanged", /runs from main@sha1:[0-9a-f]{40} now, before from main@sha1:/],
      ["HeldBack", /"The Service listens on 9000" by .+ is refused: .+ at .+:\d+$/],
    ] as const;
    for (const [reason, note] of expected) {
      await until(`an Event ${reason} says ${note}`, async () => {
        const { items } = await get("events");
        return items.some((event: Answer) =>
          event.reason === reason && note.test(event.message) &&
          event.involvedObject.name === "shop" &&
          event.reportingComponent === "koreo.dev/reconciler"
        );
      });
    }
  });

  await test.step("a trigger that is deleted takes its objects along", async () => {
    await kubectl("delete", "webapp/shop", KUBECTL_PATIENCE);
    for (const what of [...FIRST_OBJECTS, LAST_OBJECT]) {
      await until(`${what} is gone`, async () => !(await isThere(what)));
    }
  });

  await test.step("nothing was asked for without permission", () => {
    deepEqual(reconciler.lines.filter((line) => /forbidden|permission/i.test(line)), []);
    deepEqual(reconciler.lines.filter((line) => /"level":"error"/.test(line)), []);
  });

  await test.step("SIGTERM ends it with exit code 0", async () => {
    equal(await reconciler.terminate(), 0);
  });
});

Deno.test("the service account may do nothing that its Workflows do not need", async () => {
  await grantAccess(cluster, files);
  const user = `system:serviceaccount:${SERVICE_ACCOUNT.namespace}:${SERVICE_ACCOUNT.name}`;
  for (const denied of DENIED) {
    const args = ["auth", "can-i", ...denied, "--all-namespaces", "--as", user];
    equal(await cluster.kubectl(args).catch(noAnswer), "no", denied.join(" "));
  }
});

Deno.test("the roles may be applied again without an effect, not even for a moment", async () => {
  await grantAccess(cluster, files);
  const rbac = await Deno.readTextFile(new URL("../../deploy/rbac.yaml", import.meta.url));
  const told = (await cluster.kubectl(["apply", "--filename", "-"], rbac)).trim().split("\n");
  deepEqual(told.filter((line) => !line.endsWith(" unchanged")), []);
});

Deno.test("the API server takes every file of deploy/ as it is", async () => {
  const directory = fileURLToPath(new URL("../../deploy/", import.meta.url));
  await grantAccess(cluster, files); // makes the Namespace
  for await (const { name } of Deno.readDir(directory)) {
    if (!name.endsWith(".yaml")) continue;
    const file = `${directory}${name}`;
    await cluster.kubectl(["apply", "--dry-run=server", "--validate=strict", "--filename", file]);
  }
});

const BAD_GREETING = '{"data":{"GREETING":"bye"}}';
const DENIED = [
  ["get", "secrets"],
  ["list", "secrets"],
  ["create", "webapps.apps.example.com"],
  ["delete", "webapps.apps.example.com"],
  ["delete", "services"],
  ["delete", "configmaps"],
  ["delete", "deployments.apps"],
  ["update", "clusterroles.rbac.authorization.k8s.io"],
];

/** What kubectl prints for "no" comes with exit code 1. */
function noAnswer(error: unknown): string {
  ok(error instanceof KubectlError && error.stderr.trim() === "", String(error));
  return "no";
}
