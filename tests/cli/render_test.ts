// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import { koreo, temporaryFiles } from "./run_koreo.ts";
import { documentOf } from "./schemas.ts";

const DEFINITIONS = `apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata: {name: site.v1, namespace: platform}
spec:
  crdRef: {apiGroup: example.com, version: v1, kind: Site}
  steps:
  - label: page
    ref: {kind: ResourceFunction, name: page.v1}
    inputs: {parent: =parent}
    condition: {type: PageReady, name: Page}
    state: {pages: =value.name}
---
apiVersion: koreo.dev/v1beta1
kind: ResourceFunction
metadata: {name: page.v1, namespace: platform}
spec:
  apiConfig:
    apiVersion: v1
    kind: ConfigMap
    name: =inputs.parent.metadata.name + '-page'
    namespace: =inputs.parent.metadata.namespace
    owned: false
  resource:
    data: {text: =inputs.parent.spec.text}
  create: {delay: 5}
  return: {name: =resource.metadata.name}
`;

const TRIGGER = `apiVersion: example.com/v1
kind: Site
metadata: {name: shop, namespace: team-a, uid: "1"}
spec: {text: hello}
`;

const FILES = { "site.k.yaml": DEFINITIONS, "trigger.yaml": TRIGGER };

function render(directory: string, ...options: readonly string[]) {
  return koreo([
    "render",
    "site.v1",
    "--parent",
    `${directory}/trigger.yaml`,
    ...options,
    directory,
  ]);
}

Deno.test("koreo render shows the steps, conditions, calls, state and objects", async () => {
  await using files = await temporaryFiles(FILES);
  deepEqual(await render(files.directory), {
    code: 0,
    stdout: `site.v1: Retry after 1 run

steps
  page             Retry    Creating ConfigMap:team-a:shop-page.

conditions
  PageReady        False    Wait: Awaiting Page to be ready (Creating ConfigMap:team-a:shop-page.).
  Ready            False    Wait: Awaiting Workflow site.v1 to be ready (Creating ConfigMap:team-a:shop-page.).
  Reconciling      True     Wait: Awaiting Workflow site.v1 to be ready (Creating ConfigMap:team-a:shop-page.).

calls
  POST   ConfigMap team-a/shop-page

state
  {}

objects
  ConfigMap team-a/shop-page
`,
    stderr: "",
  });
});

Deno.test("koreo render --until-stable runs until nothing changes any more", async () => {
  await using files = await temporaryFiles(FILES);
  const { code, stdout } = await render(files.directory, "--until-stable");
  equal(code, 0);
  match(stdout, /^site\.v1: Ok after \d runs, stable\n/);
  match(stdout, /\nstate\n {2}\{"pages":"shop-page"\}\n/);
});

Deno.test("koreo render -o json prints one document with all of it", async () => {
  await using files = await temporaryFiles(FILES);
  const first = await render(files.directory, "-o", "json");
  deepEqual([first.code, first.stderr], [0, ""]);
  const document = await documentOf("render", first.stdout);
  deepEqual([document.workflow, document.runs, document.stable], ["site.v1", 1, false]);
  const { message, location } = document.outcome;
  deepEqual(document.outcome, { type: "Retry", message, location, delay: 5 });
  deepEqual(document.steps.page, document.outcome);
  deepEqual(document.calls.map(({ verb }: { verb: string }) => verb), ["GET", "POST"]);
  equal(document.calls[1].body.data.text, "hello");
  equal(document.objects[0].metadata.name, "shop-page");
  const last = await documentOf(
    "render",
    (await render(files.directory, "--runs", "3", "-o", "json")).stdout,
  );
  deepEqual([last.runs, last.outcome.type], [3, "Ok"]);
  deepEqual(last.state, { pages: "shop-page" });
});

