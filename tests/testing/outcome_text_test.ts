// SPDX-License-Identifier: Apache-2.0

import { equal } from "node:assert/strict";
import { type ExpectedOutcome, type Outcome, outcomeText } from "../../src/language/mod.ts";
import { outcomeMismatch } from "../../src/testing/outcome_text.ts";

const TEXTS: readonly (readonly [Outcome, string])[] = [
  [
    { type: "Ok", value: { a: [1, null, true], b: "ä" } },
    'Ok(data={"a": [1, null, true], "b": "\\u00e4"})',
  ],
  [{ type: "Skip", message: "off" }, "Skip (message=off)"],
  [{ type: "Skip" }, "User Skip"],
  [{ type: "DepSkip", message: "later" }, "Dependency Skip (message=later)"],
  [{ type: "DepSkip" }, "Dependency Violation Skip"],
  [{ type: "Retry", delaySeconds: 5, message: "m" }, "Retry(delay=5, message=m)"],
  [{ type: "Retry", delaySeconds: 5 }, "Retry(delay=5)"],
  [{ type: "PermFail", message: "m" }, "Permanent Failure (message=m)"],
];

for (const [outcome, text] of TEXTS) {
  Deno.test(`OC-11 writes ${text}`, () => equal(outcomeText(outcome), text));
}

const retry: Outcome = { type: "Retry", message: "Try Again", delaySeconds: 5 };
const skip: Outcome = { type: "Skip", message: "Skipped It" };

type Row = readonly [string, ExpectedOutcome, Outcome, string | undefined];
const MISMATCHES: readonly Row[] = [
  ["a part of the message in any case", { type: "Skip", message: "skipped" }, skip, undefined],
  ["any message when '' is given", { type: "Skip", message: "" }, skip, undefined],
  [
    "any delay when 0 is given",
    { type: "Retry", message: "again", delaySeconds: 0 },
    retry,
    undefined,
  ],
  ["ok", { type: "Ok" }, { type: "Ok", value: 1 }, undefined],
  [
    "another message",
    { type: "Skip", message: "other" },
    skip,
    "Skip: Expected(message=other) Actual(message=Skipped It)",
  ],
  [
    "another delay",
    { type: "Retry", message: "", delaySeconds: 6 },
    retry,
    "Retry: Expected(message=, delay=6) Actual(message=Try Again, delay=5)",
  ],
  [
    "another kind",
    { type: "DepSkip", message: "" },
    skip,
    "Expected(Dependency Violation Skip) Actual(Skip (message=Skipped It))",
  ],
  ["ok for a skip", { type: "Ok" }, skip, "Expected(Ok) Actual(Skip (message=Skipped It))"],
  [
    "a failure for ok",
    { type: "PermFail", message: "" },
    { type: "Ok", value: { v: "x" } },
    'Expected(Permanent Failure (message=)) Actual(Ok({"v": "x"}))',
  ],
];

for (const [name, expected, actual, text] of MISMATCHES) {
  Deno.test(`FT-42 ${text === undefined ? "accepts" : "reports"} ${name}`, () => {
    equal(outcomeMismatch(expected, actual), text);
  });
}
