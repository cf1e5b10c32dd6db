// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import type { ChannelSettings } from "../../../src/controller/channels/channel_settings.ts";
import {
  createProgramRegistry,
  type ProgramRegistry,
} from "../../../src/controller/feed/program_registry.ts";
import type { ProgramChange } from "../../../src/controller/feed/source_follower.ts";
import { layersIn } from "../../../src/controller/feed/definition_layer.ts";
import type { GateMode } from "../../../src/controller/gate/gate.ts";
import type { LogEntry } from "../../../src/runtime/ports.ts";
import { createManualClock } from "../../../src/simulator/manual_clock.ts";
import { makeLocalFixture } from "../../adapters/git/local_fixture.ts";
import type { CommitChange, RepositoryFixture } from "../../contract/repository_contract.ts";
import { functionTest, valueFunction, workflow } from "../definitions.ts";

const { signal } = new AbortController();

const MAIN: ChannelSettings = { name: "stable", source: "defs", branch: "main" };
const BETA: ChannelSettings = { name: "beta", source: "defs", branch: "beta", over: "stable" };

interface Setting extends AsyncDisposable {
  readonly fixture: RepositoryFixture;
  readonly registry: ProgramRegistry;
  readonly changes: ProgramChange[];
  readonly logged: LogEntry[];
  /** Tests that were run, by name. */
  readonly tested: string[];
  commit(
    branch: string,
    files: CommitChange["files"],
    more?: Partial<CommitChange>,
  ): Promise<string>;
  refresh(): Promise<void>;
  /** A registry that knows nothing of what this one saw. */
  restarted(): ProgramRegistry;
}

interface Options {
  readonly channels?: readonly ChannelSettings[];
  readonly gate?: GateMode;
  readonly directory?: string;
}

async function setUp(options: Options = {}): Promise<Setting> {
  const fixture = await makeLocalFixture();
  const changes: ProgramChange[] = [];
  const logged: LogEntry[] = [];
  const tested: string[] = [];
  const make = () =>
    createProgramRegistry({
      sources: [{
        name: "defs",
        repository: fixture.open(),
        location: "https://git.example.com/defs.git",
        directory: options.directory ?? "",
        intervalMs: 30_000,
      }],
      channels: options.channels ?? [MAIN, BETA],
      gate: options.gate ?? "workflow",
      clock: createManualClock(),
      logger: { log: (entry) => void logged.push(entry) },
      runTests: (_program, tests) => {
        tested.push(...tests.map(({ id }) => id.name));
        return Promise.resolve(tests.map(({ id: { namespace, name } }) => (
          { namespace, name, passed: !name.startsWith("bad") }
        )));
      },
    });
  const registry = make();
  registry.subscribe((change) => changes.push(change));
  let at = 1_600_000_000;
  return {
    fixture,
    registry,
    changes,
    logged,
    tested,
    commit: (branch, files, more) => {
      const named = Object.entries(files).map(([name, text]) => [`${name}.k.yaml`, text]);
      return fixture.commit(branch, { files: Object.fromEntries(named), at: at += 60, ...more });
    },
    refresh: () => registry.refresh({ signal }),
    restarted: make,
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  };
}

/** `Kind/name: branch value`, for the ValueFunctions of a channel. */
function held({ registry }: Pick<Setting, "registry">, channel: string): readonly string[] {
  const loaded = registry.followed(channel)?.loaded;
  if (loaded === undefined) return [];
  const layerOf = layersIn(loaded);
  return loaded.program.definitions.flatMap((definition) => {
    if (definition.id.kind !== "ValueFunction") return [];
    const { name, namespace } = definition.id;
    const place = namespace === "default" ? name : `${namespace}/${name}`;
    return [`${place}: ${layerOf(definition.id)?.branch}`];
  }).sort();
}

function revisions(registry: ProgramRegistry, channel: string) {
  return Object.fromEntries(
    (registry.channel(channel)?.workflows() ?? []).map(({ name, inForce, heldBack }) => [
      name,
      `${inForce?.revision ?? "-"}${heldBack === undefined ? "" : "!"}`,
    ]),
  );
}

const FIRST = {
  f: valueFunction("f", 1),
  g: valueFunction("g", 1),
  a: workflow("a", "f", "Alpha"),
  b: workflow("b", "g", "Beta"),
};

