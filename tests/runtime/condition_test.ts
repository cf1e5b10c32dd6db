// SPDX-License-Identifier: Apache-2.0

import { deepEqual } from "node:assert/strict";
import type { Outcome } from "../../src/language/mod.ts";
import { conditionOf, mergedByType } from "../../src/runtime/mod.ts";

const CASES: readonly (readonly [string, Outcome, string, string, string, string | null])[] = [
  ["ST-3", { type: "Ok", value: 1 }, "True", "Ready", "N ready.", "wf"],
  ["ST-4", { type: "Skip", message: "m", location: "l" }, "True", "Skip", "Skipping N: m", "l"],
  ["ST-4", { type: "Skip" }, "True", "Skip", "N management is disabled.", null],
  [
    "ST-5",
    { type: "DepSkip", message: "m", location: "l" },
    "Unknown",
    "DepSkip",
    "N awaiting dependencies to be ready (m)",
    "l",
  ],
  ["ST-5", { type: "DepSkip" }, "Unknown", "DepSkip", "N awaiting dependencies to be ready.", null],
  [
    "ST-6",
    { type: "Retry", delaySeconds: 1, message: "m", location: "l" },
    "False",
    "Wait",
    "Awaiting N to be ready (m).",
    "l",
  ],
  ["ST-6", { type: "Retry", delaySeconds: 1 }, "False", "Wait", "Awaiting N to be ready.", null],
  [
    "ST-7",
    { type: "PermFail", message: "m", location: "l" },
    "False",
    "Failure",
    "Unrecoverable error reconciling N. (m).",
    "l",
  ],
];

for (const [rule, outcome, status, reason, message, location] of CASES) {
  Deno.test(`${rule} condition of ${JSON.stringify(outcome)}`, () => {
    const subject = { type: "T", name: "N", workflow: "wf" };
    deepEqual(conditionOf(outcome, subject), { type: "T", status, reason, message, location });
  });
}

Deno.test("ST-2 the later of two conditions of one type replaces the earlier in its place", () => {
  const one = { type: "A", n: 1 };
  const two = { type: "B", n: 2 };
  const three = { type: "A", n: 3 };
  deepEqual(mergedByType([one, two, three]), [three, two]);
});
