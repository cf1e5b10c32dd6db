// SPDX-License-Identifier: Apache-2.0

import type { Expr, Literal } from "../syntax/ast.ts";
import {
  type Cell,
  type CompileContext,
  type Compiled,
  watched,
  type WatchNode,
} from "./closure.ts";
import { compileAccess } from "./compile_access.ts";
import { compileBinary } from "./compile_binary.ts";
import { compileCall } from "./compile_call.ts";
import { compileHas } from "./compile_has.ts";
import { compileList } from "./compile_list.ts";
import { compileConditional, compileLogical, compileUnary } from "./compile_logic.ts";
import { compileLoop, compileOptionalMap, compileReduce } from "./compile_loop.ts";
import { compileMap } from "./compile_map.ts";
import { compileName } from "./compile_name.ts";
import { compileInSegments } from "./segments.ts";

/** The context of a whole expression, in which no macro binds a name. */
export function rootContext(source: string, watch?: WatchNode): CompileContext {
  return contextWith(source, NO_CELLS, watch);
}

const NO_CELLS: ReadonlyMap<string, Cell> = new Map();

function contextWith(
  source: string,
  cells: ReadonlyMap<string, Cell>,
  watch: WatchNode | undefined,
): CompileContext {
  const compile = (expr: Expr) => compileInSegments(expr, context, compileNode);
  const compileWatched = (expr: Expr, see = watch?.(expr)) =>
    see === undefined ? compile(expr) : watched(compile(expr), see);
  const context: CompileContext = {
    source,
    compile: watch === undefined ? compile : (expr) => compileWatched(expr),
    cellOf: (name) => cells.get(name),
    bind: (name, cell) => contextWith(source, new Map(cells).set(name, cell), watch),
  };
  return context;
}

/** Compiles one node of the tree; the nodes below through the context. */
function compileNode(expr: Expr, context: CompileContext): Compiled {
  switch (expr.type) {
    case "literal":
      return compileLiteral(expr);
    case "name":
      return compileName(expr, context);
    case "select":
    case "index":
      return compileAccess(expr, context);
    case "call":
      return compileCall(expr, context);
    case "list":
      return compileList(expr, context);
    case "map":
      return compileMap(expr, context);
    case "unary":
      return compileUnary(expr, context);
    case "binary":
      return compileBinary(expr, context);
    case "logical":
      return compileLogical(expr, context);
    case "conditional":
      return compileConditional(expr, context);
    case "has":
      return compileHas(expr, context);
    case "loop":
      return compileLoop(expr, context);
    case "reduce":
      return compileReduce(expr, context);
    case "optionalMap":
      return compileOptionalMap(expr, context);
    default:
      return unreachable(expr);
  }
}

function compileLiteral(literal: Literal): Compiled {
  const value = typeof literal.value === "string" ? interned(literal.value) : literal.value;
  return { evaluate: () => value, cost: 1, constant: value };
}

/**
 * The text as V8 holds the names of properties: once, apart from the source that it was cut from,
 * and known to its caches of splits and look-ups.
 */
function interned(text: string): string {
  return Object.keys({ [text]: 0 })[0] ?? text;
}

function unreachable(expr: never): never {
  throw new TypeError(`Cannot compile ${JSON.stringify(expr)}`);
}