Deno.test("VC-5 an overlay channel holds its own changes over those of the channel below", async () => {
  await using setting = await setUp();
  const first = await setting.commit("main", FIRST);
  await setting.fixture.setBranch("beta", first);
  const beta = await setting.commit("beta", { f: valueFunction("f", 2), h: valueFunction("h", 1) });
  await setting.refresh();
  deepEqual(held(setting, "beta"), ["f: beta", "g: main", "h: beta"]);
  deepEqual(held(setting, "stable"), ["f: main", "g: main"]);
  const revision = `beta@sha1:${beta}+main@sha1:${first}`;
  deepEqual(revisions(setting.registry, "beta"), { a: revision, b: revision });
  deepEqual(revisions(setting.registry, "stable"), {
    a: `main@sha1:${first}`,
    b: `main@sha1:${first}`,
  });
});

Deno.test("VC-5 a change below is in force above, where it was not touched", async () => {
  await using setting = await setUp();
  await setting.fixture.setBranch("beta", await setting.commit("main", FIRST));
  const beta = await setting.commit("beta", { f: valueFunction("f", 2) });
  await setting.refresh();
  setting.changes.splice(0);
  const main = await setting.commit("main", { g: valueFunction("g", 3), f: valueFunction("f", 3) });
  await setting.refresh();
  deepEqual(setting.changes.map(({ channel, changedWorkflows }) => [channel, changedWorkflows]), [
    ["stable", ["a", "b"]],
    ["beta", ["b"]],
  ]);
  equal(setting.changes[1]?.revision, `beta@sha1:${beta}+main@sha1:${main}`);
  deepEqual(held(setting, "beta"), ["f: beta", "g: main"]);
});

Deno.test("VC-5 what two channels share is compiled once, and its tests run once", async () => {
  await using setting = await setUp();
  const files = { ...FIRST, t: functionTest("t", "g", 1), u: functionTest("u", "f", 1) };
  await setting.fixture.setBranch("beta", await setting.commit("main", files));
  await setting.commit("beta", { f: valueFunction("f", 2) });
  await setting.refresh();
  const [stable, beta] = ["stable", "beta"].map((name) =>
    setting.registry.followed(name)?.loaded?.program
  );
  ok(stable?.winner("Workflow", "b"));
  equal(beta?.winner("Workflow", "b"), stable?.winner("Workflow", "b"));
  equal(beta?.winner("ValueFunction", "g"), stable?.winner("ValueFunction", "g"));
  deepEqual(setting.tested, ["t", "u", "u"]);
});

Deno.test("VC-5 an overlay without changes, and rebasing one, changes nothing", async () => {
  await using setting = await setUp();
  const first = await setting.commit("main", FIRST);
  await setting.fixture.setBranch("beta", first);
  await setting.refresh();
  setting.changes.splice(0);
  await setting.commit("beta", { f: `# only a comment\n${FIRST.f}`, moved: FIRST.g, g: null });
  await setting.refresh();
  deepEqual(setting.changes.map(({ changedWorkflows }) => changedWorkflows), [[]]);
  deepEqual(held(setting, "beta"), ["f: main", "g: main"]);
  await setting.commit("beta", { h: valueFunction("h", 1) }, { parents: [first] });
  const main = await setting.commit("main", { g: valueFunction("g", 2) });
  await setting.refresh();
  const before = held(setting, "beta");
  setting.changes.splice(0);
  await setting.fixture.setBranch("beta", main);
  await setting.commit("beta", { h: valueFunction("h", 1) });
  await setting.refresh();
  deepEqual(held(setting, "beta"), before);
  deepEqual(setting.changes.flatMap(({ changedWorkflows }) => changedWorkflows), []);
});

Deno.test("VC-5 an overlay that parted before there was the directory changes nothing", async () => {
  await using setting = await setUp({ directory: "defs" });
  await setting.fixture.setBranch("beta", await setting.commit("main", { other: "a: 1" }));
  await setting.commit("main", { "defs/f": valueFunction("f", 1) });
  await setting.refresh();
  deepEqual(held(setting, "beta"), ["f: main"]);
  await setting.commit("beta", { "defs/g": valueFunction("g", 1) });
  await setting.refresh();
  deepEqual(held(setting, "beta"), ["f: main", "g: beta"]);
});

Deno.test("VC-5 an overlay that takes the directory away is refused, and stays as it was", async () => {
  await using setting = await setUp({ directory: "defs" });
  const first = await setting.commit("main", { "defs/f": valueFunction("f", 1) });
  await setting.fixture.setBranch("beta", first);
  await setting.commit("beta", { "defs/g": valueFunction("g", 1) });
  await setting.refresh();
  await setting.commit("beta", {
    "defs/f": null,
    "defs/g": null,
    "moved/f": valueFunction("f", 1),
  });
  await rejects(setting.refresh(), /there is no directory "defs"/);
  deepEqual(held(setting, "beta"), ["f: main", "g: beta"]);
});

