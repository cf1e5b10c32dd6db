// SPDX-License-Identifier: Apache-2.0

import type { ChannelState } from "./channels.ts";
import type { ControllerCore } from "./controller_core.ts";
import { isTouched } from "./definition_wakes.ts";
import { keyOfObject } from "./kept_objects.ts";
import type { ProgramChange } from "./program_registry.ts";
import type { ControllerRegistry } from "./reconcile_context.ts";
import { knownNamespace, usesNamespaces } from "./trigger_channel.ts";
import { triggerKey } from "./trigger_key.ts";
import { wantedKinds } from "./wanted_kinds.ts";

/** Follows the kinds that the definitions in force ask for. */
export function followDefinitions({ context, kinds }: ControllerCore): void {
  kinds.follow(wantedKinds(channelsOf(context.registry), usesNamespaces(context.registry)));
}

/** Carries a change of definitions out: other kinds are followed, touched triggers run again. */
export function applyDefinitions(core: ControllerCore, change: ProgramChange): void {
  const { observe, registry } = core.context;
  followDefinitions(core);
  const triggers = wakeTouched(core, change);
  const { channel, revision, changedWorkflows } = change;
  observe({
    type: "definitions-changed",
    channel,
    revision,
    workflows: changedWorkflows,
    triggers,
  });
  for (const { name, heldBack } of registry.channel(channel)?.workflows() ?? []) {
    if (heldBack !== undefined) observe({ type: "held-back", channel, workflow: name, heldBack });
  }
}

function wakeTouched({ context, kinds, queue }: ControllerCore, change: ProgramChange): number {
  let count = 0;
  for (const { followed: kind, store } of kinds.all()) {
    if (kind.role !== "trigger") continue;
    for (const object of store.objects()) {
      const key = triggerKey(kind, keyOfObject(object));
      const memory = context.memories.peek(key);
      const namespace = knownNamespace(context, object);
      if (!isTouched({ kind, object, memory, namespace }, change, context.registry)) continue;
      queue.wake(key, "definitions");
      count++;
    }
  }
  return count;
}

function channelsOf(registry: ControllerRegistry): readonly ChannelState[] {
  return registry.status().channels.flatMap(({ name }) => registry.channel(name) ?? []);
}
