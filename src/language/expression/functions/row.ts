// SPDX-License-Identifier: Apache-2.0

import type { Budget } from "../budget.ts";
import type { EvaluationFault } from "../fault.ts";
import { isList, isMap, type ListValue, type MapValue } from "../values/containers.ts";
import {
  CelDuration,
  CelOptional,
  CelTimestamp,
  type TypeName,
  typeName,
  type Value,
} from "../values/value.ts";

/** The type of a parameter; `any` takes everything. */
export type ParameterType = TypeName | "any";

/** The name and type of a parameter. */
export type Parameter = readonly [name: string, type: ParameterType];

/** Runs a function; unused arguments are `null`. */
export type Run = (budget: Budget, a: Value, b: Value, c: Value) => Value | EvaluationFault;

/** One function for arguments of certain types: all that a reader, a checker and a caller need. */
export interface FunctionRow {
  /** The rule of LANGUAGE.md. */
  readonly rule: string;
  readonly name: string;
  /** Whether it is called as `f(x)`, as `x.f()`, or as either (FN-1). */
  readonly form: "function" | "method" | "both";
  readonly parameters: readonly Parameter[];
  readonly result: ParameterType;
  /** One sentence. */
  readonly doc: string;
  /** An expression and what it gives, also as an expression. */
  readonly example: readonly [expression: string, result: string];
  /** Whether each argument is of the type of its parameter. */
  readonly accepts: readonly ((value: Value) => boolean)[];
  readonly run: Run;
}

/** How values of the types look to a function. */
interface TypeMap {
  readonly null: null;
  readonly bool: boolean;
  readonly int: number | bigint;
  readonly string: string;
  readonly bytes: Uint8Array;
  readonly list: ListValue;
  readonly map: MapValue;
  readonly timestamp: CelTimestamp;
  readonly duration: CelDuration;
  readonly optional: CelOptional;
}

type Argument<T> = T extends readonly [string, keyof TypeMap] ? TypeMap[T[1]] : Value;

type Arguments<P extends readonly Parameter[]> = {
  readonly [I in keyof P]: Argument<P[I]>;
};

/** A row as it is written in a table. */
export interface RowText<P extends readonly Parameter[]> {
  readonly name: string;
  readonly form?: FunctionRow["form"];
  readonly parameters: P;
  readonly result: ParameterType;
  readonly doc: string;
  readonly example: readonly [expression: string, result: string];
  readonly run: (budget: Budget, ...args: Arguments<P>) => Value | EvaluationFault;
}

/** A row of the table for rule `rule`; its `run` gets arguments of the types it names. */
export function row<const P extends readonly Parameter[]>(
  rule: string,
  text: RowText<P>,
): FunctionRow {
  return {
    form: "both",
    ...text,
    rule,
    accepts: text.parameters.map(([, type]) =>
      TESTS[type] ?? ((value) => typeName(value) === type)
    ),
    // The arguments have passed `accepts` whenever this runs.
    run: text.run as Run,
  };
}

/** Tests of the types that occur most; the others go by name. */
const TESTS: Partial<Record<ParameterType, (value: Value) => boolean>> = {
  any: () => true,
  string: (value) => typeof value === "string",
  bool: (value) => typeof value === "boolean",
  null: (value) => value === null,
  list: isList,
  map: isMap,
};