Deno.test("VC-5 an overlay deletes what is below", async () => {
  await using setting = await setUp();
  await setting.fixture.setBranch("beta", await setting.commit("main", FIRST));
  await setting.commit("beta", { b: null });
  await setting.refresh();
  deepEqual(Object.keys(revisions(setting.registry, "beta")), ["a"]);
  await setting.commit("main", { b: workflow("b", "f", "Beta") });
  await setting.refresh();
  deepEqual(Object.keys(revisions(setting.registry, "beta")), ["a"]);
  deepEqual(Object.keys(revisions(setting.registry, "stable")), ["a", "b"]);
});

Deno.test("VC-5 a squash merge empties an overlay, and newer work below counts", async () => {
  await using setting = await setUp();
  await setting.fixture.setBranch("beta", await setting.commit("main", FIRST));
  await setting.commit("beta", { f: valueFunction("f", 2), g: null });
  await setting.commit("main", { f: valueFunction("f", 2), g: null });
  await setting.refresh();
  deepEqual(held(setting, "beta"), ["f: main"]);
  await setting.commit("main", { f: valueFunction("f", 3), g: valueFunction("g", 3) });
  await setting.refresh();
  deepEqual(held(setting, "beta"), ["f: main", "g: main"]);
});

Deno.test("VC-5 after a force-push below, what was dropped there no longer counts", async () => {
  await using setting = await setUp();
  const first = await setting.commit("main", FIRST);
  await setting.fixture.setBranch("beta", first);
  await setting.commit("beta", { f: valueFunction("f", 2) });
  await setting.commit("main", { f: valueFunction("f", 2) });
  await setting.commit("main", { f: valueFunction("f", 3) });
  await setting.refresh();
  deepEqual(held(setting, "beta"), ["f: main", "g: main"]);
  await setting.fixture.setBranch("main", first);
  await setting.refresh();
  deepEqual(held(setting, "beta"), ["f: beta", "g: main"]);
});

Deno.test("VC-5 of several merge bases the newest counts", async () => {
  await using setting = await setUp();
  const root = await setting.commit("main", FIRST);
  await setting.fixture.setBranch("beta", root);
  const beta1 = await setting.commit("beta", { h: valueFunction("h", 1) });
  const main1 = await setting.commit("main", { g: valueFunction("g", 2) });
  // Each merges the other: both `main1` and `beta1` are merge bases, `main1` is newer.
  await setting.commit("beta", { g: valueFunction("g", 2) }, { parents: [beta1, main1] });
  await setting.commit("main", { h: valueFunction("h", 1) }, { parents: [main1, beta1] });
  await setting.commit("main", { h: valueFunction("h", 5) });
  await setting.refresh();
  deepEqual(held(setting, "beta"), ["f: main", "g: main", "h: main"]);
});

Deno.test("VC-5 without a common ancestor all definitions of an overlay are its own", async () => {
  await using setting = await setUp();
  await setting.commit("main", FIRST);
  await setting.commit("beta", { f: valueFunction("f", 7) }, { parents: [] });
  await setting.refresh();
  deepEqual(held(setting, "beta"), ["f: beta", "g: main"]);
});

Deno.test("VC-5 three layers: the revision names them all, upper first", async () => {
  const gamma = { name: "gamma", source: "defs", branch: "gamma", over: "beta" };
  // The order of the settings does not matter.
  await using setting = await setUp({ channels: [gamma, BETA, MAIN] });
  const main = await setting.commit("main", FIRST);
  await setting.fixture.setBranch("beta", main);
  const beta = await setting.commit("beta", { f: valueFunction("f", 2) });
  await setting.fixture.setBranch("gamma", beta);
  const top = await setting.commit("gamma", { h: valueFunction("h", 2) });
  const later = await setting.commit("main", { g: valueFunction("g", 2) });
  await setting.refresh();
  deepEqual(held(setting, "gamma"), ["f: beta", "g: main", "h: gamma"]);
  const revision = `gamma@sha1:${top}+beta@sha1:${beta}+main@sha1:${later}`;
  deepEqual(revisions(setting.registry, "gamma"), { a: revision, b: revision });
});

const GAMMA: ChannelSettings = { name: "gamma", source: "defs", branch: "gamma", over: "beta" };

