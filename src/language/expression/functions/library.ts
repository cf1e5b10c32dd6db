// SPDX-License-Identifier: Apache-2.0

import { type EvaluationFault, fault } from "../fault.ts";
import { typeName, type Value } from "../values/value.ts";
import { CONVERSION_ROWS } from "./conversions.ts";
import { COLLECTION_ROWS } from "./collections.ts";
import { JSON_ROWS } from "./json.ts";
import { OBJECT_ROWS } from "./objects.ts";
import { OPTIONAL_ROWS } from "./optionals.ts";
import type { FunctionRow } from "./row.ts";
import { STRING_ROWS } from "./strings.ts";
import { TEXT_ROWS } from "./texts.ts";
import { TIME_ROWS } from "./times.ts";

/** Every function of the language, in the order of LANGUAGE.md chapter 4. */
export const LIBRARY: readonly FunctionRow[] = [
  ...COLLECTION_ROWS,
  ...STRING_ROWS,
  ...CONVERSION_ROWS,
  ...TIME_ROWS,
  ...OPTIONAL_ROWS,
  ...OBJECT_ROWS,
  ...TEXT_ROWS,
  ...JSON_ROWS,
];

/** A call as the library sees it: the target of a method is its first argument. */
export interface Signature {
  readonly name: string;
  readonly isMethod: boolean;
  readonly argCount: number;
}

const OVERLOADS: ReadonlyMap<string, readonly FunctionRow[]> = groupRows();

function groupRows(): ReadonlyMap<string, readonly FunctionRow[]> {
  const groups = new Map<string, FunctionRow[]>();
  for (const row of LIBRARY) {
    const { name, form, parameters: { length: argCount } } = row;
    for (const isMethod of [false, true]) {
      if (form !== "both" && (form === "method") !== isMethod) continue;
      const key = keyOf({ name, isMethod, argCount });
      groups.set(key, [...groups.get(key) ?? [], row]);
    }
  }
  return groups;
}

function keyOf({ name, isMethod, argCount }: Signature): string {
  return `${isMethod ? "." : ""}${name}/${argCount}`;
}

/** The rows that a call may mean; none when there is no such function. */
export function overloadsOf(signature: Signature): readonly FunctionRow[] {
  return OVERLOADS.get(keyOf(signature)) ?? [];
}

/** The fault of a call for which there are no rows. */
export function noSuchFunction({ name, isMethod, argCount }: Signature): EvaluationFault {
  const form = isMethod ? "method" : "function";
  const counts = LIBRARY.filter((row) => row.name === name).map((row) => row.parameters.length);
  if (counts.length === 0) return fault("unknown-function", `no ${form} ${JSON.stringify(name)}`);
  const taken = [...new Set(counts.map((count) => isMethod ? count - 1 : count))].join(" or ");
  const given = isMethod ? argCount - 1 : argCount;
  return fault(
    "unknown-function",
    `no ${form} ${JSON.stringify(name)} with ${given} arguments: it takes ${taken}`,
  );
}

/** The fault of arguments that none of the rows takes. */
export function noSuchOverload(
  rows: readonly FunctionRow[],
  args: readonly Value[],
): EvaluationFault {
  const name = rows[0]?.name ?? "";
  const accepted = [...new Set(rows.map(signatureText))].join(" or ");
  return fault(
    "no-such-overload",
    `no such overload: ${name}(${args.map(typeName).join(", ")}), expected ${accepted}`,
  );
}

function signatureText({ name, parameters }: FunctionRow): string {
  return `${name}(${parameters.map(([, type]) => type).join(", ")})`;
}
