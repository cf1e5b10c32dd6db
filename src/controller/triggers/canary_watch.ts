// SPDX-License-Identifier: Apache-2.0

import { unreachable } from "../../language/mod.ts";
import { annotationOrLabel, WORKFLOW } from "../../runtime/mod.ts";
import type { Clock, KubernetesObject } from "../../runtime/ports.ts";
import type { Canary, CanaryWatch, ReleaseControl } from "../release/canary.ts";
import {
  canaryProgress,
  type CanaryVerdict,
  judgeCanary,
  type TryingTrigger,
} from "../release/canary_verdict.ts";
import type { FollowedKinds } from "../watch/followed_kinds.ts";
import { formerStates } from "../release/former_state.ts";
import { keyOfObject } from "../watch/kept_objects.ts";
import { createNap } from "../queue/nap.ts";
import { createCanaryPast } from "./canary_past.ts";
import { isBeingDeleted } from "./trigger_change.ts";
import { channelOf, type ChannelSource, knownNamespace } from "./trigger_channel.ts";
import type { CanaryBaseline } from "../release/release.ts";
import { type KindName, triggerKey } from "../queue/trigger_key.ts";
import type { TriggerMemories } from "./trigger_memory.ts";
import { isSuspended } from "../channels/trigger_settings.ts";
import { crdRefOf, kindOf } from "./wanted_kinds.ts";

/** What judging canaries needs. */
export interface CanaryWatchOptions {
  readonly releases: ReleaseControl;
  readonly registry: ChannelSource;
  readonly kinds: Pick<FollowedKinds, "all" | "byKind">;
  readonly memories: Pick<TriggerMemories, "peek">;
  readonly clock: Clock;
}

/** Runs that are told one after the other are judged together. */
const PAUSE_MS = 500;
/** While triggers are waited for: one may be deleted, or suspended. */
const WAITING_MS = 5_000;

/** Of a canary whose triggers were not looked at yet: all were as they should be. */
const NOTHING: CanaryBaseline = { failed: [], unready: [] };

/** Makes one; it decides nothing before it runs. */
export function createCanaryWatch(options: CanaryWatchOptions): CanaryWatch {
  const { releases, clock, memories } = options;
  const nap = createNap(clock);
  const past = createCanaryPast(options);
  /** Since when this process lets triggers run; before that there is nothing to judge. */
  let since: number | undefined;
  let dueAt = 0;

  /** Looks at all triggers before the first of them runs from what is being tried. */
  function lookFirst(): void {
    for (const canary of releases.canaries()) {
      if (canary.baseline !== undefined) continue;
      // Whoever is not in the share may come into it, and who is suspended go on.
      const all = affectedObjects(options, canary).map(({ key, object }) => [key, object] as const);
      releases.noteBaseline(canary.channel, past.baseline(canary, all));
    }
    past.note();
  }

  /** Judges all, and says when it is to be done again. */
  function judgeAll(watchedSince: number): number {
    const now = clock.now();
    return releases.canaries().reduce((next, canary) => {
      const triggers = tryingTriggers(options, canary);
      const { startedAt, settings, channel } = canary;
      const unseenKind = unseenKindOf(canary, options);
      const facts = { startedAt, now, watchedSince, triggers, unseenKind };
      const verdict = judgeCanary(settings, facts);
      const reason = verdict.type === "wait" ? verdict.reason : undefined;
      const progress = canaryProgress(triggers);
      releases.noteProgress(channel, reason === undefined ? progress : { ...progress, reason });
      carryOut(canary, verdict, releases);
      return Math.min(next, nextLook(verdict, now));
    }, Infinity);
  }

  function lookIn(delayMs: number): void {
    dueAt = Math.min(dueAt, clock.now() + delayMs);
    nap.end();
  }

  return {
    changed() {
      past.note();
      if (since === undefined) return;
      lookFirst();
      lookIn(0);
    },
    ran(key, canary, outcome) {
      const memory = memories.peek(key);
      // What was taken back or replaced while the run went on is not judged any more.
      const now = releases.canary(canary.channel);
      if (memory === undefined || now?.id !== canary.id) return;
      memory.tried = { canary: canary.id, outcome };
      const isAnew = outcome.type === "PermFail" && !now.baseline?.failed.includes(key);
      // A new failure ends it at once; everything else may wait for others.
      if (isAnew && since !== undefined) judgeAll(since);
      else lookIn(PAUSE_MS);
    },
    async run({ signal }) {
      const began = clock.now();
      since = began;
      lookFirst();
      while (!signal.aborted) {
        if (clock.now() >= dueAt) {
          dueAt = Infinity;
          // What is carried out may make another look due.
          const next = judgeAll(began);
          dueAt = Math.min(dueAt, next);
        }
        await nap.until(dueAt, { signal });
      }
    },
  };
}

