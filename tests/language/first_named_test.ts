// SPDX-License-Identifier: Apache-2.0

import { equal } from "node:assert/strict";
import { firstNamed } from "../../src/language/mod.ts";

const CASES = [
  { names: [], expected: "" },
  { names: ["a"], expected: "a" },
  { names: ["a", "b"], expected: "a, b" },
  { names: ["a", "b", "c", "d"], expected: "a, b and 2 more" },
] as const;

for (const { names, expected } of CASES) {
  Deno.test(`firstNamed() of ${names.length} names, two at most, is "${expected}"`, () => {
    equal(firstNamed(names, 2), expected);
  });
}
