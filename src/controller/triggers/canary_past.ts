// SPDX-License-Identifier: Apache-2.0

import { annotationOf, REVISION } from "../../runtime/mod.ts";
import type { KubernetesObject } from "../../runtime/ports.ts";
import type { Canary, ReleaseControl } from "../release/canary.ts";
import type { FormerState } from "../release/canary_verdict.ts";
import { baselineOf, formerStates, shownState } from "../release/former_state.ts";
import type { CanaryBaseline } from "../release/release.ts";
import type { ChannelSource } from "./trigger_channel.ts";
import type { TriggerMemories } from "./trigger_memory.ts";

/**
 * Remembers what was tried, as triggers show how they fare with it long after it is over: one that
 * a revision made unready was Ready before the next one that is tried in its place.
 */
export interface CanaryPast {
  /** Takes note of what is tried and in force; to be called whenever that changes. */
  note(): void;
  /** How triggers were before a canary, and before any other one that they show. */
  baseline(
    canary: Canary,
    triggers: Iterable<readonly [key: string, trigger: KubernetesObject]>,
  ): CanaryBaseline;
}

/** What it looks at. */
export interface CanaryPastOptions {
  readonly releases: Pick<ReleaseControl, "canaries">;
  readonly registry: Pick<ChannelSource, "channel">;
  readonly memories: Pick<TriggerMemories, "peek">;
}

/** A canary of a channel that was not put in force. */
interface Tried {
  readonly id: number;
  /** It may have moved along with its branch. */
  readonly revisions: Set<string>;
  /** Absent when it was over before anybody looked. */
  stateBefore?: (key: string, trigger: KubernetesObject) => FormerState;
}

/** So many are remembered of a channel: what is older, triggers have run from something else since. */
const MAX_TRIED = 10;

/** Remembers nothing yet. */
export function createCanaryPast(options: CanaryPastOptions): CanaryPast {
  const { releases, registry, memories } = options;
  /** By channel, newest first. */
  const tried = new Map<string, readonly Tried[]>();

  /**
   * What everyone runs from is no trial any more, nor what was tried before that: how triggers are
   * with it is how they are. Of a channel that is gone nothing is known.
   */
  function forgetPromoted(): void {
    for (const [channel, all] of tried) {
      const inForce = (registry.channel(channel)?.workflows() ?? [])
        .flatMap(({ inForce }) => inForce?.revision ?? []);
      const promoted = all.findIndex(({ revisions }) =>
        inForce.some((revision) => revisions.has(revision))
      );
      if (registry.channel(channel) === undefined || promoted === 0) tried.delete(channel);
      else if (promoted > 0) tried.set(channel, all.slice(0, promoted));
    }
  }

  function remember({ channel, id, revision, baseline, startedAt }: Canary): void {
    const all = tried.get(channel) ?? [];
    const [newest] = all;
    const own: Tried = newest?.id === id ? newest : { id, revisions: new Set() };
    own.revisions.add(revision);
    if (baseline !== undefined) own.stateBefore = formerStates(baseline, startedAt);
    if (own !== newest) tried.set(channel, [own, ...all].slice(0, MAX_TRIED));
  }

  /** What a trigger shows is how it fares with this. */
  function isShownBy(key: string, trigger: KubernetesObject): (one: Tried) => boolean {
    const last = memories.peek(key)?.tried?.canary;
    const revision = annotationOf(trigger, REVISION);
    return ({ id, revisions }) =>
      last === id || (typeof revision === "string" && revisions.has(revision));
  }

  return {
    note() {
      forgetPromoted();
      for (const canary of releases.canaries()) remember(canary);
    },
    baseline({ channel, id }, triggers) {
      const past = (tried.get(channel) ?? []).filter((one) => one.id !== id);
      const stateOf = (key: string, trigger: KubernetesObject): FormerState =>
        past.find(isShownBy(key, trigger))?.stateBefore?.(key, trigger) ?? shownState(trigger);
      return baselineOf(
        [...triggers].map(([key, trigger]) => [key, stateOf(key, trigger)] as const),
      );
    },
  };
}
