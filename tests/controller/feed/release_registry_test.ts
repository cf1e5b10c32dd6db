// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { FeedError, type FeedReport } from "../../../src/controller/feed/feed_message.ts";
import type { ProgramChange } from "../../../src/controller/feed/source_follower.ts";
import type { ChannelRecord, RecordStore } from "../../../src/controller/release/release.ts";
import {
  createReleaseRegistry,
  type ReleaseRegistry,
} from "../../../src/controller/registry/release_registry.ts";
import type { ChannelSettings } from "../../../src/controller/channels/channel_settings.ts";
import type { LogEntry } from "../../../src/runtime/ports.ts";
import {
  createManualClock,
  createSeededRandom,
  type ManualClock,
} from "../../../src/simulator/mod.ts";
import { valueFunction, workflow } from "../definitions.ts";
import {
  createScriptedFeed,
  generationOf,
  publicationOf,
  recordOf,
  revisionOf,
  type ScriptedFeed,
  STABLE,
} from "./scripted_feed.ts";

const FILES = {
  "defs/f.k.yaml": valueFunction("f", 1),
  "defs/g.k.yaml": valueFunction("g", 1),
  "defs/a.k.yaml": workflow("a", "f", "Alpha"),
};
const CHANGED = { ...FILES, "defs/f.k.yaml": valueFunction("f", 2) };
const FIRST = generationOf(FILES, 1, { a: "one" });
const SECOND = generationOf(CHANGED, 2, { a: "two" });

const REPORT: FeedReport = {
  type: "report",
  channels: [STABLE],
  statuses: [],
  wereAllTried: true,
  events: [],
};

interface Setting extends AsyncDisposable {
  readonly registry: ReleaseRegistry;
  readonly feed: ScriptedFeed;
  readonly clock: ManualClock;
  readonly changes: readonly ProgramChange[];
  readonly logged: readonly LogEntry[];
  /** How often others had their turn. */
  readonly yields: () => number;
  /** Lets what is due happen. */
  settle(): Promise<void>;
  /** From now on nothing goes on that has let others have their turn, until it is called. */
  holdTurns(): () => void;
}

/** Every look at the clock takes a millisecond: work has a length although nothing is waited for. */
function slowClock(clock: ManualClock): Pick<ManualClock, "now" | "sleep"> {
  let looks = 0;
  return { now: () => clock.now() + ++looks, sleep: clock.sleep };
}

