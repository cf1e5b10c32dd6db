// SPDX-License-Identifier: Apache-2.0

import { member } from "../../language/mod.ts";
import type { Abortable, KubernetesObject } from "../../runtime/ports.ts";
import type { Canary } from "../release/canary.ts";
import { isInShare } from "../release/canary_share.ts";
import {
  chooseChannel,
  labelOf,
  type NamespaceFacts,
  namespaceOf,
} from "../channels/channel_choice.ts";
import type { ChannelState } from "../channels/channels.ts";
import type { FollowedKind, FollowedKinds } from "../watch/followed_kinds.ts";
import { keyOfObject } from "../watch/kept_objects.ts";
import type { ObjectChange } from "../watch/object_store.ts";
import type { ControllerRegistry, ReconcileContext } from "./reconcile_context.ts";
import { triggerKey } from "../queue/trigger_key.ts";
import { requestedChannel } from "../channels/trigger_settings.ts";
import { NAMESPACES } from "../watch/metadata_kinds.ts";
import type { WorkQueue } from "../queue/work_queue.ts";

/** The channel of a trigger, by name; without a state where it is unknown to this trigger. */
export interface TriggerChannel {
  readonly name: string;
  readonly state: ChannelState | undefined;
  /** Present when the trigger is in its share: then the state is what is being tried. */
  readonly canary?: Canary;
}

/** What tells the channel of a trigger, and the generation of it. */
export type ChannelSource = Pick<ControllerRegistry, "channel" | "rules" | "releases">;

/** The channel that a trigger gets (VC-6), with the one generation that it runs from. */
export function channelOf(
  registry: ChannelSource,
  trigger: KubernetesObject,
  namespace: NamespaceFacts,
): TriggerChannel {
  const rules = registry.rules?.();
  if (rules === undefined) {
    const requested = requestedChannel(trigger);
    const state = registry.channel(requested);
    const name = requested ?? state?.name ?? "default";
    return { name, state, ...state && tried(registry, name, trigger) };
  }
  const { name, isKnown } = chooseChannel(trigger, namespace, rules);
  if (!isKnown) return { name, state: undefined };
  return { name, state: registry.channel(name), ...tried(registry, name, trigger) };
}

/** What a trigger runs from instead while it is in the share of a canary. */
function tried(
  { releases }: Pick<ControllerRegistry, "releases">,
  channel: string,
  trigger: KubernetesObject,
): Pick<TriggerChannel, "canary"> & Partial<Pick<TriggerChannel, "state">> {
  const canary = releases?.canary(channel);
  if (canary === undefined || !isInShare(canary.settings.share, { channel, trigger })) return {};
  return { state: canary.state, canary };
}

/** Whether labels of Namespaces may make a difference: only then they are watched. */
export function usesNamespaces(registry: Pick<ControllerRegistry, "rules">): boolean {
  return registry.rules?.().usesNamespaces ?? false;
}

type Known = Pick<ReconcileContext, "registry" | "kinds">;

/** What is known of the Namespace of a trigger without asking. */
export function knownNamespace(
  { kinds }: { readonly kinds: Pick<FollowedKinds, "byKind"> },
  trigger: KubernetesObject,
): NamespaceFacts {
  const name = namespaceOf(trigger);
  return name === undefined ? undefined : kinds.byKind(NAMESPACES)?.store.peek(`/${name}`);
}

/**
 * The Namespace of a trigger, where it decides on its channel. The server is asked for one that the
 * watch has not told of: a trigger must not run in the default channel because news are late.
 *
 * Rejects when it cannot be had.
 */
export async function namespaceFacts(
  context: Known & Pick<ReconcileContext, "cluster">,
  trigger: KubernetesObject,
  options: Abortable,
): Promise<NamespaceFacts> {
  const name = namespaceOf(trigger);
  if (name === undefined || requestedChannel(trigger) !== undefined) return undefined;
  if (!usesNamespaces(context.registry)) return undefined;
  const { apiVersion, kind } = NAMESPACES;
  return knownNamespace(context, trigger) ??
    await context.cluster.get({ apiVersion, kind, plural: "namespaces", name }, options);
}

/** Whether a followed kind is that of Namespaces. */
export function isNamespace({ apiVersion, kind }: FollowedKind): boolean {
  return apiVersion === NAMESPACES.apiVersion && kind === NAMESPACES.kind;
}

/** Makes the runs due that follow from another channel label of a Namespace (TR-18). */
export function wakeNamespace(
  { context: { registry }, kinds, queue }: {
    readonly context: Pick<ReconcileContext, "registry">;
    readonly kinds: Pick<FollowedKinds, "all">;
    readonly queue: Pick<WorkQueue, "wake">;
  },
  { type, object, previous, isInitial }: ObjectChange,
): void {
  if (type === "deleted" || isInitial || !usesNamespaces(registry)) return;
  if (labelOf(object) === labelOf(previous)) return;
  const namespace = member(object.metadata, "name");
  for (const { followed, store } of kinds.all()) {
    if (followed.role !== "trigger") continue;
    for (const trigger of store.objects()) {
      if (namespaceOf(trigger) !== namespace) continue;
      queue.wake(triggerKey(followed, keyOfObject(trigger)), "edited");
    }
  }
}
