// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { type SpecCase, specCases } from "./cel_spec_cases.ts";
import { needsMessages, OMITTED } from "./omitted_cases.ts";
import { failureOf } from "./run_case.ts";

const CASES = specCases();
const isOmitted = (spec: SpecCase): boolean => OMITTED.has(spec.id) || needsMessages(spec);

for (const [file, cases] of Map.groupBy(CASES, ({ file }) => file)) {
  const run = cases.filter((spec) => !isOmitted(spec));
  Deno.test(`EX-30 passes the ${run.length} cases of the CEL specification in "${file}"`, () => {
    const failures = run.flatMap((spec) => {
      const failure = failureOf(spec);
      return failure === undefined ? [] : [`${spec.id}: ${spec.expr}: ${failure}`];
    });
    deepEqual(failures, []);
  });
}

Deno.test("EX-30 the conformance data is complete: no case is lost on the way here", () => {
  equal(CASES.length, 1249);
  equal(new Set(CASES.map(({ id }) => id)).size, CASES.length);
  equal(CASES.filter((spec) => !isOmitted(spec)).length, 1138);
});

Deno.test("EX-30 every case that is left out still fails", () => {
  const passing = CASES.filter((spec) => isOmitted(spec) && failureOf(spec) === undefined);
  deepEqual(passing.map(({ id }) => id), []);
});

Deno.test("EX-30 every case that is left out by name exists", () => {
  const ids = new Set(CASES.map(({ id }) => id));
  deepEqual([...OMITTED.keys()].filter((id) => !ids.has(id)), []);
});
