// SPDX-License-Identifier: Apache-2.0

import type { Expr, Loop, OptionalMap, Reduce } from "./syntax/ast.ts";

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
  const { parts, bodies = [], names = [] } = nodesBelow(expr);
  const inner = names.length === 0 ? bound : new Set([...bound, ...names]);
  return [
    ...parts.map((part) => ({ expr: part, bound })),
    ...bodies.map((body) => ({ expr: body, bound: inner })),
  ];
}

/** What stands below a node. */
interface Below {
  readonly parts: readonly Expr[];
  /** What is evaluated with `names` bound, after the rest. */
  readonly bodies?: readonly Expr[];
  readonly names?: readonly string[];
}

function nodesBelow(expr: Expr): Below {
  switch (expr.type) {
    case "literal":
    case "name":
      return { parts: [] };
    case "select":
    case "unary":
      return { parts: [expr.operand] };
    case "index":
      return { parts: [expr.operand, expr.index] };
    case "call":
      return { parts: [...present(expr.target), ...expr.args] };
    case "list":
      return { parts: expr.elements.map(({ value }) => value) };
    case "map":
      return { parts: expr.entries.flatMap(({ key, value }) => [key, value]) };
    case "binary":
      return { parts: [expr.left, expr.right] };
    case "logical":
      return { parts: expr.operands };
    case "conditional":
      return { parts: [expr.condition, expr.then, expr.otherwise] };
    case "has":
      return { parts: [expr.chain] };
    default:
      return nodesOfMacro(expr);
  }
}

function nodesOfMacro(expr: Loop | Reduce | OptionalMap): Below {
  const names = [expr.variable.name];
  switch (expr.type) {
    case "loop":
      return { parts: [expr.range], bodies: [...present(expr.filter), expr.body], names };
    case "reduce": {
      const parts = [expr.range, expr.initial];
      return { parts, bodies: [expr.body], names: [expr.accumulator.name, ...names] };
    }
    case "optionalMap":
      return { parts: [expr.target], bodies: [expr.body], names };
  }
}

function present(expr: Expr | undefined): readonly Expr[] {
  return expr === undefined ? [] : [expr];
}
