// SPDX-License-Identifier: Apache-2.0

/**
 * The expression engine: source text → syntax tree → closures → values.
 *
 * Pure and synchronous. Not a general CEL library: it has the types and functions of LANGUAGE.md
 * chapters 3 and 4, no protocol buffer messages and no static types.
 *
 * @module
 */

export type * from "./syntax/ast.ts";
export { type Budget, type BudgetLimits, createBudget } from "./budget.ts";
export {
  type CallSite,
  callsOf,
  type ConstantPattern,
  constantPatternsOf,
  functionNames,
  isKnownCall,
} from "./calls.ts";
export { type CompiledExpression, compileExpression } from "./compile_expression.ts";
export { EvaluationFault, type FaultCode, isFault } from "./fault.ts";
export { type Parsed, parseExpression } from "./parse_expression.ts";
export { referencesOf, type VariableReference } from "./references.ts";
export { type SyntaxFault } from "./syntax/syntax_fault.ts";
export { toJson, toPlain } from "./values/to_json.ts";
export {
  Boxed,
  CelDouble,
  CelDuration,
  CelList,
  CelMap,
  CelOptional,
  CelTimestamp,
  CelType,
  CelUint,
  type TypeName,
  typeName,
  type Value,
  type Variables,
} from "./values/value.ts";
export { valueText } from "./values/value_text.ts";
