// SPDX-License-Identifier: Apache-2.0

import type { CompileContext, Compiled } from "../compile/closure.ts";
import { EvaluationFault } from "../fault.ts";
import type { Expr } from "../syntax/ast.ts";
import { Boxed, isJson, type Value } from "../values/value.ts";
import { type Code, GIVE_UP } from "./code.ts";
import { emitNode } from "./emit_node.ts";
import { isOperand, knownOf, type Operand } from "./operand.ts";

/** Where an expression is generated. */
export interface Site {
  readonly code: Code;
  /** How the closures compile what stands here: for costs, constants, and what is left to them. */
  readonly context: CompileContext;
  /** What macros bind here. */
  readonly bound: ReadonlyMap<string, Operand>;
  /** The locals that have a value; `undefined` where there are none. */
  readonly locals: ReadonlyMap<string, Operand> | undefined;
  /** The text of all variables, for closures; tells that they are needed. */
  variables(): string;
}

/**
 * What becomes of a node: a value; or it is left to its closure (`unsupported`); or it gives what
 * is no JSON, and whoever uses that is left to its closure (`opaque`).
 */
export type Emitted = Operand | "unsupported" | "opaque";

/**
 * Nodes deeper than this are left to their closures. At each level all below is compiled once more,
 * for what it costs: so generating takes no longer than so many compilations.
 */
const MAX_DEPTH = 24;

/** Generates a node that is always evaluated here. `undefined`: what it gives is no JSON. */
export function emit(expr: Expr, site: Site): Operand | undefined {
  const compiled = site.context.compile(expr);
  if (compiled.constant !== undefined) return emitConstant(compiled.constant, site);
  if (site.code.depth >= MAX_DEPTH) return emitClosure(compiled, site);
  const made = site.code.attempt(() => emitNode(expr, site));
  if (isOperand(made)) return made;
  return made === "unsupported" ? emitClosure(compiled, site) : undefined;
}

/** The same for a node that is not always evaluated with those around it: it is paid for. */
export function emitCharged(expr: Expr, site: Site, more = 0): Operand | undefined {
  site.code.charge(site.context.compile(expr).cost + more);
  return emit(expr, site);
}

function emitConstant(constant: Value, { code }: Site): Operand | undefined {
  return isJson(constant) ? { text: code.constant(constant), known: knownOf(constant) } : undefined;
}

/** Calls the closure of a node. It finds what macros bind in cells that only closures fill. */
function emitClosure({ evaluate }: Compiled, site: Site): Operand | undefined {
  if (site.bound.size > 0) return undefined;
  const { code } = site;
  const text = `${code.constant(evaluate)}(${site.variables()}, budget)`;
  return mustBeJson(code, code.let(text, "json"));
}

/** Gives up for what is no JSON. */
export function mustBeJson(code: Code, operand: Operand): Operand {
  code.write(`if (!${code.constant(isPlainJson)}(${operand.text})) ${GIVE_UP}`);
  return operand;
}

function isPlainJson(value: Value | EvaluationFault | undefined): boolean {
  if (typeof value !== "object") return value !== undefined && isJson(value);
  return !(value instanceof Boxed || value instanceof EvaluationFault ||
    value instanceof Uint8Array);
}
