// SPDX-License-Identifier: Apache-2.0

import { operate } from "../compile/binary_operators.ts";
import type { Binary } from "../syntax/ast.ts";
import { equals } from "../values/equality.ts";
import { MAX_TEXT } from "../values/measure.ts";
import { type Code, GIVE_UP, guard } from "./code.ts";
import { emit, type Emitted, mustBeJson, type Site } from "./emit.ts";
import type { Operand } from "./operand.ts";

/** `left operator right`. */
export function emitBinary({ operator, left, right }: Binary, site: Site): Emitted {
  const { code, context } = site;
  const a = emit(left, site);
  const b = a && emit(right, site);
  if (a === undefined || b === undefined) return "unsupported";
  switch (operator) {
    case "==":
    case "!=": {
      const isPlain = [left, right].some((side) => isPlainConstant(context.compile(side).constant));
      return emitEqual(code, operator, { a, b, isPlain });
    }
    case "<":
    case "<=":
    case ">":
    case ">=":
      return emitCompared(code, operator, [a, b]);
    case "+":
      return emitPlus(code, a, b);
    case "-":
    case "*":
      return emitWhole(code, operator, [a, b]);
    default:
      return emitOperation(code, operator, [a, b]);
  }
}

type Pair = readonly [Operand, Operand];

/** Texts from this length on cost something to compare. */
const LONG_TEXT = 10;

/** Whether `===` with this constant gives what the language gives, whatever JSON is beside it. */
function isPlainConstant(constant: unknown): boolean {
  return typeof constant === "string"
    ? constant.length < LONG_TEXT
    : typeof constant === "boolean" || constant === null || Number.isSafeInteger(constant);
}

interface Sides {
  readonly a: Operand;
  readonly b: Operand;
  readonly isPlain: boolean;
}

function emitEqual(code: Code, operator: "==" | "!=", { a, b, isPlain }: Sides): Operand {
  const not = operator === "==" ? "" : "!";
  if (isPlain) return code.let(`${a.text} ${not || "="}== ${b.text}`, "boolean");
  return code.let(`${not}${code.constant(equals)}(${a.text}, ${b.text}, budget)`, "boolean");
}

function isNumber(code: Code, operand: Operand): boolean {
  const known = code.known(operand);
  return known === "int" || known === "number";
}

function emitCompared(code: Code, operator: "<" | "<=" | ">" | ">=", [a, b]: Pair): Operand {
  if (!isNumber(code, a) && !isNumber(code, b)) return emitOperation(code, operator, [a, b]);
  guard(code, a, "number");
  guard(code, b, "number");
  return code.let(`${a.text} ${operator} ${b.text}`, "boolean");
}

/** Texts and whole numbers; which of the two, one side may tell. */
function emitPlus(code: Code, a: Operand, b: Operand): Operand {
  const known = [code.known(a), code.known(b)];
  if (known.includes("string")) return emitJoined(code, a, b);
  if (known.includes("int")) return emitWhole(code, "+", [a, b]);
  return emitOperation(code, "+", [a, b]);
}

function emitJoined(code: Code, a: Operand, b: Operand): Operand {
  guard(code, a, "string");
  guard(code, b, "string");
  const made = code.let(`${a.text} + ${b.text}`, "string");
  code.write(`n += ${made.text}.length / 10 | 0;`);
  // No character has more than three bytes: what is shorter than this is never too long.
  code.write(`if (${made.text}.length > ${Math.floor(MAX_TEXT / 3)}) ${GIVE_UP}`);
  return made;
}

function emitWhole(code: Code, operator: "+" | "-" | "*", [a, b]: Pair): Operand {
  guard(code, a, "int");
  guard(code, b, "int");
  // The result may be -0, which is no whole number of the language.
  const made = code.let(`${a.text} ${operator} ${b.text} + 0`, "number");
  return guard(code, made, "int");
}

/** Any other operation goes the long way of the closures. */
function emitOperation(code: Code, operator: Binary["operator"], [a, b]: Pair): Operand {
  const call = `${code.constant(operate)}(${code.constant(operator)}, [${a.text}, ${b.text}]`;
  return mustBeJson(code, code.let(`${call}, budget)`, "json"));
}
