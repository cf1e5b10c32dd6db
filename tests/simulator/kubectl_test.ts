// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import { HAS_KUBECTL, type KubectlSession, startKubectlSession } from "./kubectl.ts";

const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: main, image: "example.com/web:1"}
`;

const DEFINITION = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: webapps.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: WebApp, plural: webapps, singular: webapp, shortNames: [wa]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    additionalPrinterColumns:
    - {name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status'}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, required: [size], properties: {size: {type: integer}}}
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
`;

const WEB_APP = `
apiVersion: example.com/v1
kind: WebApp
metadata: {name: shop}
spec: {size: 3}
`;

function testKubectl(name: string, check: (kubectl: KubectlSession) => Promise<void>): void {
  Deno.test({
    name: `kubectl ${name}`,
    ignore: !HAS_KUBECTL,
    async fn() {
      await using session = await startKubectlSession();
      await check(session);
    },
  });
}

async function succeed(
  { run }: KubectlSession,
  args: readonly string[],
  input?: string,
): Promise<string> {
  const { code, stdout, stderr } = await run(args, input);
  equal(code, 0, `kubectl ${args.join(" ")}: ${stderr}`);
  return stdout;
}

// kubectl looks all kinds of a file up before it creates any object: two calls.
async function createShop(session: KubectlSession): Promise<void> {
  await succeed(session, ["create", "-f", "-"], DEFINITION);
  await succeed(session, ["create", "-f", "-"], WEB_APP);
}

/** Lines of a table with single spaces. */
function rows(table: string): readonly string[] {
  return table.trim().split("\n").map((row) => row.trim().replaceAll(/ +/g, " "));
}

testKubectl("get prints tables", async (session) => {
  deepEqual(rows(await succeed(session, ["get", "namespaces"])), [
    "NAME STATUS AGE",
    "default Active 0s",
    "kube-node-lease Active 0s",
    "kube-public Active 0s",
    "kube-system Active 0s",
  ]);
  await succeed(session, ["create", "-f", "-"], DEPLOYMENT);
  deepEqual(rows(await succeed(session, ["get", "deployments"])), [
    "NAME READY UP-TO-DATE AVAILABLE AGE",
    "web 0/2 0 0 0s",
  ]);
  deepEqual(rows(await succeed(session, ["get", "deploy", "-l", "app=web", "-o", "name"])), [
    "deployment.apps/web",
  ]);
});

testKubectl("get prints objects", async (session) => {
  await succeed(session, ["create", "configmap", "a", "--from-literal=key=value"]);
  const printed = JSON.parse(await succeed(session, ["get", "configmap", "a", "-o", "json"]));
  deepEqual([printed.apiVersion, printed.kind, printed.data], ["v1", "ConfigMap", {
    key: "value",
  }]);
});

testKubectl("get says what is not found", async ({ run }) => {
  const { code, stderr } = await run(["get", "configmap", "none"]);
  equal(code, 1);
  equal(stderr, 'Error from server (NotFound): configmaps "none" not found\n');
});

testKubectl("create makes what it is asked for by name", async (session) => {
  await succeed(session, ["create", "namespace", "team-a"]);
  await succeed(session, [
    "create",
    "secret",
    "generic",
    "s",
    "--from-literal=a=b",
    "-n",
    "team-a",
  ]);
  await succeed(session, ["create", "serviceaccount", "robot", "-n", "team-a"]);
  const secret = ["get", "secret", "s", "-n", "team-a", "-o", "jsonpath={.type} {.data.a}"];
  equal(await succeed(session, secret), "Opaque Yg==");
  const accounts = await succeed(session, ["get", "sa", "-n", "team-a", "-o", "name"]);
  equal(accounts, "serviceaccount/robot\n");
});

testKubectl("create refuses fields outside a schema", async (session) => {
  await succeed(session, ["create", "-f", "-"], DEFINITION);
  const { code, stderr } = await session.run(["create", "-f", "-"], `${WEB_APP}other: 1\n`);
  equal(code, 1);
  match(stderr, /strict decoding error: unknown field "other"/);
});

