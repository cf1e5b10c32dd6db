// SPDX-License-Identifier: Apache-2.0

import { EvaluationFault, isFault } from "../fault.ts";
import type { Index, Select } from "../syntax/ast.ts";
import { typeConstant } from "../values/type_constants.ts";
import type { Value, Variables } from "../values/value.ts";
import { access, accessOptionally, isPlainKey, readMember } from "./access.ts";
import { type MemberChain, memberChain } from "./chain.ts";
import type { CompileContext, Compiled, Evaluate, Result } from "./closure.ts";
import { isVariable, memberOr } from "./compile_name.ts";
import { type AccessSite, siteOf } from "./site.ts";

/** `a.b`, `a.?b`, `a[i]` and `a[?i]`. */
export function compileAccess(expr: Select | Index, context: CompileContext): Compiled {
  const chain = memberChain(expr);
  if (chain.keys.length > 0) return compileChain(chain, context);
  const site = siteOf(context.source, expr);
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
    evaluate: ofVariable(chain, { context, base: base.evaluate, slow }) ??
      quickWay(chain.keys, base.evaluate, slow),
    cost: base.cost + chain.keys.length,
  };
}

/** Goes on where the quick way ended, for whatever reason: a fault, a boxed value, a missing key. */
type LongWay = (base: Result, variables: Variables) => Result;

function longWay({ base: start, keys, spans }: MemberChain, source: string): LongWay {
  // Only the name is kept: a closure that held the node would hold the syntax tree.
  const first = start.type === "name" ? start.name : undefined;
  return (base, variables) => {
    const named = first !== undefined && isFault(base) && base.span === spans[0]
      ? dottedName(first, keys, variables)
      : undefined;
    let value = named?.value ?? base;
    for (let index = named?.length ?? 0; index < keys.length && !isFault(value); index++) {
      value = access(value, keys[index] as string, siteAt(source, spans, index));
    }
    return value;
  };
}

/**
 * What the longest beginning of a chain stands for when its first name alone is no variable: a
 * variable with dots in its name, or a type such as `google.protobuf.Timestamp`.
 */
function dottedName(
  first: string,
  keys: readonly string[],
  variables: Variables,
): { readonly value: Value; readonly length: number } | undefined {
  for (let length = keys.length; length > 0; length--) {
    const name = [first, ...keys.slice(0, length)].join(".");
    const value = Object.hasOwn(variables, name) ? variables[name] : typeConstant(name);
    if (value !== undefined) return { value, length };
  }
  return undefined;
}

function siteAt(source: string, spans: MemberChain["spans"], index: number): AccessSite {
  const [operand, span] = spans.slice(index, index + 2);
  if (operand === undefined || span === undefined) throw new RangeError("A chain lacks a span");
  return { source, operand, span };
}

/** The way to a member of a variable; `undefined` for all other chains. */
function ofVariable(
  { base: name, keys: [key, ...more] }: MemberChain,
  { context, base, slow }: ChainWays,
): Evaluate | undefined {
  if (key === undefined || more.length > 0 || !isPlainKey(key)) return undefined;
  if (name.type !== "name" || !isVariable(name, context)) return undefined;
  return memberOr([name.name, key], (all, budget) => slow(base(all, budget), all));
}

interface ChainWays {
  readonly context: CompileContext;
  readonly base: Evaluate;
  readonly slow: LongWay;
}

/** One closure for each usual length, so that no loop runs for it. */
function quickWay(keys: readonly string[], base: Evaluate, slow: LongWay): Evaluate {
  const [first, second, ...more] = keys;
  if (first === undefined || !keys.every(isPlainKey)) {
    return (variables, budget) => slow(base(variables, budget), variables);
  }
  if (second === undefined) {
    return (variables, budget) => {
      const from = base(variables, budget);
      const value = readMember(from, first);
      return value !== undefined ? value : slow(from, variables);
    };
  }
  if (more.length === 0) {
    return (variables, budget) => {
      const from = base(variables, budget);
      const outer = readMember(from, first);
      const value = outer === undefined ? undefined : readMember(outer, second);
      return value !== undefined ? value : slow(from, variables);
    };
  }
  return readAll(keys, base, slow);
}

function readAll(keys: readonly string[], base: Evaluate, slow: LongWay): Evaluate {
  return (variables, budget) => {
    const from = base(variables, budget);
    let value: Result | undefined = from;
    for (let index = 0; index < keys.length && value !== undefined; index++) {
      value = readMember(value, keys[index] as string);
    }
    return value !== undefined ? value : slow(from, variables);
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
