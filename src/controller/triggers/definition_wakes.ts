// SPDX-License-Identifier: Apache-2.0

import { annotationOrLabel, WORKFLOW } from "../../runtime/mod.ts";
import type { KubernetesObject } from "../../runtime/ports.ts";
import { isInShare } from "../release/canary_share.ts";
import type { NamespaceFacts } from "../channels/channel_choice.ts";
import { isNameOf } from "../channels/channel_name.ts";
import type { ChannelState } from "../channels/channels.ts";
import type { ProgramChange } from "../feed/source_follower.ts";
import type { KindName } from "../queue/trigger_key.ts";
import type { TriggerMemory } from "./trigger_memory.ts";
import { channelOf, type ChannelSource } from "./trigger_channel.ts";
import { crdRefOf } from "./wanted_kinds.ts";

/** A trigger as far as definitions matter to it. */
export interface DefinedTrigger {
  readonly kind: KindName;
  readonly object: KubernetesObject;
  readonly memory: Pick<TriggerMemory, "candidates" | "channel"> | undefined;
  /** The Namespace that it lies in, as far as it is known. */
  readonly namespace?: NamespaceFacts;
}

/** Whether a change of definitions makes a run of a trigger due (law 6). */
export function isTouched(
  { kind, object, memory, namespace }: DefinedTrigger,
  change: Pick<ProgramChange, "channel" | "changedWorkflows" | "inCanary" | "presence">,
  registry: ChannelSource,
): boolean {
  const { name, state: channel } = channelOf(registry, object, namespace);
  if (change.presence === "settled") {
    // Those of the channels that it makes are woken by these.
    const before = memory?.channel;
    return before !== undefined && isNameOf(change.channel, before) &&
      (channel === undefined || name !== before);
  }
  if (change.presence !== undefined && memory !== undefined) {
    // A channel that comes or goes may also change which one the trigger gets.
    return name === change.channel || memory.channel === change.channel;
  }
  if (channel?.name !== change.channel) return false;
  const changed = new Set(changedFor(object, change));
  const before = memory?.candidates ?? [];
  return [...before, ...candidates(channel, kind, object)].some((name) => changed.has(name));
}

/** What of a change a trigger notices: in the share of a canary that may be something else. */
function changedFor(
  trigger: KubernetesObject,
  { channel, changedWorkflows, inCanary }: Pick<
    ProgramChange,
    "channel" | "changedWorkflows" | "inCanary"
  >,
): readonly string[] {
  if (inCanary === undefined || !isInShare(inCanary.share, { channel, trigger })) {
    return changedWorkflows;
  }
  return inCanary.changedWorkflows;
}

/** The Workflows among which a trigger's is chosen (TR-10). */
export function candidates(
  channel: ChannelState,
  kind: KindName,
  object: KubernetesObject,
): readonly string[] {
  const named = annotationOrLabel(object, WORKFLOW);
  if (named !== undefined) return [named];
  return channel.workflowsFor(crdRefOf(kind)).map(({ name }) => name);
}
