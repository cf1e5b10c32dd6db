// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import type { ChannelState } from "../../../src/controller/channels/channels.ts";
import { compileProgram, readDocuments } from "../../../src/language/mod.ts";
import { valueFunction, workflow } from "../definitions.ts";
import { createRaceWorld, PATIENT_CANARY, type RaceWorld } from "./race_world.ts";

/** Branches, and the channels that they make. */
const FOLLOWED = [["main", "stable"], ["preview/x", "preview-x"], ["preview/y", "preview-y"]];

type Step =
  | { readonly type: "commit"; readonly at: number; readonly a: number | null; readonly b: number }
  | { readonly type: "delete" | "rollBack" | "promote" | "allow"; readonly at: number }
  | { readonly type: "go"; readonly turns: number }
  | { readonly type: "look" | "settle" | "breakFeed" | "restart" };

const at = fc.nat({ max: 2 });
const b = fc.constantFrom(1, 2);
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("commit" as const),
      at,
      a: fc.constantFrom(1, 2, 3, null),
      b,
    }),
  },
  {
    weight: 11,
    arbitrary: fc.record({
      type: fc.constantFrom(
        ...(["delete", "delete", "promote", "promote", "allow", "allow"] as const),
        ...(["rollBack", "rollBack", "rollBack", "rollBack", "rollBack"] as const),
      ),
      at,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ type: fc.constant("go" as const), turns: fc.nat({ max: 400 }) }),
  },
  {
    weight: 14,
    arbitrary: fc.record({
      type: fc.constantFrom(
        ...(["look", "look", "look", "look", "look", "look"] as const),
        ...(["settle", "settle", "settle", "settle", "settle"] as const),
        ...(["breakFeed", "breakFeed", "restart"] as const),
      ),
    }),
  },
);

function filesOf(a: number | null, b: number): Readonly<Record<string, string>> {
  return {
    "f.k.yaml": valueFunction("f", a ?? 0),
    "g.k.yaml": valueFunction("g", b),
    ...(a === null ? {} : { "a.k.yaml": workflow("a", "f", "Alpha") }),
    "b.k.yaml": workflow("b", "g", "Beta"),
  };
}

/** How Workflows of these files behave, by name. */
function digestsOf(files: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const documents = Object.entries(files).flatMap(([path, text]) => readDocuments({ path, text }));
  const program = compileProgram(documents, { defaultNamespace: "default" });
  const names = ["a", "b"].filter((name) => program.winner("Workflow", name) !== undefined);
  return new Map(names.map((name) => [name, program.reachDigest("Workflow", name)]));
}

function digestsIn(state: ChannelState): ReadonlyMap<string, string> {
  return new Map(
    state.workflows().flatMap(({ name, inForce }) =>
      inForce === undefined ? [] : [[name, inForce.program.reachDigest("Workflow", name)]]
    ),
  );
}

async function take(world: RaceWorld, step: Step, heads: Map<string, Step>): Promise<void> {
  const { releases } = world.registry();
  const [branch = "", channel = ""] = FOLLOWED["at" in step ? step.at : 0] ?? [];
  switch (step.type) {
    case "commit":
      world.branches.commit(branch, filesOf(step.a, step.b));
      return void heads.set(branch, step);
    case "delete":
      // Of a channel that is not of a pattern what was in force stays, and nothing comes back.
      if (branch === "main") return;
      world.branches.deleteBranch(branch);
      return void heads.delete(branch);
    case "rollBack":
      return void releases.rollBack(channel, { reason: "It was worse" });
    case "promote":
      return void releases.promote(channel, { reason: "It is good" });
    case "allow": {
      const revision = releases.status(channel).refused?.at(-1)?.revision;
      if (revision !== undefined) releases.promote(channel, { reason: "It is good", revision });
      return;
    }
    case "go":
      return await world.go(step.turns);
    case "look":
      return world.registry().wake();
    case "settle":
      world.registry().wake();
      return await world.settle();
    case "breakFeed":
      return world.breakFeed();
    case "restart":
      return void await world.restart();
  }
}

/** At no time, whatever is under way. */
function checkNothingRefusedRuns(world: RaceWorld): void {
  for (const [, channel = ""] of FOLLOWED) {
    const found = world.registry().inForce(channel);
    const refused = world.registry().releases.status(channel).refused ?? [];
    const behaviours = refused.flatMap(({ workflows = [] }) => workflows);
    for (const state of [found?.current, found?.candidate]) {
      if (state === undefined) continue;
      for (const [name, digest] of digestsIn(state)) {
        const isRefused = behaviours.some((one) => one.name === name && one.digest === digest);
        ok(!isRefused, `"${name}" of "${channel}" runs what was taken back`);
      }
    }
  }
}

/** Once everything has happened each channel is at the head of its branch, or says why not. */
function checkHeads(world: RaceWorld, heads: ReadonlyMap<string, Step>): void {
  for (const [branch = "", channel = ""] of FOLLOWED) {
    const found = world.registry().inForce(channel);
    const head = heads.get(branch);
    if (head?.type !== "commit") {
      equal(found, undefined, `"${channel}" is there without its branch`);
      continue;
    }
    ok(found !== undefined, `"${channel}" is not there`);
    const newest = found.candidate ?? found.current;
    const [running, wanted] = [digestsIn(newest), digestsOf(filesOf(head.a, head.b))];
    for (const name of ["a", "b"]) {
      if (running.get(name) === wanted.get(name)) continue;
      const heldBack = newest.workflows().find((one) => one.name === name)?.heldBack;
      ok(heldBack !== undefined, `"${name}" of "${channel}" is not at the head, without a reason`);
      ok(heldBack.revision.includes(`${world.branches.head(branch)}`));
    }
  }
}

for (const gate of ["workflow", "commit"] as const) {
  for (const canary of [undefined, PATIENT_CANARY]) {
    const how = `gate ${gate}, ${canary === undefined ? "no canary" : "canary"}`;
    Deno.test(`law (${how}): whatever is under way between feed and registry, nothing taken back runs`, async () => {
      const many = { minLength: 20, maxLength: 60, size: "max" } as const;
      await fc.assert(
        fc.asyncProperty(fc.integer(), fc.array(steps, many), async (seed, taken) => {
          await using world = createRaceWorld({ gate, canary, seed });
          const first: Step = { type: "commit", at: 0, a: 1, b: 1 };
          const heads = new Map<string, Step>();
          for (const step of [first, ...taken]) {
            await take(world, step, heads);
            checkNothingRefusedRuns(world);
          }
          await world.settle();
          world.registry().wake();
          await world.settle();
          checkNothingRefusedRuns(world);
          checkHeads(world, heads);
          deepEqual(world.errors, []);
        }),
        { numRuns: 50 },
      );
    });
  }
}
