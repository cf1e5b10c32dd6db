// SPDX-License-Identifier: Apache-2.0

import type { Value } from "../values/value.ts";

/** A part of the source: UTF-16 offsets, `end` excluded. */
export interface Span {
  /** 0-based offset of the first unit. */
  readonly start: number;
  /** 0-based offset after the last unit. */
  readonly end: number;
}

/** What every node has. */
interface Node {
  readonly span: Span;
}

/** A constant of any type. */
export interface Literal extends Node {
  readonly type: "literal";
  readonly value: Value;
}

/** A variable or the name of a type. */
export interface Name extends Node {
  readonly type: "name";
  readonly name: string;
  /** Whether a leading dot asks for the variable, whatever macros bind. */
  readonly isGlobal: boolean;
}

/** `operand.name` or `operand.?name`. */
export interface Select extends Node {
  readonly type: "select";
  readonly operand: Expr;
  readonly name: string;
  readonly nameSpan: Span;
  readonly isOptional: boolean;
}

/** `operand[index]` or `operand[?index]`. */
export interface Index extends Node {
  readonly type: "index";
  readonly operand: Expr;
  readonly index: Expr;
  readonly isOptional: boolean;
}

/** `name(args)` or, with a target, `target.name(args)`. */
export interface Call extends Node {
  readonly type: "call";
  readonly name: string;
  readonly nameSpan: Span;
  readonly target?: Expr;
  readonly args: readonly Expr[];
}

/** `[a, ?b]`. */
export interface ListLiteral extends Node {
  readonly type: "list";
  readonly elements: readonly ListElement[];
}

/** One element; an optional one is left out when it has no value. */
export interface ListElement {
  readonly value: Expr;
  readonly isOptional: boolean;
}

/** `{k: v, ?k: v}`. */
export interface MapLiteral extends Node {
  readonly type: "map";
  readonly entries: readonly MapEntry[];
}

/** One entry; an optional one is left out when it has no value. */
export interface MapEntry {
  readonly key: Expr;
  readonly value: Expr;
  readonly isOptional: boolean;
}

/** `!a` or `-a`. */
export interface Unary extends Node {
  readonly type: "unary";
  readonly operator: "!" | "-";
  readonly operand: Expr;
}

/** The operators that evaluate both sides. */
export type BinaryOperator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "in";

/** `left operator right`. */
export interface Binary extends Node {
  readonly type: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expr;
  readonly right: Expr;
}

/** `a && b && c`, or the same with `||`: as many operands as stand in a row. */
export interface Logical extends Node {
  readonly type: "logical";
  readonly operator: "&&" | "||";
  readonly operands: readonly Expr[];
}

/** `condition ? then : otherwise`. */
export interface Conditional extends Node {
  readonly type: "conditional";
  readonly condition: Expr;
  readonly then: Expr;
  readonly otherwise: Expr;
}

/** `has(chain)` (EX-39a). */
export interface Has extends Node {
  readonly type: "has";
  readonly chain: Name | Select | Index;
}

/** A name that a macro binds. */
export interface Binding extends Node {
  readonly name: string;
}

/** The macros that bind one variable and run over a list or the keys of a map. */
export type LoopMacro = "all" | "exists" | "exists_one" | "filter" | "map";

/** `range.map(variable, body)` and its relatives (EX-37). */
export interface Loop extends Node {
  readonly type: "loop";
  readonly macro: LoopMacro;
  readonly range: Expr;
  readonly variable: Binding;
  /** The second argument of the form of `map` that has three. */
  readonly filter?: Expr;
  readonly body: Expr;
}

/** `range.reduce(accumulator, variable, initial, body)` (FN-40). */
export interface Reduce extends Node {
  readonly type: "reduce";
  readonly range: Expr;
  readonly accumulator: Binding;
  readonly variable: Binding;
  readonly initial: Expr;
  readonly body: Expr;
}

/** `target.optMap(variable, body)` and `target.optFlatMap(variable, body)` (EX-36). */
export interface OptionalMap extends Node {
  readonly type: "optionalMap";
  readonly isFlat: boolean;
  readonly target: Expr;
  readonly variable: Binding;
  readonly body: Expr;
}

/**
 * A node of the syntax tree. Parentheses leave no node: they belong to the span of the node around
 * them, not to that of the node inside.
 */
export type Expr =
  | Literal
  | Name
  | Select
  | Index
  | Call
  | ListLiteral
  | MapLiteral
  | Unary
  | Binary
  | Logical
  | Conditional
  | Has
  | Loop
  | Reduce
  | OptionalMap;
