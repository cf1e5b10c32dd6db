// SPDX-License-Identifier: Apache-2.0

import type { Command, OptionValues } from "commander";
import { presentChannels } from "../controller/mod.ts";
import { UsageError } from "./command_io.ts";
import { checkFilled } from "./configuration_options.ts";
import type { Configuration } from "./configuration.ts";
import { readConfiguration } from "./read_configuration.ts";
import { unknownChannelText } from "./unknown_channel.ts";

/** How the names of some definitions are searched. */
export interface NamespaceRules {
  /** Namespace of documents that name none (SD-6). */
  readonly namespace: string;
  /** The namespace priority list, highest first; without it SD-17 holds. */
  readonly priority?: readonly string[];
}

const UNLESS_GIVEN = "default";

/** Adds what tells the {@linkcode NamespaceRules}: by hand, or as a channel has them. */
export function addNamespaceOptions(command: Command): Command {
  return command
    .option("--namespace <name>", "namespace of definitions that name none", UNLESS_GIVEN)
    .option("--namespaces <list>", "namespaces searched, highest first, with commas between them")
    .option("--config <file>", "take both from a channel of this configuration file")
    .option("--channel <name>", "with --config: which channel (default: its default one)");
}

/**
 * Reads the options of {@linkcode addNamespaceOptions}.
 *
 * @throws {UsageError} If they contradict each other, or there is no such channel
 */
export function namespaceRules(options: OptionValues): NamespaceRules {
  const { config, channel } = options;
  checkFilled("namespace", options);
  const [namespace, given] = [String(options["namespace"] ?? UNLESS_GIVEN), options["namespaces"]];
  if (config !== undefined) {
    if (given !== undefined || namespace !== UNLESS_GIVEN) {
      const name = given === undefined ? "--namespace" : "--namespaces";
      throw new UsageError(`Cannot use ${name} together with --config: the channel says it`);
    }
    return rulesOfChannel(readConfiguration(String(config)), channel);
  }
  if (channel !== undefined) {
    throw new UsageError(
      `Cannot use channel "${channel}" without a configuration: give --config FILE`,
    );
  }
  return { namespace, ...(given === undefined ? {} : { priority: listOf(String(given)) }) };
}

function listOf(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.every((name) => name !== "")) return names;
  throw new UsageError(
    `Cannot read "${text}" for --namespaces: expected names with commas, such as "team-a,koreo"`,
  );
}

function rulesOfChannel({ channels, default: fallback }: Configuration, name: unknown) {
  const wanted = name === undefined ? fallback : String(name);
  // A pattern stands for channels that are all searched alike, whatever their branches are.
  const named = channels.map((one) => one.name === wanted ? { ...one, branch: "any" } : one);
  const found = presentChannels(named, []).channels.find((one) => one.name === wanted);
  if (found === undefined) throw new UsageError(unknownChannelText(wanted, channels));
  const { namespace, priority } = found;
  return { namespace, ...(priority === undefined ? {} : { priority }) };
}
