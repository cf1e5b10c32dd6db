// SPDX-License-Identifier: Apache-2.0

/** `docs/schemas/config.json`, which editors check the configuration file with. */

import { deepEqual, ok } from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import { documentValue, readDocuments } from "../../src/language/mod.ts";
import { blocksOf } from "../docs/page_blocks.ts";
import { faultsOf } from "./configuration_faults.ts";
import { ROOT } from "./run_koreo.ts";

const SCHEMA = JSON.parse(await Deno.readTextFile(`${ROOT}docs/schemas/config.json`));
const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(SCHEMA);

function isInSchema(text: string): boolean {
  const [document] = readDocuments({ path: "k", text }, { withForeign: true });
  return validate(document && documentValue(document));
}

/** What is said of a text that is not, `configuration_test.ts` looks at. */
function isRead(text: string): boolean {
  return faultsOf(text, "k").length === 0;
}

const SOURCE = "sources: [{name: p, url: /p}]\n";
const CHANNEL = "channels: [{name: c, branch: main}]\n";
const source = (keys: string) => `sources: [{name: p, url: /p, ${keys}}]\n${CHANNEL}`;
const channel = (keys: string) => `${SOURCE}channels: [{name: c, branch: main, ${keys}}]\n`;

const ACCEPTED = {
  "an interval in minutes": source("interval: 5m"),
  "a path that says where it begins": source("path: ./koreo/"),
  "ssh as the user has it": source("ssh: {}"),
  "a channel that nobody may pick": channel("allow: {namespaces: []}"),
  "the definitions of the cluster alone": "channels: [{name: live, source: cluster}]\n",
  "the definitions of the cluster by another name":
    "sources: [{name: live, cluster: true}]\nchannels: [{name: c, source: live}]\n",
  "a name of 63 letters": `${SOURCE}channels: [{name: ${"a".repeat(63)}, branch: main}]\n`,
  "a pattern with a name of its own": `${SOURCE}channels:
- {name: stable, branch: main}
- {name: "pr-*", branch: preview/*}
`,
  "a gate that lets everything pass": `${SOURCE}${CHANNEL}gate: off\n`,
};

const REFUSED = {
  "an interval without a unit": source("interval: 30"),
  "an interval of nothing": source("interval: 0s"),
  "an interval of two units": source("interval: 1m30s"),
  "credentials of no kind": source("credentials: {}"),
  "credentials of two kinds": source("credentials: {tokenFile: a, secretDirectory: b}"),
  "signatures of nobody": source("verify: {}"),
  "a key that a repository does not have": source("branch: main"),
  "a repository that takes the name of the cluster":
    "sources: [{name: cluster, url: /p}]\nchannels: [{name: c, branch: main}]\n",
  "a cluster that is none":
    "sources: [{name: live, cluster: false}]\nchannels: [{name: c, source: live}]\n",
  "a cluster with an address":
    "sources: [{name: live, cluster: true, url: /p}]\nchannels: [{name: c, source: live}]\n",
  "a branch of the cluster": "channels: [{name: live, source: cluster, branch: main}]\n",
  "a branch and a tag": channel("tag: v1"),
  "a name of 64 letters": `${SOURCE}channels: [{name: ${"a".repeat(64)}, branch: main}]\n`,
  "a name with two stars": `${SOURCE}channels: [{name: "a*b*", branch: "p/*"}]\n`,
  "a name with a star for one branch": `${SOURCE}channels: [{name: "a*", branch: main}]\n`,
  "a branch with two stars": `${SOURCE}channels: [{name: a, branch: "p/*/*"}]\n`,
  "a pattern of tags": `${SOURCE}channels: [{name: a, tag: "v*"}]\n`,
  "a commit that is shortened": `${SOURCE}channels: [{name: a, commit: 4f2ac8a}]\n`,
  "nobody to allow": channel("allow: {}"),
  "labels that are no texts": channel("triggers: {matchLabels: {ring: 1}}"),
  "triggers that are not said": channel("triggers: {}"),
  "a canary of nobody": channel("canary: {percent: 0}"),
  "a canary of a text": channel('canary: {percent: "10 %"}'),
  "a canary of two shares": channel("canary: {percent: 10, triggers: {namespaces: [a]}}"),
  "a canary that is over at once": channel("canary: {percent: 10, soak: 0s}"),
  "a canary that is not sure": channel('canary: {percent: 10, requireReady: "no"}'),
  "no channel": `${SOURCE}channels: []\n`,
  "a list": "- a\n",
  "a key that there is not": `${SOURCE}${CHANNEL}channel: []\n`,
  "a gate that there is not": `${SOURCE}${CHANNEL}gate: on\n`,
};

for (const [name, text] of Object.entries(ACCEPTED)) {
  Deno.test(`the schema and the reader both accept ${name}`, () => {
    deepEqual([isInSchema(text), isRead(text)], [true, true]);
  });
}

for (const [name, text] of Object.entries(REFUSED)) {
  Deno.test(`the schema and the reader both refuse ${name}`, () => {
    deepEqual([isInSchema(text), isRead(text)], [false, false]);
  });
}

for (const page of ["configuration.md", "guides/channels.md", "guides/signed-commits.md"]) {
  Deno.test(`the schema and the reader accept every file that docs/${page} shows`, async () => {
    const shown = blocksOf(await Deno.readTextFile(`${ROOT}docs/${page}`))
      .filter(({ language, text }) => language === "yaml" && /^channels:/m.test(text))
      // A file that is shown in part begins with the one source of its page.
      .map(({ text }) => /^sources:|source: cluster/m.test(text) ? text : `${PLATFORM}${text}`);
    ok(shown.length > 0);
    for (const text of shown) deepEqual([isInSchema(text), isRead(text)], [true, true], text);
  });
}

const PLATFORM = "sources: [{name: platform, url: /p}]\n";

interface Described {
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Described>>;
}

/** Every property of the schema, by its path. */
function propertiesOf(schema: unknown, path = ""): readonly (readonly [string, Described])[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => [
    ...(key === "properties" && !path.includes("/if") && !path.includes("/then")
      ? Object.entries<Described>(value).map(([name, one]) => [`${path}/${name}`, one] as const)
      : []),
    ...propertiesOf(value, `${path}/${key}`),
  ]);
}

Deno.test("an editor can explain every key, and propose a value for it", () => {
  const properties = propertiesOf(SCHEMA);
  ok(properties.length > 30);
  for (const [path, { description, ...property }] of properties) {
    ok(description?.endsWith("."), `${path} has no description`);
    const proposes = ["examples", "default", "enum", "const", "properties"];
    ok(proposes.some((key) => key in property), `${path} proposes no value`);
  }
});

Deno.test("every example and default of the schema is accepted where it stands", () => {
  for (const [path, property] of propertiesOf(SCHEMA)) {
    const accepts = new Ajv2020({ strict: false }).compile({
      ...property,
      $defs: SCHEMA.$defs,
    });
    const values = [
      ...property.examples ?? [],
      ...("default" in property ? [property.default] : []),
    ];
    for (const value of values) ok(accepts(value), `${path}: ${JSON.stringify(value)}`);
  }
});
