// SPDX-License-Identifier: Apache-2.0

import {
  compileLeaf,
  evaluateJsonLeaf,
  evaluateLeaf,
  isExpression,
  type Leaf,
  type Scope,
} from "./compile_leaf.ts";
import { type Decoded, type Decoding, type DocumentPart, INVALID, partsOf } from "./decoder.ts";
import type { EvaluationFailure, Template } from "./definition.ts";
import { pathTo } from "./document_path.ts";
import { isFailure } from "./evaluation_failure.ts";
import type { Budget, Value, Variables } from "./expression/mod.ts";
import { listOf, rawOrBoxed } from "./expression/values/containers.ts";
import { isJson } from "./expression/values/value.ts";
import { type JsonObject, jsonObject, type JsonValue } from "./json.ts";

/** Literal data with expressions, as a tree; what holds no expression is one constant. */
export type TemplatePart =
  | { readonly type: "constant"; readonly value: JsonValue }
  | { readonly type: "leaf"; readonly leaf: Leaf }
  | { readonly type: "list"; readonly items: readonly TemplatePart[] }
  | {
    readonly type: "map";
    /** All keys in order, with the values of those that are constant. */
    readonly shape: JsonObject;
    readonly computed: readonly ComputedEntry[];
  };

/** An entry of a map that is not constant. */
export interface ComputedEntry {
  readonly key: string;
  readonly part: TemplatePart;
}

/** Compiles literal data with expressions at any depth (EX-1 to EX-3). */
export function compilePart(
  part: DocumentPart,
  scope: Scope,
  decoding: Decoding,
): Decoded<TemplatePart> {
  const { node, path } = part;
  switch (node.type) {
    case "scalar": {
      if (!isExpression(node)) return { type: "constant", value: node.value };
      const leaf = compileLeaf({ ...part, node }, scope, decoding);
      return leaf ? { type: "leaf", leaf } : INVALID;
    }
    case "list": {
      const items = node.items.map((item, index) =>
        compilePart({ node: item, path: pathTo(path, index), span: item }, scope, decoding)
      );
      return items.every((item) => item !== INVALID) ? listPart(items as TemplatePart[]) : INVALID;
    }
    case "map": {
      const members = partsOf(node, path);
      const values = members.map((member) => compilePart(member, scope, decoding));
      if (values.includes(INVALID)) return INVALID;
      return mapPart(node.entries.map(({ key }) => key), values as TemplatePart[]);
    }
  }
}

function listPart(items: readonly TemplatePart[]): TemplatePart {
  const constants = items.flatMap((item) => item.type === "constant" ? [item.value] : []);
  return constants.length === items.length
    ? { type: "constant", value: constants }
    : { type: "list", items };
}

function mapPart(keys: readonly string[], parts: readonly TemplatePart[]): TemplatePart {
  const entries = keys.map((key, index) => ({ key, part: parts[index] as TemplatePart }));
  const shape = jsonObject(
    entries.map(({ key, part }) => [key, part.type === "constant" ? part.value : null] as const),
  );
  const computed = entries.filter(({ part }) => part.type !== "constant");
  return computed.length === 0
    ? { type: "constant", value: shape }
    : { type: "map", shape, computed };
}

/** A template that is evaluated as a whole. */
export function createTemplate(part: TemplatePart): Template {
  if (part.type === "constant") {
    const { value } = part;
    return { constant: value, evaluate: () => value, evaluateJson: () => value };
  }
  return {
    ...(part.type === "leaf" ? { expression: sourceOf(part.leaf) } : {}),
    evaluate: (variables, budget) => evaluatePart(part, variables, budget),
    evaluateJson: (variables, budget) => evaluateJsonPart(part, variables, budget),
  };
}

function sourceOf({ expression, place }: Leaf): Exclude<Template["expression"], undefined> {
  return { source: expression.source, place };
}

/** Evaluates leaf by leaf in document order; the first failing leaf ends it (EX-40). */
export function evaluateJsonPart(
  part: TemplatePart,
  variables: Variables,
  budget: Budget,
): JsonValue | EvaluationFailure {
  switch (part.type) {
    case "constant":
      return part.value;
    case "leaf":
      return evaluateJsonLeaf(part.leaf, variables, budget);
    case "list": {
      const items: JsonValue[] = [];
      for (const item of part.items) {
        const value = evaluateJsonPart(item, variables, budget);
        if (isFailure(value)) return value;
        items.push(value);
      }
      return items;
    }
    case "map": {
      // A copy of the shape has every key as its own: assigning cannot reach a prototype.
      const made: Record<string, JsonValue> = { ...part.shape };
      for (const entry of part.computed) {
        const value = evaluateJsonPart(entry.part, variables, budget);
        if (isFailure(value)) return value;
        made[entry.key] = value;
      }
      return made;
    }
  }
}

/** The same with values as the expressions gave them, such as timestamps. */
function evaluatePart(
  part: TemplatePart,
  variables: Variables,
  budget: Budget,
): Value | EvaluationFailure {
  switch (part.type) {
    case "constant":
      return part.value;
    case "leaf":
      return evaluateLeaf(part.leaf, variables, budget);
    case "list": {
      const items: Value[] = [];
      for (const item of part.items) {
        const value = evaluatePart(item, variables, budget);
        if (isFailure(value)) return value;
        items.push(value);
      }
      return listOf(items);
    }
    case "map":
      return evaluateMapPart(part, variables, budget);
  }
}

function evaluateMapPart(
  part: TemplatePart & { readonly type: "map" },
  variables: Variables,
  budget: Budget,
): Value | EvaluationFailure {
  const made: Record<string, Value> = { ...part.shape };
  let isRaw = true;
  for (const entry of part.computed) {
    const value = evaluatePart(entry.part, variables, budget);
    if (isFailure(value)) return value;
    isRaw &&= isJson(value);
    made[entry.key] = value;
  }
  if (isRaw) return made as JsonObject;
  const entries = Object.entries(made).map(([key, value]) => [key, { key, value }] as const);
  return rawOrBoxed(new Map(entries));
}
