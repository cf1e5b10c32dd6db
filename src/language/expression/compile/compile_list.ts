// SPDX-License-Identifier: Apache-2.0

import { EvaluationFault, fault } from "../fault.ts";
import type { ListElement, ListLiteral } from "../syntax/ast.ts";
import { listOf } from "../values/containers.ts";
import { checkSize, grow } from "../values/measure.ts";
import { CelList, CelOptional, isJson, typeName, type Value } from "../values/value.ts";
import type { JsonValue } from "../../json.ts";
import {
  compileAll,
  type CompileContext,
  type Compiled,
  type Evaluate,
  placed,
  type Result,
  sumOfCosts,
} from "./closure.ts";
import { freeze } from "./constants.ts";

/** One element of a list or one value of a map, ready to be evaluated. */
export interface Part {
  readonly evaluate: Evaluate;
  readonly isOptional: boolean;
  /** Whether it may be a container made elsewhere, which has to be measured. */
  readonly isForeign: boolean;
}

/** The parts of a literal. */
export function partsOf(
  written: readonly ListElement[],
  compiled: readonly Compiled[],
): readonly Part[] {
  return written.map(({ value, isOptional }, index) => ({
    evaluate: (compiled[index] as Compiled).evaluate,
    isOptional,
    isForeign: value.type !== "list" && value.type !== "map",
  }));
}

/** A compiled constant: evaluations share its value. */
export function compileConstant(constant: Value, cost: number): Compiled {
  return { evaluate: () => constant, cost, constant };
}

/** `[a, ?b]`. */
export function compileList({ elements, span }: ListLiteral, context: CompileContext): Compiled {
  const compiled = compileAll(elements.map(({ value }) => value), context);
  const cost = sumOfCosts(compiled) + 1;
  const hasOptional = elements.some(({ isOptional }) => isOptional);
  const constant = hasOptional ? undefined : constantList(compiled);
  if (constant !== undefined) return compileConstant(constant, cost);
  const parts = partsOf(elements, compiled);
  const evaluate = hasOptional ? withOptionals(parts) : plainList(parts);
  return { evaluate: placed(evaluate, span), cost };
}

function constantList(parts: readonly Compiled[]): Value | undefined {
  const values = parts.flatMap(({ constant }) => constant === undefined ? [] : [constant]);
  return values.length < parts.length ? undefined : freeze(listOf(values));
}

function plainList(parts: readonly Part[]): Evaluate {
  return (variables, budget) => {
    const items: Value[] = [];
    let isAllJson = true;
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index] as Part;
      const item = part.evaluate(variables, budget);
      if (item instanceof EvaluationFault) return item;
      if (isAllJson && !isJson(item)) isAllJson = false;
      if (part.isForeign && typeof item === "object") {
        const tooLarge = grow(item, budget);
        if (tooLarge !== undefined) return tooLarge;
      }
      items.push(item);
    }
    const made = isAllJson ? items as JsonValue[] : new CelList(items);
    return checkSize(made, budget) ?? made;
  };
}

function withOptionals(parts: readonly Part[]): Evaluate {
  return (variables, budget) => {
    const items: Value[] = [];
    for (const { evaluate, isOptional } of parts) {
      const item = isOptional ? unwrap(evaluate(variables, budget)) : evaluate(variables, budget);
      if (item instanceof EvaluationFault) return item;
      if (item === undefined) continue;
      const tooLarge = grow(item, budget);
      if (tooLarge !== undefined) return tooLarge;
      items.push(item);
    }
    const made = listOf(items);
    return checkSize(made, budget) ?? made;
  };
}

/** The value of an optional element or entry; `undefined` when it has none. */
export function unwrap(value: Result): Result | undefined {
  if (value instanceof EvaluationFault) return value;
  return value instanceof CelOptional
    ? value.value
    : fault("no-such-overload", `"?" needs an optional value, not ${typeName(value)}`);
}
