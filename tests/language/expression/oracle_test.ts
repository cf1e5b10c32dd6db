// SPDX-License-Identifier: Apache-2.0

import { equal } from "node:assert/strict";
import fc from "fast-check";
import { expressionSource, VARIABLES } from "./generated_expression.ts";
import { oracleAnswer, ourAnswer } from "./oracle.ts";

/** The oracle drops two signs in a row, whatever they stand before. */
const SIGN_TWICE = /!\(+!|-\(+-/;

Deno.test("EX-30 gives what @bufbuild/cel gives, for any expression without extensions", () => {
  fc.assert(
    fc.property(expressionSource, (source) => {
      fc.pre(!SIGN_TWICE.test(source));
      equal(ourAnswer(source, VARIABLES), oracleAnswer(source, VARIABLES), source);
    }),
    { numRuns: 3000 },
  );
});
