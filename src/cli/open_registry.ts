// SPDX-License-Identifier: Apache-2.0

import { openRepository, readGitLocation, type SourceSettings } from "../adapters/git/mod.ts";
import { systemClock } from "../adapters/system.ts";
import {
  createProgramRegistry,
  type ProgramRegistry,
  type SourceSettings as FollowedSource,
} from "../controller/mod.ts";
import type { Logger } from "../runtime/ports.ts";
import { runGateTests } from "../testing/mod.ts";
import type { Configuration } from "./configuration.ts";
import { sourceSettings } from "./source_settings.ts";

/** What a registry works with besides its configuration. */
export interface RegistryPorts {
  readonly logger: Logger;
  /** How repositories are read, and with which credentials. */
  readonly git?: SourceSettings;
}

/** A registry with the repositories that it follows. */
export interface OpenedRegistry extends Disposable {
  readonly registry: ProgramRegistry;
}

/** Opens what a configuration names; nothing is read before the registry is told to. */
export function openRegistry(
  configuration: Configuration,
  { logger, git }: RegistryPorts,
): OpenedRegistry {
  const opened = openSources(configuration, git);
  const registry = createProgramRegistry({
    sources: opened.sources,
    channels: configuration.channels,
    default: configuration.default,
    gate: configuration.gate,
    clock: systemClock,
    logger,
    runTests: runGateTests,
  });
  return { registry, [Symbol.dispose]: () => opened[Symbol.dispose]() };
}

/** Sources of definitions that are ready to be read. */
export interface OpenedSources extends Disposable {
  readonly sources: readonly FollowedSource[];
}

/** Opens the repositories that a configuration names; nothing is fetched yet. */
export function openSources(
  { sources }: Pick<Configuration, "sources">,
  git: SourceSettings | undefined,
): OpenedSources {
  const settings = sourceSettings(sources, git);
  const opened = sources.map(({ name, url, path, intervalMs }, index) => {
    const repository = openRepository(url, settings[index]);
    return { name, repository, location: withoutCredentials(url), directory: path, intervalMs };
  });
  return {
    sources: opened,
    [Symbol.dispose]: () => opened.forEach(({ repository }) => repository.close()),
  };
}

/** A repository as it may be shown. */
export function withoutCredentials(repo: string): string {
  const place = readGitLocation(repo);
  return place.type === "local" ? place.path : place.address;
}
