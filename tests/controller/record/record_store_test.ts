// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import fc from "fast-check";
import { gzipPacker } from "../../../src/adapters/gzip_packer.ts";
import { recordHeadName } from "../../../src/controller/record/record_maps.ts";
import type { ChannelRecord } from "../../../src/controller/release/release.ts";
import { member, memberAt } from "../../../src/language/mod.ts";
import type { FaultEffect } from "../../../src/simulator/mod.ts";
import {
  anyRecord,
  createRecordWorld,
  inOrder,
  type RecordWorld,
  sampleRecord,
} from "./records.ts";

const to = { signal: new AbortController().signal };

Deno.test("records are found again as they were saved, after a restart too", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(anyRecord, { selector: ({ channel }) => channel, maxLength: 3 }),
      async (records) => {
        const world = createRecordWorld();
        const store = world.open();
        for (const record of records) await store.save(record, to);
        deepEqual(byChannel(await store.load(to)), byChannel(records));
        deepEqual(byChannel(await world.open().load(to)), byChannel(records));
        deepEqual(world.logs.filter(({ level }) => level !== "info"), []);
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("a record that changes leaves no parts behind, and removed ones leave nothing", async () => {
  const world = createRecordWorld();
  const store = world.open();
  for (const revision of [1, 2, 3, 4]) {
    await store.save(sampleRecord("stable", { files: 300, revision, edited: revision }), to);
  }
  const heads = [...(await world.maps()).values()].map(partsOf);
  const named = new Set(heads.flat());
  equal(named.size > 3, true);
  equal((await world.maps()).size, named.size + 1);
  await store.remove("stable", to);
  equal((await world.maps()).size, 0);
});

Deno.test("channels of one repository share the parts they have in common", async () => {
  const world = createRecordWorld();
  const store = world.open();
  await store.save(sampleRecord("stable", { files: 1_000 }), to);
  const before = (await world.maps()).size;
  await store.save(sampleRecord("beta", { files: 1_000, edited: 3 }), to);
  equal((await world.maps()).size, before + 3, "a head, the Workflows and one section");
  await store.remove("stable", to);
  deepEqual((await world.open().load(to)).map(({ channel }) => channel), ["beta"]);
});

const FAULTS: readonly FaultEffect[] = [
  { type: "cut" },
  { type: "cut", afterEffect: true },
  { type: "refuse", status: 500 },
];

for (const effect of FAULTS) {
  const name = effect.type === "cut" && effect.afterEffect ? "cut after its effect" : effect.type;
  Deno.test(`a crash at any request (${name}) leaves the record before or the new one`, async () => {
    const [one, two, three] = [1, 2, 3].map((revision) =>
      sampleRecord("stable", { files: 200, revision, edited: revision * 20 })
    ) as [ChannelRecord, ChannelRecord, ChannelRecord];
    let requests = 0;
    for (let nth = 1; nth < 100; nth++) {
      const world = createRecordWorld();
      await world.open().save(one, to);
      const fault = world.simulator.faults.inject({ nth, times: Infinity, effect });
      const crash = new AbortController();
      let isDone = false;
      const saving = world.open().save(two, crash).then(() => true, () => false)
        .finally(() => isDone = true);
      while (world.clock.sleeping === 0 && !isDone) await world.clock.advance(0);
      crash.abort(new DOMException("crash", "AbortError"));
      const wasSaved = await saving;
      fault.remove();
      const [found] = await world.open().load(to);
      ok(found !== undefined);
      const expected = found.release.current.revision === two.release.current.revision ? two : one;
      deepEqual(inOrder(found), inOrder(expected));
      await world.open().save(three, to);
      const named = new Set([...(await world.maps()).values()].flatMap(partsOf));
      equal((await world.maps()).size, named.size + 1, "what the crash left is collected");
      deepEqual((await world.open().load(to)).map(inOrder), [inOrder(three)]);
      deepEqual(world.logs.filter(({ message }) => /Cannot use/.test(message)), []);
      requests = nth;
      if (wasSaved) break;
    }
    ok(requests > 5, `${requests} requests`);
  });
}

Deno.test("a save waits for a server that is away, and tells it once", async () => {
  const world = createRecordWorld();
  const effect = { type: "cut" } as const;
  const fault = world.simulator.faults.inject({ times: Infinity, effect });
  const saving = world.open().save(sampleRecord("stable"), to);
  for (let second = 0; second < 300; second++) await world.clock.advance(1_000);
  fault.remove();
  await world.clock.advance(60_000);
  await saving;
  equal((await world.open().load(to)).length, 1);
  deepEqual(world.logs.map(({ level }) => level), ["warn", "info"]);
  match(world.logs[0]?.message ?? "", /Cannot reach the record .* tried again/);
});

Deno.test("a record that somebody annotates meanwhile is replaced, and keeps the annotation", async () => {
  const world = createRecordWorld();
  const store = world.open();
  await store.save(sampleRecord("stable"), to);
  const name = await recordHeadName("stable", gzipPacker);
  await world.change(name, { metadata: { annotations: { "example.dev/asked": "yes" } } });
  await store.save(sampleRecord("stable", { revision: 2 }), to);
  const head = (await world.maps()).get(name);
  equal(memberAt(head?.metadata, "annotations", "example.dev/asked"), "yes");
  match(String(member(head?.data as never, "revision")), /2$/);
});

Deno.test("two who write the same record are told of each other", async () => {
  const world = createRecordWorld();
  const [one, other] = [world.open(), world.open()];
  await one.save(sampleRecord("stable", { revision: 1 }), to);
  await world.clock.advance(60_000);
  await other.save(sampleRecord("stable", { revision: 2 }), to);
  deepEqual(world.logs, []);
  await one.save(sampleRecord("stable", { revision: 3 }), to);
  deepEqual(world.logs.map(({ message }) => message), [
    'Another reconciler writes the record of channel "stable" in namespace "koreo-system": give ' +
    "each its own with --record-namespace",
  ]);
});

const TOO_MUCH: readonly {
  readonly name: string;
  readonly record: ChannelRecord;
  readonly say: RegExp;
}[] = [
  {
    name: "bytes",
    record: withDocuments(70, "x".repeat(1024 * 1024)),
    say: /it has \d+ bytes, at most 67108864 are kept/,
  },
  { name: "parts", record: withDocuments(200_000, ""), say: /parts, at most 2000 are kept/ },
];

for (const { name, record, say } of TOO_MUCH) {
  Deno.test(`a record of too many ${name} is not written, and told`, async () => {
    const world = createRecordWorld();
    const store = world.open();
    await store.save(sampleRecord("stable"), to);
    await store.save(record, to);
    match(world.logs.map(({ message }) => message).join(), say);
    deepEqual((await world.open().load(to)).map(inOrder), [inOrder(sampleRecord("stable"))]);
  });
}

Deno.test("a document larger than a part is kept in several", async () => {
  const world = createRecordWorld();
  const record = withDocuments(3, "é\u{1F600}x".repeat(300_000));
  await world.open().save(record, to);
  deepEqual((await world.open().load(to)).map(inOrder), [inOrder(record)]);
});

Deno.test("a record that is saved again as it is causes no write", async () => {
  const world = createRecordWorld();
  const store = world.open();
  await store.save(sampleRecord("stable"), to);
  world.calls.splice(0);
  await store.save(sampleRecord("stable"), to);
  deepEqual(world.calls.filter(({ verb }) => verb !== "list"), []);
});

Deno.test("what people read of a record says what is in force and what is held back", async () => {
  const world = createRecordWorld();
  const record = sampleRecord("Team/A b", { files: 11 });
  const [one, two] = record.release.current.workflows;
  ok(one !== undefined && two !== undefined);
  const why = { reason: "it fails", file: "a.k.yaml", line: 3 };
  const heldBack = { revision: "main@sha1:9", author: "B", subject: "T", ...why };
  const workflows = [one, { ...two, heldBack }];
  const current = { ...record.release.current, workflows };
  await world.open().save({ ...record, release: { ...record.release, current } }, to);
  const name = await recordHeadName("Team/A b", gzipPacker);
  match(name, /^koreo-record-team-a-b-[0-9a-f]{10}$/);
  const { revision } = current;
  deepEqual((await world.maps()).get(name)?.data, {
    revision,
    commit: "A: S",
    workflows: `workflow-0000.v1: ${revision}\nworkflow-0001.v1: ${revision}\n`,
    "held-back": "workflow-0001.v1: main@sha1:9: it fails (a.k.yaml:3)\n",
  });
});

const DAMAGES: Readonly<
  Record<string, { readonly say: RegExp; do(world: RecordWorld, head: string): Promise<void> }>
> = {
  "a part is missing": {
    say: /ConfigMap "koreo-record-part-[0-9a-f]{40}" is missing/,
    do: async (world) => await world.remove(await aPart(world)),
  },
  "a part holds something else": {
    say: /does not hold what was written/,
    do: (world) => replacePart(world, "H4sIAAAAAAAAA8vIBACsKpPYAgAAAA=="),
  },
  "a part is no gzip": {
    say: /does not hold what was written/,
    do: (world) => replacePart(world, "AAAA"),
  },
  "a part would fill the memory": {
    say: /does not hold what was written/,
    do: async (world) =>
      await replacePart(world, await gzipPacker.pack(new Uint8Array(100_000_000))),
  },
  "it names no parts": {
    say: /does not say what is in force/,
    do: (world, head) => world.change(head, annotations({ "koreo.dev/record-parts": "" })),
  },
  "it has a format of the future": {
    say: /its format is "2", and this version reads "1"/,
    do: (world, head) => world.change(head, annotations({ "koreo.dev/record-format": "2" })),
  },
  "it says it is of another channel": {
    say: /is not the one that it lies in/,
    do: (world, head) => world.change(head, annotations({ "koreo.dev/record-channel": "beta" })),
  },
};

for (const [damage, { say, do: damageIt }] of Object.entries(DAMAGES)) {
  Deno.test(`a record of which ${damage} is left out and told, and written anew`, async () => {
    const world = createRecordWorld();
    await world.open().save(sampleRecord("stable", { files: 100 }), to);
    await world.open().save(sampleRecord("other", { files: 1 }), to);
    await damageIt(world, await recordHeadName("stable", gzipPacker));
    const store = world.open();
    deepEqual((await store.load(to)).map(({ channel }) => channel), ["other"]);
    const [told] = world.logs.filter(({ level }) => level === "warn");
    match(told?.message ?? "", say);
    match(told?.message ?? "", /recorded anew/);
    await store.save(sampleRecord("stable", { files: 100 }), to);
    const channels = (await world.open().load(to)).map(({ channel }) => channel).sort();
    deepEqual(channels, ["other", "stable"]);
  });
}

const HOPELESS = [
  { name: "no namespace", namespaces: [], say: /no namespace "koreo-system".*--record-namespace/ },
  { name: "no permission", say: /forbidden.*koreo-reconciler-record.*--no-record/ },
];

for (const { name, namespaces, say } of HOPELESS) {
  Deno.test(`with ${name} it goes on without a record, and says so once`, async () => {
    const world = createRecordWorld(namespaces);
    if (namespaces === undefined) {
      const effect = { type: "refuse", status: 403, reason: "Forbidden" } as const;
      world.simulator.faults.inject({ times: Infinity, effect });
    }
    const store = world.open();
    deepEqual(await store.load(to), []);
    await store.save(sampleRecord("stable"), to);
    await store.save(sampleRecord("stable", { revision: 2 }), to);
    const told = world.logs.filter(({ level }) => level === "warn");
    equal(told.length, 1);
    match(told[0]?.message ?? "", say);
  });
}

for (const status of [401, 429, 500, 503]) {
  Deno.test(`a load that is answered ${status} goes on until there is another answer`, async () => {
    const world = createRecordWorld();
    await world.open().save(sampleRecord("stable"), to);
    const effect = { type: "refuse", status } as const;
    world.simulator.faults.inject({ times: 3, effect });
    const loading = world.open().load(to);
    for (let second = 0; second < 20; second++) await world.clock.advance(1_000);
    equal((await loading).length, 1);
    deepEqual(world.logs.map(({ level }) => level), ["warn", "info"]);
  });
}

Deno.test("an aborted save rejects with the reason", async () => {
  const world = createRecordWorld();
  const reason = new DOMException("enough", "AbortError");
  await rejects(
    world.open().save(sampleRecord("stable"), { signal: AbortSignal.abort(reason) }),
    reason,
  );
});

Deno.test("names of heads differ for channels that look alike", async () => {
  const channels = ["a/b", "a-b", "a.b", "A-B", "", "-", "é", "x".repeat(300)];
  const names = await Promise.all(channels.map((channel) => recordHeadName(channel, gzipPacker)));
  equal(new Set(names).size, channels.length);
  for (const name of names) match(name, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
  ok(names.every((name) => name.length < 100));
});

function withDocuments(count: number, text: string): ChannelRecord {
  const documents = Array.from({ length: count }, (_, index) => (
    { id: `${index}`, file: `${index}.k.yaml`, line: 1, text }
  ));
  return { ...sampleRecord("stable", { files: 0 }), documents };
}

function annotations(values: Readonly<Record<string, string>>) {
  return { metadata: { annotations: values } };
}

function partsOf(map: { readonly metadata: unknown }): readonly string[] {
  const parts = memberAt(map.metadata as never, "annotations", "koreo.dev/record-parts");
  return typeof parts === "string" ? parts.split(",") : [];
}

async function aPart(world: RecordWorld): Promise<string> {
  const head = (await world.maps()).get(await recordHeadName("stable", gzipPacker));
  return (head === undefined ? [] : partsOf(head)).at(-1) ?? "";
}

async function replacePart(world: RecordWorld, packed: string): Promise<void> {
  await world.replace(await aPart(world), { "lines.gz": packed });
}

function byChannel(records: readonly ChannelRecord[]): readonly ChannelRecord[] {
  return records.map(inOrder).toSorted((a, b) => a.channel < b.channel ? -1 : 1);
}
