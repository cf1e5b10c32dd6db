// SPDX-License-Identifier: Apache-2.0

import {
  combineOutcomes,
  type JsonObject,
  type JsonValue,
  type Outcome,
} from "../../src/language/mod.ts";
import { compareObjects } from "../../src/runtime/mod.ts";
import { compareExactly } from "../../src/testing/mod.ts";
import { asObject, type GoldenCase, objects } from "./case_file.ts";
import { dottedNames, evaluated } from "./expression_rows.ts";
import { outcomeShape } from "./outcome_shape.ts";

/** Expected and actual results of the rows of a table. */
export interface TableResult {
  readonly expected: readonly JsonValue[];
  readonly actual: readonly JsonValue[];
}

type Row = (row: JsonObject) => readonly [expected: JsonValue, actual: JsonValue];

/** Whether a case is a table: it has rows instead of a script. */
export function isTable(golden: GoldenCase): boolean {
  return golden.rows.length > 0;
}

/** Runs the rows of a table. */
export function runTable(golden: GoldenCase): TableResult {
  const results = golden.rows.map((row) => rowOf(golden.name, row)(row));
  return {
    expected: results.map(([expected]) => expected),
    actual: results.map(([, actual]) => actual),
  };
}

/** What a row is shows in its keys; only comparisons of both manners look alike. */
function rowOf(name: string, row: JsonObject): Row {
  if (Object.hasOwn(row, "names")) return argumentRow;
  if (Object.hasOwn(row, "in")) return combineRow;
  if (Object.hasOwn(row, "expr")) return expressionRow;
  if (Object.hasOwn(row, "match")) return name.includes("expect") ? expectRow : validateRow;
  throw new TypeError(`Cannot run table "${name}": a row has ${Object.keys(row).join(", ")}`);
}

function argumentRow(row: JsonObject): readonly [JsonValue, JsonValue] {
  return [row.names ?? null, dottedNames(String(row.expr))];
}

function expressionRow(row: JsonObject): readonly [JsonValue, JsonValue] {
  const expected = row.error === true ? { error: true } : { value: row.value ?? null };
  const actual = evaluated(String(row.expr), asObject(row.vars));
  return [expected, actual];
}

/** The texts of differences are informative: only whether the values match counts. */
function validateRow(row: JsonObject): readonly [JsonValue, JsonValue] {
  const lastApplied = row.lastApplied === null ? undefined : wrapped(row.lastApplied);
  const difference = compareObjects(wantedOf(row), wrapped(row.actual), lastApplied);
  return [row.match ?? null, difference === undefined];
}

/** The comparison of FunctionTests. */
function expectRow(row: JsonObject): readonly [JsonValue, JsonValue] {
  const difference = compareExactly(wantedOf(row), wrapped(row.actual));
  return [row.match ?? null, difference === undefined];
}

function wrapped(value: JsonValue | undefined): JsonObject {
  return { value: value ?? null };
}

/** `asSet` stands for a directive in the map around the value (DF-21). */
function wantedOf({ target, asSet }: JsonObject): JsonObject {
  const value = wrapped(target);
  return asSet === true ? { ...value, "x-koreo-compare-as-set": ["value"] } : value;
}

/** `unwrapped_combine` takes bare values as Ok; the empty text and `null` both mean "absent". */
function combineRow(row: JsonObject): readonly [JsonValue, JsonValue] {
  const combined = combineOutcomes(objects(row.in).map(outcomeOf));
  const { unwrapped: _flag, location, ...expected } = asObject(row.out);
  const absent = location === "" || location === null || location === undefined;
  const shape = outcomeShape(combined);
  return [
    expected.type === "Ok" ? expected : { ...expected, location: absent ? null : location },
    shape,
  ];
}

function outcomeOf(value: JsonObject): Outcome {
  const message = typeof value.message === "string" ? { message: value.message } : {};
  const location = typeof value.location === "string" ? { location: value.location } : {};
  switch (value.type) {
    case "Ok":
      return { type: "Ok", value: value.value ?? null };
    case "Retry":
      return { type: "Retry", delaySeconds: Number(value.delay), ...message, ...location };
    case "Skip":
    case "DepSkip":
    case "PermFail":
      return { type: value.type, ...message, ...location };
    default:
      throw new TypeError(`Cannot read outcome type ${JSON.stringify(value.type)}`);
  }
}
