// SPDX-License-Identifier: Apache-2.0

import { systemClock, systemYield } from "../adapters/system.ts";
import { createDefinitionFeed, type DefinitionFeed } from "../controller/mod.ts";
import { createGateTests } from "../testing/mod.ts";
import type { Configuration } from "./configuration.ts";
import type { RegistryPorts } from "./open_registry.ts";
import { openSources } from "./open_sources.ts";

/** A feed with what it holds open. */
export interface OpenedFeed extends Disposable {
  readonly feed: DefinitionFeed;
}

/** Opens a feed of what a configuration names; nothing is read before it runs. */
export function openFeed(
  configuration: Configuration,
  { logger, ...ports }: RegistryPorts,
): OpenedFeed {
  const opened = openSources(configuration, ports);
  const feed = createDefinitionFeed({
    sources: opened.sources,
    channels: configuration.channels,
    gate: configuration.gate,
    clock: systemClock,
    logger,
    runTests: createGateTests({ clock: systemClock, yieldNow: systemYield }),
    yieldNow: systemYield,
  });
  return { feed, [Symbol.dispose]: () => opened[Symbol.dispose]() };
}
