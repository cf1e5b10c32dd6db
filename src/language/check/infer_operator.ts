// SPDX-License-Identifier: Apache-2.0

import type {
  Binary,
  BinaryOperator,
  Conditional,
  Expr,
  Logical,
  Unary,
} from "../expression/mod.ts";
import type { TypeName } from "../expression/mod.ts";
import { canBe, type Inference, requireType } from "./inference.ts";
import {
  ANY_LIST,
  ANY_MAP,
  type Constant,
  constantOf,
  join,
  joinAll,
  namesOf,
  scalar,
  type StaticType,
  typeText,
  UNKNOWN,
} from "./static_type.ts";

/** Operand types that an operator takes together, and what it gives. */
const ARITHMETIC: Readonly<Record<string, readonly (readonly [TypeName, TypeName, TypeName])[]>> = {
  "+": [
    ["int", "int", "int"],
    ["uint", "uint", "uint"],
    ["double", "double", "double"],
    ["string", "string", "string"],
    ["bytes", "bytes", "bytes"],
    ["list", "list", "list"],
    ["timestamp", "duration", "timestamp"],
    ["duration", "timestamp", "timestamp"],
    ["duration", "duration", "duration"],
  ],
  "-": [
    ["int", "int", "int"],
    ["uint", "uint", "uint"],
    ["double", "double", "double"],
    ["timestamp", "timestamp", "duration"],
    ["timestamp", "duration", "timestamp"],
    ["duration", "duration", "duration"],
  ],
  "*": [["int", "int", "int"], ["uint", "uint", "uint"], ["double", "double", "double"]],
  "/": [["int", "int", "int"], ["uint", "uint", "uint"], ["double", "double", "double"]],
  "%": [["int", "int", "int"], ["uint", "uint", "uint"]],
};

const NUMBERS: readonly TypeName[] = ["int", "uint", "double"];

/** Types of which each is ordered among its own; numbers also among each other (EX-32). */
const ORDERED: readonly TypeName[] = ["string", "bool", "bytes", "timestamp", "duration"];

/** `a + b` and its relatives. */
export function binaryType(expr: Binary, at: Inference): StaticType {
  const left = at.typeOf(expr.left, at);
  const right = at.typeOf(expr.right, at);
  switch (expr.operator) {
    case "==":
      return equality(left, right, true);
    case "!=":
      return equality(left, right, false);
    case "in":
      requireType(expr.right, right, { wanted: ["list", "map"], by: '"in"', at });
      return scalar("bool");
    case "<":
    case "<=":
    case ">":
    case ">=":
      if (!isOrdered(left, right)) reportPair(expr, { left, right, at });
      return scalar("bool");
    default:
      return arithmeticType(expr, { left, right, at });
  }
}

interface Operands {
  readonly left: StaticType;
  readonly right: StaticType;
  readonly at: Inference;
}

function arithmeticType(expr: Binary, operands: Operands): StaticType {
  const { left, right } = operands;
  const rows = ARITHMETIC[expr.operator] ?? [];
  const possible = rows.filter(([a, b]) => canBe(left, a) && canBe(right, b));
  if (possible.length === 0) {
    reportPair(expr, operands);
    return UNKNOWN;
  }
  return joinAll(possible.map(([, , result]) => resultType(result, operands)));
}

function resultType(name: TypeName, { left, right }: Operands): StaticType {
  if (name !== "list") return name === "map" ? ANY_MAP : scalar(name);
  const lists = [left, right].map((type) =>
    type === UNKNOWN ? ANY_LIST : type.filter((known) => known.type === "list")
  );
  return joinAll(lists);
}

function reportPair({ operator, span }: Binary, { left, right, at }: Operands): void {
  at.report({
    code: "impossible-operation",
    message: `Cannot evaluate ${typeText(left)} ${operator} ${typeText(right)}: ${takes(operator)}`,
    span,
    help: help(operator, left, right),
  });
}

