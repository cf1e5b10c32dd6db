// SPDX-License-Identifier: Apache-2.0

/**
 * Definitions that the cluster holds, on a real API server: what `koreo crd` prints is installed,
 * the reconciler follows the five kinds with the RBAC of `deploy/`, and kubectl is the editor.
 */

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { makeLocalFixture } from "../adapters/git/local_fixture.ts";
import { koreo } from "../cli/run_koreo.ts";
import { until } from "../until.ts";
import { startReconciler } from "./reconciler_process.ts";
import { KUBECTL_PATIENCE, KubectlError, openTestCluster } from "./test_cluster.ts";
import { type Answer, deploymentPermissions, grantAccess } from "./web_app.ts";

const cluster = await openTestCluster();
const files = await Deno.makeTempDir({ prefix: "koreo-definitions-" });
const namespace = await cluster.createNamespace("definitions");
/** The thread that follows definitions reads its own modules. */
const MODULES = fileURLToPath(new URL("../../src/", import.meta.url));
/** A group of our own: other suites have kinds too. */
const group = `${namespace}.example.com`;
Deno.test.afterAll(async () => {
  await Deno.remove(files, { recursive: true });
  await cluster.close();
});

const apply = (text: string, ...args: readonly string[]) =>
  cluster.kubectl(
    ["--namespace", namespace, "apply", "--server-side", "--filename", "-", ...args],
    text,
  );
const patch = (what: string, body: Answer) =>
  cluster.kubectl([
    ...["--namespace", namespace, "patch", what, "--type=merge"],
    ...["-p", JSON.stringify(body)],
  ]);
const get = async (what: string): Promise<Answer> =>
  JSON.parse(await cluster.kubectl(["--namespace", namespace, "get", what, "-o", "json"]));

const WORKFLOW = `apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata: {name: site.v1}
spec:
  crdRef: {apiGroup: ${group}, version: v1, kind: Site}
  steps:
  - label: words
    ref: {kind: ValueFunction, name: words.v1}
  - label: page
    ref: {kind: ResourceFunction, name: page.v1}
    inputs: {parent: =parent, words: =steps.words}
    condition: {type: PageReady, name: Page}
    state: {page: =value.name}
`;

const FUNCTIONS = `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: words.v1}
spec: {return: {greeting: hello}}
---
apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata: {name: words.v1}
spec:
  functionRef: {kind: ValueFunction, name: words.v1}
  testCases: [{label: greets, expectReturn: {greeting: hello}}]
---
apiVersion: koreo.dev/v1beta1
kind: ResourceFunction
metadata: {name: page.v1}
spec:
  apiConfig:
    apiVersion: v1
    kind: ConfigMap
    name: =inputs.parent.metadata.name + '-page'
    namespace: =inputs.parent.metadata.namespace
  resource:
    data: {text: =inputs.words.greeting}
  create: {delay: 0}
  return: {name: =resource.metadata.name}
`;

/** What the reconciler may do with the triggers. */
const ROLE = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: ${namespace}-sites
  labels: {koreo.dev/aggregate-to-reconciler: "true"}