Deno.test("koreo render takes what the cluster holds from --resources", async () => {
  await using files = await temporaryFiles({
    ...FILES,
    "held.yaml":
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop-page, namespace: team-a}\ndata: {text: old}\n",
  });
  const held = `${files.directory}/held.yaml`;
  const { stdout } = await render(files.directory, "--resources", held, "--runs", "1");
  match(stdout, /\n {2}PATCH {2}ConfigMap team-a\/shop-page\n/);
});

Deno.test("koreo render takes one file for each --resources, and the paths that follow", async () => {
  const configMap = (name: string) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: team-a}\n`;
  await using files = await temporaryFiles({
    ...FILES,
    "held/page.yaml": `${configMap("shop-page")}data: {text: old}\n`,
    "held/other.yaml": configMap("other"),
  });
  const { directory } = files;
  const [page, other] = ["page", "other"].map((name) => `${directory}/held/${name}.yaml`);
  const given = ["--resources", other ?? "", "--resources", page ?? ""];
  // `render` puts the directory right behind the options.
  for (const options of [given, [...given, "--"]]) {
    const { code, stdout } = await render(directory, ...options);
    match(stdout, /\n {2}PATCH {2}ConfigMap team-a\/shop-page\n/);
    equal(code, 0);
  }
});

Deno.test("koreo render of a Workflow that fails for good is a finding", async () => {
  await using files = await temporaryFiles({
    ...FILES,
    "trigger.yaml": TRIGGER.replace("spec: {text: hello}", "spec: {}"),
  });
  const { code, stdout } = await render(files.directory);
  equal(code, 1);
  match(stdout, /^site\.v1: PermFail after 1 run\n/);
});

const REFUSED = [
  {
    name: "a Workflow that is not there",
    args: ["render", "shop.v1", "--parent", "trigger.yaml", "site.k.yaml"],
    expected:
      'error: Cannot render Workflow "shop.v1": there is none of this name; there are "site.v1"\n',
  },
  {
    name: "a path that is not there",
    args: ["render", "site.v1", "--parent", "trigger.yaml", "nope.k.yaml"],
    expected: `nope.k.yaml:1:1 error unreadable-file
Cannot read the file: there is no such file or directory

error: Cannot render Workflow "site.v1": there is none of this name; there are none at all
`,
  },
  {
    name: "a trigger that is no YAML",
    args: ["render", "site.v1", "--parent", "broken.yaml", "site.k.yaml"],
    expected: /^error: Cannot read "broken\.yaml":\nbroken\.yaml:1:5 error yaml-syntax\n/,
  },
  {
    name: "a trigger that is not there",
    args: ["render", "site.v1", "--parent", "nope.yaml", "site.k.yaml"],
    expected: 'error: Cannot read "nope.yaml": there is no such file\n',
  },
  {
    name: "a Workflow that is broken, and shows why",
    args: ["render", "broken.v1", "--parent", "trigger.yaml", "broken.k.yaml"],
    expected:
      /^broken\.k\.yaml:7:\d+ error [^]*error: Cannot render Workflow "broken\.v1": it is broken, or what it reaches is\n$/,
  },
  {
    name: "a number of runs that is none",
    args: ["render", "site.v1", "--parent", "trigger.yaml", "site.k.yaml", "--runs", "many"],
    expected: 'error: Cannot use "many" for --runs: expected a whole number from 1 to 300\n',
  },
];

for (const { name, args, expected } of REFUSED) {
  Deno.test(`koreo render refuses ${name}`, async () => {
    await using files = await temporaryFiles({
      ...FILES,
      "broken.yaml": "a: [}\n",
      "broken.k.yaml": DEFINITIONS.replaceAll("site.v1", "broken.v1").replace(
        "- label: page",
        "- label: p",
      ),
    });
    const { directory } = files;
    const paths = args.map((arg) => /yaml$/.test(arg) ? `${directory}/${arg}` : arg);
    const { code, stdout, stderr } = await koreo(paths);
    deepEqual([code, stdout], [2, ""]);
    const text = stderr.replaceAll(`${directory}/`, "");
    if (typeof expected === "string") equal(text, expected);
    else match(text, expected);
  });
}
