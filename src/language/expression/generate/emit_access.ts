// SPDX-License-Identifier: Apache-2.0

import { isPlainKey, present } from "../compile/access.ts";
import { memberChain } from "../compile/chain.ts";
import type { Expr, Has, Index, Name, Select } from "../syntax/ast.ts";
import { type Code, GIVE_UP, guard } from "./code.ts";
import { emit, type Emitted, type Site } from "./emit.ts";
import type { Operand } from "./operand.ts";

/** `a.b` and `a[i]`. */
export function emitAccess(expr: Select | Index, site: Site): Emitted {
  if (expr.isOptional) return "opaque";
  const { base, keys } = memberChain(expr);
  if (keys.length > 0) return emitChain(base, keys, site);
  return expr.type === "index" ? emitComputed(expr, site) : "unsupported";
}

function emitChain(base: Expr, keys: readonly string[], site: Site): Emitted {
  if (!keys.every(isPlainKey)) return "unsupported";
  const start = startOf(base, keys, site);
  return start === undefined
    ? "unsupported"
    : start.rest.reduce((from, key) => readMember(site.code, from, key), start.from);
}

/** What a chain begins with: that of a local with its value. */
function startOf(
  base: Expr,
  keys: readonly string[],
  site: Site,
): { readonly from: Operand; readonly rest: readonly string[] } | undefined {
  if (base.type === "name" && isLocals(base, site)) {
    const local = site.locals?.get(keys[0] ?? "");
    return local && { from: local, rest: keys.slice(1) };
  }
  const from = emit(base, site);
  return from && { from, rest: keys };
}

function isLocals({ name, isGlobal }: Name, { bound }: Site): boolean {
  return name === "locals" && (isGlobal || !bound.has(name));
}

function readMember(code: Code, from: Operand, key: string): Operand {
  const name = code.constant(key);
  guard(code, from, "map");
  return code.once(`${from.text}[${name}]`, () => found(code, `${from.text}[${name}]`));
}

/** A value that is there. */
function found(code: Code, text: string): Operand {
  const value = code.let(text, "json");
  code.write(`if (${value.text} === undefined) ${GIVE_UP}`);
  return value;
}

function emitComputed({ operand, index }: Index, site: Site): Emitted {
  const { code } = site;
  const container = emit(operand, site);
  const at = container && emit(index, site);
  if (container === undefined || at === undefined) return "unsupported";
  const known = code.known(at);
  if (known !== "int" && known !== "number") {
    return found(code, `${code.constant(present)}(${container.text}, ${at.text})`);
  }
  guard(code, container, "list");
  return found(code, `${container.text}[${at.text}]`);
}

/** `has(a.b.c)` for constant names. */
export function emitHas({ chain }: Has, site: Site): Emitted {
  const { code } = site;
  const { base, keys } = memberChain(chain);
  // The variables are always there; whatever else it begins with is the closure's.
  if (base.type !== "name" || keys.length === 0 || !keys.every(isPlainKey)) return "unsupported";
  const start = startOf(base, keys, site);
  if (start === undefined) return "unsupported";
  const [first, ...more] = start.rest;
  if (first === undefined) return { text: "true", known: "boolean" };
  if (more.length === 0 && code.known(start.from) === "map") {
    return code.let(`${start.from.text}[${code.constant(first)}] !== undefined`, "boolean");
  }
  const value = start.rest.reduce((from, key) => emitProbe(code, from, key), start.from);
  return code.let(`${value.text} !== undefined`, "boolean");
}

/** The member, or `undefined` where there is none. Not JSON: only `has` may see it. */
function emitProbe(code: Code, { text }: Operand, key: string): Operand {
  const read = `${code.constant(present)}(${text}, ${code.constant(key)})`;
  return code.let(`${text} === undefined ? undefined : ${read}`, "json");
}
