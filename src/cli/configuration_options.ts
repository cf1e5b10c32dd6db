// SPDX-License-Identifier: Apache-2.0

import type { Command, Option, OptionValues } from "commander";
import { CHANNEL_NAME } from "../controller/mod.ts";
import { setting, wholeNumber } from "./command.ts";
import { UsageError } from "./command_io.ts";
import { type Configuration, configurationOfFlags, type DefinitionFlags } from "./configuration.ts";
import { durationOption } from "./duration.ts";
import { gitOptions, gitSettings, signerOptions, sourceLocation } from "./git_settings.ts";
import { canarySettings } from "./read_canary.ts";
import { readConfiguration } from "./read_configuration.ts";
import { repositoryPath } from "./repository_path.ts";

/** The options that name definitions: those of one repository, or a file for everything else. */
export function definitionOptions(): readonly Option[] {
  return [
    configOption(),
    setting("--repo <url>", "Git repository: an http(s) or ssh URL, or the path of a local one"),
    setting("--path <dir>", "directory inside the repository").default("", "its root"),
    setting("--branch <name>", "branch to follow").default("main"),
    setting("--namespace <name>", "namespace of definitions that name none").default("default"),
    ...gitOptions(),
  ];
}

/** `--interval`, of who follows a repository. */
export function intervalOption(): Option {
  return setting("--interval <duration>", "how often the repository is looked at").default("30s");
}

/** What says which commits go in force, of who cares about more than the heads. */
export function gateOptions(
  gate = "what must pass before a commit is put in force",
): readonly Option[] {
  return [
    setting("--gate <mode>", gate).choices(["workflow", "commit", "off"]).default("workflow"),
    ...signerOptions(),
  ];
}

/** `--config`. */
function configOption(): Option {
  return setting("--config <file>", "sources and channels; takes the place of --repo and its like");
}

/** `--channel`, as often as there are channels. */
export function channelOption(description: string): Option {
  return setting("--channel <name=branch>", description)
    .argParser((text: string, before: readonly string[] | undefined) => [
      ...before ?? [],
      ...text.split(",").filter((part) => part !== ""),
    ]);
}

/** Options of a canary of the channel that flags define. */
export function canaryOptions(): readonly Option[] {
  return [
    setting("--canary-percent <number>", "share of the triggers that try a new commit first"),
    setting(
      "--canary-soak <duration>",
      "with --canary-percent: how long they try it (default: 10m)",
    ),
  ];
}

/** Flags that a configuration file takes the place of, and what they are unless given. */
const REPLACED: Readonly<Record<string, string>> = {
  repo: "",
  path: "",
  branch: "main",
  namespace: "default",
  interval: "30s",
  gate: "workflow",
  canaryPercent: "",
  canarySoak: "",
};

/**
 * What a command line says of the definitions.
 *
 * @returns `undefined` when neither a file nor a repository is named
 * @throws {UsageError} If something cannot be read, or is said twice
 */
export function configurationOf(options: OptionValues): Configuration | undefined {
  const { config, repo } = options;
  const channels = definedChannels(options);
  if (typeof config === "string" && config !== "") {
    const twice = replacedFlag(options);
    if (twice === undefined) return readConfiguration(config);
    throw new UsageError(`Cannot use --${twice} together with --config: say it in the file`);
  }
  if (typeof repo !== "string" || repo === "") return undefined;
  for (const name of ["branch", "namespace"]) checkFilled(name, options);
  checkPatterns(String(options["branch"] ?? ""), channels);
  return configurationOfFlags({
    repo: sourceLocation(repo, gitSettings(options)),
    path: repositoryPath(String(options["path"] ?? "")),
    branch: String(options["branch"] ?? "main"),
    namespace: String(options["namespace"] ?? "default"),
    intervalMs: durationOption("--interval", String(options["interval"] ?? "30s")),
    gate: options["gate"] ?? "workflow",
    ...canaryOf(options),
    channels,
  });
}

