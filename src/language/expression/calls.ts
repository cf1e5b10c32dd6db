// SPDX-License-Identifier: Apache-2.0

import { LIBRARY, overloadsOf } from "./functions/library.ts";
import { patternProblem } from "./regex/matches.ts";
import type { Call, Expr, Span } from "./syntax/ast.ts";
import { MACRO_NAMES } from "./syntax/macros.ts";
import { partsOf, type Visit, walk } from "./walk.ts";

/** One call in an expression. */
export interface CallSite {
  /** For a function such as `optional.of` with its dot. */
  readonly name: string;
  /** Arguments without the target of a method. */
  readonly argCount: number;
  readonly isMethod: boolean;
  /** The name. */
  readonly span: Span;
}

/** A constant pattern given to `matches`. */
export interface ConstantPattern {
  readonly pattern: string;
  readonly span: Span;
  /** Why it is not valid (FN-8); absent when it is. */
  readonly problem?: string;
}

/** The calls of an expression in order of appearance; macros excluded. */
export function callsOf(expression: Expr): readonly CallSite[] {
  const calls: CallSite[] = [];
  walk(expression, (visit) => {
    const { expr } = visit;
    if (expr.type !== "call") return partsOf(visit);
    const dotted = dottedSite(expr, visit);
    calls.push(dotted ?? siteOf(expr));
    return dotted === undefined ? partsOf(visit) : partsOf(visit).slice(1);
  });
  return calls.sort((a, b) => a.span.start - b.span.start);
}

function siteOf({ name, target, args, nameSpan: span }: Call): CallSite {
  return { name, argCount: args.length, isMethod: target !== undefined, span };
}

/** A call such as `optional.of(x)`, which looks like that of a method. */
function dottedSite(
  { name, target, args, nameSpan }: Call,
  { bound }: Visit,
): CallSite | undefined {
  if (target?.type !== "name" || bound.has(target.name)) return undefined;
  const dotted = `${target.name}.${name}`;
  if (!LIBRARY.some((row) => row.name === dotted)) return undefined;
  const span = { start: target.span.start, end: nameSpan.end };
  return { name: dotted, argCount: args.length, isMethod: false, span };
}

/** Whether a function with this name, form and number of arguments exists. */
export function isKnownCall(name: string, argCount: number, isMethod: boolean): boolean {
  return overloadsOf({ name, isMethod, argCount: isMethod ? argCount + 1 : argCount }).length > 0;
}

/** The names of all functions and macros, sorted. */
export function functionNames(): readonly string[] {
  return [...new Set([...LIBRARY.map((row) => row.name), ...MACRO_NAMES])].sort();
}

/** The constant patterns of an expression, in order of appearance. */
export function constantPatternsOf(expression: Expr): readonly ConstantPattern[] {
  const patterns: ConstantPattern[] = [];
  walk(expression, (visit) => {
    const { expr } = visit;
    const last = expr.type === "call" && expr.name === "matches" ? expr.args.at(-1) : undefined;
    if (last?.type === "literal" && typeof last.value === "string") {
      patterns.push(patternAt(last.value, last.span));
    }
    return partsOf(visit);
  });
  return patterns;
}

function patternAt(pattern: string, span: Span): ConstantPattern {
  const problem = patternProblem(pattern);
  return problem === undefined ? { pattern, span } : { pattern, span, problem };
}