rules:
- {apiGroups: [${group}], resources: [sites], verbs: [get, list, watch, patch]}
- {apiGroups: [${group}], resources: [sites/status], verbs: [patch]}
`;

Deno.test("definitions in the cluster are what a real API server takes", async (test) => {
  await test.step("the five kinds are installed", async () => {
    const { stdout } = await koreo(["crd"]);
    await apply(stdout);
    const kinds = [
      "workflow",
      "valuefunction",
      "resourcefunction",
      "resourcetemplate",
      "functiontest",
    ];
    for (const kind of kinds) {
      const name = `crd/${kind}s.koreo.dev`;
      await cluster.kubectl(["wait", KUBECTL_PATIENCE, "--for=condition=Established", name]);
      const { status } = JSON.parse(await cluster.kubectl(["get", name, "-o", "json"]));
      // Kubernetes would tell here of a schema that is not structural.
      deepEqual(
        status.conditions.filter((one: Answer) => one.type === "NonStructuralSchema"),
        [],
      );
    }
  });

  await test.step("every definition of the examples is taken, with nothing lost", async () => {
    for await (const { name } of Deno.readDir("examples/web-app")) {
      if (!name.endsWith(".k.yaml")) continue;
      const example = await Deno.readTextFile(`examples/web-app/${name}`);
      const text = example.replaceAll("namespace: platform", `namespace: ${namespace}`);
      // Strict validation refuses whatever a schema does not know.
      await apply(text, "--dry-run=server", "--validate=strict");
    }
  });

  await test.step("a wrong type and a missing field are refused", async () => {
    const bad = FUNCTIONS.replace("create: {delay: 0}", "create: {delay: soon}");
    await rejects(
      apply(bad, "--dry-run=server"),
      (error) => error instanceof KubectlError && /spec\.create\.delay/.test(error.stderr),
    );
    const missing = WORKFLOW.replace(", kind: Site", "");
    await rejects(
      apply(missing, "--dry-run=server"),
      (error) => error instanceof KubectlError && /spec\.crdRef\.kind: Required/.test(error.stderr),
    );
  });

  await test.step("the trigger kind of a Workflow is installed", async () => {
    await Deno.writeTextFile(`${files}/site.k.yaml`, WORKFLOW);
    const { stdout } = await koreo(["crd", "site.v1", `${files}/site.k.yaml`]);
    await apply(stdout);
    await cluster.kubectl([
      "wait",
      KUBECTL_PATIENCE,
      "--for=condition=Established",
      `crd/sites.${group}`,
    ]);
    const web = await koreo(["crd", "web-app.v1", "examples/web-app"]);
    await apply(web.stdout.replaceAll("apps.example.com", `apps.${group}`), "--dry-run=server");
  });
});

Deno.test("the reconciler runs what the cluster holds, and kubectl edits it", async (test) => {
  const kubeconfig = await grantAccess(cluster, files);
  await cluster.kubectl(["apply", "--filename", "deploy/definitions.yaml"]);
  await apply(ROLE);
  const config = `${files}/koreo.yaml`;
  await Deno.writeTextFile(
    config,
    `channels: [{name: live, source: cluster, priority: [${namespace}]}]\n`,
  );
  await using reconciler = startReconciler({
    permissions: [
      ...await deploymentPermissions(),
      `--allow-net=${new URL(cluster.url).host}`,
      `--allow-read=${kubeconfig},${config},${MODULES}`,
    ],
    args: ["--config", config, "--cluster", "kubeconfig", "--kubeconfig", kubeconfig],
  });
  const site = `sites.${group}/shop`;
  const pageText = () => get("configmap/shop-page").then(({ data }) => data.text, () => undefined);
  const becomes = (text: string) =>
    until(`the page says ${text}`, async () => await pageText() === text);
  const revisionOf = async (): Promise<string> =>
    (await get(site)).metadata.annotations?.["koreo.dev/revision"];

  await test.step("definitions that are applied one after the other come into force", async () => {
    await apply(WORKFLOW);
    await apply(FUNCTIONS);
    await apply(`apiVersion: ${group}/v1\nkind: Site\nmetadata: {name: shop}\nspec: {}\n`);
    await becomes("hello");
    match(await until("the trigger has a revision", revisionOf), /^cluster@sha1:[0-9a-f]{40}$/);
  });

  await test.step("koreo diff says how far a repository and the cluster are apart", async () => {
    await using repository = await makeLocalFixture();
    const functions = `# Layout is no difference\n${FUNCTIONS}`;
    await repository.commit("main", { files: { "w.k.yaml": WORKFLOW, "f.k.yaml": functions } });
    await Deno.writeTextFile(
      `${files}/both.yaml`,
      `sources: [{name: defs, url: ${repository.path}}]
channels:
- {name: stable, source: defs, branch: main, namespace: ${namespace}}
- {name: live, source: cluster, priority: [${namespace}]}
`,
    );
    const sides = ["--config", `${files}/both.yaml`, "--kubeconfig", kubeconfig];
    const same = await koreo(["diff", "stable", "live", ...sides]);
    match(same.stdout, /^stable \(main@\w+\) to live \(cluster@\w+\): nothing differs\n$/);
    deepEqual([same.code, same.stderr], [0, ""]);
    const evening = FUNCTIONS.replaceAll("greeting: hello", "greeting: good evening");
    await repository.commit("next", { files: { "w.k.yaml": WORKFLOW, "f.k.yaml": evening } });
    const { code, stdout } = await koreo(["diff", "next", "live", ...sides]);
    equal(code, 1);
    match(stdout, /^- {4}greeting: good evening\n\+ {4}greeting: hello$/m);
    match(stdout, /: definitions 2 changed; 1 Workflow\n$/);
  });

  await test.step("the columns of the trigger kind show its state", async () => {
    await cluster.kubectl([
      "--namespace",
      namespace,
      "wait",
      KUBECTL_PATIENCE,
      "--for=condition=Ready",
      site,
    ]);
    const table = await cluster.kubectl(["--namespace", namespace, "get", site, "-o", "wide"]);
    match(table, /^NAME +READY +REASON +PAGEREADY +PAGE +AGE\nshop +True +Ready +True +shop-page /);
  });

  await test.step("an edit that fails its test is held back, with its author", async () => {
    await patch("valuefunction/words.v1", { spec: { return: { greeting: "good morning" } } });
    const line = await reconciler.untilLogged(/Holds Workflow .*found '`good morning`'/);
    const { author, subject, file } = JSON.parse(line);
    deepEqual([author, subject, file], [
      "kubectl-patch",
      `ValueFunction ${namespace}/words.v1 changed`,
      `FunctionTest/${namespace}/words.v1.yaml`,
    ]);
    equal(await pageText(), "hello");
    const { stdout, code } = await koreo([
      "channels",
      "--config",
      config,
      "--kubeconfig",
      kubeconfig,
    ]);
    equal(code, 1);
    match(stdout, /^live \(cluster\) at [0-9a-f]{40}: 4 definitions$/m);
  });

  await test.step("the test that is edited too puts it in force at once", async () => {
    const testCases = [{ label: "greets", expectReturn: { greeting: "good morning" } }];
    await patch("functiontest/words.v1", { spec: { testCases } });
    await becomes("good morning");
  });

  await test.step("a definition that kubectl breaks leaves what is in force", async () => {
    await patch("resourcefunction/page.v1", {
      spec: { resource: { data: { text: "=inputs.words.greeting +" } } },
    });
    const line = await reconciler.untilLogged(/Holds Workflow .*Cannot read the end/);
    equal(JSON.parse(line).file, `ResourceFunction/${namespace}/page.v1.yaml`);
    await cluster.kubectl([
      "--namespace",
      namespace,
      "delete",
      "configmap/shop-page",
      "--wait=false",
    ]);
    await becomes("good morning");
    await patch("resourcefunction/page.v1", {
      spec: { resource: { data: { text: "=inputs.words.greeting + '!'" } } },
    });
    await becomes("good morning!");
  });
});
