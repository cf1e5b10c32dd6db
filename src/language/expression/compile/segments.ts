// SPDX-License-Identifier: Apache-2.0

import { EvaluationFault } from "../fault.ts";
import type { Expr } from "../syntax/ast.ts";
import { constantStep } from "./chain.ts";
import type { Cell, CompileContext, Compiled, Evaluate } from "./closure.ts";

/** Compiles one node; the nodes below through the context. */
type CompileNode = (expr: Expr, context: CompileContext) => Compiled;

/**
 * How many nodes may stand one at the left of the other before they are cut apart.
 *
 * Rows such as `a + b + c …` and `a.f().g() …` are no nesting (LM-6) and may have thousands of
 * nodes; evaluated as the deep tree they are, they would overflow the stack. So a long row becomes
 * segments, one run after the other, each taking up the value of the last.
 */
const SEGMENT_NODES = 8;

/** A name that no source can contain. */
const TAKEN_UP = " value so far";

/** Compiles `expr`, in segments when its left side is long. */
export function compileInSegments(
  expr: Expr,
  context: CompileContext,
  compileNode: CompileNode,
): Compiled {
  const row = leftRow(expr);
  if (row.length <= SEGMENT_NODES) return compileNode(expr, context);
  const cell: Cell = { value: null };
  const inner = context.bind(TAKEN_UP, cell);
  const segments: Compiled[] = [];
  for (let end = row.length - 1; end >= 0; end -= SEGMENT_NODES) {
    const isFirst = segments.length === 0;
    const begin = Math.max(0, end - SEGMENT_NODES + 1);
    const piece = row.slice(begin, end + 1);
    const segment = isFirst ? row[begin] as Expr : onTopOf(row[end + 1] as Expr, piece);
    segments.push(compileNode(segment, isFirst ? context : inner));
  }
  return {
    evaluate: inTurn(segments.map((segment) => segment.evaluate), cell),
    cost: costOf(segments),
  };
}

/** The node of each segment that takes up a value is none of the source. */
function costOf(segments: readonly Compiled[]): number {
  return segments.reduce((sum, segment) => sum + segment.cost, 1 - segments.length);
}

function inTurn(segments: readonly Evaluate[], cell: Cell): Evaluate {
  return (variables, budget) => {
    let value = segments[0]?.(variables, budget) ?? null;
    for (let index = 1; index < segments.length; index++) {
      if (value instanceof EvaluationFault) break;
      cell.value = value;
      value = (segments[index] as Evaluate)(variables, budget);
    }
    cell.value = null;
    return value;
  };
}

/** The nodes from `expr` down its left side, as far as each is evaluated from its left operand. */
function leftRow(expr: Expr): readonly Expr[] {
  const row: Expr[] = [];
  for (let at: Expr | undefined = expr; at !== undefined; at = leftOf(at)) row.push(at);
  while (row.length > 1 && isNamedChain(row)) row.pop();
  return row;
}

/** Whether the last but one of the row is a constant step; a named chain is one closure anyway. */
function isNamedChain(row: readonly Expr[]): boolean {
  const last = row[row.length - 1] as Expr;
  const above = row[row.length - 2] as Expr;
  const isChain = last.type === "name" || constantStep(last) !== undefined;
  return isChain && constantStep(above) !== undefined;
}

/** The operand at the left of a node, when the node evaluates it first and always. */
function leftOf(expr: Expr): Expr | undefined {
  switch (expr.type) {
    case "binary":
      return expr.left;
    case "select":
    case "index":
      return expr.operand;
    case "call":
      return expr.target;
    case "loop":
    case "reduce":
      return expr.range;
    case "optionalMap":
      return expr.target;
    default:
      return undefined;
  }
}

/** The nodes of `row`, topmost first, with the lowest one taking up the value of `below`. */
function onTopOf(below: Expr, row: readonly Expr[]): Expr {
  const taken: Expr = { type: "name", name: TAKEN_UP, isGlobal: false, span: below.span };
  return row.reduceRight<Expr>((left, node) => withLeft(node, left), taken);
}

function withLeft(expr: Expr, left: Expr): Expr {
  switch (expr.type) {
    case "binary":
      return { ...expr, left };
    case "select":
    case "index":
      return { ...expr, operand: left };
    case "call":
    case "optionalMap":
      return { ...expr, target: left };
    case "loop":
    case "reduce":
      return { ...expr, range: left };
    default:
      return expr;
  }
}
