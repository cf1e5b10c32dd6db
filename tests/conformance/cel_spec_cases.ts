// SPDX-License-Identifier: Apache-2.0

import { tests } from "@bufbuild/cel-spec/testdata/conformance.js";

/** A value as the data writes it, for example `{int64Value: "1"}`. */
export type SpecValue = Readonly<Record<string, unknown>>;

/** One case of the official conformance data. */
export interface SpecCase {
  /** File, section and name: `basic/self_eval_zeroish/self_eval_int_zero`. */
  readonly id: string;
  readonly file: string;
  readonly expr: string;
  readonly bindings: Readonly<Record<string, { readonly value: SpecValue }>>;
  /** What it gives; absent when it must fail. */
  readonly value?: SpecValue;
  readonly container?: string;
}

/** A case as the package holds it. */
interface SerializedCase {
  readonly name?: string;
  readonly expr: string;
  readonly bindings?: SpecCase["bindings"];
  readonly value?: SpecValue;
  readonly evalError?: unknown;
  readonly container?: string;
}

interface SerializedSuite {
  readonly name: string;
  readonly suites?: readonly SerializedSuite[];
  readonly tests?: readonly { readonly original: SerializedCase }[];
}

/** The files of the core language, and that of optional values, which Koreo has too (EX-36). */
const FILES = [
  "basic",
  "comparisons",
  "conversions",
  "fields",
  "fp_math",
  "integer_math",
  "lists",
  "logic",
  "macros",
  "namespace",
  "optionals",
  "parse",
  "plumbing",
  "string",
  "timestamps",
];

/** Every case of the core language. */
export function specCases(): readonly SpecCase[] {
  // The package types the data as messages of protocol buffers; it is the JSON form of them.
  const root = tests as unknown as SerializedSuite;
  return (root.suites ?? []).filter(({ name }) => FILES.includes(name))
    .flatMap((file) => casesOf(file, file.name, []));
}

function casesOf(
  suite: SerializedSuite,
  file: string,
  path: readonly string[],
): readonly SpecCase[] {
  const here = [...path, suite.name];
  const own = (suite.tests ?? []).map(({ original }) => caseOf(original, file, here));
  return [...own, ...(suite.suites ?? []).flatMap((inner) => casesOf(inner, file, here))];
}

function caseOf(original: SerializedCase, file: string, path: readonly string[]): SpecCase {
  const { name = original.expr, expr, bindings = {}, value, evalError, container } = original;
  return {
    id: [...path, name].join("/"),
    file,
    expr,
    bindings,
    ...evalError === undefined ? { value: value ?? { boolValue: true } } : {},
    ...container === undefined ? {} : { container },
  };
}
