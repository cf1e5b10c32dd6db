// SPDX-License-Identifier: Apache-2.0

import {
  compileExpression,
  createBudget,
  isFault,
  type JsonObject,
  type JsonValue,
  parseExpression,
  referencesOf,
  toJson,
} from "../../src/language/mod.ts";
import { asObject } from "./case_file.ts";

/** The step `expressions`: one result per expression. */
export function expressionResults(step: JsonObject): JsonObject {
  const variables = asObject(step.vars);
  const expressions = step.exprs as readonly JsonValue[];
  return { results: expressions.map((source) => fieldResult(source, variables)) };
}

function fieldResult(source: JsonValue, variables: JsonObject): JsonObject {
  if (typeof source !== "string" || !source.startsWith("=")) return { none: true };
  return evaluated(source.replace(/^=+/, ""), variables);
}

/** Evaluates the source of an expression. */
export function evaluated(source: string, variables: JsonObject): JsonObject {
  const parsed = parseExpression(source);
  if (parsed.type === "failed") return { compileError: true };
  const compiled = compileExpression(parsed.expression, source);
  const value = compiled.evaluate(variables, createBudget());
  if (isFault(value)) return { error: true };
  // The case files have a matcher for what JSON has no way to write.
  if (typeof value === "number" && !Number.isFinite(value)) return { value };
  const json = toJson(value);
  return isFault(json) ? { unencodable: true } : { value: json };
}

/** The names an expression uses, dotted, each with its own beginnings (`steps.a`, `steps.a.b`). */
export function dottedNames(source: string): readonly string[] {
  const parsed = parseExpression(source);
  if (parsed.type === "failed") throw new TypeError(`Cannot read ${source}`);
  const names = referencesOf(parsed.expression).flatMap(({ root, path }) =>
    path.map((_part, index) => [root, ...path.slice(0, index + 1)].join("."))
  );
  return [...new Set(names)].sort();
}
