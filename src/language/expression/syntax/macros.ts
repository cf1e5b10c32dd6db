// SPDX-License-Identifier: Apache-2.0

import type { Binding, Call, Expr, Has, LoopMacro } from "./ast.ts";
import { syntaxError } from "./syntax_fault.ts";

/** A call with a target. */
type Method = Call & { readonly target: Expr };

/** How one macro turns its call into a node; keyed by form, name and number of arguments. */
const MACROS: ReadonlyMap<string, (call: Call) => Expr> = new Map([
  ["has/1", has],
  [".all/2", loop("all")],
  [".exists/2", loop("exists")],
  [".exists_one/2", loop("exists_one")],
  [".filter/2", loop("filter")],
  [".map/2", loop("map")],
  [".map/3", loop("map")],
  [".reduce/4", method(reduce)],
  [".optMap/2", method(optionalMap)],
  [".optFlatMap/2", method(optionalMap)],
]);

/** The names of the macros (EX-37), without form. */
export const MACRO_NAMES: readonly string[] = [
  ...new Set([...MACROS.keys()].map((key) => key.replace(".", "").slice(0, -2))),
];

/** The node of a macro when `call` is one; else the call itself. */
export function expandCall(call: Call): Expr {
  const form = call.target === undefined ? "" : ".";
  const macro = MACROS.get(`${form}${call.name}/${call.args.length}`);
  return macro === undefined ? call : macro(call);
}

function method(expand: (call: Method) => Expr): (call: Call) => Expr {
  return (call) => {
    const { target } = call;
    return target === undefined ? call : expand({ ...call, target });
  };
}

function has({ args: [arg], span }: Call): Expr {
  if (arg !== undefined && isChain(arg)) return { type: "has", chain: arg, span };
  throw syntaxError(
    "Cannot test the argument of has(): expected a chain of members and indexes",
    arg?.span ?? span,
    "has(inputs.spec.size) tests whether it exists",
  );
}

function isChain(expr: Expr): expr is Has["chain"] {
  return expr.type === "name" || expr.type === "select" || expr.type === "index";
}

function loop(macro: LoopMacro): (call: Call) => Expr {
  return method(({ target: range, args, span }) => {
    const [name, ...rest] = args;
    const variable = binding(name, span);
    const [filter, body] = rest.length === 2 ? rest : [undefined, rest[0]];
    if (body === undefined) throw new TypeError(`Cannot expand ${macro} without a body`);
    const node = { type: "loop", macro, range, variable, body, span } as const;
    return filter === undefined ? node : { ...node, filter };
  });
}

function reduce({ target: range, args, span }: Method): Expr {
  const [first, second, initial, body] = args;
  const accumulator = binding(first, span);
  const variable = binding(second, span);
  if (initial === undefined || body === undefined) throw new TypeError("Cannot expand reduce");
  if (accumulator.name === variable.name) {
    throw syntaxError("Cannot bind one name twice in reduce()", variable.span);
  }
  return { type: "reduce", range, accumulator, variable, initial, body, span };
}

function optionalMap({ name, target, args: [first, body], span }: Method): Expr {
  const variable = binding(first, span);
  if (body === undefined) throw new TypeError(`Cannot expand ${name} without a body`);
  return { type: "optionalMap", isFlat: name === "optFlatMap", target, variable, body, span };
}

function binding(expr: Expr | undefined, span: Call["span"]): Binding {
  if (expr?.type === "name" && !expr.isGlobal) return { name: expr.name, span: expr.span };
  throw syntaxError(
    "Cannot bind the argument of the macro: expected a name",
    expr?.span ?? span,
    "a macro names its variable first: list.map(item, item.name)",
  );
}