testKubectl("describe prints an object and its events", async (session) => {
  await createShop(session);
  const uid = await succeed(session, ["get", "wa", "shop", "-o", "jsonpath={.metadata.uid}"]);
  await succeed(
    session,
    ["create", "-f", "-"],
    `
apiVersion: v1
kind: Event
metadata: {name: shop.1, namespace: default}
involvedObject:
  {apiVersion: example.com/v1, kind: WebApp, name: shop, namespace: default, uid: "${uid}"}
reason: Reconciled
message: All is well
type: Normal
source: {component: koreo}
`,
  );
  const printed = await succeed(session, ["describe", "webapp", "shop"]);
  match(printed, /Kind: +WebApp/);
  match(printed, /Size: +3/);
  match(printed, /Normal +Reconciled +.*koreo +All is well/);
});

testKubectl("describe prints a Deployment that names no replicas", async (session) => {
  await succeed(session, ["create", "-f", "-"], DEPLOYMENT.replace(/ *replicas: .*\n/, ""));
  match(await succeed(session, ["describe", "deployment", "web"]), /Replicas: +1 desired/);
});

testKubectl("apply --server-side owns what it states", async (session) => {
  const apply = ["apply", "--server-side", "-f", "-"];
  equal(await succeed(session, apply, DEPLOYMENT), "deployment.apps/web serverside-applied\n");
  equal(await succeed(session, apply, DEPLOYMENT), "deployment.apps/web serverside-applied\n");
  await succeed(session, [
    "patch",
    "deploy",
    "web",
    "--type=merge",
    "-p",
    '{"spec":{"replicas":5}}',
  ]);
  const { code, stderr } = await session.run(apply, DEPLOYMENT);
  equal(code, 1);
  match(
    stderr,
    /Apply failed with 1 conflict: conflict with "kubectl-patch" using apps\/v1: \.spec\.replicas/,
  );
  await succeed(session, [...apply, "--force-conflicts"], DEPLOYMENT);
  const replicas = ["get", "deploy", "web", "-o", "jsonpath={.spec.replicas}"];
  equal(await succeed(session, replicas), "2");
});

testKubectl("apply works from its own annotation too", async (session) => {
  await succeed(session, ["apply", "-f", "-"], DEPLOYMENT);
  await succeed(session, ["apply", "-f", "-"], DEPLOYMENT.replace("web:1", "web:2"));
  const image = "jsonpath={.spec.template.spec.containers[*].image}";
  equal(await succeed(session, ["get", "deploy", "web", "-o", image]), "example.com/web:2");
});

testKubectl("patch takes every type of patch", async (session) => {
  await succeed(session, ["create", "-f", "-"], DEPLOYMENT);
  const patch = (type: string, body: unknown) =>
    succeed(session, ["patch", "deploy", "web", `--type=${type}`, "-p", JSON.stringify(body)]);
  const containers = [{ name: "side", image: "example.com/side:1" }];
  await patch("strategic", { spec: { template: { spec: { containers } } } });
  await patch("json", [{ op: "replace", path: "/spec/replicas", value: 3 }]);
  await patch("merge", { metadata: { labels: { app: null, tier: "front" } } });
  const query =
    "jsonpath={.spec.template.spec.containers[*].name} {.spec.replicas} {.metadata.labels}";
  equal(
    await succeed(session, ["get", "deploy", "web", "-o", query]),
    'main side 3 {"tier":"front"}',
  );
});

testKubectl("delete waits for finalizers", async (session) => {
  await succeed(session, ["create", "configmap", "a"]);
  const patch = (body: string) =>
    succeed(session, ["patch", "cm", "a", "--type=merge", "-p", body]);
  await patch('{"metadata":{"finalizers":["example.com/hold"]}}');
  const deleting = session.start(["delete", "configmap", "a"]);
  await succeed(session, ["wait", "cm/a", "--for=jsonpath={.metadata.deletionTimestamp}"]);
  await patch('{"metadata":{"finalizers":null}}');
  const { code, stdout } = await deleting.output();
  equal(code, 0);
  equal(new TextDecoder().decode(stdout), 'configmap "a" deleted\n');
});

