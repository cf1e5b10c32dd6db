// SPDX-License-Identifier: Apache-2.0

import type { Expr } from "../expression/mod.ts";
import { partsOf, walk } from "../expression/walk.ts";
import type { ExpressionTable } from "../expression_table.ts";
import type { SourceNode } from "../source_node.ts";
import { isExpression, sourceOfExpression } from "../expression_text.ts";
import { chainKey, chainOf } from "./inference.ts";

/** Texts without any of these ask for nothing. */
const ASKS = /\bhas\b|\bin\b|\bcontains\b|\?/;

const NONE: readonly string[] = [];

/**
 * The chains that an expression asks for: `has(a.b)`, `'b' in a`, `a.contains('b')`, `a.?b`. What
 * a definition asks for it knows may be absent.
 */
export function testedChains(expression: Expr, source: string): readonly string[] {
  if (!ASKS.test(source)) return NONE;
  const found: string[] = [];
  walk(expression, (visit) => {
    const chain = askedBy(visit.expr);
    if (chain !== undefined) found.push(chainKey(chain));
    return partsOf(visit);
  });
  return found;
}

/** The chains that all expressions below a node ask for. */
export function testedIn(node: SourceNode, expressions: ExpressionTable): ReadonlySet<string> {
  const found = new Set<string>();
  collect(node, expressions, found);
  return found;
}

function collect(node: SourceNode, expressions: ExpressionTable, found: Set<string>): void {
  if (node.type === "list") node.items.forEach((item) => collect(item, expressions, found));
  if (node.type === "map") {
    node.entries.forEach(({ value }) => collect(value, expressions, found));
  }
  if (node.type !== "scalar" || !isExpression(node) || !ASKS.test(node.value)) return;
  const [source] = sourceOfExpression(node.value);
  const analysed = expressions.analyse(source);
  if (analysed.type === "compiled") analysed.tested.forEach((chain) => found.add(chain));
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
