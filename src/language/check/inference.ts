// SPDX-License-Identifier: Apache-2.0

import type { DiagnosticCode } from "../diagnostic_codes.ts";
import type { Expr, Span } from "../expression/mod.ts";
import { namesOf, type StaticType, typeText } from "./static_type.ts";
import type { TypeName } from "../expression/mod.ts";

/** What can be said of an expression for its types alone. */
export interface TypeFinding {
  readonly code: DiagnosticCode;
  readonly message: string;
  /** In the source of the expression. */
  readonly span: Span;
  readonly help?: string | undefined;
}

/** Counts the parts of types that were put together, for all expressions of a definition. */
export interface Effort {
  left: number;
}

/** Far beyond what people write, and a fraction of a second. */
const MAX_EFFORT = 300_000;

/** A full effort. */
export function createEffort(): Effort {
  return { left: MAX_EFFORT };
}

/** What the types of an expression are worked out with. */
export interface Inference {
  /** The source, to name parts of it in messages. */
  readonly source: string;
  /** The types of variables; unknown unless told. */
  readonly variables: ReadonlyMap<string, StaticType>;
  /** The types of what macros bind, which hide variables. */
  readonly bound: ReadonlyMap<string, StaticType>;
  /** Chains that the definition asks for before it reads them, as {@link chainKey} writes them. */
  readonly tested: ReadonlySet<string>;
  readonly report: (finding: TypeFinding) => void;
  /** What may still be spent on types of many parts; without it nothing more is known. */
  readonly effort: Effort;
  /** Works out the types of the nodes below. */
  readonly typeOf: (expr: Expr, at: Inference) => StaticType;
}

/** No value has as many levels (LM-4), and each of a longer chain would be a chain of its own. */
const MAX_CHAIN = 100;

/** A chain of constant members, `["steps", "config", "name"]`; `undefined` for other nodes. */
export function chainOf(expr: Expr): readonly string[] | undefined {
  const names: string[] = [];
  let at = expr;
  while (at.type === "select" || at.type === "index") {
    const name = keyOf(at);
    if (name === undefined || names.length === MAX_CHAIN) return undefined;
    names.push(name);
    at = at.operand;
  }
  return at.type === "name" ? [at.name, ...names.reverse()] : undefined;
}

function keyOf(expr: Expr): string | undefined {
  if (expr.type === "select") return expr.name;
  const isText = expr.type === "index" && expr.index.type === "literal";
  return isText && typeof expr.index.value === "string" ? expr.index.value : undefined;
}

/** A chain as one text. */
export function chainKey(chain: readonly string[]): string {
  return JSON.stringify(chain);
}

/** Whether a chain, or one that it begins with, is asked for somewhere. */
export function isTested(chain: readonly string[], { tested }: Inference): boolean {
  return tested.size > 0 &&
    chain.some((_, index) => tested.has(chainKey(chain.slice(0, index + 1))));
}

/** Whether a value may be of one of some types. */
export function canBe(type: StaticType, ...wanted: readonly TypeName[]): boolean {
  const names = namesOf(type);
  return names === undefined || names.some((name) => wanted.includes(name));
}

/** Reports an operand that is never of a type its operator takes. */
export function requireType(
  expr: Expr,
  type: StaticType,
  need: { readonly wanted: readonly TypeName[]; readonly by: string; readonly at: Inference },
): void {
  if (canBe(type, ...need.wanted)) return;
  need.at.report({
    code: "impossible-operation",
    message: `Cannot give ${typeText(type)} to ${need.by}: it takes ${need.wanted.join(" or ")}`,
    span: expr.span,
  });
}

/** The longest part of a source that a message repeats. */
const MAX_SHOWN = 40;

/** A part of the source. */
export function textOf(expr: Expr, { source }: Inference): string {
  const text = source.slice(expr.span.start, expr.span.end).replace(/\s+/g, " ");
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN - 1)}…`;
}