function setUp(
  { records, isSlow = false, others = [], ...made }: {
    readonly records?: RecordStore;
    readonly isSlow?: boolean;
    readonly others?: readonly ChannelSettings[];
    readonly priority?: readonly string[];
  } = {},
): Setting {
  const clock = createManualClock();
  const feed = createScriptedFeed();
  const changes: ProgramChange[] = [];
  const logged: LogEntry[] = [];
  const stop = new AbortController();
  let yields = 0;
  let turn: Promise<void> = Promise.resolve();
  const registry = createReleaseRegistry({
    feed,
    channels: [{ name: "stable", source: "defs", branch: "main", ...made }, ...others],
    ...(records === undefined ? {} : { records }),
    clock: isSlow ? slowClock(clock) : clock,
    random: createSeededRandom(1),
    yieldNow: () => {
      yields++;
      return turn;
    },
    logger: { log: (entry) => void logged.push(entry) },
  });
  registry.subscribe((change) => changes.push(change));
  const running = registry.run({ signal: stop.signal }).catch(() => {});
  return {
    registry,
    feed,
    clock,
    changes,
    logged,
    yields: () => yields,
    settle: () => clock.advance(0),
    holdTurns() {
      const held = Promise.withResolvers<void>();
      turn = held.promise;
      return () => {
        turn = Promise.resolve();
        held.resolve();
      };
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

/** Keeps records in memory. */
function memoryRecords(records: readonly ChannelRecord[] = []) {
  const kept = new Map(records.map((record) => [record.channel, record]));
  const saved: ChannelRecord[] = [];
  const store: RecordStore = {
    load: () => Promise.resolve([...kept.values()]),
    save: (record) => {
      saved.push(record);
      kept.set(record.channel, record);
      return Promise.resolve();
    },
    remove: (channel) => {
      kept.delete(channel);
      return Promise.resolve();
    },
  };
  return { kept, saved, store };
}

function inForce(registry: ReleaseRegistry): string | undefined {
  return registry.channel("stable")?.workflow("a")?.inForce?.revision;
}

Deno.test("What a feed publishes is in force, and its triggers are told what changed", async () => {
  await using setting = setUp();
  const { registry, feed, changes } = setting;
  equal(registry.channel("stable")?.isLoaded, false);
  equal(registry.channel("unknown"), undefined);
  await feed.tell(publicationOf(FIRST));
  await feed.tell(REPORT);
  await registry.ready;
  equal(inForce(registry), revisionOf(1));
  const { program } = registry.channel()?.programOf("a") ?? {};
  equal(program?.winner("Workflow", "a")?.source.file, "defs/a.k.yaml");
  await feed.tell(publicationOf(SECOND));
  deepEqual(changes.map(({ changedWorkflows, presence }) => [changedWorkflows, presence]), [
    [["a"], "new"],
    [["a"], undefined],
  ]);
  equal(registry.status().channels[0]?.workflows[0]?.revision, revisionOf(2));
});

Deno.test("What did not change is the same object in the next generation", async () => {
  await using setting = setUp();
  const { registry, feed } = setting;
  const winner = (name: string) =>
    registry.channel()?.programOf("a")?.program.winner("ValueFunction", name);
  await feed.tell(publicationOf(FIRST));
  const [f, g] = [winner("f"), winner("g")];
  await feed.tell(publicationOf(SECOND));
  equal(winner("g") === g, true);
  equal(winner("f") === f, false);
});

Deno.test("Compilation lets others have their turn", async () => {
  await using setting = setUp({ isSlow: true });
  const files = Object.fromEntries(
    Array.from({ length: 100 }, (_, at) => [`defs/${at}.k.yaml`, valueFunction(`f${at}`, at)]),
  );
  await setting.feed.tell(publicationOf(generationOf({ ...FILES, ...files }, 1, { a: "one" })));
  equal(setting.yields() > 20, true, `${setting.yields()} times`);
  equal(inForce(setting.registry), revisionOf(1));
});

Deno.test("What was recorded is in force before the feed has said a word", async () => {
  const { store } = memoryRecords([recordOf(FIRST)]);
  await using setting = setUp({ records: store });
  await setting.registry.ready;
  equal(inForce(setting.registry), revisionOf(1));
  equal(setting.registry.status().channels[0]?.head, revisionOf(1).slice(-40));
  deepEqual(setting.logged.map(({ message }) => message), [
    `Put "${revisionOf(1)}" in force, as it was recorded`,
  ]);
  await setting.settle();
  const [[seed] = []] = setting.feed.runs;
  deepEqual([seed?.channel, seed?.generation], ["stable", FIRST.generation]);
  deepEqual(seed?.documents.length, 3);
  // The feed offers it again, and nobody runs again.
  await setting.feed.tell(publicationOf(FIRST));
  equal(setting.changes.length, 1);
});

const BETA: ChannelSettings = { name: "beta", source: "defs", branch: "beta", over: "stable" };

/** Whether the triggers may run; asked anew each time. */
async function isReady({ registry, settle }: Setting): Promise<boolean> {
  let ready = false;
  registry.ready.then(() => ready = true);
  await settle();
  return ready;
}

Deno.test("No trigger runs before a channel that is not recorded was looked at", async () => {
  const { store } = memoryRecords([recordOf(FIRST)]);
  await using setting = setUp({ records: store, others: [BETA] });
  equal(await isReady(setting), false);
  equal(inForce(setting.registry), revisionOf(1));
  await setting.feed.tell({ ...REPORT, wereAllTried: false });
  equal(await isReady(setting), false);
  await setting.feed.tell(REPORT);
  equal(await isReady(setting), true);
});

Deno.test("A source that takes its time stands in the way of nothing that is recorded", async () => {
  const { store } = memoryRecords([recordOf(FIRST)]);
  await using setting = setUp({ records: store, others: [BETA] });
  await setting.clock.advance(9_999);
  equal(await isReady(setting), false);
  await setting.clock.advance(1);
  equal(await isReady(setting), true);
});

Deno.test("A record of many channels that share their definitions lets others have their turn", async () => {
  const yieldsOf = async (count: number): Promise<number> => {
    const others = Array.from({ length: count }, (_, index) => ({
      name: `team-${index}`,
      source: "defs",
      branch: `team-${index}`,
    }));
    const recorded = others.map(({ name }) => ({ ...recordOf(FIRST), channel: name }));
    const records = memoryRecords([recordOf(FIRST), ...recorded]).store;
    await using setting = setUp({ records, others, isSlow: true });
    await setting.registry.ready;
    equal(setting.registry.channel(`team-${count - 1}`)?.workflows().length, 1);
    return setting.yields();
  };
  equal(await yieldsOf(50) >= await yieldsOf(1) + 5, true);
});

Deno.test("A feed is made ready while the record is read, and begins with what it holds", async () => {
  const loading = Promise.withResolvers<readonly ChannelRecord[]>();
  const records = { ...memoryRecords().store, load: () => loading.promise };
  await using setting = setUp({ records });
  await setting.settle();
  deepEqual([setting.feed.begun(), setting.feed.runs.length], [1, 0]);
  loading.resolve([recordOf(FIRST)]);
  await setting.registry.ready;
  await setting.settle();
  deepEqual(setting.feed.runs.map((seeds) => seeds.map(({ channel }) => channel)), [["stable"]]);
});

Deno.test("What is in force is recorded, once for what changes within a second", async () => {
  const { store, saved } = memoryRecords();
  await using setting = setUp({ records: store });
  await setting.settle();
  await setting.feed.tell(publicationOf(FIRST));
  await setting.settle();
  deepEqual(saved.map(({ release }) => release.current.revision), [revisionOf(1)]);
  await setting.feed.tell(publicationOf(SECOND));
  await setting.feed.tell(publicationOf(generationOf(FILES, 3, { a: "three" })));
  await setting.settle();
  equal(saved.length, 1);
  await setting.clock.advance(1_000);
  deepEqual(saved.map(({ release }) => release.current.revision), [revisionOf(1), revisionOf(3)]);
  equal(saved[1]?.release.previous?.revision, revisionOf(2));
  // Both generations are whole in it.
  equal(saved[1]?.programs.length, 2);
  equal(saved[1]?.documents.length, 4);
});

Deno.test("A record that cannot be had or written changes nothing of what is in force", async () => {
  const fail = () => Promise.reject(new RangeError("the cluster is odd"));
  await using setting = setUp({ records: { load: fail, save: fail, remove: fail } });
  await setting.settle();
  await setting.feed.tell(publicationOf(FIRST));
  await setting.settle();
  equal(inForce(setting.registry), revisionOf(1));
  deepEqual(setting.logged.flatMap(({ level, message }) => level === "error" ? [message] : []), [
    "Cannot read the record of what is in force: the cluster is odd",
    'Cannot record channel "stable": the cluster is odd',
  ]);
});

Deno.test("A record of a channel that is no longer configured is removed", async () => {
  const { store, kept } = memoryRecords([{ ...recordOf(FIRST), channel: "nightly" }]);
  await using setting = setUp({ records: store });
  await setting.settle();
  await setting.settle();
  deepEqual([...kept.keys()], []);
  equal(setting.registry.channel("nightly"), undefined);
});

Deno.test("What was refused as such under other settings may be good under those of today", async () => {
  const refusal = { revision: revisionOf(2), reason: "It was worse", at: 1 };
  const record = recordOf(FIRST);
  const { store, kept } = memoryRecords([
    { ...record, release: { ...record.release, refused: [refusal] } },
  ]);
  {
    await using setting = setUp({ records: store });
    await setting.settle();
    deepEqual(setting.feed.runs[0]?.[0]?.refused, [refusal]);
    await setting.feed.tell(publicationOf(SECOND));
    equal(inForce(setting.registry), revisionOf(1));
  }
  equal(kept.get("stable")?.release.refused.length, 1);
  await using setting = setUp({ records: store, priority: ["team", "default"] });
  await setting.registry.ready;
  // What is in force runs on until something is good under the new ones.
  equal(inForce(setting.registry), revisionOf(1));
  await setting.settle();
  deepEqual(setting.feed.runs[0]?.[0]?.refused, []);
  await setting.feed.tell(publicationOf(SECOND));
  equal(inForce(setting.registry), revisionOf(2));
});

Deno.test("A feed that broke down runs again after a while, with what is in force", async () => {
  await using setting = setUp();
  await setting.feed.tell(publicationOf(FIRST));
  for (let crash = 1; crash < 4; crash++) {
    setting.feed.breakDown(new FeedError("out-of-memory", "The Worker needs more memory"));
    await setting.settle();
    equal(setting.feed.runs.length, crash);
    await setting.clock.advanceToNext();
    equal(setting.feed.runs.length, crash + 1);
    deepEqual(setting.feed.runs[crash]?.map(({ generation }) => generation), [FIRST.generation]);
  }
  equal(inForce(setting.registry), revisionOf(1));
  const waits = setting.logged.filter(({ level }) => level === "error").map(({ message }) =>
    message
  );
  match(waits[0] ?? "", /^The Worker needs more memory; what is in force stays, tries again in /);
  await setting.feed.tell(publicationOf(SECOND));
  equal(inForce(setting.registry), revisionOf(2));
});

Deno.test("What a feed told before it broke down does not take the place of what the next one tells", async () => {
  await using setting = setUp({ isSlow: true });
  const { registry, feed } = setting;
  const many = Object.fromEntries(
    Array.from({ length: 100 }, (_, at) => [`defs/${at}.k.yaml`, valueFunction(`f${at}`, at)]),
  );
  await feed.tell(publicationOf(FIRST));
  const goOn = setting.holdTurns();
  const late = feed.tell(publicationOf(generationOf({ ...FILES, ...many }, 2, { a: "two" })))
    .catch((reason) => reason);
  await setting.settle();
  feed.breakDown(new FeedError("silent", "The Worker does not answer any more"));
  await setting.settle();
  await setting.clock.advanceToNext();
  equal(feed.runs.length, 2);
  goOn();
  await late;
  equal(inForce(registry), revisionOf(1));
  await feed.tell(publicationOf(generationOf(CHANGED, 3, { a: "three" })));
  equal(inForce(registry), revisionOf(3));
});

Deno.test("A feed that rests on what was taken back is told again where to go on from", async () => {
  await using setting = setUp();
  const { registry, feed } = setting;
  await feed.tell(publicationOf(FIRST));
  await feed.tell(publicationOf(SECOND));
  registry.releases.rollBack("stable", { reason: "It was worse" });
  equal(feed.wentBack.length, 1);
  // It has begun anew and knows of no refusal: "a" is held back and rests on what was refused.
  const [held] = SECOND.generation.workflows;
  const next = generationOf(CHANGED, 3, { a: "two" });
  await feed.tell(publicationOf({
    ...next,
    generation: { ...next.generation, workflows: held === undefined ? [] : [held] },
  }));
  equal(inForce(registry), revisionOf(1));
  deepEqual(feed.wentBack[1], feed.wentBack[0]);
  await feed.tell(publicationOf(SECOND));
  equal(inForce(registry), revisionOf(1));
  equal(feed.wentBack.length, 3);
});

const REFUSAL = {
  revision: revisionOf(2),
  reason: "It was worse",
  at: createManualClock().now(),
  workflows: [{ name: "a", digest: "two" }],
};

Deno.test("A behaviour that was refused stays so under other settings, and after a restart", async () => {
  const record = recordOf(FIRST);
  const { store } = memoryRecords([
    { ...record, release: { ...record.release, refused: [REFUSAL] } },
  ]);
  await using setting = setUp({ records: store, priority: ["team", "default"] });
  await setting.registry.ready;
  await setting.settle();
  deepEqual(setting.feed.runs[0]?.[0]?.refused, [REFUSAL]);
  await setting.feed.tell(publicationOf(generationOf(CHANGED, 3, { a: "two" })));
  equal(inForce(setting.registry), revisionOf(1));
  // The same commit, which behaves otherwise under these.
  await setting.feed.tell(publicationOf(generationOf(CHANGED, 2, { a: "other" })));
  equal(inForce(setting.registry), revisionOf(2));
});

Deno.test("What was taken back is allowed again by its revision, and by nothing else", async () => {
  const { store } = memoryRecords();
  await using setting = setUp({ records: store });
  const { registry: { releases, status }, feed } = setting;
  await feed.tell(publicationOf(FIRST));
  await feed.tell(publicationOf(SECOND));
  releases.rollBack("stable", { reason: "It was worse" });
  deepEqual(releases.promote("stable", { reason: "asked", revision: revisionOf(3) }), {
    type: "refused",
    message: `Channel "stable" tries nothing; what was taken back is "${revisionOf(2)}"`,
    revision: revisionOf(1),
  });
  equal(releases.promote("stable", { reason: "asked" }).type, "refused");
  deepEqual(status().channels[0]?.refused, [REFUSAL]);
  deepEqual(releases.promote("stable", { reason: "asked", revision: revisionOf(2) }), {
    type: "done",
    message: `"${revisionOf(2)}" is allowed again: what the branch still holds of it goes in ` +
      "force with the next look at it",
    revision: revisionOf(1),
  });
  equal(status().channels[0]?.refused, undefined);
  const step = { type: "refusal-lifted", revision: revisionOf(2), reason: "asked" };
  deepEqual(setting.changes.at(-1)?.step, step);
  deepEqual(
    setting.logged.at(-1)?.message,
    `Lets run again what was taken back with "${revisionOf(2)}": asked`,
  );
  deepEqual([feed.wentBack.length, feed.wentBack[1]?.refused], [2, []]);
  await feed.tell(publicationOf(generationOf(CHANGED, 3, { a: "two" })));
  equal(inForce(setting.registry), revisionOf(3));
});

Deno.test("A rollback that comes late goes no step further where the branch went back by itself", async () => {
  await using setting = setUp();
  const { registry: { releases }, feed } = setting;
  await feed.tell(publicationOf(FIRST));
  await feed.tell(publicationOf(SECOND));
  releases.rollBack("stable", { reason: "It was worse" });
  await feed.tell(publicationOf(generationOf(CHANGED, 3, { a: "three" })));
  // The commit that was taken back, with what may run of it: another Workflow is gone.
  const [held] = FIRST.generation.workflows;
  const heldBack = {
    revision: revisionOf(2),
    author: "Tess Ter",
    subject: "Version 2",
    reason: "It was taken back",
    takenBack: { revision: revisionOf(2), reason: "It was worse", at: 1 },
  };
  const workflows = held === undefined ? [] : [{ ...held, heldBack }];
  await feed.tell(publicationOf({ ...SECOND, generation: { ...SECOND.generation, workflows } }));
  equal(inForce(setting.registry), revisionOf(1));
  deepEqual(releases.rollBack("stable", { reason: "late", takingBack: revisionOf(2) }), {
    type: "refused",
    message: `"${revisionOf(2)}" runs as far as it was not taken back already: to go back ` +
      "further, name the revision with --to",
    revision: revisionOf(2),
  });
  equal(releases.rollBack("stable", { reason: "asked", to: revisionOf(3) }).type, "done");
});

Deno.test("A rollback to what was taken back since says what to do, and changes nothing", async () => {
  await using setting = setUp();
  const { registry: { releases }, feed } = setting;
  await feed.tell(publicationOf(SECOND));
  await feed.tell(publicationOf(FIRST));
  const canary = {
    share: { type: "percent" as const, percent: 10 },
    soakMs: 1,
    deadlineMs: 1,
    requireReady: true,
  };
  const again = publicationOf(generationOf(CHANGED, 3, { a: "two" }));
  await feed.tell({ ...again, channel: { ...STABLE, canary } });
  equal(releases.rollBack("stable", { reason: "It fails" }).revision, revisionOf(1));
  deepEqual(releases.rollBack("stable", { reason: "asked" }), {
    type: "refused",
    message: `Channel "stable" cannot go back to "${revisionOf(2)}": some of it was taken back ` +
      `with "${revisionOf(3)}": It fails; allow it with "koreo promote stable --revision ` +
      `${revisionOf(3)}"`,
    revision: revisionOf(1),
  });
  equal(inForce(setting.registry), revisionOf(1));
});

Deno.test("A rollback is a step without the feed, which then goes on from there", async () => {
  await using setting = setUp();
  const { registry, feed } = setting;
  await feed.tell(publicationOf(FIRST));
  await feed.tell(publicationOf(SECOND));
  equal(registry.releases.rollBack("stable", { reason: "It was worse" }).type, "done");
  equal(inForce(registry), revisionOf(1));
  const [seed] = feed.wentBack;
  deepEqual([seed?.generation.revision, seed?.refused], [revisionOf(1), [REFUSAL]]);
  // What the feed had on its way when it was told.
  const late = generationOf(CHANGED, 3, { a: "two" });
  const [held] = SECOND.generation.workflows;
  await feed.tell(publicationOf({
    ...late,
    generation: { ...late.generation, workflows: held === undefined ? [] : [held] },
  }));
  equal(inForce(registry), revisionOf(1));
});

Deno.test("A rollback takes back what it is meant to, once", async () => {
  await using setting = setUp();
  const { registry: { releases }, feed } = setting;
  await feed.tell(publicationOf(FIRST));
  await feed.tell(publicationOf(SECOND));
  await feed.tell(publicationOf(generationOf(FILES, 3, { a: "three" })));
  const order = (version: number) => ({ reason: "It was worse", takingBack: revisionOf(version) });
  deepEqual(releases.rollBack("stable", order(2)), {
    type: "refused",
    message: `Channel "stable" runs "${revisionOf(3)}" by now, not "${revisionOf(2)}"`,
    revision: revisionOf(3),
  });
  equal(releases.rollBack("stable", order(3)).revision, revisionOf(2));
  deepEqual(releases.rollBack("stable", order(3)), {
    type: "done",
    message: `"${revisionOf(3)}" is taken back already, "${revisionOf(2)}" runs`,
    revision: revisionOf(2),
  });
  equal(feed.wentBack.length, 1);
});

Deno.test("A channel that is gone leaves nothing, and its triggers are told", async () => {
  const { store, kept } = memoryRecords();
  await using setting = setUp({ records: store });
  await setting.settle();
  await setting.feed.tell(publicationOf(FIRST));
  await setting.clock.advance(2_000);
  equal(kept.size, 1);
  await setting.feed.tell({ type: "gone", channel: "stable" });
  await setting.clock.advance(2_000);
  equal(kept.size, 0);
  equal(setting.registry.channel("stable"), undefined);
  deepEqual(setting.changes.at(-1), {
    channel: "stable",
    changedWorkflows: ["a"],
    revision: revisionOf(1),
    presence: "gone",
  });
});

Deno.test("Following ends with the reason of the abort", async () => {
  const stop = new AbortController();
  const registry = createReleaseRegistry({
    feed: createScriptedFeed(),
    channels: [],
    clock: createManualClock(),
    random: createSeededRandom(1),
    yieldNow: () => Promise.resolve(),
    logger: { log: () => {} },
  });
  const running = registry.run({ signal: stop.signal });
  stop.abort(new RangeError("enough"));
  await rejects(running, { message: "enough" });
});

const PREVIEWS: ChannelSettings = { name: "preview", source: "other", branch: "preview/*" };

Deno.test("A channel of a pattern is unknown only once its source was read", async () => {
  await using setting = setUp({ others: [PREVIEWS] });
  const { registry, feed } = setting;
  const isLoaded = () => registry.channel("preview-x")?.isLoaded;
  const why = () => registry.whyNotReady("preview-x");
  deepEqual([isLoaded(), why(), registry.channel("other-x")], [false, undefined, undefined]);
  const reason = "Cannot fetch it: connection refused";
  await feed.tell({ ...REPORT, unread: [{ source: "other", reason }] });
  deepEqual([isLoaded(), why()], [false, reason]);
  await feed.tell({ ...REPORT, unread: [] });
  deepEqual([isLoaded(), why()], [undefined, undefined]);
  const settled = { channel: "preview", changedWorkflows: [], revision: "", presence: "settled" };
  deepEqual(setting.changes, [settled]);
  // A feed that begins anew has not read it yet: what was known stays known.
  await feed.tell({ ...REPORT, unread: [{ source: "other" }] });
  equal(isLoaded(), undefined);
  equal(setting.changes.length, 1);
});

Deno.test("A channel that was there stays so until a feed that begins anew has read its source", async () => {
  await using setting = setUp({ others: [PREVIEWS] });
  const { registry, feed } = setting;
  const isLoaded = () => registry.channel("preview-x")?.isLoaded;
  const preview = { ...STABLE, name: "preview-x", source: "other", branch: "preview/x" };
  await feed.tell({ ...REPORT, channels: [STABLE, preview], unread: [] });
  equal(isLoaded(), false);
  await feed.tell({ ...REPORT, unread: [{ source: "other" }] });
  deepEqual([isLoaded(), registry.channel("preview-y")], [false, undefined]);
  deepEqual(registry.status().channels.map(({ name }) => name), ["stable", "preview-x"]);
  await feed.tell({ ...REPORT, unread: [] });
  equal(isLoaded(), undefined);
});

Deno.test("A channel of which nothing is loaded says why, as far as it is known", async () => {
  await using setting = setUp();
  const { registry, feed } = setting;
  equal(registry.whyNotReady("stable"), undefined);
  const error = 'Cannot follow "main": there is no such branch';
  const status = { name: "stable", branch: "main", head: null, error };
  const statuses = [{ ...status, definitions: 0, diagnostics: [], workflows: [] }];
  await feed.tell({ ...REPORT, statuses });
  deepEqual([registry.channel("stable")?.isLoaded, registry.whyNotReady("stable")], [false, error]);
});
