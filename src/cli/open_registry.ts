// SPDX-License-Identifier: Apache-2.0

import { systemClock, systemYield } from "../adapters/system.ts";
import { createProgramRegistry, type ProgramRegistry } from "../controller/mod.ts";
import type { Logger } from "../runtime/ports.ts";
import { createGateTests } from "../testing/mod.ts";
import type { Configuration } from "./configuration.ts";
import { openSources, type SourcePorts } from "./open_sources.ts";

/** What a registry works with besides its configuration. */
export interface RegistryPorts extends SourcePorts {
  readonly logger: Logger;
}

/** A registry with the repositories that it follows. */
export interface OpenedRegistry extends Disposable {
  readonly registry: ProgramRegistry;
}

/** Opens what a configuration names; nothing is read before the registry is told to. */
export function openRegistry(
  configuration: Configuration,
  { logger, ...ports }: RegistryPorts,
): OpenedRegistry {
  const opened = openSources(configuration, ports);
  const registry = createProgramRegistry({
    sources: opened.sources,
    channels: configuration.channels,
    default: configuration.default,
    gate: configuration.gate,
    clock: systemClock,
    logger,
    runTests: createGateTests({ clock: systemClock, yieldNow: systemYield }),
  });
  return { registry, [Symbol.dispose]: () => opened[Symbol.dispose]() };
}
