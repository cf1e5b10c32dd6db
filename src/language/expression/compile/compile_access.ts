// SPDX-License-Identifier: Apache-2.0

import { EvaluationFault, isFault } from "../fault.ts";
import type { Index, Select } from "../syntax/ast.ts";
import { typeConstant } from "../values/type_constants.ts";
import { access, accessOptionally, memberReader } from "./access.ts";
import { type MemberChain, memberChain } from "./chain.ts";
import type { CompileContext, Compiled, Evaluate, Result } from "./closure.ts";
import { type AccessSite, siteOf } from "./site.ts";

/** `a.b`, `a.?b`, `a[i]` and `a[?i]`. */
export function compileAccess(expr: Select | Index, context: CompileContext): Compiled {
  const chain = memberChain(expr);
  if (chain.keys.length > 0) return compileChain(chain, context);
  const site = siteOf(context.source, expr.operand, expr.span);
  const operand = context.compile(expr.operand);
  const key = keyOf(expr, context);
  return {
    evaluate: expr.isOptional
      ? optionalAccess(operand.evaluate, key.evaluate, site)
      : computedAccess(operand.evaluate, key.evaluate, site),
    cost: operand.cost + key.cost + 1,
  };
}

function compileChain(chain: MemberChain, context: CompileContext): Compiled {
  const base = context.compile(chain.base);
  const slow = longWay(chain, context.source);
  return {
    evaluate: orTypeName(chain, quickWay(chain.keys, base.evaluate, slow)),
    cost: base.cost + chain.keys.length,
  };
}

/** Goes on where the quick way ended, for whatever reason: a fault, a boxed value, a missing key. */
type LongWay = (value: Result) => Result;

function longWay({ keys, spans }: MemberChain, source: string): LongWay {
  const sites = keys.map((_, index) => siteAt(source, spans, index));
  return (from) => {
    let value = from;
    for (let index = 0; index < keys.length && !isFault(value); index++) {
      value = access(value, keys[index] as string, sites[index] as AccessSite);
    }
    return value;
  };
}

function siteAt(source: string, spans: MemberChain["spans"], index: number): AccessSite {
  const [operand, span] = spans.slice(index, index + 2);
  if (operand === undefined || span === undefined) throw new RangeError("A chain lacks a span");
  return { source, operand, span };
}

/** One closure for each usual length, so that no loop runs for it. */
function quickWay(keys: readonly string[], base: Evaluate, slow: LongWay): Evaluate {
  const readers = keys.map(memberReader);
  const [first, second, third] = readers;
  if (first === undefined) return base;
  if (second === undefined) {
    return (variables, budget) => {
      const from = base(variables, budget);
      const value = first(from);
      return value !== undefined ? value : slow(from);
    };
  }
  return (variables, budget) => {
    const from = base(variables, budget);
    let value: Result | undefined = first(from);
    for (let index = 1; index < readers.length && value !== undefined; index++) {
      value = readers[index]?.(value);
    }
    return value !== undefined ? value : slow(from);
  };
}

/** `google.protobuf.Timestamp` is the name of a type and looks like a chain. */
function orTypeName({ base, keys, spans }: MemberChain, evaluate: Evaluate): Evaluate {
  if (base.type !== "name") return evaluate;
  const type = typeConstant([base.name, ...keys].join("."));
  if (type === undefined) return evaluate;
  return (variables, budget) => {
    const value = evaluate(variables, budget);
    const isNoVariable = value instanceof EvaluationFault && value.span === spans[0];
    return isNoVariable ? type : value;
  };
}

/** The key of an access; the name of a member is no node and costs nothing. */
function keyOf(expr: Select | Index, context: CompileContext): Compiled {
  if (expr.type === "index") return context.compile(expr.index);
  const { name } = expr;
  return { evaluate: () => name, cost: 0 };
}

function optionalAccess(operand: Evaluate, key: Evaluate, site: AccessSite): Evaluate {
  return (variables, budget) => {
    const container = operand(variables, budget);
    if (container instanceof EvaluationFault) return container;
    const at = key(variables, budget);
    return at instanceof EvaluationFault ? at : accessOptionally(container, at, site);
  };
}

function computedAccess(operand: Evaluate, key: Evaluate, site: AccessSite): Evaluate {
  return (variables, budget) => {
    const container = operand(variables, budget);
    if (container instanceof EvaluationFault) return container;
    const at = key(variables, budget);
    if (typeof at === "number" && Array.isArray(container)) {
      const item: Result | undefined = container[at];
      if (item !== undefined) return item;
    }
    return at instanceof EvaluationFault ? at : access(container, at, site);
  };
}
