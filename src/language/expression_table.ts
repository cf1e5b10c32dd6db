// SPDX-License-Identifier: Apache-2.0

import {
  type CallSite,
  callsOf,
  type CompiledExpression,
  compileExpression,
  type ConstantPattern,
  constantPatternsOf,
  isKnownCall,
  parseExpression,
  referencesOf,
  type SyntaxFault,
  type VariableReference,
} from "./expression/mod.ts";

import { freeTypeOf } from "./check/infer_type.ts";
import type { StaticType } from "./check/static_type.ts";
import { testedChains } from "./check/tested_chains.ts";

/** What can be said of an expression wherever it stands. */
export type AnalysedExpression =
  | { readonly type: "failed"; readonly faults: readonly SyntaxFault[] }
  | {
    readonly type: "compiled";
    readonly expression: CompiledExpression;
    /** Its type when nothing is known of its variables; absent when that is a fault by itself. */
    readonly free?: StaticType;
    /** The chains that it asks for before they are read. */
    readonly tested: readonly string[];
    readonly references: readonly VariableReference[];
    readonly unknownCalls: readonly CallSite[];
    readonly badPatterns: readonly ConstantPattern[];
  };

/**
 * The expressions of one compilation by their source. Definitions repeat many of them
 * (`inputs.name`): each is parsed and compiled once, and all places share what came of it.
 */
export interface ExpressionTable {
  analyse(source: string): AnalysedExpression;
}

/** An empty table. It lives as long as the compilation, so that nothing outlasts its use. */
export function createExpressionTable(): ExpressionTable {
  const known = new Map<string, AnalysedExpression>();
  return {
    analyse(source) {
      const found = known.get(source) ?? analyse(source);
      known.set(source, found);
      return found;
    },
  };
}

function analyse(source: string): AnalysedExpression {
  const parsed = parseExpression(source);
  if (parsed.type === "failed") return parsed;
  const { expression } = parsed;
  return {
    type: "compiled",
    expression: compileExpression(expression, source),
    references: referencesOf(expression),
    ...freeTypeOf(expression, source),
    tested: testedChains(expression, source),
    unknownCalls: callsOf(expression)
      .filter(({ name, argCount, isMethod }) => !isKnownCall(name, argCount, isMethod)),
    badPatterns: constantPatternsOf(expression).filter(({ problem }) => problem !== undefined),
  };
}
