// SPDX-License-Identifier: Apache-2.0

import type { PresentChannel } from "../channels/channel_settings.ts";
import {
  type ChannelState,
  type ChannelWorkflow,
  createChannelState,
} from "../channels/channels.ts";
import { layersOf } from "../feed/feed_seed.ts";
import { programsOf } from "../publication/published_program.ts";
import type { ChannelStatus } from "../feed/channel_status.ts";
import type { ProgramShelf } from "../publication/program_shelf.ts";
import type { Generation } from "../publication/publication.ts";
import { type Release, toldGeneration } from "../release/release.ts";

/** A channel with all generations between which its triggers are shared out, ready to run. */
export interface ReleasedChannel {
  readonly settings: PresentChannel;
  readonly release: Release;
  /** What triggers run from that are in no canary. */
  readonly current: ChannelState;
  /** What the share of a canary runs from; absent when none is under way. */
  readonly candidate?: ChannelState;
}

/** A channel whose Programs are compiled. A pointer flip: nothing is compiled here. */
export function releasedChannel(
  settings: PresentChannel,
  release: Release,
  shelf: Pick<ProgramShelf, "program">,
): ReleasedChannel {
  const stateOf = ({ workflows }: Generation): ChannelState =>
    createChannelState(
      settings.name,
      workflows.map(({ inForce, ...workflow }): ChannelWorkflow => {
        const program = inForce && shelf.program(inForce.program);
        if (program === undefined) return workflow;
        return { ...workflow, inForce: { program, revision: inForce?.revision ?? "" } };
      }),
    );
  const { candidate } = release;
  return {
    settings,
    release,
    current: stateOf(toldGeneration(release)),
    ...(candidate === undefined ? {} : { candidate: stateOf(candidate.generation) }),
  };
}

/** The generations of a release: a rollback needs the Programs of each. */
export function generationsOf({ current, candidate, previous }: Release): readonly Generation[] {
  return [current, candidate?.generation, previous].filter((one) => one !== undefined);
}

/** Ids of the Programs that a release may run from. */
export function releasePrograms(release: Release): ReadonlySet<string> {
  return new Set(generationsOf(release).flatMap((generation) => [...programsOf(generation)]));
}

/** How a channel fares: what was told of following it, and what is in force of it. */
export function releasedStatus(
  { settings, release }: ReleasedChannel,
  told: ChannelStatus | undefined,
): ChannelStatus {
  return {
    ...told ?? recordedStatus(settings, release.current),
    workflows: toldGeneration(release).workflows.map(({ namespace, name, inForce, heldBack }) => ({
      namespace,
      name,
      revision: inForce?.revision ?? null,
      ...(heldBack === undefined ? {} : { heldBack }),
    })),
  };
}

/** What can be said of a channel that a record alone tells of. */
function recordedStatus(
  { name, branch, over }: PresentChannel,
  { revision }: Generation,
): ChannelStatus {
  return { ...unseenStatus({ name, branch, over }), head: layersOf(revision)[0]?.commit ?? null };
}

/** What can be said of a channel before anything is known of it. */
export function unseenStatus(
  { name, branch, over }: Pick<PresentChannel, "name" | "branch"> & {
    readonly over?: string | undefined;
  },
): ChannelStatus {
  return {
    name,
    branch,
    ...(over === undefined ? {} : { over }),
    head: null,
    definitions: 0,
    diagnostics: [],
    workflows: [],
  };
}
