// SPDX-License-Identifier: Apache-2.0

import type { Diagnostic } from "../language/mod.ts";
import {
  type Abortable,
  type Clock,
  type Logger,
  type Repository,
  RepositoryError,
} from "../runtime/ports.ts";
import { type ChannelFollower, createChannelFollower, revisionName } from "./channel_follower.ts";
import type { ChannelState, HeldBack } from "./channels.ts";
import type { GateMode } from "./gate.ts";
import type { RunTests } from "./gate_faults.ts";
import { createTestJudge } from "./gate_tests.ts";
import { createRevisionLoader } from "./load_revision.ts";
import { createNap } from "./nap.ts";
import { createRegistryLog } from "./registry_log.ts";

/** What changed when a revision was loaded; also told when it is held back and nothing changed. */
export interface ProgramChange {
  /** Name of the channel. */
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
export interface ChannelStatus {
  /** Name of the channel. */
  readonly name: string;
  /** The branch it follows. */
  readonly branch: string;
  /** The newest commit seen; `null` before the first one. */
  readonly head: string | null;
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
  /** What is known now. */
  status(): RegistryStatus;
}

/** What the registry follows and what it needs for that. */
export interface RegistrySettings {
  /** The repository to follow. */
  readonly repository: Repository;
  /** The repository in messages; without credentials. */
  readonly source: string;
  /** What to follow of it. */
  readonly channel: {
    readonly name: string;
    /** A branch, tag or commit. */
    readonly branch: string;
    /** Directory that holds the definitions; `""` for the root. */
    readonly directory: string;
    /** Namespace of documents that name none. */
    readonly namespace: string;
    /** The namespace priority list; without it SD-17 holds. */
    readonly priority?: readonly string[];
  };
  /** What must be sound before a revision is put in force. */
  readonly gate: GateMode;
  /** Time from one poll to the next. */
  readonly intervalMs: number;
  /** For polling and back-off. */
  readonly clock: Clock;
  /** Is told what happens. */
  readonly logger: Logger;
  /** Runs the FunctionTests for the gate. */
  readonly runTests: RunTests;
}

/** Longest wait after failures, unless the interval is longer. */
const MAX_BACKOFF_MS = 300_000;

/** Makes a registry. It does nothing before `run` or `refresh`. */
export function createProgramRegistry(settings: RegistrySettings): ProgramRegistry {
  const { channel, clock, repository } = settings;
  const follower = createChannelFollower({
    channel: channel.name,
    branch: channel.branch,
    gate: settings.gate,
    loader: createRevisionLoader({ repository, ...channel }),
    judge: createTestJudge(settings.runTests),
  });
  const listeners = new Set<(change: ProgramChange) => void>();
  const ready = Promise.withResolvers<void>();
  const nap = createNap(clock);
  const log = createRegistryLog(settings.logger);
  let head: string | null = null;
  let lastError: RegistryFailure | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let isWoken = false;

  const tell = (change: ProgramChange): void => {
    for (const listener of listeners) {
      try {
        listener(change);
      } catch (error) {
        log.listenerFailed(error);
      }
    }
  };

  const update = async (options: Abortable): Promise<void> => {
    await repository.fetch(options);
    head = await headOf(settings, options);
    if (follower.loaded?.commit === head) return;
    const { changed, loaded, state } = await follower.follow(head, options);
    const revision = revisionName(channel.branch, head);
    log.loaded({ revision, loaded, state, changed });
    ready.resolve();
    tell({ channel: channel.name, changedWorkflows: changed, revision });
  };

  const refresh = async (options: Abortable): Promise<void> => {
    options.signal.throwIfAborted();
    try {
      await update(options);
      if (lastError !== undefined) log.recovered(lastError.failures);
      lastError = undefined;
    } catch (error) {
      options.signal.throwIfAborted();
      lastError = failureOf(error, { at: clock.now(), before: lastError });
      throw error;
    }
  };
  /** One at a time: a poll that waits for another finds its work done. */
  const refreshInTurn = (options: Abortable): Promise<void> => {
    const running = last.then(() => refresh(options));
    last = running.catch(() => {});
    return running;
  };

  const poll = async (options: Abortable): Promise<number> => {
    const due = clock.now() + settings.intervalMs;
    try {
      await refreshInTurn(options);
      return due;
    } catch (error) {
      options.signal.throwIfAborted();
      const delayMs = retryDelayMs(lastError?.failures ?? 1, settings.intervalMs);
      const retryAt = clock.now() + delayMs;
      if (lastError !== undefined) lastError = { ...lastError, retryAt };
      log.failed(error, delayMs);
      return retryAt;
    }
  };

  return {
    ready: ready.promise,
    channel: (name = channel.name) => name === channel.name ? follower.state : undefined,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    refresh: refreshInTurn,
    wake() {
      isWoken = true;
      nap.end();
    },
    status: () => ({
      channels: [channelStatus(follower, { branch: channel.branch, head })],
      ...(lastError === undefined ? {} : { lastError }),
    }),
    async run(options) {
      for (;;) {
        options.signal.throwIfAborted();
        isWoken = false;
        const due = await poll(options);
        if (!isWoken) await nap.until(due, options);
      }
    },
  };
}

async function headOf(settings: RegistrySettings, options: Abortable): Promise<string> {
  const { repository, source, channel } = settings;
  const head = await repository.resolve(channel.branch, options);
  if (head !== undefined) return head;
  const names = [...(await repository.branches(options)).keys()].sort();
  const there = names.length === 0
    ? "the repository has no branches"
    : `its branches are ${names.slice(0, 10).map((name) => `"${name}"`).join(", ")}`;
  throw new RepositoryError(
    "no-such-revision",
    `Cannot follow "${channel.branch}" of "${source}": ` +
      `there is no branch, tag or commit of this name; ${there}`,
  );
}

function failureOf(
  error: unknown,
  { at, before }: { readonly at: number; readonly before: RegistryFailure | undefined },
): RegistryFailure {
  return {
    message: error instanceof Error ? error.message : String(error),
    ...(error instanceof RepositoryError ? { code: error.code } : {}),
    at,
    failures: (before?.failures ?? 0) + 1,
  };
}

/** Doubles from the interval on. */
function retryDelayMs(failures: number, intervalMs: number): number {
  const ceiling = Math.max(MAX_BACKOFF_MS, intervalMs);
  return Math.min(ceiling, intervalMs * 2 ** Math.min(failures - 1, 30));
}

function channelStatus(
  { state, loaded }: ChannelFollower,
  { branch, head }: { readonly branch: string; readonly head: string | null },
): ChannelStatus {
  return {
    name: state.name,
    branch,
    head,
    definitions: loaded?.program.definitions.length ?? 0,
    diagnostics: loaded?.diagnostics ?? [],
    workflows: state.workflows().map(({ namespace, name, inForce, heldBack }) => ({
      namespace,
      name,
      revision: inForce?.revision ?? null,
      ...(heldBack === undefined ? {} : { heldBack }),
    })),
  };
}
