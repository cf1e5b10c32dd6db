// SPDX-License-Identifier: Apache-2.0

import type { Expr } from "./syntax/ast.ts";

/** A node within reach of a walk, with the names that macros bind there. */
export interface Visit {
  readonly expr: Expr;
  readonly bound: ReadonlySet<string>;
}

/**
 * Visits the nodes of an expression, each before those below it, in the order of the source.
 *
 * `enter` gives the nodes to go on with, which are usually those of {@link partsOf}. The nodes that
 * wait are kept in a list and not on the stack, for a tree may be as deep as the source is long.
 */
export function walk(expression: Expr, enter: (visit: Visit) => readonly Visit[]): void {
  const waiting: Visit[] = [{ expr: expression, bound: new Set() }];
  for (let visit = waiting.pop(); visit !== undefined; visit = waiting.pop()) {
    waiting.push(...enter(visit).toReversed());
  }
}

/** The nodes below a node, in the order of the source. */
export function partsOf({ expr, bound }: Visit): readonly Visit[] {
  const here = (...parts: readonly Expr[]): Visit[] => parts.map((part) => ({ expr: part, bound }));
  const inside = (names: readonly string[], ...parts: readonly Expr[]): Visit[] =>
    parts.map((part) => ({ expr: part, bound: new Set([...bound, ...names]) }));
  switch (expr.type) {
    case "literal":
    case "name":
      return [];
    case "select":
      return here(expr.operand);
    case "index":
      return here(expr.operand, expr.index);
    case "call":
      return here(...expr.target === undefined ? [] : [expr.target], ...expr.args);
    case "list":
      return here(...expr.elements.map(({ value }) => value));
    case "map":
      return here(...expr.entries.flatMap(({ key, value }) => [key, value]));
    case "unary":
      return here(expr.operand);
    case "binary":
      return here(expr.left, expr.right);
    case "logical":
      return here(...expr.operands);
    case "conditional":
      return here(expr.condition, expr.then, expr.otherwise);
    case "has":
      return here(expr.chain);
    case "loop":
      return [
        ...here(expr.range),
        ...inside(
          [expr.variable.name],
          ...expr.filter === undefined ? [] : [expr.filter],
          expr.body,
        ),
      ];
    case "reduce":
      return [
        ...here(expr.range, expr.initial),
        ...inside([expr.accumulator.name, expr.variable.name], expr.body),
      ];
    case "optionalMap":
      return [...here(expr.target), ...inside([expr.variable.name], expr.body)];
  }
}
