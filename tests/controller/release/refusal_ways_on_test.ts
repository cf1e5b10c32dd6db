// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import type { CanarySettings } from "../../../src/controller/channels/channel_settings.ts";
import { type Content, createRefusalWorld, digestsIn, type RefusalWorld } from "./refusal_world.ts";

const CANARY: CanarySettings = {
  share: { type: "percent", percent: 50 },
  soakMs: 3_600_000,
  deadlineMs: 7_200_000,
  requireReady: true,
};

const contents: fc.Arbitrary<Content> = fc.record({
  a: fc.constantFrom(1, 2, 3, null),
  b: fc.constantFrom(1, 2),
  kindOfB: fc.constantFrom("Alpha" as const, "Beta" as const, "Gamma" as const),
  comment: fc.nat({ max: 2 }),
});

type Step = Content | "rollBack" | "promote" | "restart";

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: contents },
  { weight: 4, arbitrary: fc.constant<Step>("rollBack") },
  { weight: 2, arbitrary: fc.constant<Step>("promote") },
  { weight: 1, arbitrary: fc.constant<Step>("restart") },
);

async function take(world: RefusalWorld, step: Step): Promise<void> {
  const { releases } = world.registry();
  if (step === "rollBack") releases.rollBack("stable", { reason: "It was worse" });
  else if (step === "promote") releases.promote("stable", { reason: "It is good" });
  else if (step === "restart") await world.restart();
  else world.commit(step);
  await world.look();
}

/** The commands that somebody finds who reads why Workflows are held back. */
async function commandsIn(world: RefusalWorld): Promise<readonly string[]> {
  const { current, candidate } = await world.release();
  const { workflows } = candidate?.generation ?? current;
  return workflows.flatMap(({ name, heldBack }) => {
    if (heldBack === undefined) return [];
    const [, command] = /"koreo promote stable --revision (\S+)"$/.exec(heldBack.reason) ?? [];
    ok(command !== undefined, `"${name}" is held back without a way on: ${heldBack.reason}`);
    return [command];
  });
}

for (const gate of ["workflow", "commit", "off"] as const) {
  for (const canary of [undefined, CANARY]) {
    const how = `gate ${gate}, ${canary === undefined ? "no canary" : "canary"}`;
    Deno.test(`law (${how}): whatever was taken back, what is told leads to all of the head`, async () => {
      await fc.assert(
        fc.asyncProperty(contents, fc.array(steps, { maxLength: 12 }), async (first, taken) => {
          await using world = await createRefusalWorld(first, { gate, canary });
          for (const step of taken) await take(world, step);
          for (let left = 8; left > 0; left--) {
            const [revision] = await commandsIn(world);
            if (revision === undefined) break;
            const { releases } = world.registry();
            equal(releases.promote("stable", { reason: "It is good", revision }).type, "done");
            await world.look();
          }
          deepEqual(await commandsIn(world), []);
          const { current, candidate } = await world.release();
          const newest = digestsIn((candidate?.generation ?? current).workflows);
          deepEqual(new Map(newest), new Map(world.headDigests()));
        }),
        { numRuns: 60 },
      );
    });
  }
}
