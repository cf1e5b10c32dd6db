// SPDX-License-Identifier: Apache-2.0

import type { Command, Option, OptionValues } from "commander";
import { ClusterConfigError } from "../adapters/kubernetes/mod.ts";
import type { FollowedChannel, ProgramRegistry } from "../controller/mod.ts";
import { ClusterError } from "../runtime/mod.ts";
import { outputOption } from "./command.ts";
import { type CommandIo, UsageError } from "./command_io.ts";
import { channelOption, configurationOf, definitionOptions } from "./configuration_options.ts";
import type { Configuration } from "./configuration.ts";
import { gitSettings } from "./git_settings.ts";
import { connectTo } from "./open_cluster.ts";
import { openRegistry } from "./open_registry.ts";
import type { SourcePorts } from "./open_sources.ts";
import { unknownChannelText } from "./unknown_channel.ts";
import { kubeconfigChoice, kubeconfigOptions } from "./reconcile_settings.ts";

/** Adds what every command takes that looks at channels. */
export function addChannelOptions(
  command: Command,
  channel: string,
  own: readonly Option[] = [],
): Command {
  return [
    ...definitionOptions(),
    channelOption(channel),
    ...own,
    ...kubeconfigOptions("for definitions in the cluster: "),
    outputOption(),
  ].reduce((made, option) => made.addOption(option), command);
}

/**
 * The configuration of a command that looks at channels.
 *
 * @throws {UsageError} If none is given
 */
export function channelConfiguration(options: OptionValues): Configuration {
  const configuration = configurationOf(options);
  if (configuration !== undefined) return configuration;
  throw new UsageError("Cannot look at channels without a repository: give --repo or --config");
}

/** The cluster that holds definitions, where a configuration says that one does. */
export async function definitionsCluster(
  { clusterSource }: Pick<Configuration, "clusterSource">,
  options: OptionValues,
): Promise<SourcePorts & Disposable> {
  if (clusterSource === undefined) return { [Symbol.dispose]: () => {} };
  try {
    const cluster = await connectTo(kubeconfigChoice(options));
    return { cluster, [Symbol.dispose]: () => cluster.close() };
  } catch (error) {
    if (!(error instanceof ClusterConfigError)) throw error;
    return { cluster: unconfigured(error), [Symbol.dispose]: () => {} };
  }
}

/** Channels of repositories can be looked at without it; those of the cluster say what is wrong. */
function unconfigured({ message }: ClusterConfigError): NonNullable<SourcePorts["cluster"]> {
  const refuse = () => Promise.reject(new ClusterError("unreachable", message));
  const watch = () => ({ [Symbol.asyncIterator]: () => ({ next: refuse }) });
  return { discover: refuse, list: refuse, watch };
}

/** What is said while a command looks at channels once: nothing, its result says it. */
const SILENT = { log: () => {} };

/** Fetches and loads everything once, and hands it over; what failed is left to `use`. */
export async function withChannels<T>(
  configuration: Configuration,
  { options, signal }: Pick<CommandIo, "signal"> & { readonly options: OptionValues },
  use: (registry: ProgramRegistry, failure: unknown) => T | Promise<T>,
): Promise<T> {
  const git = gitSettings(options);
  using cluster = await definitionsCluster(configuration, options);
  using opened = openRegistry(configuration, { logger: SILENT, git, ...cluster });
  const { registry } = opened;
  const failure = await registry.refresh({ signal }).then(() => undefined, (error) => error);
  signal.throwIfAborted();
  return await use(registry, failure);
}

/**
 * A channel of which the newest revision was loaded.
 *
 * @throws {UsageError} If there is no channel of that name
 */
export function loadedChannel(
  registry: ProgramRegistry,
  name: string,
  failure: unknown,
): FollowedChannel & { readonly loaded: NonNullable<FollowedChannel["loaded"]> } {
  const found = registry.followed(name);
  if (found === undefined) {
    if (failure !== undefined) throw failure;
    throw new UsageError(unknownChannelText(name, registry.status().channels));
  }
  const { loaded, state } = found;
  if (found.failure !== undefined) throw found.failure;
  if (loaded === undefined) throw failure;
  return { ...found, state, loaded };
}
