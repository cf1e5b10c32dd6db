// SPDX-License-Identifier: Apache-2.0

import { openRepository, readGitLocation, type SourceSettings } from "../adapters/git/mod.ts";
import { systemClock, systemRandom } from "../adapters/system.ts";
import {
  createClusterRepository,
  type DefinitionWatchOptions,
  type SourceSettings as FollowedSource,
} from "../controller/mod.ts";
import type { Configuration } from "./configuration.ts";
import { sourceSettings } from "./source_settings.ts";

/** What sources are read with. */
export interface SourcePorts {
  /** How repositories are read, and with which credentials. */
  readonly git?: SourceSettings;
  /** The cluster that holds definitions; needed where a configuration says that one does. */
  readonly cluster?: DefinitionWatchOptions["cluster"];
}

/** Sources of definitions that are ready to be read. */
export interface OpenedSources extends Disposable {
  readonly sources: readonly FollowedSource[];
}

/** How often a cluster that is watched is looked at besides. */
const CLUSTER_INTERVAL_MS = 30_000;

/**
 * Opens the sources that a configuration names; nothing is fetched yet.
 *
 * @throws {TypeError} If it names the cluster and none is given
 */
export function openSources(
  { sources, clusterSource }: Pick<Configuration, "sources" | "clusterSource">,
  { git, cluster }: SourcePorts,
): OpenedSources {
  const settings = sourceSettings(sources, git);
  const repositories = sources.map(({ name, url, path, intervalMs }, index): FollowedSource => {
    const repository = openRepository(url, settings[index]);
    return { name, repository, location: withoutCredentials(url), directory: path, intervalMs };
  });
  const held = clusterSource === undefined ? [] : [sourceOfCluster(clusterSource, cluster)];
  const opened = [...repositories, ...held];
  return {
    sources: opened,
    [Symbol.dispose]: () => opened.forEach(({ repository }) => repository.close()),
  };
}

function sourceOfCluster(name: string, cluster: SourcePorts["cluster"]): FollowedSource {
  if (cluster === undefined) throw new TypeError(`Cannot open source "${name}" without a cluster`);
  const repository = createClusterRepository({ cluster, clock: systemClock, random: systemRandom });
  return {
    name,
    repository,
    location: "the cluster",
    directory: "",
    intervalMs: CLUSTER_INTERVAL_MS,
    follow: repository.follow,
  };
}

/** A repository as it may be shown. */
export function withoutCredentials(repo: string): string {
  const place = readGitLocation(repo);
  return place.type === "local" ? place.path : place.address;
}
