// SPDX-License-Identifier: Apache-2.0

import { deepEqual, throws } from "node:assert/strict";
import { changedResult, parsePath, readDeviations } from "./deviations.ts";

Deno.test("parsePath() reads keys, indexes and quoted keys", () => {
  deepEqual(parsePath('script[0].body["a.b/\\"c"].x-y'), ["script", 0, "body", 'a.b/"c', "x-y"]);
});

const RESULT = { script: [{ outcome: { type: "Ok", value: 1 } }, { a: 1 }] };

Deno.test("changedResult() sets values and leaves the rest and the original alone", () => {
  const changed = changedResult(RESULT, {
    "script[0].outcome.type": "Skip",
    "script[0].outcome.message": "m",
    "script[0].outcome.value": { $absent: true },
  });
  deepEqual(changed, { script: [{ outcome: { type: "Skip", message: "m" } }, { a: 1 }] });
  deepEqual(RESULT.script[0], { outcome: { type: "Ok", value: 1 } });
});

Deno.test("changedResult() takes items away and adds them", () => {
  deepEqual(changedResult({ l: [1, 2] }, { "l[0]": { $absent: true } }), { l: [2] });
  deepEqual(changedResult({ l: [1] }, { "l[1].a": 2 }), { l: [1, { a: 2 }] });
});

Deno.test("a deviation needs rules and changes", () => {
  throws(() => readDeviations("a: {rules: [], changes: {x: 1}}"), TypeError);
  throws(() => readDeviations("a: {rules: [D1], changes: {}}"), TypeError);
});
