// SPDX-License-Identifier: Apache-2.0

import type { Command, Option, OptionValues } from "commander";
import type { SourceSettings } from "../adapters/git/mod.ts";
import { setting, wholeNumber } from "./command.ts";
import { UsageError } from "./command_io.ts";
import {
  canaryOptions,
  channelOption,
  configurationOf,
  definitionOptions,
  gateOptions,
  intervalOption,
  selectedChannel,
} from "./configuration_options.ts";
import type { Configuration } from "./configuration.ts";
import { durationOption } from "./duration.ts";
import { gitSettings } from "./git_settings.ts";
import { recordOptions, type RecordSettings, recordSettings } from "./record_settings.ts";
import { listenAddress, type ServerSettings } from "./serve_controller.ts";
import type { ClusterChoice } from "./cluster_choice.ts";

/** Everything that `koreo reconcile` can be told. Durations are milliseconds. */
export interface ReconcileSettings {
  /** An `http(s)` or `ssh` URL, `user@host:path`, or the path of a local repository; `""`: none. */
  readonly repo: string;
  /** Sources and channels; absent where the flags here say everything. */
  readonly configuration?: Configuration;
  /** How repositories are read, and with which credentials. */
  readonly git: SourceSettings;
  /** Directory inside the repository; `""` is its root. */
  readonly path: string;
  readonly branch: string;
  /** Namespace of documents that name none. */
  readonly namespace: string;
  readonly intervalMs: number;
  readonly gate: "workflow" | "commit" | "off";
  readonly cluster: ClusterChoice;
  /** Absent: what is in force is recorded nowhere. */
  readonly record?: RecordSettings;
  readonly workers: number;
  readonly resyncMs: number;
  /** Whether Kubernetes Events are written on triggers. */
  readonly events: boolean;
  /** Absent: nothing is served. */
  readonly server?: ServerSettings;
  readonly once: boolean;
  /** Only with `once`. */
  readonly timeoutMs: number;
  readonly log: {
    readonly format: "text" | "json";
    readonly level: "debug" | "info" | "warn" | "error";
  };
}

/** Adds the options of {@linkcode ReconcileSettings}, each also a `KOREO_…` variable. */
export function addReconcileOptions(command: Command): Command {
  return [
    ...definitionOptions(),
    intervalOption(),
    ...gateOptions(),
    channelOption("a further channel, which lies over --branch; may be given several times"),
    ...canaryOptions(),
    ...recordOptions(),
    setting("--listen <address>", "address and port of webhook, health checks and metrics"),
    setting("--webhook-secret-file <file>", "with --listen: secret of /hooks/git"),
    setting("--cluster <where>", "the cluster to work on")
      .choices(["kubeconfig", "in-cluster", "embedded"]).default("kubeconfig"),
    ...kubeconfigOptions(),
    setting("--port <number>", "port on which an embedded cluster answers kubectl")
      .default("0", "a free one"),
    setting("--workers <number>", "triggers reconciled at the same time").default("20"),
    setting("--resync <duration>", "how often a settled trigger is looked at again").default("20m"),
    switchSetting("--events", "write Kubernetes Events on triggers (default: true)"),
    switchSetting("--once", "end when every trigger is settled or failed for good"),
    setting("--timeout <duration>", "with --once: give up after this long").default("5m"),
    setting("--log-format <format>", "log lines for people or for programs")
      .choices(["text", "json"]).default("text"),
    setting("--log-level <level>", "least important lines that are written")
      .choices(["debug", "info", "warn", "error"]).default("info"),
  ].reduce((made, option) => made.addOption(option), command);
}

/** A switch whose variable may also say "false": commander takes any text for a switch set. */
function switchSetting(flag: string, description: string): Option {
  const option = setting(flag, description);
  option.optional = true;
  return option.choices(["true", "false"]);
}

function isOn(value: unknown, fallback: boolean): boolean {
  return value === undefined ? fallback : value === true || value === "true";
}

/**
 * Reads the options of a command line.
 *
 * @throws {UsageError} If a repository is missing or a value cannot be read
 */
export function reconcileSettings(options: OptionValues): ReconcileSettings {
  return {
    ...definitionSettings(options),
    git: gitSettings(options),
    cluster: clusterChoice(options),
    ...recordSettings(options),
    workers: wholeNumber("--workers", options["workers"], { from: 1, to: 1_000 }),
    resyncMs: durationOption("--resync", options["resync"]),
    ...serverSettings(options),
    events: isOn(options["events"], true),
    once: isOn(options["once"], false),
    timeoutMs: durationOption("--timeout", options["timeout"]),
    log: { format: options["logFormat"], level: options["logLevel"] },
  };
}

/** What is followed; where several channels are, repository, path and branch are the first ones. */
function definitionSettings(
  options: OptionValues,
): Pick<
  ReconcileSettings,
  "configuration" | "repo" | "path" | "branch" | "namespace" | "intervalMs" | "gate"
> {
  const selected = selectedChannel(options);
  if (selected !== undefined) {
    throw new UsageError(`Cannot read "${selected}" for --channel: expected NAME=BRANCH`);
  }
  const configuration = configurationOf(options);
  const channel = configuration?.channels[0];
  if (configuration === undefined || channel === undefined) {
    throw new UsageError(
      "Cannot reconcile without a repository: give --repo URL or --config FILE",
    );
  }
  // Where the cluster holds all definitions there is no repository.
  const [source] = configuration.sources;
  return {
    configuration,
    repo: source?.url ?? "",
    path: source?.path ?? "",
    branch: channel.branch,
    namespace: channel.namespace ?? "default",
    intervalMs: source?.intervalMs ?? 30_000,
    gate: configuration.gate,
  };
}

function serverSettings(options: OptionValues): Pick<ReconcileSettings, "server"> {
  const { listen, webhookSecretFile } = options;
  if (listen === undefined && webhookSecretFile === undefined) return {};
  if (listen === undefined) {
    throw new UsageError("Cannot receive webhooks without an address: give --listen");
  }
  const address = listenAddress(listen);
  return {
    server: { address, ...(webhookSecretFile === undefined ? {} : { webhookSecretFile }) },
  };
}

function clusterChoice(options: OptionValues): ClusterChoice {
  switch (options["cluster"]) {
    case "in-cluster":
      return { type: "in-cluster" };
    case "embedded":
      return {
        type: "embedded",
        port: wholeNumber("--port", options["port"], { from: 0, to: 65_535 }),
      };
    default:
      return kubeconfigChoice(options);
  }
}

/** Which kubeconfig says where the cluster is, and what for in front of it. */
export function kubeconfigOptions(purpose = ""): readonly Option[] {
  return [
    setting(
      "--kubeconfig <file>",
      `${purpose}kubeconfig file (default: KUBECONFIG, then ~/.kube/config)`,
    ),
    setting("--context <name>", "context of the kubeconfig (default: its current one)"),
  ];
}

/** Reads the options of {@linkcode kubeconfigOptions}. */
export function kubeconfigChoice(
  { kubeconfig, context }: OptionValues,
): Extract<ClusterChoice, { type: "kubeconfig" }> {
  return {
    type: "kubeconfig",
    ...(kubeconfig === undefined ? {} : { file: kubeconfig }),
    ...(context === undefined ? {} : { context }),
  };
}
