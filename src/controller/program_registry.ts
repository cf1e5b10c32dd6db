// SPDX-License-Identifier: Apache-2.0

import type { Diagnostic } from "../language/mod.ts";
import type { Abortable } from "../runtime/ports.ts";
import type { ChannelState, HeldBack } from "./channels.ts";

/** What changed when a revision was put in force. */
export interface ProgramChange {
  readonly channel: string;
  /**
   * Names of the Workflows that behave differently from now on: added, changed, removed, or newly
   * explained while they do not run. A Workflow that only moved along is not among them.
   */
  readonly changedWorkflows: readonly string[];
  /** The revision that was loaded. */
  readonly revision: string;
}

/** A failure to follow the repository. */
export interface RegistryFailure {
  readonly message: string;
  readonly code?: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly retryAt: number;
  /** Failures in a row. */
  readonly failures: number;
}

/** A channel as `koreo channels` shows it. */
export interface ChannelStatus {
  readonly name: string;
  readonly branch: string;
  /** The newest commit seen; `null` before the first one. */
  readonly head: string | null;
  /** Definitions of the newest revision. */
  readonly definitions: number;
  readonly diagnostics: readonly Diagnostic[];
  readonly workflows: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly revision: string | null;
    readonly heldBack?: HeldBack;
  }[];
}

/** What the registry knows, for status commands, metrics and health checks. */
export interface RegistryStatus {
  readonly channels: readonly ChannelStatus[];
  /** What is wrong now; absent when the last poll went well. */
  readonly lastError?: RegistryFailure;
}

/** Follows a repository and holds what is in force. */
export interface ProgramRegistry {
  /** A channel by name, the default one without; `undefined` when it is not configured. */
  channel(name?: string): ChannelState | undefined;
  /** Calls the listener after every change, in order. Returns what ends the subscription. */
  subscribe(listener: (change: ProgramChange) => void): () => void;
  /** Fetches, loads and puts in force once. Rejects when that fails; what is in force stays. */
  refresh(options: Abortable): Promise<void>;
  /** Resolves once the first revision is loaded. Never rejects. */
  readonly ready: Promise<void>;
  /** Follows the repository until aborted; rejects with the reason of the abort. */
  run(options: Abortable): Promise<void>;
  /** Makes the next poll due now. */
  wake(): void;
  status(): RegistryStatus;
}