function nextLook(verdict: CanaryVerdict, now: number): number {
  if (verdict.type !== "wait") return Infinity;
  return verdict.reason === undefined ? verdict.until : Math.min(verdict.until, now + WAITING_MS);
}

function carryOut(
  { channel, revision }: Canary,
  verdict: CanaryVerdict,
  releases: ReleaseControl,
): void {
  switch (verdict.type) {
    case "wait":
      return;
    case "promote":
      return void releases.promote(channel, { reason: verdict.reason, revision });
    case "goBack":
      return void releases.rollBack(channel, { reason: verdict.reason, takingBack: revision });
    default:
      return unreachable(verdict);
  }
}

interface TryingObject {
  readonly key: string;
  readonly object: KubernetesObject;
}

/** The triggers of a share whose Workflow behaves differently, and that may run. */
function tryingObjects(
  { registry, kinds }: Pick<CanaryWatchOptions, "registry" | "kinds">,
  canary: Canary,
): readonly TryingObject[] {
  return affectedObjects({ kinds }, canary).filter(({ object }) => {
    if (isSuspended(object) || isBeingDeleted(object)) return false;
    const tried = channelOf(registry, object, knownNamespace({ kinds }, object)).canary;
    return tried?.id === canary.id;
  });
}

/** The triggers whose Workflow behaves differently, in the share or not. */
function affectedObjects(
  { kinds }: Pick<CanaryWatchOptions, "kinds">,
  canary: Canary,
): readonly TryingObject[] {
  const found: TryingObject[] = [];
  for (const { followed: kind, store } of kinds.all()) {
    if (kind.role !== "trigger") continue;
    const isAffected = affectedBy(canary, kind);
    for (const object of store.objects()) {
      if (!isAffected(object)) continue;
      found.push({ key: triggerKey(kind, keyOfObject(object)), object });
    }
  }
  return found;
}

function tryingTriggers(
  options: Pick<CanaryWatchOptions, "registry" | "kinds" | "memories">,
  canary: Canary,
): readonly TryingTrigger[] {
  const before = formerStates(canary.baseline ?? NOTHING, canary.startedAt);
  return tryingObjects(options, canary).map(({ key, object }) => {
    const tried = options.memories.peek(key)?.tried;
    return {
      key,
      before: before(key, object),
      outcome: tried?.canary === canary.id ? tried.outcome : undefined,
    };
  });
}

/** A kind whose Workflow behaves differently, and that was not listed so far. */
function unseenKindOf(
  { state, inForce, workflows }: Canary,
  { kinds }: Pick<CanaryWatchOptions, "kinds">,
): string | undefined {
  const changed = [state, inForce].flatMap((one) => one.workflows())
    .filter(({ name }) => workflows.has(name));
  return changed.flatMap(({ crdRef }) => crdRef ?? []).find((crdRef) => {
    const found = kinds.byKind(kindOf(crdRef));
    // Of a kind that is not served there is no trigger.
    if (found?.hasListed || found?.health === "notServed") return false;
    // What may not be seen and has no Workflow in force is for whoever grants it, not for a canary.
    return found?.health !== "forbidden" || inForce.workflowsFor(crdRef).length > 0;
  })?.kind;
}

/** A Workflow that is gone in what is being tried is one of its own in what is in force. */
function affectedBy(canary: Canary, kind: KindName): (object: KubernetesObject) => boolean {
  const crdRef = crdRefOf(kind);
  const isKind = [canary.state, canary.inForce].some((state) =>
    state.workflowsFor(crdRef).some(({ name }) => canary.workflows.has(name))
  );
  return (object) => {
    const named = annotationOrLabel(object, WORKFLOW);
    return named === undefined ? isKind : canary.workflows.has(named);
  };
}
