// SPDX-License-Identifier: Apache-2.0

import { EvaluationFault, fault } from "../fault.ts";
import type { ListLiteral } from "../syntax/ast.ts";
import { listOf } from "../values/containers.ts";
import { checkSize, grow } from "../values/measure.ts";
import { CelList, CelOptional, isJson, typeName, type Value } from "../values/value.ts";
import type { JsonValue } from "../../json.ts";
import type { CompileContext, Compiled, Evaluate, Result } from "./closure.ts";
import { freeze } from "./constants.ts";

/** One element of a list or one value of a map, ready to be evaluated. */
export interface Part {
  readonly evaluate: Evaluate;
  readonly isOptional: boolean;
  /** Whether it may be a container made elsewhere, which has to be measured. */
  readonly isForeign: boolean;
}

/** `[a, ?b]`. */
export function compileList({ elements, span }: ListLiteral, context: CompileContext): Compiled {
  const compiled = elements.map(({ value }) => context.compile(value));
  const cost = compiled.reduce((sum, part) => sum + part.cost, 1);
  const constant = constantList(compiled, elements.some((element) => element.isOptional));
  if (constant !== undefined) return { evaluate: () => constant, cost, constant };
  const parts = elements.map(({ value, isOptional }, index): Part => ({
    evaluate: (compiled[index] as Compiled).evaluate,
    isOptional,
    isForeign: value.type !== "list" && value.type !== "map",
  }));
  const evaluate = parts.some((part) => part.isOptional) ? withOptionals(parts) : plainList(parts);
  return {
    evaluate(variables, budget) {
      const made = evaluate(variables, budget);
      return made instanceof EvaluationFault ? made.at(span) : made;
    },
    cost,
  };
}

function constantList(parts: readonly Compiled[], hasOptional: boolean): Value | undefined {
  const values = parts.flatMap(({ constant }) => constant === undefined ? [] : [constant]);
  return hasOptional || values.length < parts.length ? undefined : freeze(listOf(values));
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
