// SPDX-License-Identifier: Apache-2.0

import { firstNamed } from "../../language/mod.ts";
import { rfc3339 } from "../../runtime/mod.ts";
import { promoteCommand, type WorkflowBehaviour } from "../gate/refusal.ts";
import type { ReleaseAnswer } from "../release/canary.ts";
import type { Release } from "../release/release.ts";
import { isRefused, refusalOf } from "../release/release_refusals.ts";

/** The answer to a promotion of what is not tried; `undefined` where it is in force, or tried. */
export function whyNotPromoted(
  channel: string,
  release: Release,
  wanted: string | undefined,
): ReleaseAnswer | undefined {
  const { current, candidate, refused } = release;
  const tried = candidate?.generation.revision;
  if (wanted === undefined ? tried !== undefined : wanted === tried) return undefined;
  if (wanted === current.revision || wanted === undefined && isPromoted(release)) return undefined;
  const other = tried === undefined
    ? `Channel "${channel}" tries nothing`
    : `Channel "${channel}" tries "${tried}", not "${wanted}"`;
  const taken = refused.map(({ revision }) => `"${revision}"`).join(", ");
  const message = taken === "" ? other : `${other}; what was taken back is ${taken}`;
  return { type: "refused", message, revision: current.revision };
}

/** Whether nothing was taken back since what is in force was promoted: that was asked for twice. */
function isPromoted({ promotedAt, refused }: Release): boolean {
  return promotedAt !== undefined && refused.every(({ at }) => at < promotedAt);
}

/** The answer where nothing is left to do. */
export function inForceAlready({ current: { revision }, promotedAt }: Release): ReleaseAnswer {
  const since = promotedAt === undefined ? "" : `, since ${rfc3339(promotedAt)}`;
  return { type: "done", message: `"${revision}" is in force already${since}`, revision };
}

/** The answer to an order that was given twice, or too late: it must not go back a step too many. */
export function somethingElse(
  channel: string,
  release: Release,
  meant: string | undefined,
): ReleaseAnswer | undefined {
  const { current: { revision, workflows }, candidate } = release;
  const newest = candidate?.generation.revision ?? revision;
  if (meant === undefined) return undefined;
  const isHeld = workflows.some(({ heldBack }) => heldBack?.takenBack?.revision === meant);
  if (meant === newest && candidate === undefined && isHeld) {
    const message =
      `"${meant}" runs as far as it was not taken back already: to go back further, ` +
      "name the revision with --to";
    return { type: "refused", message, revision };
  }
  if (meant === newest) return undefined;
  if (isRefused(release, meant)) {
    const message = `"${meant}" is taken back already, "${revision}" runs`;
    return { type: "done", message, revision };
  }
  const verb = candidate === undefined ? "runs" : "tries";
  const message = `Channel "${channel}" ${verb} "${newest}" by now, not "${meant}"`;
  return { type: "refused", message, revision };
}

/** The answer to a rollback. */
export function takenBack(
  taken: string,
  { current: { revision }, refused }: Release,
): ReleaseAnswer {
  // What was allowed again is of the same revision as what ran while it was held back.
  const message = taken === revision
    ? `"${taken}" is taken back for Workflow ${namesText(refused.at(-1)?.workflows)}`
    : `"${taken}" is taken back, "${revision}" runs`;
  return { type: "done", message, revision };
}

/** So many Workflows are named: an annotation has to hold it. */
const MAX_NAMES = 10;

function namesText(workflows: readonly WorkflowBehaviour[] = []): string {
  return firstNamed(workflows.map(({ name }) => `"${name}"`), MAX_NAMES);
}

/** The answer to a rollback that leads nowhere. */
export function whyNotRolledBack(
  channel: string,
  release: Release,
  to: string | undefined,
): ReleaseAnswer {
  const { current: { revision }, previous } = release;
  if (to === revision) {
    return { type: "done", message: `"${revision}" is in force already`, revision };
  }
  const isMeant = previous !== undefined && (to ?? previous.revision) === previous.revision;
  const found = isMeant ? refusalOf(release, previous) : undefined;
  if (found !== undefined) {
    const message =
      `Channel "${channel}" cannot go back to "${previous?.revision}": some of it was taken back ` +
      `with "${found.revision}": ${found.reason}; allow it with ${promoteCommand(channel, found)}`;
    return { type: "refused", message, revision };
  }
  const kept = previous === undefined ? "none is kept" : `"${previous.revision}" is kept`;
  const message = to === undefined
    ? `Channel "${channel}" has no earlier revision to go back to`
    : `Channel "${channel}" cannot go back to "${to}": of earlier revisions ${kept}`;
  return { type: "refused", message, revision };
}

/** The answer while nothing of a channel is in force. */
export function nothingLoaded(channel: string): ReleaseAnswer {
  const message = `Nothing of channel "${channel}" is in force`;
  return { type: "refused", message, revision: null };
}
