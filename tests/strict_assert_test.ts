// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, notDeepEqual, notEqual, throws } from "node:assert/strict";

const LOOSELY_EQUAL: readonly (readonly [unknown, unknown])[] = [
  [1, "1"],
  [1, true],
  [1n, 1],
  [null, undefined],
];

for (const [one, other] of LOOSELY_EQUAL) {
  Deno.test(`equality of tests is strict: ${typeof one} and ${typeof other} differ`, () => {
    throws(() => equal(one, other));
    throws(() => deepEqual([one], [other]));
    throws(() => deepEqual({ a: one }, { a: other }));
    notEqual(one, other);
    notDeepEqual([one], [other]);
  });
}

Deno.test("equality of tests is strict: an absent key is not an undefined one", () => {
  throws(() => deepEqual({}, { a: undefined }));
});
