// SPDX-License-Identifier: Apache-2.0

import type { Budget } from "../budget.ts";
import { EvaluationFault } from "../fault.ts";
import type { Name, Span } from "../syntax/ast.ts";
import { typeConstant } from "../values/type_constants.ts";
import type { Value, Variables } from "../values/value.ts";
import { readMember } from "./access.ts";
import type { CompileContext, Compiled, Result } from "./closure.ts";

/** Reads a variable; where it is not declared, `otherwise` says what to give. */
type ReadVariable<T> = (variables: Variables) => Value | T;
type Otherwise<T> = (variables: Variables) => T;

/**
 * How the variable `name` is read.
 *
 * Those of Koreo are each read at a place of its own, which the engine can then cache; and in one
 * function with the test whether they are there, for nearly every expression begins with one.
 */
export function variableOr<T>(name: string, otherwise: Otherwise<T>): ReadVariable<T> {
  switch (name) {
    case "inputs":
      return (all) => all.inputs === undefined ? otherwise(all) : all.inputs;
    case "locals":
      return (all) => all.locals === undefined ? otherwise(all) : all.locals;
    case "resource":
      return (all) => all.resource === undefined ? otherwise(all) : all.resource;
    case "parent":
      return (all) => all.parent === undefined ? otherwise(all) : all.parent;
    case "steps":
      return (all) => all.steps === undefined ? otherwise(all) : all.steps;
    case "value":
      return (all) => all.value === undefined ? otherwise(all) : all.value;
    case "template":
      return (all) => all.template === undefined ? otherwise(all) : all.template;
    default:
      return (all) => {
        const value = Object.hasOwn(all, name) ? all[name] : undefined;
        return value === undefined ? otherwise(all) : value;
      };
  }
}

/**
 * How a plain key of the variable `name` is read: in one function with the variable, for nearly
 * every access is one, and a call costs as much as the access. `undefined` for other variables
 * than Koreo's.
 */
export function memberOr<T>(
  [name, key]: readonly [name: string, key: string],
  otherwise: (variables: Variables, budget: Budget) => Value | T,
): ((variables: Variables, budget: Budget) => Value | T) | undefined {
  const or = (value: Value | undefined, all: Variables, budget: Budget) =>
    value === undefined ? otherwise(all, budget) : value;
  switch (name) {
    case "inputs":
      return (all, budget) => or(readMember(all.inputs, key), all, budget);
    case "locals":
      return (all, budget) => or(readMember(all.locals, key), all, budget);
    case "resource":
      return (all, budget) => or(readMember(all.resource, key), all, budget);
    case "parent":
      return (all, budget) => or(readMember(all.parent, key), all, budget);
    case "steps":
      return (all, budget) => or(readMember(all.steps, key), all, budget);
    case "value":
      return (all, budget) => or(readMember(all.value, key), all, budget);
    case "template":
      return (all, budget) => or(readMember(all.template, key), all, budget);
    default:
      return undefined;
  }
}

/** Whether a name is that of a variable: no macro binds it here. */
export function isVariable({ name, isGlobal }: Name, context: CompileContext): boolean {
  return isGlobal || context.cellOf(name) === undefined;
}

/** A name: bound by a macro, a variable, or the name of a type. */
export function compileName({ name, span, isGlobal }: Name, context: CompileContext): Compiled {
  const cell = isGlobal ? undefined : context.cellOf(name);
  if (cell !== undefined) return { evaluate: () => cell.value, cost: 1 };
  const type = typeConstant(name);
  const otherwise: Otherwise<Result> = type === undefined
    ? (variables) => undeclared(name, span, variables)
    : () => type;
  return { evaluate: variableOr(name, otherwise), cost: 1 };
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