/** The flag that says what a configuration file would say; `undefined` where none does. */
function replacedFlag(options: OptionValues): string | undefined {
  const isGiven = ([name, unlessGiven]: readonly [string, string]) =>
    (options[name] ?? unlessGiven) !== unlessGiven;
  const given = Object.entries(REPLACED).find(isGiven)?.[0] ??
    (definedChannels(options).length > 0 ? "channel" : undefined);
  return given && flagOf(given);
}

/**
 * The options of a command line, without variables that an option takes the place of: whoever names
 * a file, a repository or a controller by hand means that one.
 */
export function optionsOf(command: Command): OptionValues {
  const values = command.opts();
  const sourceOf = (name: string) => command.getOptionValueSource(name);
  const place = PLACES.find((name) => sourceOf(name) === "cli");
  if (place === undefined) return values;
  const others = [...PLACES, ...place === "repo" ? [] : Object.keys(REPLACED)];
  const isOverridden = (name: string) =>
    name !== place && others.includes(name) && sourceOf(name) === "env";
  return Object.fromEntries(
    command.options.map((option) => option.attributeName())
      .filter((name) => name in values && !isOverridden(name))
      .map((name) => [name, values[name]]),
  );
}

/** The options of which one says where definitions come from. */
const PLACES: readonly string[] = ["config", "repo", "controller"];

/** The flag that says which definitions there are; `undefined` where none does. */
export function givenDefinitionFlag(options: OptionValues): string | undefined {
  return (options["config"] ?? "") === "" ? replacedFlag(options) : "config";
}

function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function canaryOf(
  { canaryPercent, canarySoak }: OptionValues,
): Pick<DefinitionFlags, "canary"> {
  if (canaryPercent === undefined && canarySoak === undefined) return {};
  if (canaryPercent === undefined) {
    throw new UsageError("Cannot use --canary-soak alone: give --canary-percent too");
  }
  const percent = wholeNumber("--canary-percent", canaryPercent, { from: 1, to: 100 });
  const share = { type: "percent", percent } as const;
  const soakMs = canarySoak === undefined ? undefined : durationOption("--canary-soak", canarySoak);
  return { canary: canarySettings({ share, soakMs }) };
}

/**
 * Checks that an option is no empty text, such as a variable of a script that was never set.
 *
 * @throws {UsageError} If it is
 */
export function checkFilled(name: string, options: OptionValues): void {
  if (options[name] !== "") return;
  throw new UsageError(`Cannot use an empty text for --${name}: leave it out, or name one`);
}

function checkPatterns(
  branch: string,
  channels: readonly (readonly [name: string, branch: string])[],
): void {
  if (branch.includes("*")) {
    throw new UsageError('Cannot use a pattern for --branch: give it to --channel, as "x=x/*"');
  }
  const odd = channels.find(([, pattern]) => pattern.split("*").length > 2)?.[1];
  if (odd !== undefined) throw new UsageError(`Cannot use "${odd}": a pattern has one "*"`);
}

/** The channels that `--channel NAME=BRANCH` defines. */
function definedChannels(
  options: OptionValues,
): readonly (readonly [name: string, branch: string])[] {
  const given: readonly string[] = options["channel"] ?? [];
  const defined = given.filter((text) => text.includes("=")).map((text) => {
    const at = text.indexOf("=");
    const [name, branch] = [text.slice(0, at), text.slice(at + 1)];
    if (CHANNEL_NAME.test(name) && branch !== "") return [name, branch] as const;
    throw new UsageError(
      `Cannot read "${text}" for --channel: expected NAME=BRANCH, such as beta=beta`,
    );
  });
  const names = ["stable", ...defined.map(([name]) => name)];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return defined;
  throw new UsageError(`Cannot define channel "${twice}" twice`);
}

/** The channel that `--channel NAME` selects. */
export function selectedChannel(options: OptionValues): string | undefined {
  const given: readonly string[] = options["channel"] ?? [];
  const selected = given.filter((text) => !text.includes("="));
  if (selected.length <= 1) return selected[0];
  throw new UsageError(`Cannot show ${selected.length} channels: select one with --channel NAME`);
}
