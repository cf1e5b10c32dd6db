// SPDX-License-Identifier: Apache-2.0

import type { Diagnostic } from "../../language/mod.ts";
import type { LeftOutBranch } from "../channels/channel_settings.ts";
import type { HeldBack } from "../channels/channels.ts";
import type { ReleaseStatus } from "../release/canary.ts";

/** A failure to follow a repository. */
export interface RegistryFailure {
  /** What could not be done, and why. */
  readonly message: string;
  /** What sort of failure, when it is known. */
  readonly code?: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** When it is tried again; absent when nothing follows the repository. */
  readonly retryAt?: number;
  /** Failures in a row. */
  readonly failures: number;
}

/** A channel as `koreo channels` shows it. */
export interface ChannelStatus extends ReleaseStatus {
  /** Name of the channel. */
  readonly name: string;
  /** The branch it follows. */
  readonly branch: string;
  /** The channel it lies over. */
  readonly over?: string;
  /** The newest commit seen; `null` before the first one. */
  readonly head: string | null;
  /** Why its source could not be read, or its newest revision not be loaded; absent otherwise. */
  readonly error?: string;
  /** Definitions of the newest revision. */
  readonly definitions: number;
  /** What is to be said of the newest revision. */
  readonly diagnostics: readonly Diagnostic[];
  /** Its Workflows, and which revision of each runs. */
  readonly workflows: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly revision: string | null;
    readonly heldBack?: HeldBack;
  }[];
}

/** What the registry knows, for status commands, metrics and health checks. */
export interface RegistryStatus {
  /** All channels. */
  readonly channels: readonly ChannelStatus[];
  /** Branches that match a pattern and get no channel, the first 200; absent: of none. */
  readonly leftOut?: readonly LeftOutBranch[];
  /** What is wrong now; absent when the last poll went well. */
  readonly lastError?: RegistryFailure;
}
