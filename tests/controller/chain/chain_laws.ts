// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import type { ChannelState } from "../../../src/controller/channels/channels.ts";
import type { GateMode } from "../../../src/controller/gate/gate.ts";
import { refusedBehaviours } from "../../../src/controller/gate/refusal.ts";
import type { Generation } from "../../../src/controller/publication/publication.ts";
import { toldGeneration } from "../../../src/controller/release/release.ts";
import type { RaceWorld } from "../feed/race_world.ts";
import { digestsIn, type Picture } from "./chain_picture.ts";
import { type RevisionContent, revisionContent } from "./revision_content.ts";

/** A channel that is looked at. */
export interface Watched {
  readonly world: RaceWorld;
  readonly channel: string;
  readonly mode: GateMode;
  /** The revision of its heads; `undefined` while a branch is not there. */
  readonly head: string | undefined;
}

/** All that runs comes whole from a revision that says so, and that the gate lets through. */
export async function checkWhatRuns(
  { world, mode }: Watched,
  { inForce }: Picture,
): Promise<void> {
  for (const state of [inForce?.current, inForce?.candidate]) {
    const running = (state?.workflows() ?? []).filter((one) => one.inForce !== undefined);
    for (const { name, inForce: own } of running) {
      const revision = own?.revision ?? "";
      const content = await contentOf(world, revision);
      equal(
        own?.program.reachDigest("Workflow", name),
        content.digests.get(name),
        `"${name}" does not run as in ${revision}`,
      );
      const isBad = mode === "commit" ? content.isUnsound : content.unsound.has(name);
      ok(mode === "off" || !isBad, `"${name}" runs from ${revision}, which is not sound`);
    }
    const revisions = new Set(running.map((one) => one.inForce?.revision));
    if (mode === "commit") ok(revisions.size < 2, `runs from ${[...revisions]} at once`);
  }
}

/** What was taken back is neither in force nor tried. */
export function checkRefused({ world, channel }: Watched, { digests }: Picture): void {
  const refused = refusedBehaviours(world.registry().releases.status(channel).refused ?? []);
  for (const running of [digests.outside, digests.inside]) {
    for (const [name, digest] of running) {
      equal(refused.of({ name, digest }), undefined, `"${name}" runs what was taken back`);
    }
  }
}

/** What people and a restart are told is what runs. */
export function checkTold({ world, channel }: Watched, { inForce }: Picture): void {
  const status = world.registry().status().channels.find(({ name }) => name === channel);
  const record = world.record(channel);
  if (inForce === undefined || !inForce.current.isLoaded) {
    return equal(record, undefined, `"${channel}" is recorded and not in force`);
  }
  const running = (state: ChannelState) =>
    state.workflows().map(({ name, inForce: own, heldBack }) => ({
      name,
      revision: own?.revision ?? null,
      heldBack,
    }));
  const recorded = (generation: Generation) =>
    generation.workflows.map(({ name, inForce: own, heldBack }) => ({
      name,
      revision: own?.revision ?? null,
      heldBack,
    }));
  const current = running(inForce.current);
  deepEqual(
    status?.workflows.map(({ name, revision, heldBack }) => ({ name, revision, heldBack })),
    current,
  );
  ok(record !== undefined, `"${channel}" is not recorded`);
  const { release } = record;
  deepEqual(recorded(toldGeneration(release)), current);
  equal(release.candidate === undefined, inForce.candidate === undefined);
  if (release.candidate === undefined || inForce.candidate === undefined) {
    return equal(world.registry().releases.canary(channel), undefined);
  }
  deepEqual(recorded(release.candidate.generation), running(inForce.candidate));
  const canary = world.registry().releases.canary(channel);
  equal(canary?.revision, release.candidate.generation.revision);
  const [old, tried] = [digestsIn(inForce.current), digestsIn(inForce.candidate)];
  const names = new Set([...old.keys(), ...tried.keys()]);
  deepEqual(
    [...canary?.workflows ?? []].sort(),
    [...names].filter((name) => old.get(name) !== tried.get(name)).sort(),
  );
}

/** Every Workflow is at the head, or it is said why not, and that is so. */
export async function checkHead(
  { world, mode, head }: Watched,
  { inForce, digests }: Picture,
): Promise<void> {
  if (head === undefined || inForce === undefined) return;
  const content = await contentOf(world, head);
  const newest = inForce.candidate ?? inForce.current;
  for (const { name, heldBack, inForce: own } of inForce.current.workflows()) {
    if (own === undefined) continue;
    deepEqual(heldBack, newest.workflow(name)?.heldBack, `"${name}" is held back in silence`);
  }
  for (
    const name of new Set([
      ...content.digests.keys(),
      ...newest.workflows().map((w) => w.name),
    ])
  ) {
    const heldBack = newest.workflow(name)?.heldBack;
    if (heldBack === undefined) {
      equal(digests.inside.get(name), content.digests.get(name), `"${name}" is not at the head`);
      continue;
    }
    equal(heldBack.revision, head, `"${name}" is held back at what is not the head`);
    const [, other] = /^Moves only together with Workflow "(\w+)"/.exec(heldBack.reason) ?? [];
    const isBad = mode === "commit" ? content.isUnsound : content.unsound.has(other ?? name);
    const isHeld = heldBack.takenBack !== undefined || mode !== "off" && isBad;
    ok(isHeld, `"${name}" is held back for nothing: ${heldBack.reason}`);
  }
}

/**
 * No trigger loses its Workflow, or gets a second one, but by a commit that says so.
 *
 * @param step.passed Revisions that were in force or tried meanwhile
 */
export async function checkServed(
  { world, channel, mode, head }: Watched,
  { before, after, passed }: {
    readonly before: Picture;
    readonly after: Picture;
    readonly passed: readonly string[];
  },
): Promise<void> {
  // Without a gate what is broken runs, which is to say that it does not.
  if (mode === "off") return;
  const asked = [world.record(channel)?.release.current.revision, head, ...passed];
  const contents = await Promise.all(
    asked.flatMap((revision) => revision === undefined ? [] : [contentOf(world, revision)]),
  );
  for (const [trigger, choice] of after.choices) {
    if (choice.type === "chosen" || before.choices.get(trigger)?.type !== "chosen") continue;
    const kind = trigger.split("/")[0];
    const counts = contents.map(({ kinds }) =>
      [...kinds.values()].filter((one) => one === kind).length
    );
    ok(counts.some((count) => count !== 1), `${trigger} has lost its Workflow: ${choice.message}`);
  }
}

async function contentOf(world: RaceWorld, revision: string): Promise<RevisionContent> {
  return await revisionContent(world.branches.repository, revision);
}
