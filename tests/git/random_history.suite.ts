// SPDX-License-Identifier: Apache-2.0

import { equal } from "node:assert/strict";
import { runRandomHistory } from "./random_history.ts";

const STEPS = 25;

for (const seed of [1, 2, 3]) {
  Deno.test(`Repository over HTTP is what git says, or what it was, after each of ${STEPS} random pushes and faults (${seed})`, async () => {
    const { steps, fetched, refused, incomplete } = await runRandomHistory(seed, STEPS);
    equal(fetched + refused + incomplete, steps);
    equal(fetched > 0 && refused > 0, true);
  });
}
