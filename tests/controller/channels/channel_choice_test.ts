// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import {
  type ChannelRules,
  chooseChannel,
} from "../../../src/controller/channels/channel_choice.ts";
import {
  type ChannelSettings,
  presentChannels,
} from "../../../src/controller/channels/channel_settings.ts";
import type { JsonObject } from "../../../src/language/mod.ts";
import { siteDefinitions } from "../site_definitions.ts";
import { conditions, createWorld, NAMESPACE, site, triggerDefinition } from "../world.ts";

const RULES: ChannelRules = {
  default: "stable",
  usesNamespaces: true,
  channels: [
    { name: "stable" },
    {
      name: "beta",
      allow: { namespaces: ["team-b"] },
      triggers: { namespaces: ["qa"], matchLabels: { ring: "early" } },
    },
    { name: "nightly", triggers: { matchLabels: { ring: "nightly" } } },
    { name: "closed", allow: { namespaces: [] } },
  ],
};
const CHANNEL = "koreo.dev/channel";

interface Case {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: JsonObject;
  readonly annotations?: JsonObject;
  /** Channel label of the Namespace. */
  readonly ofNamespace?: string;
  readonly rules?: Partial<ChannelRules>;
  /** Without `?`: the trigger gets it. */
  readonly expected: string;
}

const CASES: readonly Case[] = [
  { name: "the default channel", expected: "stable" },
  { name: "the one its label names", labels: { [CHANNEL]: "nightly" }, expected: "nightly" },
  {
    name: "the one its annotation names before that of its label",
    labels: { [CHANNEL]: "nightly" },
    annotations: { [CHANNEL]: "stable" },
    expected: "stable",
  },
  { name: "the one its Namespace names", ofNamespace: "nightly", expected: "nightly" },
  {
    name: "the one it names itself before that of its Namespace",
    labels: { [CHANNEL]: "stable" },
    ofNamespace: "nightly",
    expected: "stable",
  },
  {
    name: "the one of its Namespace before a selector",
    labels: { ring: "nightly" },
    ofNamespace: "stable",
    expected: "stable",
  },
  { name: "the one whose selector matches", labels: { ring: "nightly" }, expected: "nightly" },
  {
    name: "one for which its Namespace and its labels are right",
    namespace: "qa",
    labels: { ring: "early" },
    expected: "beta",
  },
  { name: "not one for which its labels are wrong", namespace: "qa", expected: "stable" },
  {
    name: "not one for which its Namespace is wrong",
    labels: { ring: "early" },
    expected: "stable",
  },
  {
    name: "one that it names and that is allowed there",
    namespace: "team-b",
    labels: { [CHANNEL]: "beta" },
    expected: "beta",
  },
  { name: "none that is not allowed there", labels: { [CHANNEL]: "beta" }, expected: "beta?" },
  {
    name: "none that its Namespace names and that is not allowed there",
    ofNamespace: "beta",
    expected: "beta?",
  },
  {
    name: "one that it names although it would get it without asking",
    namespace: "qa",
    labels: { [CHANNEL]: "beta", ring: "early" },
    expected: "beta",
  },
  { name: "none that is not configured", labels: { [CHANNEL]: "gone" }, expected: "gone?" },
  { name: "none with an empty name", annotations: { [CHANNEL]: "" }, expected: "?" },
  {
    name: "one that a pattern may make, and that is allowed there",
    labels: { [CHANNEL]: "preview-x" },
    rules: { awaited: [{ name: "preview", allow: { namespaces: [NAMESPACE] } }] },
    expected: "preview-x",
  },
  {
    name: "none that a pattern may make, and that is not allowed there",
    labels: { [CHANNEL]: "preview-x" },
    rules: { awaited: [{ name: "preview", allow: { namespaces: ["qa"] } }] },
    expected: "preview-x?",
  },
  {
    name: "none that no pattern can make",
    labels: { [CHANNEL]: "pr-x-test" },
    rules: { awaited: [{ name: "preview" }, { name: "pr-*-tests" }] },
    expected: "pr-x-test?",
  },
  {
    name: "one that a pattern with a place for the branch may make",
    labels: { [CHANNEL]: "pr-7-test" },
    rules: { awaited: [{ name: "pr-*-test" }] },
    expected: "pr-7-test",
  },
  {
    name: "not the default one while a pattern that selects it may make its channel",
    labels: { ring: "preview" },
    rules: { awaited: [{ name: "preview", triggers: { matchLabels: { ring: "preview" } } }] },
    expected: "preview",
  },
  { name: "no default that is not allowed", rules: { default: "closed" }, expected: "closed?" },
];

