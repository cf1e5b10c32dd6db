// SPDX-License-Identifier: Apache-2.0

import type { CanarySettings } from "../../../src/controller/channels/channel_settings.ts";
import { createDefinitionFeed } from "../../../src/controller/feed/definition_feed.ts";
import type { ChannelRecord, RecordStore } from "../../../src/controller/release/release.ts";
import {
  createReleaseRegistry,
  type ReleaseRegistry,
} from "../../../src/controller/registry/release_registry.ts";
import { isInShare } from "../../../src/controller/release/canary_share.ts";
import type { KubernetesObject } from "../../../src/runtime/ports.ts";
import { createMemoryRepository, type MemoryRepository } from "../channels/memory_repository.ts";
import { createWorld, NAMESPACE, type RegistryPorts, site, triggerDefinition } from "../world.ts";
import type { World } from "../world.ts";

/** A controller that follows a repository, with a canary and a record of what is in force. */
export interface CanaryWorld extends World {
  readonly repository: MemoryRepository;
  /** What the record holds. */
  readonly records: ReadonlyMap<string, ChannelRecord>;
  /** The registry that is at work. */
  readonly releases: () => ReleaseRegistry["releases"];
  readonly status: () => ReturnType<ReleaseRegistry["status"]>["channels"][number] | undefined;
  /** Commits definitions, has them fetched at once, and lets everything happen that follows. */
  commit(definitions: string, subject?: string): Promise<string>;
  /** Has the branch looked at. */
  look(): Promise<void>;
}

/** Five minutes of soak, ten until the deadline. */
export const CANARY: CanarySettings = {
  share: { type: "selector", triggers: { matchLabels: { ring: "early" } } },
  soakMs: 300_000,
  deadlineMs: 600_000,
  requireReady: true,
};

/** What a canary world starts with. */
export interface CanaryWorldOptions {
  readonly definitions: string;
  /** Names of Sites that are in the share. */
  readonly early: readonly string[];
  /** Names of Sites that are not. */
  readonly late: readonly string[];
  readonly canary?: CanarySettings;
}

/** Starts it; everything is settled. */
export async function createCanaryWorld(options: CanaryWorldOptions): Promise<CanaryWorld> {
  const repository = createMemoryRepository();
  const records = new Map<string, ChannelRecord>();
  const canary = options.canary ?? CANARY;
  let registry: ReleaseRegistry | undefined;
  repository.write({ "all.k.yaml": options.definitions });
  const world = await createWorld({
    objects: [
      triggerDefinition("Site"),
      ...options.early.map((name) => site(name, {}, { labels: { ring: "early" } })),
      ...options.late.map((name) => site(name)),
    ],
    registryOf: (ports) => registry = registryOf({ repository, records, canary, ports }),
  });
  const current = (): ReleaseRegistry => {
    if (registry === undefined) throw new RangeError("Nothing was started");
    return registry;
  };
  await settled(world);
  // A trigger that is made in the second in which a canary begins passes for a new one.
  await world.pass(60);
  const made: CanaryWorld = Object.assign(Object.create(world) as World, {
    repository,
    records,
    releases: () => current().releases,
    status: () => current().status().channels[0],
    async commit(definitions: string, subject?: string) {
      const id = repository.write({ "all.k.yaml": definitions }, subject);
      await made.look();
      return id;
    },
    async look() {
      current().wake();
      await settled(world);
    },
  });
  return made;
}

/** What is on its way between the parts takes a few turns. */
async function settled(world: World): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await world.settle();
}

function registryOf(
  { repository, records, canary, ports }: {
    readonly repository: MemoryRepository;
    readonly records: Map<string, ChannelRecord>;
    readonly canary: CanarySettings;
    readonly ports: RegistryPorts;
  },
): ReleaseRegistry {
  const channels = [{ name: "stable", source: "defs", branch: "main", canary }];
  const feed = createDefinitionFeed({
    ...ports,
    sources: [
      { name: "defs", repository, location: "memory", directory: "", intervalMs: 3_600_000 },
    ],
    channels,
    gate: "workflow",
    runTests: () => Promise.resolve([]),
  });
  const yieldNow = () => Promise.resolve();
  return createReleaseRegistry({ ...ports, feed, channels, records: recordsIn(records), yieldNow });
}

function recordsIn(records: Map<string, ChannelRecord>): RecordStore {
  return {
    load: () => Promise.resolve([...records.values()].map((record) => structuredClone(record))),
    save(record) {
      records.set(record.channel, structuredClone(record));
      return Promise.resolve();
    },
    remove(channel) {
      records.delete(channel);
      return Promise.resolve();
    },
  };
}

/** So many names of Sites that are in a percentage, and so many that are not. */
export function namesByShare(percent: number, count: number): readonly [string[], string[]] {
  const [inside, outside]: [string[], string[]] = [[], []];
  for (let index = 0; inside.length < count || outside.length < count; index++) {
    const trigger = site(`site-${index}`) as KubernetesObject;
    const list = isInShare({ type: "percent", percent }, { channel: "stable", trigger })
      ? inside
      : outside;
    if (list.length < count) list.push(`site-${index}`);
  }
  return [inside, outside];
}

/** The version that a Site's ConfigMap was made with. */
export async function versionOf(world: World, name: string): Promise<unknown> {
  const map = await world.get("ConfigMap", name, NAMESPACE);
  return (map as unknown as { data?: { version?: unknown } })?.data?.version;
}