Deno.test("VC-5 over a channel that does not touch it, no stale copy hides what is newer further down", async () => {
  await using setting = await setUp({ channels: [MAIN, BETA, GAMMA] });
  const first = await setting.commit("main", {
    f: valueFunction("f", 1),
    g: valueFunction("g", 1),
  });
  await setting.fixture.setBranch("beta", first);
  const second = await setting.commit("main", {
    f: valueFunction("f", 2),
    h: valueFunction("h", 2),
  });
  await setting.fixture.setBranch("gamma", second);
  await setting.commit("main", { f: valueFunction("f", 3), h: null });
  await setting.refresh();
  deepEqual(held(setting, "gamma"), ["f: main", "g: main"]);
  await setting.commit("gamma", { g: valueFunction("g", 4) });
  await setting.refresh();
  deepEqual(held(setting, "gamma"), ["f: main", "g: gamma"]);
});

Deno.test("VC-5 an overlay may take back what the one below changed, to what is further down", async () => {
  await using setting = await setUp({ channels: [MAIN, BETA, GAMMA] });
  const first = await setting.commit("main", { f: valueFunction("f", 1) });
  await setting.fixture.setBranch("beta", first);
  const second = await setting.commit("beta", { f: valueFunction("f", 9) });
  await setting.fixture.setBranch("gamma", second);
  await setting.commit("main", { f: valueFunction("f", 2) });
  await setting.commit("gamma", { f: valueFunction("f", 2) });
  await setting.refresh();
  deepEqual([held(setting, "beta"), held(setting, "gamma")], [["f: beta"], ["f: gamma"]]);
});

Deno.test("VC-5 each channel searches its own namespaces; an overlay inherits the list", async () => {
  await using setting = await setUp({
    channels: [
      { ...MAIN, namespace: "koreo", priority: ["koreo"] },
      BETA,
      { ...BETA, name: "team", priority: ["team-a", "koreo"] },
    ],
  });
  const ours = valueFunction("f", 9).replace("name: f", "name: f\n  namespace: team-a");
  await setting.fixture.setBranch("beta", await setting.commit("main", FIRST));
  await setting.commit("beta", { ours });
  await setting.refresh();
  const winner = (channel: string) =>
    setting.registry.followed(channel)?.loaded?.program.winner("ValueFunction", "f")?.id;
  equal(winner("stable")?.namespace, "koreo");
  equal(winner("beta")?.namespace, "koreo");
  equal(winner("team")?.namespace, "team-a");
});

Deno.test("VC-5 the gate holds back per channel and per Workflow", async () => {
  await using setting = await setUp();
  const first = await setting.commit("main", FIRST);
  await setting.fixture.setBranch("beta", first);
  await setting.refresh();
  const beta = await setting.commit("beta", { f: valueFunction("f", "=(") });
  await setting.refresh();
  deepEqual(revisions(setting.registry, "stable"), {
    a: `main@sha1:${first}`,
    b: `main@sha1:${first}`,
  });
  deepEqual(revisions(setting.registry, "beta"), {
    a: `beta@sha1:${first}+main@sha1:${first}!`,
    b: `beta@sha1:${beta}+main@sha1:${first}`,
  });
  const refused = setting.registry.channel("beta")?.workflow("a")?.heldBack;
  equal(refused?.file, "f.k.yaml");
  equal(refused?.revision, `beta@sha1:${beta}+main@sha1:${first}`);
});

Deno.test("VC-5 a restart finds the last good revision of an overlay, whichever layer is bad", async () => {
  await using setting = await setUp();
  const main = await setting.commit("main", FIRST);
  await setting.fixture.setBranch("beta", main);
  const beta = await setting.commit("beta", { h: valueFunction("h", 1) });
  const bad = await setting.commit("main", { f: valueFunction("f", "=(") });
  await setting.commit("beta", { g: valueFunction("g", "=(") });
  const registry = setting.restarted();
  await registry.refresh({ signal });
  deepEqual(revisions(registry, "beta"), {
    a: `beta@sha1:${beta}+main@sha1:${main}!`,
    b: `beta@sha1:${beta}+main@sha1:${bad}!`,
  });
});

