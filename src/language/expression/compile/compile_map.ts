// SPDX-License-Identifier: Apache-2.0

import { copierFor, jsonObject, type JsonValue } from "../../json.ts";
import type { Budget } from "../budget.ts";
import { EvaluationFault } from "../fault.ts";
import type { MapLiteral } from "../syntax/ast.ts";
import { mapOf } from "../values/containers.ts";
import { checkSize, grow } from "../values/measure.ts";
import {
  CelMap,
  type CelMapEntry,
  isJson,
  type LookupKey,
  type Value,
  type Variables,
} from "../values/value.ts";
import {
  compileAll,
  type CompileContext,
  type Compiled,
  type Evaluate,
  placed,
  type Result,
  sumOfCosts,
} from "./closure.ts";
import { compileConstant, type Part, partsOf, unwrap } from "./compile_list.ts";
import { freeze } from "./constants.ts";

/** `{k: v, ?k: v}`. */
export function compileMap({ entries, span }: MapLiteral, context: CompileContext): Compiled {
  const keys = compileAll(entries.map(({ key }) => key), context);
  const values = compileAll(entries.map(({ value }) => value), context);
  const cost = sumOfCosts(keys) + sumOfCosts(values) + 1;
  const parts = partsOf(entries, values);
  const names = constantNames(keys, parts);
  if (names === undefined) return { evaluate: placed(generalMap(keys, parts), span), cost };
  const constant = constantMap(names, values);
  if (constant !== undefined) return compileConstant(constant, cost);
  return { evaluate: placed(namedMap(names, parts, values), span), cost };
}

/** The keys where all are constant texts and none occurs twice, which is nearly always so. */
function constantNames(
  keys: readonly Compiled[],
  parts: readonly Part[],
): readonly string[] | undefined {
  const names = keys.flatMap(({ constant }) => typeof constant === "string" ? [constant] : []);
  const isPlain = names.length === parts.length && new Set(names).size === names.length &&
    !parts.some((part) => part.isOptional);
  return isPlain ? names : undefined;
}

function constantMap(names: readonly string[], values: readonly Compiled[]): Value | undefined {
  if (values.some(({ constant }) => constant === undefined)) return undefined;
  const entries = names.map((key, index) => ({ key, value: values[index]?.constant as Value }));
  const made = mapOf(entries);
  return made instanceof EvaluationFault ? undefined : freeze(made);
}

function namedMap(
  names: readonly string[],
  parts: readonly Part[],
  values: readonly Compiled[],
): Evaluate {
  // A copy is quicker than an object that grows, and has even `__proto__` as a key of its own.
  const shape = jsonObject(names.map((key, index) => [key, jsonConstant(values[index])] as const));
  const copy = copierFor(shape);
  const computed = names.flatMap((_, at) => jsonConstant(values[at]) === null ? [at] : []);
  return (variables, budget) => {
    const made = copy(shape);
    for (let index = 0; index < computed.length; index++) {
      const at = computed[index] as number;
      const value = valueOf(parts[at] as Part, variables, budget) as Result;
      if (typeof value !== "string") {
        if (value instanceof EvaluationFault) return value;
        if (!isJson(value)) {
          const entries = entriesUpTo(at, names, made);
          entries.set(names[at] as string, { key: names[at] as string, value });
          return boxedMap(names, parts, entries)(variables, budget);
        }
      }
      made[names[at] as string] = value;
    }
    return checkSize(made, budget) ?? made;
  };
}

/** The value of a constant that is JSON; `null` for what is to be evaluated. */
function jsonConstant(compiled: Compiled | undefined): JsonValue {
  const constant = compiled?.constant ?? null;
  return isJson(constant) ? constant : null;
}

type Entries = Map<LookupKey, CelMapEntry>;

function entriesUpTo(
  index: number,
  names: readonly string[],
  made: Readonly<Record<string, JsonValue>>,
): Entries {
  const held = names.slice(0, index).map((key) => ({ key, value: made[key] as JsonValue }));
  return new Map(held.map((entry) => [entry.key, entry]));
}

/** Goes on with a map in which a value has turned up that is not JSON. */
function boxedMap(names: readonly string[], parts: readonly Part[], entries: Entries): Evaluate {
  return (variables, budget) => {
    for (let index = entries.size; index < parts.length; index++) {
      const value = valueOf(parts[index] as Part, variables, budget);
      if (value instanceof EvaluationFault) return value;
      const key = names[index] as string;
      if (value !== undefined) entries.set(key, { key, value });
    }
    const made = new CelMap(entries);
    return checkSize(made, budget) ?? made;
  };
}

/** For all sorts of keys and values; evaluates from the start. */
function generalMap(keys: readonly Compiled[], parts: readonly Part[]): Evaluate {
  return (variables, budget) => {
    const entries: CelMapEntry[] = [];
    for (let index = 0; index < parts.length; index++) {
      const key = (keys[index] as Compiled).evaluate(variables, budget);
      if (key instanceof EvaluationFault) return key;
      const value = valueOf(parts[index] as Part, variables, budget);
      if (value instanceof EvaluationFault) return value;
      if (value !== undefined) entries.push({ key, value });
    }
    const made = mapOf(entries);
    return made instanceof EvaluationFault ? made : checkSize(made, budget) ?? made;
  };
}

function valueOf(part: Part, variables: Variables, budget: Budget): Result | undefined {
  const value = part.evaluate(variables, budget);
  if (typeof value !== "object" || value === null) return part.isOptional ? unwrap(value) : value;
  const held = part.isOptional ? unwrap(value) : value;
  if (held === undefined || held instanceof EvaluationFault || !part.isForeign) return held;
  return grow(held, budget) ?? held;
}
