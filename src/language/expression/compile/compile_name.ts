// SPDX-License-Identifier: Apache-2.0

import { EvaluationFault } from "../fault.ts";
import type { Name, Span } from "../syntax/ast.ts";
import { typeConstant } from "../values/type_constants.ts";
import type { Value, Variables } from "../values/value.ts";
import type { CompileContext, Compiled } from "./closure.ts";

/** Reads a variable; `undefined` when it is not declared. */
export type ReadVariable = (variables: Variables) => Value | undefined;

/** The variables of Koreo, each read at a place of its own, which the engine can then cache. */
const KNOWN: ReadonlyMap<string, ReadVariable> = new Map<string, ReadVariable>([
  ["inputs", (variables) => variables.inputs],
  ["locals", (variables) => variables.locals],
  ["resource", (variables) => variables.resource],
  ["parent", (variables) => variables.parent],
  ["steps", (variables) => variables.steps],
  ["value", (variables) => variables.value],
  ["template", (variables) => variables.template],
]);

/** How the variable `name` is read. */
export function variableReader(name: string): ReadVariable {
  if (name in Object.prototype) {
    return (variables) => Object.hasOwn(variables, name) ? variables[name] : undefined;
  }
  return KNOWN.get(name) ?? ((variables) => variables[name]);
}

/** A name: bound by a macro, a variable, or the name of a type. */
export function compileName({ name, span, isGlobal }: Name, context: CompileContext): Compiled {
  const cell = isGlobal ? undefined : context.cellOf(name);
  if (cell !== undefined) return { evaluate: () => cell.value, cost: 1 };
  const read = variableReader(name);
  const type = typeConstant(name);
  if (type !== undefined) return { evaluate: (variables) => read(variables) ?? type, cost: 1 };
  return {
    evaluate(variables) {
      const value = read(variables);
      return value !== undefined ? value : undeclared(name, span, variables);
    },
    cost: 1,
  };
}

/** The fault of a variable that does not exist. */
export function undeclared(name: string, span: Span, variables: Variables): EvaluationFault {
  const declared = Object.keys(variables).filter((key) => variables[key] !== undefined);
  const has = declared.length === 0
    ? "there are none"
    : `there are ${declared.slice(0, 8).map((key) => JSON.stringify(key)).join(", ")}`;
  const reason = `no variable ${JSON.stringify(name)}: ${has}`;
  return new EvaluationFault("undeclared-variable", reason, span, true);
}
