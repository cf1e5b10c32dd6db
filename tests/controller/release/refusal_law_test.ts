// SPDX-License-Identifier: Apache-2.0

import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import type { CanarySettings } from "../../../src/controller/channels/channel_settings.ts";
import type { GateMode } from "../../../src/controller/gate/gate.ts";
import type { Generation } from "../../../src/controller/publication/publication.ts";
import type { Release } from "../../../src/controller/release/release.ts";
import { type Content, createRefusalWorld, digestsIn, type RefusalWorld } from "./refusal_world.ts";

/**
 * What was taken back, told without looking at how the product remembers it: what a step took from
 * triggers, by the revision that it took back.
 */
type Model = Map<string, Set<string>>;

type Step =
  | { readonly type: "commit"; readonly content: Content; readonly isSeen: boolean }
  | { readonly type: "reset"; readonly index: number }
  | { readonly type: "rollBack"; readonly isToPrevious: boolean }
  | { readonly type: "promote" }
  | { readonly type: "allow"; readonly index: number }
  | { readonly type: "restart" };

const contents: fc.Arbitrary<Content> = fc.record({
  a: fc.constantFrom(1, 2, 3, null),
  b: fc.constantFrom(1, 2),
  comment: fc.nat({ max: 2 }),
});

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("commit" as const),
      content: contents,
      isSeen: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("reset" as const), index: fc.nat({ max: 9 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant("rollBack" as const), isToPrevious: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.constant<Step>({ type: "promote" }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("allow" as const), index: fc.nat({ max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ type: "restart" }) },
);

const CANARY: CanarySettings = {
  share: { type: "percent", percent: 50 },
  soakMs: 3_600_000,
  deadlineMs: 7_200_000,
  requireReady: true,
};

async function take(world: RefusalWorld, step: Step, model: Model): Promise<void> {
  const before = await world.release();
  const { releases } = world.registry();
  switch (step.type) {
    case "commit":
      world.commit(step.content);
      if (step.isSeen) await world.look();
      return;
    case "reset":
      world.reset(step.index);
      return await world.look();
    case "rollBack": {
      const to = step.isToPrevious ? before.previous?.revision : undefined;
      const answer = releases.rollBack("stable", {
        reason: "It was worse",
        ...(to === undefined ? {} : { to }),
      });
      if (answer.type !== "done") return;
      // At once, before anybody has looked at the branch.
      const running = inForce(world);
      for (const taken of [before.current, before.candidate?.generation]) {
        if (taken !== undefined) noteTaken(model, taken, running);
      }
      return;
    }
    case "promote":
      return void releases.promote("stable", { reason: "It is good" });
    case "allow": {
      const revision = [...model.keys()][step.index];
      if (revision === undefined || before.candidate?.generation.revision === revision) return;
      equal(releases.promote("stable", { reason: "It is good", revision }).type, "done");
      const lifted = model.get(revision) ?? new Set();
      model.delete(revision);
      for (const [other, keys] of model) {
        const left = keys.difference(lifted);
        if (left.size === 0) model.delete(other);
        else model.set(other, left);
      }
      return;
    }
    case "restart":
      return await world.restart();
  }
}

function inForce(world: RefusalWorld): ReadonlyMap<string, string> {
  const workflows = world.registry().channel("stable")?.workflows() ?? [];
  return new Map(
    workflows.flatMap(({ name, inForce }) =>
      inForce === undefined ? [] : [[name, inForce.program.reachDigest("Workflow", name)]]
    ),
  );
}

function noteTaken(model: Model, taken: Generation, running: ReadonlyMap<string, string>): void {
  const digests = digestsIn(taken.workflows);
  const keys = ["a", "b"].filter((name) => digests.get(name) !== running.get(name))
    .map((name) => keyOf(name, digests.get(name)));
  if (keys.length === 0) return;
  const before = model.get(taken.revision) ?? new Set();
  model.delete(taken.revision);
  model.set(taken.revision, before.union(new Set(keys)));
}

function keyOf(name: string, digest: string | undefined): string {
  return `${name} ${digest ?? "is gone"}`;
}

function checkLaws(world: RefusalWorld, release: Release, model: Model, mode: GateMode): void {
  const refused = new Set([...model.values()].flatMap((keys) => [...keys]));
  const head = world.headDigests();
  const { current, candidate } = release;
  const newest = digestsIn((candidate?.generation ?? current).workflows);
  const names = new Set([...head.keys(), ...newest.keys()]);
  const isRefused = (name: string) =>
    head.get(name) !== newest.get(name) && refused.has(keyOf(name, head.get(name)));
  const isAnyRefused = [...names].some(isRefused);
  for (const generation of [current, ...candidate === undefined ? [] : [candidate.generation]]) {
    for (const [name, digest] of digestsIn(generation.workflows)) {
      ok(!refused.has(keyOf(name, digest)), `"${name}" runs what was taken back`);
    }
  }
  for (const name of names) {
    const isHeld = mode === "commit" ? isAnyRefused : isRefused(name);
    if (!isHeld) equal(newest.get(name), head.get(name), `"${name}" is held back for nothing`);
  }
  for (const { name, heldBack } of (candidate?.generation ?? current).workflows) {
    if (heldBack === undefined) continue;
    ok(mode === "commit" ? isAnyRefused : isRefused(name), `"${name}" is said to be held back`);
    ok(model.has(heldBack.takenBack?.revision ?? ""), "and for what was taken back");
  }
  ok(
    [...model.keys()].every((revision) => release.refused.some((one) => one.revision === revision)),
  );
  equal(release.refused.length, model.size);
}

for (const mode of ["workflow", "commit", "off"] as const) {
  for (const canary of [undefined, CANARY]) {
    const how = `gate ${mode}, ${canary === undefined ? "no canary" : "canary"}`;
    Deno.test(`law (${how}): what was taken back runs only when it is allowed, all else does`, async () => {
      await fc.assert(
        fc.asyncProperty(contents, fc.array(steps, { maxLength: 12 }), async (first, taken) => {
          await using world = await createRefusalWorld(first, { gate: mode, canary });
          const model: Model = new Map();
          for (const step of taken) {
            await take(world, step, model);
            if (step.type === "commit" && !step.isSeen) continue;
            await world.look();
            checkLaws(world, await world.release(), model, mode);
          }
        }),
        { numRuns: 60 },
      );
    });
  }
}
