// SPDX-License-Identifier: Apache-2.0

import type { Conditional, Logical, Unary } from "../syntax/ast.ts";
import { type Code, guard } from "./code.ts";
import { emit, emitCharged, type Emitted, type Site } from "./emit.ts";
import type { Known, Operand } from "./operand.ts";

/** `!a`. */
export function emitUnary({ operator, operand }: Unary, site: Site): Emitted {
  const value = operator === "!" ? emit(operand, site) : undefined;
  if (value === undefined) return "unsupported";
  guard(site.code, value, "boolean");
  return site.code.let(`!${value.text}`, "boolean");
}

/** `a && b` and `a || b`, each operand within the block of the one before it. */
export function emitLogical({ operator, operands }: Logical, site: Site): Emitted {
  const { code } = site;
  const [first, ...rest] = operands;
  const value = first && emit(first, site);
  if (value === undefined) return "unsupported";
  guard(code, value, "boolean");
  const result: Operand = { text: code.fresh(), known: "boolean" };
  code.write(`let ${result.text} = ${value.text};`);
  let isWhole = true;
  const goOn = operator === "&&" ? result.text : `!${result.text}`;
  for (const operand of rest) {
    code.block(`if (${goOn})`, () => {
      const next = emitCharged(operand, site);
      if (next === undefined) isWhole = false;
      else code.write(`${result.text} = ${guard(code, next, "boolean").text};`);
    });
  }
  return isWhole ? result : "unsupported";
}

/** `condition ? then : otherwise`. */
export function emitConditional(expr: Conditional, site: Site): Emitted {
  const { code } = site;
  const condition = emit(expr.condition, site);
  if (condition === undefined) return "unsupported";
  guard(code, condition, "boolean");
  const text = code.fresh();
  code.write(`let ${text};`);
  const then = emitBranch(
    `if (${condition.text})`,
    { code, text },
    () => emitCharged(expr.then, site),
  );
  const otherwise = emitBranch("else", { code, text }, () => emitCharged(expr.otherwise, site));
  if (then === undefined || otherwise === undefined) return "unsupported";
  return { text, known: then === otherwise ? then : "json" };
}

interface Target {
  readonly code: Code;
  /** The variable that takes the value of the branch. */
  readonly text: string;
}

function emitBranch(
  head: string,
  { code, text }: Target,
  branch: () => Operand | undefined,
): Known | undefined {
  let known: Known | undefined;
  code.block(head, () => {
    const value = branch();
    if (value === undefined) return;
    known = code.known(value);
    code.write(`${text} = ${value.text};`);
  });
  return known;
}
