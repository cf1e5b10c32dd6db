// SPDX-License-Identifier: Apache-2.0

import { isJsonObject, member, memberAt } from "../../language/mod.ts";
import type { KubernetesObject } from "../../runtime/ports.ts";
import { isNameOf } from "./channel_name.ts";
import type { ChannelSettings, TriggerSelector } from "./channel_settings.ts";
import { CHANNEL, requestedChannel } from "./trigger_settings.ts";

/** Which channel a trigger gets. */
export interface ChannelRules {
  /** The channel of triggers that nothing else is said of. */
  readonly default: string;
  /** All channels that there are, in the order in which their selectors count. */
  readonly channels: readonly ChannelRule[];
  /** Patterns of which nobody can say yet which channels they make; absent: of none. */
  readonly awaited?: readonly AwaitedPattern[];
  /** Whether the label of a Namespace may make a difference. */
  readonly usesNamespaces: boolean;
}

/** A pattern of branches whose source was not read so far. */
export interface AwaitedPattern extends ChannelRule {
  /** Why not; absent while it was not tried either. */
  readonly reason?: string;
}

/** What one channel says of its triggers. */
export type ChannelRule = Pick<ChannelSettings, "name" | "allow" | "triggers">;

/** The channel of a trigger. */
export interface ChannelChoice {
  readonly name: string;
  /** Whether there is such a channel, or may be, and the trigger may have it. */
  readonly isKnown: boolean;
}

/** What is known of the Namespace of a trigger. */
export type NamespaceFacts = Pick<KubernetesObject, "metadata"> | undefined;

/**
 * The channel of a trigger (VC-6): the one it names, else the one its Namespace names, else the
 * first whose selector matches, else the default. One that is not configured, or not allowed there,
 * is unknown; nothing else takes its place, and nothing that of one which may come of a pattern.
 */
export function chooseChannel(
  trigger: KubernetesObject,
  namespace: NamespaceFacts,
  rules: ChannelRules,
): ChannelChoice {
  const named = requestedChannel(trigger) ?? labelOf(namespace);
  if (named !== undefined) return choiceOf(named, trigger, rules);
  const selected = [...rules.channels, ...rules.awaited ?? []]
    .find((channel) => isSelected(trigger, channel));
  return choiceOf(selected?.name ?? rules.default, trigger, rules);
}

/** The channel that a Namespace names (TR-6). */
export function labelOf(namespace: NamespaceFacts): string | undefined {
  const label = memberAt(namespace?.metadata, "labels", CHANNEL);
  return typeof label === "string" ? label : undefined;
}

function choiceOf(name: string, trigger: KubernetesObject, rules: ChannelRules): ChannelChoice {
  const channel = rules.channels.find((rule) => rule.name === name) ??
    awaitedPattern(name, rules);
  return { name, isKnown: channel !== undefined && isAllowed(trigger, channel) };
}

/** The pattern that may make a channel of this name, once its branches are known. */
export function awaitedPattern(
  name: string,
  { awaited = [] }: Pick<ChannelRules, "awaited">,
): AwaitedPattern | undefined {
  return awaited.find((pattern) => isNameOf(pattern.name, name));
}

/** Who gets a channel without asking needs no further leave. */
function isAllowed(trigger: KubernetesObject, channel: ChannelRule): boolean {
  if (channel.allow === undefined || isSelected(trigger, channel)) return true;
  return channel.allow.namespaces.includes(namespaceOf(trigger) ?? "");
}

function isSelected(trigger: KubernetesObject, { triggers }: ChannelRule): boolean {
  return triggers !== undefined && matchesSelector(trigger, triggers);
}

/** Whether a selector says anything, and all of it matches. */
export function matchesSelector(
  trigger: KubernetesObject,
  { namespaces, matchLabels }: TriggerSelector,
): boolean {
  if (namespaces === undefined && matchLabels === undefined) return false;
  const labels = memberAt(trigger, "metadata", "labels");
  return (namespaces?.includes(namespaceOf(trigger) ?? "") ?? true) &&
    Object.entries(matchLabels ?? {}).every(([key, value]) =>
      isJsonObject(labels) && member(labels, key) === value
    );
}

/** The Namespace of a trigger; `undefined` for a cluster-scoped one. */
export function namespaceOf(trigger: KubernetesObject): string | undefined {
  const namespace = memberAt(trigger, "metadata", "namespace");
  return typeof namespace === "string" && namespace !== "" ? namespace : undefined;
}
