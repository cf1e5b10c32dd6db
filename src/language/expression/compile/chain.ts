// SPDX-License-Identifier: Apache-2.0

import type { Expr, Name, Span } from "../syntax/ast.ts";

/** A chain of members with constant names: `inputs.spec["size"]`. */
export interface MemberChain {
  /** What the chain begins with. */
  readonly base: Expr;
  readonly keys: readonly string[];
  /** The span up to each key, that of the base first. */
  readonly spans: readonly Span[];
}

/** A chain that begins with a name. */
export type NamedChain = MemberChain & { readonly base: Name };

/** The chain that ends with `expr`; without keys when `expr` is no such access. */
export function memberChain(expr: Expr): MemberChain {
  const keys: string[] = [];
  const spans: Span[] = [expr.span];
  let base = expr;
  for (let step = constantStep(base); step !== undefined; step = constantStep(base)) {
    keys.push(step.key);
    base = step.operand;
    spans.push(base.span);
  }
  return { base, keys: keys.reverse(), spans: spans.reverse() };
}

/** The key and operand of an access that is neither optional nor computed. */
export function constantStep(expr: Expr): { key: string; operand: Expr } | undefined {
  if (expr.type === "select") {
    return expr.isOptional ? undefined : { key: expr.name, operand: expr.operand };
  }
  if (expr.type !== "index" || expr.isOptional || expr.index.type !== "literal") return undefined;
  const { value } = expr.index;
  return typeof value === "string" ? { key: value, operand: expr.operand } : undefined;
}
