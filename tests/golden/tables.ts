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

const TABLES: Readonly<Record<string, Row>> = {
  "table-argument-structure": (row) => [row.names ?? null, dottedNames(String(row.expr))],
  "table-combine": combineRow,
  "table-expect-match": (row) => [
    row.match ?? null,
    compareExactly(row.target ?? null, row.actual ?? null) === undefined,
  ],
  "table-expressions": expressionRow,
  "table-validate-match": validateRow,
};

/** Whether a case is a table. */
export function isTable(golden: GoldenCase): boolean {
  return Object.hasOwn(TABLES, golden.name);
}

/** Runs the rows of a table. */
export function runTable(golden: GoldenCase): TableResult {
  const row = TABLES[golden.name];
  if (!row) throw new TypeError(`Cannot run table "${golden.name}": not known`);
  const results = golden.rows.map(row);
  return {
    expected: results.map(([expected]) => expected),
    actual: results.map(([, actual]) => actual),
  };
}

function expressionRow(row: JsonObject): readonly [JsonValue, JsonValue] {
  const expected = row.error === true ? { error: true } : { value: row.value ?? null };
  const actual = evaluated(String(row.expr), asObject(row.vars));
  return [expected, actual];
}

/** The texts of differences are informative: only whether the values match counts. */
function validateRow(row: JsonObject): readonly [JsonValue, JsonValue] {
  const wrap = (value: JsonValue | undefined): JsonObject => ({ value: value ?? null });
  const lastApplied = row.lastApplied === null ? undefined : wrap(row.lastApplied);
  const difference = compareObjects(wrap(row.target), wrap(row.actual), lastApplied);
  return [row.match ?? null, difference === undefined];
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
