// SPDX-License-Identifier: Apache-2.0

import { member, unreachable } from "../../language/mod.ts";
import { groupOf } from "../../runtime/mod.ts";
import type { KubernetesObject } from "../../runtime/ports.ts";
import { matchesSelector, namespaceOf } from "../channels/channel_choice.ts";
import type { CanaryShare } from "../channels/channel_settings.ts";
import { textHash } from "../channels/text_hash.ts";

/**
 * Whether a trigger is among those that try a new revision of a channel.
 *
 * A percentage goes by the names of the trigger and its channel, never by the revision: the same
 * triggers go first each time, and a newer revision that takes the place of one that is being tried
 * moves no other triggers. Who is in at some percentage is in at any higher one.
 */
export function isInShare(
  share: CanaryShare,
  about: { readonly channel: string; readonly trigger: KubernetesObject },
): boolean {
  switch (share.type) {
    case "percent":
      return bucketOf(about.channel, about.trigger) < share.percent * (BUCKETS / 100);
    case "selector":
      return matchesSelector(about.trigger, share.triggers);
    default:
      return unreachable(share);
  }
}

const BUCKETS = 10_000;

/** From 0 to below {@linkcode BUCKETS}, spread evenly. */
function bucketOf(channel: string, trigger: KubernetesObject): number {
  const { apiVersion, kind } = trigger;
  const names = [groupOf(apiVersion), kind, namespaceOf(trigger) ?? "", nameOf(trigger)];
  return mixed(textHash([channel, ...names].join("/"))) % BUCKETS;
}

function nameOf({ metadata }: KubernetesObject): string {
  return String(member(metadata, "name"));
}

/** Names that differ in few places get hashes that differ in many: the last mix of MurmurHash3. */
function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return (twice ^ (twice >>> 16)) >>> 0;
}
