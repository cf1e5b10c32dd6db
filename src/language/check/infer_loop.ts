// SPDX-License-Identifier: Apache-2.0

import type { Expr, Loop, OptionalMap, Reduce } from "../expression/mod.ts";
import { type Inference, requireType } from "./inference.ts";
import { join, joinAll, listType, scalar, type StaticType, UNKNOWN } from "./static_type.ts";

/** `range.map(x, body)` and its relatives. */
export function loopType(
  { macro, range, variable, filter, body }: Loop,
  at: Inference,
): StaticType {
  const item = rangeType(range, { macro, at });
  const inner = binding(at, [variable.name, item]);
  if (filter) requireType(filter, inner.typeOf(filter, inner), condition(macro, inner));
  const type = inner.typeOf(body, inner);
  if (macro === "map") return listType(type);
  requireType(body, type, condition(macro, inner));
  return macro === "filter" ? listType(item) : scalar("bool");
}

function condition(macro: string, at: Inference) {
  return { wanted: ["bool"] as const, by: `"${macro}"`, at };
}

/** `range.reduce(acc, x, initial, body)`: nothing is known of the accumulator on its way. */
export function reduceType(expr: Reduce, at: Inference): StaticType {
  const item = rangeType(expr.range, { macro: "reduce", at });
  const initial = at.typeOf(expr.initial, at);
  const inner = binding(at, [expr.accumulator.name, UNKNOWN], [expr.variable.name, item]);
  return join(initial, inner.typeOf(expr.body, inner));
}

/** `target.optMap(x, body)`. */
export function optionalMapType(
  { target, variable, body }: OptionalMap,
  at: Inference,
): StaticType {
  const type = at.typeOf(target, at);
  requireType(target, type, { wanted: ["optional"], by: '"optMap"', at });
  const inner = binding(at, [variable.name, UNKNOWN]);
  inner.typeOf(body, inner);
  return scalar("optional");
}

function binding(at: Inference, ...names: readonly (readonly [string, StaticType])[]): Inference {
  return { ...at, bound: new Map([...at.bound, ...names]) };
}

interface Range {
  readonly macro: string;
  readonly at: Inference;
}

/** What a macro binds: the items of a list, the keys of a map. */
function rangeType(range: Expr, { macro, at }: Range): StaticType {
  const type = at.typeOf(range, at);
  requireType(range, type, { wanted: ["list", "map"], by: `"${macro}"`, at });
  if (type === UNKNOWN) return UNKNOWN;
  const items = type.flatMap((known) => {
    if (known.type === "list") return [known.item];
    return known.type === "map" ? [known.isOpen ? UNKNOWN : scalar("string")] : [];
  });
  return items.length === 0 ? UNKNOWN : joinAll(items);
}
