// SPDX-License-Identifier: Apache-2.0

import { deepEqual } from "node:assert/strict";
import fc from "fast-check";
import type { GateMode } from "../../../src/controller/gate/gate.ts";
import { fuzzRuns } from "../../fuzz/fuzz_runs.ts";
import { FIRST } from "./chain_content.ts";
import { pictureOf } from "./chain_picture.ts";
import {
  act,
  BRANCHES,
  type Chain,
  CHANNELS,
  createChain,
  look,
  push,
  steps,
} from "./chain_steps.ts";

/** What a channel holds, save for when something was taken back. */
function heldBy({ world }: Chain, channel: string) {
  const { inForce, digests, choices } = pictureOf(world, channel);
  const shown = (state = inForce?.current) =>
    state?.workflows().map(({ name, inForce: own, heldBack }) => ({
      name,
      revision: own?.revision,
      refused: heldBack?.revision,
      reason: heldBack?.reason.replace(/ at \d\S+: /, ": "),
    }));
  const { previous, refused = [] } = world.registry().releases.status(channel);
  return {
    digests,
    choices: [...choices].map(([trigger, choice]) => [
      trigger,
      choice.type === "chosen" ? choice : null,
    ]),
    current: shown(),
    candidate: inForce?.candidate && shown(inForce.candidate),
    previous,
    refused: refused.map(({ revision, workflows }) => ({ revision, workflows })),
  };
}

const taken = fc.array(
  fc.record({ step: steps.filter(({ type }) => type !== "restart"), isMissed: fc.boolean() }),
  { maxLength: 10, size: "max" },
);

for (const mode of ["workflow", "commit", "off"] satisfies readonly GateMode[]) {
  for (const hasCanary of [false, true]) {
    const how = `gate ${mode}, ${hasCanary ? "canary" : "no canary"}`;
    Deno.test(`law (${how}): who begins anew with a record comes to what it would have been`, async () => {
      await fc.assert(
        fc.asyncProperty(taken, async (all) => {
          const [one, other] = [createChain({ mode, hasCanary }), createChain({ mode, hasCanary })];
          await using _one = one.world;
          await using _other = other.world;
          for (const chain of [one, other]) {
            for (const branch of BRANCHES) push(chain, branch, FIRST);
            await look(chain);
          }
          for (const { step, isMissed } of all) {
            await act(one, step);
            await act(other, step);
            // What was pushed is seen by the one that begins anew only.
            if (isMissed) await other.world.restart();
            for (const chain of [one, other]) await look(chain);
            for (const channel of Object.values(CHANNELS)) {
              deepEqual(heldBy(other, channel), heldBy(one, channel));
            }
          }
        }),
        fuzzRuns(15),
      );
    });
  }
}