function takes(operator: BinaryOperator): string {
  return operator === "+"
    ? "both sides must be numbers of one type, texts or lists"
    : ["-", "*", "/", "%"].includes(operator)
    ? "both sides must be numbers of one type"
    : "there is no order between them";
}

function help(operator: string, left: StaticType, right: StaticType): string | undefined {
  const isText = [left, right].some((type) => type !== UNKNOWN && typeText(type) === "string");
  return operator === "+" && isText ? "string(…) makes text of a number" : undefined;
}

function isOrdered(left: StaticType, right: StaticType): boolean {
  if (canBe(left, ...NUMBERS) && canBe(right, ...NUMBERS)) return true;
  return ORDERED.some((name) => canBe(left, name) && canBe(right, name));
}

/** Whether two values are equal, where that is certain. */
function equality(left: StaticType, right: StaticType, isWanted: boolean): StaticType {
  const [a, b] = [constantOf(left), constantOf(right)];
  if (a !== undefined && b !== undefined && isComparable(a) && isComparable(b)) {
    return scalar("bool", (a === b) === isWanted);
  }
  return areApart(left, right) ? scalar("bool", !isWanted) : scalar("bool");
}

function isComparable(value: Constant | null): boolean {
  return typeof value !== "bigint";
}

/** Whether no type of one side is one of the other; numbers are one type. */
function areApart(left: StaticType, right: StaticType): boolean {
  const [a, b] = [namesOf(left), namesOf(right)];
  if (a === undefined || b === undefined) return false;
  const family = (name: TypeName) => NUMBERS.includes(name) ? "number" : name;
  return !a.some((name) => b.some((other) => family(other) === family(name)));
}

/** `a && b`, `a || b`: what follows a constant that decides is not evaluated. */
export function logicalType({ operator, operands }: Logical, at: Inference): StaticType {
  const decides = operator === "||";
  let rest = at;
  let isConstant = true;
  for (const operand of operands) {
    const type = rest.typeOf(operand, rest);
    requireType(operand, type, { wanted: ["bool"], by: `"${operator}"`, at: rest });
    const value = constantOf(type);
    if (value === decides) return scalar("bool", decides);
    isConstant &&= value === !decides;
    rest = afterCondition(operand, rest);
  }
  return isConstant ? scalar("bool", !decides) : scalar("bool");
}

/** `condition ? then : otherwise`: of a constant condition only one branch counts. */
export function conditionalType(expr: Conditional, at: Inference): StaticType {
  const { condition, then, otherwise } = expr;
  const type = at.typeOf(condition, at);
  requireType(condition, type, { wanted: ["bool"], by: '"?:"', at });
  const value = constantOf(type);
  const inner = afterCondition(condition, at);
  if (value === true) return at.typeOf(then, inner);
  if (value === false) return at.typeOf(otherwise, inner);
  return join(at.typeOf(then, inner), at.typeOf(otherwise, inner));
}

/** A condition that asks for a type knows more of what follows than is followed here. */
function afterCondition(condition: Expr, at: Inference): Inference {
  const text = at.source.slice(condition.span.start, condition.span.end);
  return /\btype\s*\(/.test(text) ? { ...at, report: () => {} } : at;
}

/** `!a`, `-a`. */
export function unaryType({ operator, operand }: Unary, at: Inference): StaticType {
  const type = at.typeOf(operand, at);
  const value = constantOf(type);
  if (operator === "!") {
    requireType(operand, type, { wanted: ["bool"], by: '"!"', at });
    return typeof value === "boolean" ? scalar("bool", !value) : scalar("bool");
  }
  requireType(operand, type, { wanted: ["int", "double"], by: '"-"', at });
  if (typeof value === "number") return scalar(canBe(type, "int") ? "int" : "double", -value);
  const names = (namesOf(type) ?? ["int", "double"]).filter((name) =>
    name === "int" || name === "double"
  );
  return joinAll(names.map((name) => scalar(name as "int" | "double")));
}
