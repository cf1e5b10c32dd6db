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
  isRefused,
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
      const refused = whyNotPromoted(channel, release, revision);
      if (refused !== undefined) return refused;
      if (release?.candidate === undefined) return inForceAlready(release);
      const promoted = release.candidate.generation.revision;
      keeper.replace(channel, promoteCandidate(release), {
        type: "promoted",
        revision: promoted,
        reason,
      });
      return { type: "done", message: `"${promoted}" is in force`, revision: promoted };
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
      const { revision } = back.current;
      return { type: "done", message: `"${taken}" is taken back, "${revision}" runs`, revision };
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

function whyNotPromoted(
  channel: string,
  release: Release | undefined,
  wanted: string | undefined,
): ReleaseAnswer | undefined {
  if (release === undefined) return nothingLoaded(channel);
  const { current, candidate } = release;
  const tried = candidate?.generation.revision;
  if (wanted === undefined ? tried !== undefined : wanted === tried) return undefined;
  if (wanted === current.revision) return undefined;
  const message = tried === undefined
    ? `Channel "${channel}" tries nothing`
    : `Channel "${channel}" tries "${tried}", not "${wanted}"`;
  return { type: "refused", message, revision: current.revision };
}

function inForceAlready(release: Release | undefined): ReleaseAnswer {
  const revision = release?.current.revision ?? null;
  return { type: "done", message: `"${revision}" is in force already`, revision };
}

/** An order that was given twice, or too late, must not go back one step too many. */
function somethingElse(
  channel: string,
  release: Release,
  meant: string | undefined,
): ReleaseAnswer | undefined {
  const { current: { revision }, candidate } = release;
  const newest = candidate?.generation.revision ?? revision;
  if (meant === undefined || meant === newest) return undefined;
  if (isRefused(release, meant)) {
    const message = `"${meant}" is taken back already, "${revision}" runs`;
    return { type: "done", message, revision };
  }
  const verb = candidate === undefined ? "runs" : "tries";
  const message = `Channel "${channel}" ${verb} "${newest}" by now, not "${meant}"`;
  return { type: "refused", message, revision };
}

function whyNotRolledBack(
  channel: string,
  { current, previous }: Release,
  to: string | undefined,
): ReleaseAnswer {
  const { revision } = current;
  if (to === revision) {
    return { type: "done", message: `"${revision}" is in force already`, revision };
  }
  const kept = previous === undefined ? "none is kept" : `"${previous.revision}" is kept`;
  const message = to === undefined
    ? `Channel "${channel}" has no earlier revision to go back to`
    : `Channel "${channel}" cannot go back to "${to}": of earlier revisions ${kept}`;
  return { type: "refused", message, revision };
}

function nothingLoaded(channel: string): ReleaseAnswer {
  const message = `Nothing of channel "${channel}" is in force`;
  return { type: "refused", message, revision: null };
}
