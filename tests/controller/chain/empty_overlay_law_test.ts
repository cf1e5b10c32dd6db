// SPDX-License-Identifier: Apache-2.0

import { deepEqual } from "node:assert/strict";
import fc from "fast-check";
import { createManualClock } from "../../../src/simulator/mod.ts";
import { createGateTests } from "../../../src/testing/mod.ts";
import { fuzzRuns } from "../../fuzz/fuzz_runs.ts";
import { createRaceWorld, type RaceWorld } from "../feed/race_world.ts";
import { type Content, type Edit, edited, edits, filesOf, FIRST } from "./chain_content.ts";
import { pictureOf } from "./chain_picture.ts";
import { channelSettings } from "./chain_steps.ts";

type Step =
  | { readonly type: "commit"; readonly edits: readonly Edit[] }
  | { readonly type: "rebase"; readonly index: number }
  | { readonly type: "restart"; readonly lost: number };

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("commit" as const),
      edits: fc.array(edits, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("rebase" as const), index: fc.nat({ max: 9 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("restart" as const),
      lost: fc.constantFrom(0, 1_000),
    }),
  },
);

/** What a channel holds, save for what its revisions are called. */
function heldBy(world: RaceWorld, channel: string) {
  const { inForce, digests, choices } = pictureOf(world, channel);
  return {
    digests,
    chosen: [...choices].map(([trigger, choice]) =>
      choice.type === "chosen" ? [trigger, choice.name] : [trigger, null]
    ),
    workflows: inForce?.current.workflows().map(({ name, heldBack }) => {
      const { reason, file, line, test, case: label } = heldBack ?? {};
      return { name, reason, file, line, test, label };
    }),
  };
}

for (const gate of ["workflow", "commit", "off"] as const) {
  Deno.test(`law (gate ${gate}): an overlay without changes of its own is what lies below it`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 12, size: "max" }), async (taken) => {
        await using world = createRaceWorld({
          gate,
          canary: undefined,
          channels: channelSettings(false),
          runTests: createGateTests({
            clock: createManualClock(),
            yieldNow: () => Promise.resolve(),
          }),
        });
        let content: Content = FIRST;
        const commits = [world.branches.commit("main", filesOf(content))];
        world.branches.move("beta", commits[0] ?? "");
        for (const step of taken) {
          if (step.type === "commit") {
            content = step.edits.reduce(edited, content);
            commits.push(world.branches.commit("main", filesOf(content)));
          } else if (step.type === "rebase") {
            world.branches.move("beta", commits[step.index % commits.length] ?? "");
          } else await world.restart({ lost: step.lost });
          await world.settle();
          world.registry().wake();
          await world.settle();
          deepEqual(heldBy(world, "beta"), heldBy(world, "stable"));
        }
      }),
      fuzzRuns(30),
    );
  });
}