for (const { name, namespace = NAMESPACE, labels = {}, annotations = {}, ...more } of CASES) {
  Deno.test(`VC-6 a trigger gets ${name}`, () => {
    const trigger = {
      apiVersion: "example.dev/v1",
      kind: "Site",
      metadata: { name: "one", namespace, labels, annotations },
    };
    const ofNamespace = more.ofNamespace === undefined ? {} : { [CHANNEL]: more.ofNamespace };
    const choice = chooseChannel(trigger, { metadata: { labels: ofNamespace } }, {
      ...RULES,
      ...more.rules,
    });
    equal(`${choice.name}${choice.isKnown ? "" : "?"}`, more.expected);
  });
}

const objects = [triggerDefinition("Site")];
const definitions = siteDefinitions({ version: "stable" });
const beta = siteDefinitions({ version: "beta" });
const rules: ChannelRules = {
  default: "stable",
  usesNamespaces: true,
  channels: [{ name: "stable" }, { name: "beta" }],
};

Deno.test("TR-6 the label of a Namespace chooses the channel, and another one runs its triggers", async () => {
  const world = await createWorld({ definitions, objects, rules });
  world.registry.set(beta, "beta");
  await world.create(site("one"));
  await world.settle();
  const version = async () =>
    ((await world.get("ConfigMap", "one"))?.data as JsonObject | undefined)?.version;
  equal(await version(), "stable");
  world.takeRuns();
  await world.patch("Namespace", NAMESPACE, { metadata: { labels: { [CHANNEL]: "beta" } } });
  equal(await version(), "beta");
  deepEqual(new Set(world.takeRuns()), new Set(["one"]));
  await world.patch("Namespace", NAMESPACE, { metadata: { labels: { other: "label" } } });
  deepEqual(world.takeRuns(), []);
  await world.patch("Namespace", NAMESPACE, { metadata: { labels: { [CHANNEL]: null } } });
  equal(await version(), "stable");
  await world.stop();
});

Deno.test("TR-6 Namespaces are not watched where they make no difference", async () => {
  const world = await createWorld({ definitions, objects });
  const kinds = world.controller.status().watches.map(({ kind }) => kind);
  equal(kinds.includes("Namespace"), false);
  await world.stop();
});

Deno.test("TR-16a a channel of which nothing could be loaded runs nothing, and says so", async () => {
  const world = await createWorld({ definitions, objects, rules });
  world.registry.add("beta");
  await world.create(site("one", {}, { labels: { [CHANNEL]: "beta" } }));
  await world.settle();
  equal(conditions(await world.get("Site", "one")).Ready, "False ChannelNotReady");
  const text = JSON.stringify((await world.get("Site", "one"))?.status);
  match(text, /Channel 'beta' has no definitions yet\./);
  world.registry.set(beta, "beta");
  await world.settle();
  equal(conditions(await world.get("Site", "one")).Ready, "True Ready");
  await world.stop();
});

Deno.test("TR-16a a channel that may come of a pattern is not unknown before its source was read", async () => {
  const awaited = [{ name: "preview" }];
  const world = await createWorld({ definitions, objects, rules: { ...rules, awaited } });
  world.registry.add("preview-x", 'Cannot fetch "https://git.example.com": connection refused');
  await world.create(site("one", {}, { labels: { [CHANNEL]: "preview-x" } }));
  await world.create(site("two", {}, { labels: { [CHANNEL]: "review-x" } }));
  await world.settle();
  equal(conditions(await world.get("Site", "one")).Ready, "False ChannelNotReady");
  match(
    JSON.stringify((await world.get("Site", "one"))?.status),
    /Channel 'preview-x' has no definitions yet: Cannot fetch .*: connection refused\./,
  );
  equal(conditions(await world.get("Site", "two")).Ready, "False UnknownChannel");
  await world.stop();
});

Deno.test("TR-16a what waits for a pattern is told at once when its source was read", async () => {
  const changing = { ...rules, awaited: [{ name: "preview" }] };
  const world = await createWorld({ definitions, objects, rules: changing });
  world.registry.add("preview-x");
  await world.create(site("one", {}, { labels: { [CHANNEL]: "preview-x" } }));
  await world.create(site("two"));
  await world.settle();
  equal(conditions(await world.get("Site", "one")).Ready, "False ChannelNotReady");
  world.takeRuns();
  changing.awaited = [];
  const nothing = { changedWorkflows: [], revision: "" };
  world.registry.tell({ channel: "preview", presence: "settled", ...nothing });
  await world.settle();
  equal(conditions(await world.get("Site", "one")).Ready, "False UnknownChannel");
  deepEqual(world.takeRuns(), []);
  equal(
    world.events.some((one) => one.type === "definitions-changed" && one.channel === "preview"),
    false,
  );
  await world.stop();
});

