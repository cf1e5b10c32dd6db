// SPDX-License-Identifier: Apache-2.0

import type { Expr, Index, Name, Select, Span } from "./syntax/ast.ts";
import { partsOf, type Visit, walk } from "./walk.ts";
import { typeConstant } from "./values/type_constants.ts";

/** One use of a variable with the constant part of the chain that follows it. */
export interface VariableReference {
  /** The variable: `inputs`. */
  readonly root: string;
  /**
   * The constant members and string indexes that follow, `["spec", "size"]`, up to the first that
   * is computed. Empty when the variable is used as a whole.
   */
  readonly path: readonly string[];
  /** From the variable to the last element of `path`. */
  readonly span: Span;
  /** The first element of `path`, quotes included; absent when `path` is empty. */
  readonly nameSpan?: Span;
  /** Whether `has()` tests it, or the first element of `path` is read with the optional syntax. */
  readonly isTolerant: boolean;
}

/**
 * The variables an expression uses, in order of appearance (EX-14).
 *
 * Names that macros bind and names of types are no variables. Whether a variable exists is not
 * asked here.
 */
export function referencesOf(expression: Expr): readonly VariableReference[] {
  const references: VariableReference[] = [];
  walk(expression, (visit) => {
    const tested = visit.expr.type === "has" ? visit.expr.chain : undefined;
    const chain = chainOf(tested ?? visit.expr);
    if (chain === undefined) return partsOf(visit);
    if (isVariable(chain.base, visit)) references.push(referenceOf(chain, tested !== undefined));
    return chain.accesses.flatMap((access) => indexOf(access, visit));
  });
  return references;
}

/** Accesses that begin with a name, the first access first. */
interface Chain {
  readonly base: Name;
  readonly accesses: readonly (Select | Index)[];
}

function chainOf(expr: Expr): Chain | undefined {
  const accesses: (Select | Index)[] = [];
  let base = expr;
  while (base.type === "select" || base.type === "index") {
    accesses.push(base);
    base = base.operand;
  }
  return base.type === "name" ? { base, accesses: accesses.reverse() } : undefined;
}

function isVariable({ name, isGlobal }: Name, { bound }: Visit): boolean {
  return isGlobal || !bound.has(name) && typeConstant(name) === undefined;
}

function referenceOf({ base, accesses }: Chain, isTested: boolean): VariableReference {
  const steps: Step[] = [];
  for (const access of accesses) {
    const step = stepOf(access);
    if (step === undefined) break;
    steps.push(step);
  }
  const [first] = steps;
  const common = {
    root: base.name,
    path: steps.map((step) => step.name),
    span: steps.at(-1)?.span ?? base.span,
    isTolerant: isTested || first?.isOptional === true,
  };
  return first === undefined ? common : { ...common, nameSpan: first.nameSpan };
}

/** One constant access. */
interface Step {
  readonly name: string;
  readonly nameSpan: Span;
  readonly span: Span;
  readonly isOptional: boolean;
}

function stepOf(access: Select | Index): Step | undefined {
  const { span, isOptional } = access;
  if (access.type === "select") {
    return { name: access.name, nameSpan: access.nameSpan, span, isOptional };
  }
  const { index } = access;
  return index.type === "literal" && typeof index.value === "string"
    ? { name: index.value, nameSpan: index.span, span, isOptional }
    : undefined;
}

/** What stands in the brackets of an access may use variables too. */
function indexOf(access: Select | Index, { bound }: Visit): readonly Visit[] {
  return access.type === "index" ? [{ expr: access.index, bound }] : [];
}
