// SPDX-License-Identifier: Apache-2.0

import {
  compileExpression,
  createBudget,
  isFault,
  parseExpression,
  toJson,
  type Value,
  type Variables,
} from "../../src/language/mod.ts";

/** One line of a `cel` block: an expression and, behind ` // `, what it gives. */
export interface CelExample {
  readonly source: string;
  readonly stated: string;
}

/** The examples of a block; lines without a stated result belong to the next one that has it. */
export function celExamples(text: string): readonly CelExample[] {
  const examples: CelExample[] = [];
  let pending = "";
  for (const line of text.split("\n")) {
    const at = line.lastIndexOf(" // ");
    if (at < 0) {
      pending += `${line}\n`;
      continue;
    }
    examples.push({ source: (pending + line.slice(0, at)).trim(), stated: line.slice(at + 4) });
    pending = "";
  }
  if (pending.trim() !== "") throw new TypeError(`Cannot check ${pending}: no stated result`);
  return examples;
}

const FAILURE = /^error: (.*)$/;

/**
 * What is wrong with an example: `undefined` when it gives the value that it states, or fails with
 * the reason behind `error: `.
 */
export function celExampleFault(
  { source, stated }: CelExample,
  variables: Variables,
): string | undefined {
  const failure = FAILURE.exec(stated.trim());
  const given = outcomeOf(source, variables);
  if (failure !== null) {
    const isAsStated = "reason" in given && given.reason.includes(failure[1] ?? "");
    return isAsStated ? undefined : `${source} gives ${JSON.stringify(given)}, not ${stated}`;
  }
  const same = outcomeOf(`(${source}\n) == (${stated})`, variables);
  return "value" in same && same.value === true
    ? undefined
    : `${source} gives ${JSON.stringify(given)}, not ${stated}`;
}

function outcomeOf(
  source: string,
  variables: Variables,
): { readonly value: unknown } | { readonly reason: string } {
  const parsed = parseExpression(source);
  if (parsed.type === "failed") return { reason: parsed.faults[0]?.message ?? "no message" };
  const value: Value | ReturnType<typeof toJson> = compileExpression(parsed.expression, source)
    .evaluate(variables, createBudget());
  if (isFault(value)) return { reason: value.reason };
  const json = toJson(value);
  return isFault(json) ? { reason: json.reason } : { value: json };
}