const PREVIEW: ChannelSettings = { name: "preview", source: "s", branch: "preview/*" };
const PATTERNS: readonly {
  readonly name: string;
  readonly channels: readonly ChannelSettings[];
  readonly branches: readonly string[];
  /** Names and branches of channels that were there before. */
  readonly former?: readonly (readonly [string, string])[];
  readonly expected: readonly string[];
}[] = [
  {
    name: "gives one channel per branch",
    channels: [PREVIEW],
    branches: ["main", "preview/b", "preview/a", "preview", "preview/"],
    expected: ["preview-a: preview/a", "preview-b: preview/b"],
  },
  {
    name: "makes names that a label can hold",
    channels: [PREVIEW],
    branches: ["preview/team/ü x", "preview/.dot."],
    expected: ["preview-dot: preview/.dot.", "preview-team-x: preview/team/ü x"],
  },
  {
    name: "puts the part where the name has its own place for it",
    channels: [{ ...PREVIEW, name: "pr-*-test" }],
    branches: ["preview/7"],
    expected: ["pr-7-test: preview/7"],
  },
  {
    name: "leaves out what another channel follows by name, and names that are taken",
    channels: [{ name: "preview-b", source: "s", branch: "preview/a" }, PREVIEW],
    branches: ["preview/a", "preview/b", "preview/c"],
    expected: ["preview-b: preview/a", "preview-c: preview/c"],
  },
  {
    name: "makes a channel of a branch that another channel has as a tag",
    channels: [
      { name: "old", source: "s", branch: "preview/a", ref: "refs/tags/preview/a" },
      PREVIEW,
    ],
    branches: ["preview/a"],
    expected: ["old: preview/a", "preview-a: preview/a"],
  },
  {
    name: "names a branch of which a label can hold nothing",
    channels: [PREVIEW, { ...PREVIEW, name: "*-test", branch: "test/*" }],
    branches: ["preview/日本", "preview/___", "test/-", "test/a"],
    expected: [
      "preview-045a3b34: preview/___",
      "preview-5ffcbea4: preview/日本",
      "280c9438-test: test/-",
      "a-test: test/a",
    ],
  },
  {
    name: "cuts a name that is too long for a label, and tells two of them apart",
    channels: [PREVIEW, { ...PREVIEW, name: "*-test", branch: "test/*" }],
    branches: ["a", "b"].map((end) => `preview/${"x".repeat(60)}${end}`)
      .concat(`preview/${"y".repeat(55)}`, `test/${"z".repeat(43)}.${"z".repeat(60)}`),
    expected: [
      `preview-${"x".repeat(46)}-324bee3c: preview/${"x".repeat(60)}a`,
      `preview-${"x".repeat(46)}-354bf2f5: preview/${"x".repeat(60)}b`,
      `preview-${"y".repeat(55)}: preview/${"y".repeat(55)}`,
      `${"z".repeat(43)}.${"z".repeat(5)}-6d85e909-test: test/${"z".repeat(43)}.${"z".repeat(60)}`,
    ],
  },
  {
    name: "leaves a name with the branch that has it",
    channels: [PREVIEW],
    branches: ["preview/a-b", "preview/a/b"],
    former: [["preview-a-b", "preview/a/b"]],
    expected: ["preview-a-b: preview/a/b"],
  },
  {
    name: "leaves a name with the channel of another pattern that has it",
    channels: [PREVIEW, { ...PREVIEW, name: "preview-*", branch: "try/*" }],
    branches: ["preview/a", "preview/b", "try/a", "try/c"],
    former: [["preview-a", "try/a"]],
    expected: ["preview-b: preview/b", "preview-a: try/a", "preview-c: try/c"],
  },
  {
    name: "leaves out a name that a channel of another source has",
    channels: [PREVIEW],
    branches: ["preview/elsewhere", "preview/here"],
    expected: ["preview-here: preview/here"],
  },
  {
    name: "gives a name to another branch when the first one is gone",
    channels: [PREVIEW],
    branches: ["preview/a-b"],
    former: [["preview-a-b", "preview/a/b"]],
    expected: ["preview-a-b: preview/a-b"],
  },
];

for (const { name, channels, branches, former, expected } of PATTERNS) {
  Deno.test(`VC-5 a pattern ${name}`, () => {
    const present = presentChannels(channels, branches, {
      former: new Map(former),
      elsewhere: ["preview-elsewhere"],
    }).channels;
    deepEqual(present.map((channel) => `${channel.name}: ${channel.branch}`), expected);
  });
}

Deno.test("VC-5 a pattern that may make no more channels keeps those that there are", () => {
  const branches = Array.from({ length: 500 }, (_, index) => `preview/m${index}`);
  const { channels } = presentChannels([PREVIEW], branches);
  const former = new Map(channels.map(({ name, branch }) => [name, branch]));
  const { channels: later, leftOut } = presentChannels(
    [PREVIEW],
    ["preview/a", ...branches],
    { former },
  );
  deepEqual(later.map(({ branch }) => branch).sort(), branches.sort());
  deepEqual(leftOut, [{
    pattern: "preview",
    branch: "preview/a",
    reason: "a pattern makes no more than 500 channels",
    help: "delete branches that nobody needs, or narrow the pattern",
  }]);
});
