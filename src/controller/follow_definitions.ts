// SPDX-License-Identifier: Apache-2.0

import type { Slices } from "../language/mod.ts";
import type { ChannelState } from "./channels/channels.ts";
import { isTouched } from "./triggers/definition_wakes.ts";
import { keyOfObject } from "./watch/kept_objects.ts";
import type { ProgramChange } from "./feed/source_follower.ts";
import type { FormerKinds } from "./triggers/former_kinds.ts";
import type { ControllerRegistry, ReconcileContext } from "./triggers/reconcile_context.ts";
import { knownNamespace, usesNamespaces } from "./triggers/trigger_channel.ts";
import { triggerKey } from "./queue/trigger_key.ts";
import type { WakePace } from "./queue/wake_pace.ts";
import type { WorkQueue } from "./queue/work_queue.ts";
import type { FollowedKinds } from "./watch/followed_kinds.ts";
import { triggersByWorkflow } from "./triggers/workflow_triggers.ts";
import { wantedKinds } from "./triggers/wanted_kinds.ts";

/** The parts of a controller that a change of definitions reaches. */
export interface DefinitionFollower {
  readonly context: ReconcileContext;
  readonly queue: Pick<WorkQueue, "wake">;
  readonly kinds: Pick<FollowedKinds, "all" | "follow">;
  readonly formerKinds: Pick<FormerKinds, "toFollow">;
  readonly wakePace: WakePace;
}

/** Follows the kinds that the definitions in force ask for, and those that once did. */
export function followDefinitions({ context, kinds, formerKinds }: DefinitionFollower): void {
  const wanted = wantedKinds(channelsOf(context.registry), usesNamespaces(context.registry));
  kinds.follow([...wanted, ...formerKinds.toFollow(wanted)]);
}

/**
 * Carries a change of definitions out: other kinds are followed, touched triggers run again. Yields
 * after each trigger that is looked at.
 */
export function* applyDefinitions(core: DefinitionFollower, change: ProgramChange): Slices<void> {
  const { observe } = core.context;
  followDefinitions(core);
  const triggers = yield* wakeTouched(core, change);
  const { channel, revision, changedWorkflows, inCanary, step, presence } = change;
  // A pattern is no channel: nothing of it is in force.
  if (presence === "settled") return;
  observe({
    type: "definitions-changed",
    channel,
    revision,
    workflows: [...new Set([...changedWorkflows, ...inCanary?.changedWorkflows ?? []])].sort(),
    triggers,
  });
  if (step !== undefined) observe({ ...step, type: "release-stepped", channel, step: step.type });
  yield* tellHeldBack(core, channel);
}

function* tellHeldBack({ context, kinds }: DefinitionFollower, channel: string): Slices<void> {
  const { observe, registry, memories } = context;
  const workflows = registry.channel(channel)?.workflows() ?? [];
  if (workflows.every(({ heldBack }) => heldBack === undefined)) return;
  const byWorkflow = yield* triggersByWorkflow({ kinds, memories }, channel);
  for (const { name, heldBack, inForce } of workflows) {
    if (heldBack === undefined) continue;
    const triggers = byWorkflow.get(name) ?? [];
    const revision = inForce?.revision ?? null;
    observe({ type: "held-back", channel, workflow: name, heldBack, inForce: revision, triggers });
  }
}

/** Few are woken at once, many one after the other, so that the API server is not flooded. */
function* wakeTouched(core: DefinitionFollower, change: ProgramChange): Slices<number> {
  const { context, kinds, queue, wakePace } = core;
  let count = 0;
  for (const { followed: kind, store } of kinds.all()) {
    if (kind.role !== "trigger") continue;
    for (const object of store.objects()) {
      const key = triggerKey(kind, keyOfObject(object));
      const memory = context.memories.peek(key);
      const namespace = knownNamespace(context, object);
      yield;
      if (!isTouched({ kind, object, memory, namespace }, change, context.registry)) continue;
      queue.wake(key, "definitions", wakePace.delayMs());
      count++;
    }
  }
  return count;
}

function channelsOf(registry: ControllerRegistry): readonly ChannelState[] {
  const tried = registry.releases?.canaries().map(({ state }) => state) ?? [];
  return [
    ...namesOf(registry).flatMap((name) => registry.channel(name) ?? []),
    ...tried,
  ];
}

function namesOf(registry: ControllerRegistry): readonly string[] {
  return (registry.rules?.() ?? registry.status()).channels.map(({ name }) => name);
}
