// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { combineOutcomes, type Outcome, outcomeText } from "../../src/language/mod.ts";

const skip = (message: string): Outcome => ({ type: "Skip", message, location: "s" });
const depSkip = (message: string): Outcome => ({ type: "DepSkip", message, location: "d" });
const ok = (value: number): Outcome => ({ type: "Ok", value });
const retry = (message: string, delaySeconds: number): Outcome => ({
  type: "Retry",
  message,
  location: `at ${message}`,
  delaySeconds,
});
const fail = (message: string): Outcome => ({
  type: "PermFail",
  message,
  location: `at ${message}`,
});

const CASES: readonly (readonly [string, readonly Outcome[], Outcome])[] = [
  ["OC-6 nothing combines to Skip", [], { type: "Skip" }],
  ["OC-7 the last DepSkip counts", [depSkip("a"), depSkip("b")], depSkip("b")],
  [
    "OC-7 Skip is stronger than DepSkip",
    [skip("a"), depSkip("b"), skip("c"), depSkip("d")],
    skip("c"),
  ],
  ["OC-8 Ok gives its values in order", [skip("a"), ok(2), ok(1)], { type: "Ok", value: [2, 1] }],
  ["OC-9 Retry joins texts and takes the largest delay", [
    ok(1),
    retry("a", 5),
    retry("b", 30),
    retry("c", 1),
  ], {
    type: "Retry",
    message: "a, b, c",
    location: "at a, at b, at c",
    delaySeconds: 30,
  }],
  ["OC-10 PermFail is strongest", [retry("a", 5), fail("b"), ok(1), fail("c")], {
    type: "PermFail",
    message: "b, c",
    location: "at b, at c",
  }],
  ["OC-9 absent texts are left out", [{ type: "Retry", delaySeconds: 1 }], {
    type: "Retry",
    delaySeconds: 1,
  }],
];

for (const [name, outcomes, expected] of CASES) {
  Deno.test(name, () => deepEqual(combineOutcomes(outcomes), expected));
}

const TEXTS: readonly (readonly [Outcome, string])[] = [
  [{ type: "Ok", value: { a: [1, "x"] } }, 'Ok(data={"a": [1, "x"]})'],
  [{ type: "Skip", message: "m" }, "Skip (message=m)"],
  [{ type: "Skip" }, "User Skip"],
  [{ type: "DepSkip", message: "m" }, "Dependency Skip (message=m)"],
  [{ type: "DepSkip" }, "Dependency Violation Skip"],
  [{ type: "Retry", message: "m", delaySeconds: 5 }, "Retry(delay=5, message=m)"],
  [{ type: "PermFail", message: "m" }, "Permanent Failure (message=m)"],
  [{ type: "Retry", delaySeconds: 5 }, "Retry(delay=5)"],
  [{ type: "PermFail" }, "Permanent Failure"],
];

for (const [outcome, expected] of TEXTS) {
  Deno.test(`OC-11 ${expected}`, () => equal(outcomeText(outcome), expected));
}
