// SPDX-License-Identifier: Apache-2.0

import { missing } from "../fault.ts";
import { isZero } from "../values/zero.ts";
import { CelOptional, NONE } from "../values/value.ts";
import { type FunctionRow, row } from "./row.ts";

/** The functions of rule EX-36. The second argument of `or` and `orValue` is evaluated on demand. */
export const OPTIONAL_ROWS: readonly FunctionRow[] = [
  row("EX-36", {
    name: "optional.of",
    form: "function",
    parameters: [["value", "any"]],
    result: "optional",
    doc: "An optional value that has this value.",
    example: ["optional.of(1).value()", "1"],
    run: (_, value) => new CelOptional(value),
  }),
  row("EX-36", {
    name: "optional.ofNonZeroValue",
    form: "function",
    parameters: [["value", "any"]],
    result: "optional",
    doc: "An optional value without a value for null, false, zero and what is empty.",
    example: ["optional.ofNonZeroValue('').hasValue()", "false"],
    run: (budget, value) => isZero(value, budget) ? NONE : new CelOptional(value),
  }),
  row("EX-36", {
    name: "optional.none",
    form: "function",
    parameters: [],
    result: "optional",
    doc: "An optional value without a value.",
    example: ["optional.none().hasValue()", "false"],
    run: () => NONE,
  }),
  row("EX-36", {
    name: "hasValue",
    form: "method",
    parameters: [["optional", "optional"]],
    result: "bool",
    doc: "Whether an optional value has one.",
    example: ["{'a': 1}.?a.hasValue()", "true"],
    run: (_, optional) => optional.value !== undefined,
  }),
  row("EX-36", {
    name: "value",
    form: "method",
    parameters: [["optional", "optional"]],
    result: "any",
    doc: "The value of an optional value; an error when it has none.",
    example: ["{'a': 1}.?a.value()", "1"],
    run: (_, { value }) => value === undefined ? missing("missing-value", "no value") : value,
  }),
  row("EX-36", {
    name: "or",
    form: "method",
    parameters: [["optional", "optional"], ["other", "optional"]],
    result: "optional",
    doc: "The optional value when it has a value, else the other.",
    example: ["optional.none().or(optional.of(2)).value()", "2"],
    run: (_, optional, other) => optional.value === undefined ? other : optional,
  }),
  row("EX-36", {
    name: "orValue",
    form: "method",
    parameters: [["optional", "optional"], ["other", "any"]],
    result: "any",
    doc: "The value of an optional value when it has one, else the other value.",
    example: ["{}.?a.orValue(2)", "2"],
    run: (_, { value }, other) => value === undefined ? other : value,
  }),
];
