// SPDX-License-Identifier: Apache-2.0

import type { SourceSettings } from "../adapters/git/mod.ts";
import type { CanarySettings, ChannelSettings, GateMode } from "../controller/mod.ts";

/** A repository as a configuration names it. */
export interface ConfiguredSource {
  readonly name: string;
  /** An `http(s)` URL or the path of a local repository; may hold credentials. */
  readonly url: string;
  /** Directory inside the repository; `""` is its root. */
  readonly path: string;
  readonly intervalMs: number;
  /** How it is read, where that is not as the options say. */
  readonly git?: ConfiguredGit;
}

/** What a configuration says of one source alone: where its secrets are, and never what they say. */
export type ConfiguredGit = Pick<SourceSettings, "credentials" | "caFile" | "ssh" | "verify">;

/** What is followed and how: of a file, or of flags. */
export interface Configuration {
  readonly sources: readonly ConfiguredSource[];
  /** What channels call the definitions that the cluster itself holds; absent where none does. */
  readonly clusterSource?: string;
  readonly channels: readonly ChannelSettings[];
  /** The channel of triggers that nothing else is said of. */
  readonly default: string;
  readonly gate: GateMode;
}

/** The name of the one source, and the first channel, that flags define. */
const SOURCE = "definitions";
const FIRST_CHANNEL = "stable";

/** What flags say of the definitions. */
export interface DefinitionFlags {
  readonly repo: string;
  readonly path: string;
  readonly branch: string;
  readonly namespace: string;
  readonly intervalMs: number;
  readonly gate: GateMode;
  /** How the first channel tries a new revision; absent: everyone gets it at once. */
  readonly canary?: CanarySettings;
  /** Further channels, by name: their branches. Each lies over the first one. */
  readonly channels?: readonly (readonly [name: string, branch: string])[];
}

/** The configuration that flags stand for: one channel `stable`, and what lies over it. */
export function configurationOfFlags(flags: DefinitionFlags): Configuration {
  const { repo, path, branch, namespace, intervalMs, gate, canary, channels = [] } = flags;
  return {
    sources: [{ name: SOURCE, url: repo, path, intervalMs }],
    channels: [
      {
        name: FIRST_CHANNEL,
        source: SOURCE,
        branch,
        namespace,
        ...(canary === undefined ? {} : { canary }),
      },
      ...channels.map(([name, own]) => (
        { name, source: SOURCE, branch: own, over: FIRST_CHANNEL }
      )),
    ],
    default: FIRST_CHANNEL,
    gate,
  };
}