testKubectl("delete takes what an object owns along", async (session) => {
  await succeed(session, ["create", "configmap", "owner"]);
  const uid = await succeed(session, ["get", "cm", "owner", "-o", "jsonpath={.metadata.uid}"]);
  await succeed(
    session,
    ["create", "-f", "-"],
    `
apiVersion: v1
kind: ConfigMap
metadata:
  name: owned
  ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: owner, uid: ${uid}}]
`,
  );
  await succeed(session, ["delete", "configmap", "owner"]);
  equal(await succeed(session, ["get", "configmaps", "-o", "name"]), "");
});

testKubectl("wait sees a condition come", async (session) => {
  await succeed(session, ["create", "-f", "-"], DEFINITION);
  await succeed(session, ["wait", "crd/webapps.example.com", "--for=condition=Established"]);
  await succeed(session, ["create", "-f", "-"], WEB_APP);
  const waiting = session.start(["wait", "wa/shop", "--for=condition=Ready", "--timeout=20s"]);
  const status = '{"status":{"conditions":[{"type":"Ready","status":"True"}]}}';
  const patch = ["patch", "wa", "shop", "--type=merge", "--subresource=status", "-p", status];
  await succeed(session, patch);
  const { code, stdout } = await waiting.output();
  equal(code, 0);
  equal(new TextDecoder().decode(stdout), "webapp.example.com/shop condition met\n");
});

testKubectl("wait sees an object go", async (session) => {
  await succeed(session, ["create", "configmap", "a"]);
  const waiting = session.start(["wait", "cm/a", "--for=delete", "--timeout=20s"]);
  await succeed(session, ["delete", "configmap", "a"]);
  equal((await waiting.output()).code, 0);
});

testKubectl("get --watch follows changes", async (session) => {
  await createShop(session);
  const watching = session.start(["get", "wa", "--watch", "--output-watch-events"]);
  const lines = watching.stdout.pipeThrough(new TextDecoderStream());
  let printed = "";
  const until = async (text: string) => {
    for await (const chunk of lines.values({ preventCancel: true })) {
      printed += chunk;
      if (printed.includes(text)) return;
    }
  };
  await until("ADDED");
  const status = '{"status":{"conditions":[{"type":"Ready","status":"True"}]}}';
  const patch = ["patch", "wa", "shop", "--type=merge", "--subresource=status", "-p", status];
  await succeed(session, patch);
  await succeed(session, ["delete", "wa", "shop"]);
  await until("DELETED");
  watching.kill();
  await lines.cancel();
  await watching.stderr.cancel();
  await watching.status;
  deepEqual(rows(printed), [
    "EVENT NAME READY AGE",
    "ADDED shop 0s",
    "MODIFIED shop True 0s",
    "DELETED shop True 0s",
  ]);
});

testKubectl("sees kinds come and go", async (session) => {
  await createShop(session);
  deepEqual(rows(await succeed(session, ["get", "wa"])), ["NAME READY AGE", "shop 0s"]);
  await succeed(session, ["delete", "crd", "webapps.example.com"]);
  const { code, stderr } = await session.run(["get", "wa"]);
  equal(code, 1);
  match(stderr, /the server (could not find the requested resource|doesn't have a resource type)/);
});

testKubectl("is told what is not served", async (session) => {
  await succeed(session, ["create", "-f", "-"], DEPLOYMENT);
  const { code, stderr } = await session.run(["scale", "deploy/web", "--replicas=3"]);
  equal(code, 1);
  equal(
    stderr,
    'Error from server (NotImplemented): Cannot serve the subresource "scale": not part of the ' +
      "simulator\n",
  );
});
