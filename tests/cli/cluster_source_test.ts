// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match, throws } from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import { openSources } from "../../src/cli/open_sources.ts";
import { parseConfiguration } from "../../src/cli/read_configuration.ts";
import { documentValue, readDocuments } from "../../src/language/mod.ts";
import { faultsOf } from "./configuration_faults.ts";
import { exampleFiles, temporaryRepository } from "./reconcile_fixtures.ts";
import { koreo, ROOT, temporaryFiles } from "./run_koreo.ts";

const LIVE = { name: "live", source: "cluster", branch: "cluster" };

Deno.test("a channel may take the definitions of the cluster without an entry for it", async () => {
  const text = "channels: [{name: live, source: cluster}]\n";
  deepEqual(parseConfiguration(text, "/etc/koreo.yaml"), {
    sources: [],
    clusterSource: "cluster",
    channels: [LIVE],
    default: "live",
    gate: "workflow",
  });
  await isAsTheSchemaSays(text);
});

Deno.test("the cluster may have another name, and stand beside repositories", async () => {
  const text = `sources:
- {name: platform, url: https://git.example.com/p.git}
- {name: in-place, cluster: true}
channels:
- {name: stable, source: platform, branch: main}
- {name: live, source: in-place, priority: [team-a, koreo]}
- {name: also-live, source: cluster, over: live}
`;
  const { sources, clusterSource, channels } = parseConfiguration(text, "/etc/koreo.yaml");
  deepEqual([sources.map(({ name }) => name), clusterSource], [["platform"], "in-place"]);
  deepEqual(channels.slice(1), [
    { ...LIVE, source: "in-place", priority: ["team-a", "koreo"] },
    { ...LIVE, name: "also-live", source: "in-place", over: "live" },
  ]);
  await isAsTheSchemaSays(text);
});

Deno.test("where the cluster is the only source nothing needs to name it", () => {
  const text = "sources: [{name: here, cluster: true}]\nchannels: [{name: live}]\n";
  deepEqual(parseConfiguration(text, "/x.yaml").channels, [{ ...LIVE, source: "here" }]);
});

async function isAsTheSchemaSays(text: string): Promise<void> {
  const [document] = readDocuments({ path: "koreo.yaml", text }, { withForeign: true });
  const schema = JSON.parse(await Deno.readTextFile(`${ROOT}docs/schemas/config.json`));
  const accepts = new Ajv2020({ allErrors: true, strictRequired: false }).compile(schema);
  accepts(document && documentValue(document));
  deepEqual(accepts.errors ?? [], []);
}

const FAULTS: readonly (readonly [name: string, text: string, faults: readonly string[]])[] = [
  [
    "a branch of the cluster",
    "channels:\n- {name: live, source: cluster, branch: main}\n",
    [
      'koreo.yaml:2:41 Cannot use "channels[0].branch": the definitions of the cluster have no ' +
      "branches",
    ],
  ],
  [
    "two clusters",
    "sources:\n- {name: a, cluster: true}\n- {name: b, cluster: true}\n" +
    "channels: [{name: live, source: a}]\n",
    ['koreo.yaml:3:3 Cannot use "sources[1]": there is one cluster, "a" is it'],
  ],
  [
    "a cluster that is none",
    "sources: [{name: a, cluster: false}]\nchannels: [{name: live}]\n",
    ['koreo.yaml:1:30 Cannot read "sources[0].cluster": expected true; a repository has "url" instead'],
  ],
  [
    "a cluster with an address",
    "sources: [{name: a, cluster: true, url: ../p}]\nchannels: [{name: live}]\n",
    [
      'koreo.yaml:1:36 Cannot use "sources[0].url": there is no such key; known: name, cluster',
    ],
  ],
  [
    "a repository of the reserved name",
    "sources: [{name: cluster, url: ../p}]\nchannels: [{name: live, branch: main}]\n",
    [
      'koreo.yaml:1:18 Cannot call a repository "cluster": the name is the cluster\'s own',
      'koreo.yaml:2:33 Cannot use "channels[0].branch": the definitions of the cluster have no ' +
      "branches",
    ],
  ],
  [
    "a channel of the cluster over one of a repository",
    "sources: [{name: p, url: ../p}]\nchannels:\n- {name: stable, source: p, branch: main}\n" +
    "- {name: live, source: cluster, over: stable}\n",
    ['koreo.yaml:4:39 Cannot use channel "live": "stable" is of another source'],
  ],
];

for (const [name, text, faults] of FAULTS) {
  Deno.test(`a configuration file is refused with ${name}`, () => {
    deepEqual(faultsOf(text, "koreo.yaml"), ["Cannot use the configuration:", ...faults]);
  });
}

Deno.test("a source of the cluster cannot be opened without a cluster", () => {
  throws(() => openSources({ sources: [], clusterSource: "live" }, {}), {
    name: "TypeError",
    message: 'Cannot open source "live" without a cluster',
  });
});

Deno.test("channels of a repository are shown where no cluster is configured, and its own say why", async () => {
  await using repository = await temporaryRepository(await exampleFiles("web-app"));
  const { directory } = repository;
  await using files = await temporaryFiles({
    "koreo.yaml": `sources: [{name: p, url: ${directory}, path: koreo}]
channels:
- {name: stable, source: p, branch: main}
- {name: live, source: cluster}
`,
  });
  const kubeconfig = `${files.directory}/none`;
  const where = ["--config", `${files.directory}/koreo.yaml`, "--kubeconfig", kubeconfig];
  const all = await koreo(["channels", ...where]);
  equal(all.code, 3);
  match(all.stdout, /^stable \(main\) at [0-9a-f]{40}: \d+ definitions$/m);
  match(all.stdout, /^live \(cluster\): .* Cannot find a kubeconfig: looked for ".*none"/m);
  equal((await koreo(["channels", ...where, "--channel", "stable"])).code, 0);
  equal((await koreo(["diff", "stable", "refs/heads/main", ...where])).code, 0);
  const live = await koreo(["diff", "stable", "live", ...where]);
  equal(live.code, 3);
  match(live.stderr, /Cannot find a kubeconfig: looked for/);
});
