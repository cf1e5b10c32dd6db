// SPDX-License-Identifier: Apache-2.0

import type { Expr } from "../expression/mod.ts";
import { partsOf, walk } from "../expression/walk.ts";
import { chainKey, chainOf } from "./inference.ts";

const ASKS = /\bhas\b|\bin\b|\bcontains\b|\?/;

/** Whether the text of an expression has a word with which one asks: most have none. */
export function mayAsk(source: string): boolean {
  return ASKS.test(source);
}

const NONE: readonly string[] = [];

/**
 * The chains that an expression asks for: `has(a.b)`, `'b' in a`, `a.contains('b')`, `a.?b`. What
 * a definition asks for it knows may be absent.
 */
export function testedChains(expression: Expr, source: string): readonly string[] {
  if (!mayAsk(source)) return NONE;
  const found: string[] = [];
  walk(expression, (visit) => {
    const chain = askedBy(visit.expr);
    if (chain !== undefined) found.push(chainKey(chain));
    return partsOf(visit);
  });
  return found;
}

function askedBy(expr: Expr): readonly string[] | undefined {
  switch (expr.type) {
    case "has":
      return chainOf(expr.chain);
    case "select":
    case "index":
      return expr.isOptional ? chainOf(expr) : undefined;
    case "binary":
      return expr.operator === "in" ? keyIn(expr.left, expr.right) : undefined;
    case "call": {
      const [map, key] = expr.target ? [expr.target, ...expr.args] : expr.args;
      return expr.name === "contains" && map && key ? keyIn(key, map) : undefined;
    }
    default:
      return undefined;
  }
}

function keyIn(key: Expr, map: Expr): readonly string[] | undefined {
  const chain = chainOf(map);
  const isText = key.type === "literal" && typeof key.value === "string";
  return chain && isText ? [...chain, key.value as string] : undefined;
}
