// SPDX-License-Identifier: Apache-2.0

import type { PresentChannel } from "../channels/channel_settings.ts";
import { type ChannelRecord, promoteCandidate, type Release } from "../release/release.ts";

/**
 * The release of a record, as it goes on under the settings of today.
 *
 * What is in force was whole and good under the settings of its time, which its Programs hold: it
 * runs on until the gate lets a generation under the new ones through. A behaviour that was refused
 * stays so, whatever it comes from. A revision that was refused as such was so under the old ones:
 * the same commit may be good now, and no commit need be pushed for that.
 */
export function releaseUnder(
  channel: PresentChannel,
  record: Pick<ChannelRecord, "release" | "programs">,
): Release {
  const { release } = record;
  const kept = wasMadeUnder(channel, record)
    ? release
    : { ...release, refused: release.refused.filter((one) => one.workflows !== undefined) };
  // What was being tried when canaries were switched off is in force like all others.
  return channel.canary === undefined ? promoteCandidate(kept) : kept;
}

/** A Workflow that is held back tells of older settings: those that moved last count. */
function wasMadeUnder(
  { namespace, priority }: PresentChannel,
  { release: { current, candidate }, programs }: Pick<ChannelRecord, "release" | "programs">,
): boolean {
  const { workflows, revision } = candidate?.generation ?? current;
  const moved = new Set(
    workflows.flatMap(({ inForce }) => inForce?.revision === revision ? [inForce.program] : []),
  );
  return programs.filter(({ id }) => moved.has(id)).every((program) =>
    program.namespace === namespace && isSameList(program.priority, priority)
  );
}

function isSameList(one: readonly string[] = [], other: readonly string[] = []): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
