// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../runtime/ports.ts";
import type {
  Canary,
  CanaryStatus,
  ReleaseAnswer,
  ReleaseControl,
  ReleaseStatus,
} from "../release/canary.ts";
import type { CanaryProgress } from "../release/canary_verdict.ts";
import type { CanarySettings } from "../channels/channel_settings.ts";
import type { ChannelState } from "../channels/channels.ts";
import type { ReleaseStep } from "../release/release_steps.ts";
import {
  inForceAlready,
  nothingLoaded,
  somethingElse,
  takenBack,
  whyNotPromoted,
  whyNotRolledBack,
} from "./release_answers.ts";
import { isRefused } from "../release/release_refusals.ts";
import {
  liftRefusal,
  promoteCandidate,
  type Release,
  rollBack,
  triedWorkflows,
} from "../release/release.ts";

/** Who keeps the releases of channels. */
export interface ReleaseKeeper {
  /** Names of all channels. */
  channels(): Iterable<string>;
  release(channel: string): Release | undefined;
  /** How a channel tries new revisions. */
  canarySettings(channel: string): CanarySettings | undefined;
  /** What is in force, compiled. */
  currentState(channel: string): ChannelState | undefined;
  /** What is being tried, compiled. */
  candidateState(channel: string): ChannelState | undefined;
  /**
   * Goes on with another release, which is recorded. With a step triggers are told, and the gate
   * follows; without one nothing changes for them.
   */
  replace(channel: string, release: Release, step?: ReleaseStep): void;
}

/** A controller of releases, and what it can say of them. */
export interface KeptReleases extends ReleaseControl {
  /** What there is to say of a channel. */
  status(channel: string): ReleaseStatus;
}

/** Makes one. */
export function createReleaseControl(
  keeper: ReleaseKeeper,
  { clock }: { readonly clock: Pick<Clock, "now"> },
): KeptReleases {
  const known = new Map<string, Known>();
  let ids = 0;

  function canary(channel: string): Canary | undefined {
    const release = keeper.release(channel);
    const settings = keeper.canarySettings(channel);
    const [state, inForce] = [keeper.candidateState(channel), keeper.currentState(channel)];
    const before = known.get(channel);
    if (!release?.candidate || !settings || !state || !inForce) {
      if (before !== undefined) known.delete(channel);
      return undefined;
    }
    const parts = { release, settings, state, inForce };
    if (before !== undefined && isOf(before, parts)) return before.canary;
    const isGoingOn = before?.canary.startedAt === release.candidate.startedAt;
    const id = before !== undefined && isGoingOn ? before.canary.id : ++ids;
    const progress = isGoingOn ? before?.progress : undefined;
    const made = canaryOf(channel, { ...parts, id });
    known.set(channel, { release, canary: made, ...(progress ? { progress } : {}) });
    return made;
  }

  function allowAgain(
    channel: string,
    release: Release,
    { reason, revision }: { readonly reason: string; readonly revision: string },
  ): ReleaseAnswer {
    const lifted = liftRefusal(release, revision);
    if (lifted !== undefined) {
      keeper.replace(channel, lifted, { type: "refusal-lifted", revision, reason });
    }
    const message = `"${revision}" is allowed again: what the branch still holds of it goes in ` +
      "force with the next look at it";
    return { type: "done", message, revision: release.current.revision };
  }

  return {
    canary,
    canaries: () => [...keeper.channels()].flatMap((channel) => canary(channel) ?? []),
    noteBaseline(channel, baseline) {
      const release = keeper.release(channel);
      if (release?.candidate === undefined) return;
      const { candidate } = release;
      keeper.replace(channel, { ...release, candidate: { ...candidate, baseline } });
    },
    noteProgress(channel, progress) {
      const found = canary(channel) && known.get(channel);
      if (found) found.progress = progress;
    },
    promote(channel, { reason, revision }) {
      const release = keeper.release(channel);
      if (release === undefined) return nothingLoaded(channel);
      const tried = release.candidate?.generation.revision;
      if (revision !== undefined && revision !== tried && isRefused(release, revision)) {
        return allowAgain(channel, release, { reason, revision });
      }
      const refused = whyNotPromoted(channel, release, revision);
      if (refused !== undefined) return refused;
      if (tried === undefined || (revision ?? tried) !== tried) return inForceAlready(release);
      keeper.replace(channel, promoteCandidate(release, { at: clock.now() }), {
        type: "promoted",
        revision: tried,
        reason,
      });
      return { type: "done", message: `"${tried}" is in force`, revision: tried };
    },
    rollBack(channel, { reason, to, takingBack }) {
      const release = keeper.release(channel);
      if (release === undefined) return nothingLoaded(channel);
      const other = somethingElse(channel, release, takingBack);
      if (other !== undefined) return other;
      const order = { reason, at: clock.now(), ...(to === undefined ? {} : { to }) };
      const back = rollBack(release, order);
      if (back === undefined) return whyNotRolledBack(channel, release, to);
      const taken = release.candidate?.generation.revision ?? release.current.revision;
      keeper.replace(channel, back, { type: "rolled-back", revision: taken, reason });
      return takenBack(taken, back);
    },
    status(channel) {
      const release = keeper.release(channel);
      const found = canary(channel);
      const { previous, refused = [] } = release ?? {};
      return {
        ...(found === undefined ? {} : { canary: statusOf(found, known.get(channel)?.progress) }),
        ...(previous === undefined ? {} : { previous: previous.revision }),
        ...(refused.length === 0 ? {} : { refused }),
      };
    },
  };
}

interface Known {
  readonly release: Release;
  readonly canary: Canary;
  progress?: CanaryProgress & { readonly reason?: string };
}

type Made = Pick<Canary, "settings" | "state" | "inForce"> & { readonly release: Release };

function isOf({ release, canary }: Known, made: Made): boolean {
  return release === made.release && canary.settings === made.settings &&
    canary.state === made.state && canary.inForce === made.inForce;
}

function canaryOf(channel: string, made: Made & { readonly id: number }): Canary {
  const { release, settings, state, inForce, id } = made;
  const { candidate, current } = release;
  const { generation, startedAt, baseline } = candidate ?? { generation: current, startedAt: 0 };
  return {
    channel,
    settings,
    id,
    revision: generation.revision,
    state,
    inForce,
    workflows: new Set(triedWorkflows(release)),
    startedAt,
    ...(baseline === undefined ? {} : { baseline }),
  };
}

function statusOf(
  { revision, workflows, settings, startedAt }: Canary,
  progress: Known["progress"],
): CanaryStatus {
  return {
    revision,
    workflows: [...workflows],
    share: settings.share,
    startedAt,
    soakEndsAt: startedAt + settings.soakMs,
    ...(progress === undefined ? {} : { progress }),
  };
}
