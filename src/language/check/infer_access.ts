// SPDX-License-Identifier: Apache-2.0

import { didYouMean } from "../nearest_name.ts";
import type { Index, Select, Span } from "../expression/mod.ts";
import { canBe, chainOf, type Inference, isTested, textOf } from "./inference.ts";
import {
  joinAll,
  type KnownType,
  scalar,
  type StaticType,
  typeText,
  UNKNOWN,
} from "./static_type.ts";

type Access = Select | Index;

/** The type of `a.b` or `a[b]`. */
export function accessType(expr: Access, at: Inference): StaticType {
  const operand = at.typeOf(expr.operand, at);
  const key = constantKey(expr);
  if (key !== undefined) return memberType(expr, { key, operand, at });
  const index = expr.type === "index" ? at.typeOf(expr.index, at) : UNKNOWN;
  return itemType(expr, { index, operand, at });
}

interface ConstantKey {
  readonly name: string;
  readonly span: Span;
}

function constantKey(expr: Access): ConstantKey | undefined {
  if (expr.type === "select") return { name: expr.name, span: expr.nameSpan };
  const { index } = expr;
  return index.type === "literal" && typeof index.value === "string"
    ? { name: index.value, span: index.span }
    : undefined;
}

interface Member {
  readonly key: ConstantKey;
  readonly operand: StaticType;
  readonly at: Inference;
}

function memberType(expr: Access, member: Member): StaticType {
  const { operand, key, at } = member;
  if (expr.isOptional) return scalar("optional");
  if (operand === UNKNOWN || operand.length === 0) return UNKNOWN;
  const found = operand.map((known) => memberOf(known, key.name))
    .filter((type) => type !== undefined);
  if (found.length > 0) return joinAll(found);
  const chain = chainOf(expr);
  if (chain === undefined || !isTested(chain, at)) reportMember(expr, member, operand);
  return UNKNOWN;
}

/** What one option has under a key; `undefined` when reading it always fails. */
function memberOf(known: KnownType, key: string): StaticType | undefined {
  // The members of an optional are those of its value, which is not followed.
  if (known.type === "scalar") return known.name === "optional" ? UNKNOWN : undefined;
  if (known.type === "list") return undefined;
  return known.fields.get(key) ?? (known.isOpen ? UNKNOWN : undefined);
}

/** What a Function returned: the faults of its caller are told in its words. */
const RETURNED = ["steps", "value"];

function reportMember(
  expr: Access,
  { key: { name, span }, at }: Member,
  operand: readonly KnownType[],
): void {
  const [root] = chainOf(expr.operand) ?? [];
  const isReturned = RETURNED.includes(root ?? "");
  const keys = operand.flatMap((known) => known.type === "map" ? [...known.fields.keys()] : []);
  const isMap = canBe(operand, "map");
  const code = isReturned ? "unknown-return-field" : isMap ? "unknown-key" : "impossible-operation";
  const why = isMap ? "there is no such key" : `it is ${typeText(operand)}`;
  at.report({
    code,
    message: `Cannot read "${name}" of ${textOf(expr.operand, at)}: ${why}`,
    span,
    help: isMap ? didYouMean(name, keys) ?? knownKeys(keys) : undefined,
  });
}

const MAX_NAMED_KEYS = 8;

function knownKeys(keys: readonly string[]): string {
  if (keys.length === 0) return "it is empty";
  const named = keys.slice(0, MAX_NAMED_KEYS).map((key) => `"${key}"`).join(", ");
  return `it has ${named}${keys.length > MAX_NAMED_KEYS ? ", …" : ""}`;
}

interface Item {
  readonly index: StaticType;
  readonly operand: StaticType;
  readonly at: Inference;
}

function itemType(expr: Access, { operand, index, at }: Item): StaticType {
  if (expr.isOptional) return scalar("optional");
  if (!canBe(operand, "list", "map", "optional")) {
    at.report({
      code: "impossible-operation",
      message: `Cannot read an item of ${textOf(expr.operand, at)}: it is ${typeText(operand)}`,
      span: expr.span,
    });
    return UNKNOWN;
  }
  const [known, ...others] = operand === UNKNOWN ? [] : operand;
  if (known?.type !== "list" || others.length > 0) return UNKNOWN;
  if (!canBe(index, "int", "uint", "double")) {
    at.report({
      code: "impossible-operation",
      message: `Cannot read an item of a list by ${typeText(index)}: an index is a whole number`,
      span: expr.span,
    });
  }
  return known.item;
}
