// SPDX-License-Identifier: Apache-2.0

import { systemClock, systemYield } from "../adapters/system.ts";
import {
  createDefinitionFeed,
  type DefinitionFeed,
  type WaitingEvents,
} from "../controller/mod.ts";
import { createGateTests } from "../testing/mod.ts";
import type { Configuration } from "./configuration.ts";
import type { RegistryPorts } from "./open_registry.ts";
import { openSources } from "./open_sources.ts";

/** What a feed works with besides its configuration. */
export interface FeedPorts extends RegistryPorts {
  /** What is told with its reports. */
  readonly events?: WaitingEvents;
  /** Names of channels that all others of their source come before. */
  readonly last?: readonly string[];
}

/** A feed with what it holds open. */
export interface OpenedFeed extends Disposable {
  readonly feed: DefinitionFeed;
}

/** Opens a feed of what a configuration names; nothing is read before it runs. */
export function openFeed(
  configuration: Configuration,
  { logger, events, last = [], ...ports }: FeedPorts,
): OpenedFeed {
  const opened = openSources(configuration, ports);
  const feed = createDefinitionFeed({
    sources: opened.sources,
    channels: configuration.channels,
    last,
    gate: configuration.gate,
    clock: systemClock,
    logger,
    runTests: createGateTests({ clock: systemClock, yieldNow: systemYield }),
    yieldNow: systemYield,
    ...(events === undefined ? {} : { events }),
  });
  return { feed, [Symbol.dispose]: () => opened[Symbol.dispose]() };
}