Deno.test("VC-5 a pattern makes one channel per branch, and takes it away with the branch", async () => {
  const preview = { name: "preview", source: "defs", branch: "preview/*", over: "stable" };
  await using setting = await setUp({ channels: [MAIN, preview] });
  const main = await setting.commit("main", FIRST);
  await setting.refresh();
  equal(setting.registry.channel("preview-new-cache"), undefined);
  await setting.fixture.setBranch("preview/new-cache", main);
  await setting.commit("preview/new-cache", { f: valueFunction("f", 4) });
  setting.changes.splice(0);
  await setting.refresh();
  deepEqual(held(setting, "preview-new-cache"), ["f: preview/new-cache", "g: main"]);
  deepEqual(
    setting.changes.map(({ channel, presence }) => [channel, presence]),
    [["preview-new-cache", "new"]],
  );
  await setting.fixture.deleteBranch("preview/new-cache");
  setting.changes.splice(0);
  await setting.refresh();
  equal(setting.registry.channel("preview-new-cache"), undefined);
  deepEqual(
    setting.changes.map(({ channel, presence, changedWorkflows }) => (
      { channel, presence, changedWorkflows }
    )),
    [{ channel: "preview-new-cache", presence: "gone", changedWorkflows: ["a", "b"] }],
  );
  deepEqual(setting.registry.status().channels.map(({ name }) => name), ["stable"]);
});

Deno.test("VC-5 a channel without its branch stops no other, and says so", async () => {
  await using setting = await setUp();
  const main = await setting.commit("main", FIRST);
  await rejects(setting.refresh(), /Cannot follow "beta"/);
  deepEqual(revisions(setting.registry, "stable"), {
    a: `main@sha1:${main}`,
    b: `main@sha1:${main}`,
  });
  const [, beta] = setting.registry.status().channels;
  match(beta?.error ?? "", /there is no branch, tag or commit of this name/);
  await setting.fixture.setBranch("beta", main);
  await setting.refresh();
  equal(setting.registry.status().channels[1]?.error, undefined);
  equal(setting.registry.status().lastError, undefined);
});

Deno.test("VC-5 a channel may follow a tag or a commit", async () => {
  await using setting = await setUp({
    channels: [{ ...MAIN, branch: "v1", ref: "refs/tags/v1" }],
  });
  const first = await setting.commit("main", FIRST);
  await setting.fixture.tag("v1", first);
  await setting.fixture.setBranch("v1", await setting.commit("main", { f: null }));
  await setting.refresh();
  equal(revisions(setting.registry, "stable")["a"], `v1@sha1:${first}`);
});

Deno.test("A channel that lies over itself, or over none there is, is refused", async () => {
  await rejects(setUp({ channels: [{ ...MAIN, over: "beta" }, BETA] }), /it lies over itself/);
  await rejects(setUp({ channels: [BETA] }), /there is no channel "stable" to lie over/);
});

Deno.test("VC-5 a fault in a file that both branches have stands in the right definition", async () => {
  await using setting = await setUp();
  const { f, g, a, b } = FIRST;
  const first = await setting.commit("main", { all: [f, g, a, b].join("---\n") });
  await setting.fixture.setBranch("beta", first);
  // On its branch the Workflow stands where the branch below has `g`.
  const broken = a.replace("name: f", "name: nowhere");
  const beta = await setting.commit("beta", { all: [broken, f, g, b].join("---\n") });
  await setting.refresh();
  deepEqual(revisions(setting.registry, "beta"), {
    a: `beta@sha1:${first}+main@sha1:${first}!`,
    b: `beta@sha1:${beta}+main@sha1:${first}`,
  });
});

Deno.test("VC-5 a branch of one repository takes no name of a channel of another", async () => {
  await using ours = await makeLocalFixture();
  await using theirs = await makeLocalFixture();
  const files = { "f.k.yaml": valueFunction("f", 1) };
  await ours.commit("main", { files });
  for (const branch of ["preview/new", "preview/free"]) await theirs.commit(branch, { files });
  const logged: string[] = [];
  const source = { location: "r", directory: "", intervalMs: 30_000 };
  const registry = createProgramRegistry({
    sources: [
      { ...source, name: "theirs", repository: theirs.open() },
      { ...source, name: "ours", repository: ours.open() },
    ],
    channels: [
      { name: "preview", source: "theirs", branch: "preview/*" },
      { name: "preview-new", source: "ours", branch: "main" },
    ],
    gate: "off",
    clock: createManualClock(),
    logger: { log: ({ message }) => void logged.push(message) },
    runTests: () => Promise.resolve([]),
  });
  await registry.refresh({ signal });
  deepEqual(
    registry.channels().map(({ settings: { name, branch } }) => `${name}: ${branch}`),
    ["preview-free: preview/free", "preview-new: main"],
  );
  ok(
    logged.some((message) =>
      /preview\/new.*there is already a channel "preview-new"/.test(message)
    ),
  );
});
