// SPDX-License-Identifier: Apache-2.0

import type { Expr, ListLiteral, MapLiteral, Name } from "../expression/mod.ts";
import { typeConstant } from "../expression/values/type_constants.ts";
import { typeName } from "../expression/values/value.ts";
import { accessType } from "./infer_access.ts";
import { callType } from "./infer_call.ts";
import { binaryType, conditionalType, logicalType, unaryType } from "./infer_operator.ts";
import { loopType, optionalMapType, reduceType } from "./infer_loop.ts";
import { createEffort, type Inference } from "./inference.ts";
import {
  joinAll,
  listType,
  mapType,
  nodesOf,
  scalar,
  type ScalarName,
  type StaticType,
  typeOfJson,
  UNKNOWN,
} from "./static_type.ts";

/** The nodes that put types together. */
const JOINS: ReadonlySet<Expr["type"]> = new Set(["conditional", "list", "map", "reduce"]);

/** Deeper than people write, and far from the end of the stack. */
const MAX_DEPTH = 250;

/**
 * The type of an expression, as far as its literals and variables tell it. Reports what no value
 * of the known types can do.
 */
export function inferType(expr: Expr, start: Omit<Inference, "typeOf" | "bound">): StaticType {
  const { effort } = start;
  let depth = 0;
  const typeOf = (inner: Expr, at: Inference): StaticType => {
    if (depth >= MAX_DEPTH || effort.left <= 0) return UNKNOWN;
    depth++;
    const type = nodeType(inner, at);
    depth--;
    if (JOINS.has(inner.type)) effort.left -= nodesOf(type);
    return type;
  };
  return typeOf(expr, { ...start, bound: NO_NAMES, typeOf });
}

/** The type of an expression of whose variables nothing is known, unless that alone is a fault. */
export function freeTypeOf(expr: Expr, source: string): { readonly free?: StaticType } {
  let hasFindings = false;
  const report = () => {
    hasFindings = true;
  };
  const effort = createEffort();
  const free = inferType(expr, { source, variables: NO_NAMES, tested: NO_CHAINS, report, effort });
  return hasFindings ? {} : { free };
}

const NO_CHAINS: ReadonlySet<string> = new Set();

const NO_NAMES: ReadonlyMap<string, StaticType> = new Map();

function nodeType(expr: Expr, at: Inference): StaticType {
  switch (expr.type) {
    case "literal":
      return literalType(expr.value);
    case "name":
      return variableType(expr, at);
    case "select":
    case "index":
      return accessType(expr, at);
    case "call":
      return callType(expr, at);
    case "list":
      return listLiteralType(expr, at);
    case "map":
      return mapLiteralType(expr, at);
    case "unary":
      return unaryType(expr, at);
    case "binary":
      return binaryType(expr, at);
    case "logical":
      return logicalType(expr, at);
    case "conditional":
      return conditionalType(expr, at);
    case "has":
      return scalar("bool");
    case "loop":
      return loopType(expr, at);
    case "reduce":
      return reduceType(expr, at);
    case "optionalMap":
      return optionalMapType(expr, at);
    default:
      return unreachable(expr);
  }
}

function literalType(value: (Expr & { readonly type: "literal" })["value"]): StaticType {
  const isPlain = typeof value !== "object" || value === null;
  return isPlain ? typeOfJson(value) : scalar(typeName(value) as ScalarName);
}

function variableType({ name, isGlobal }: Name, { bound, variables }: Inference): StaticType {
  const local = isGlobal ? undefined : bound.get(name);
  if (local !== undefined) return local;
  return typeConstant(name) === undefined ? variables.get(name) ?? UNKNOWN : scalar("type");
}

function listLiteralType({ elements }: ListLiteral, at: Inference): StaticType {
  const types = elements.map(({ value, isOptional }) => {
    const type = at.typeOf(value, at);
    return isOptional ? UNKNOWN : type;
  });
  return listType(joinAll(types));
}

function mapLiteralType({ entries }: MapLiteral, at: Inference): StaticType {
  const fields = new Map<string, StaticType>();
  let isOpen = false;
  for (const { key, value, isOptional } of entries) {
    at.typeOf(key, at);
    const type = at.typeOf(value, at);
    const name = key.type === "literal" && typeof key.value === "string" ? key.value : undefined;
    if (name === undefined) isOpen = true;
    else fields.set(name, isOptional ? UNKNOWN : type);
  }
  return mapType(fields, isOpen);
}

function unreachable(expr: never): never {
  throw new TypeError(`Cannot tell the type of ${JSON.stringify(expr)}`);
}
