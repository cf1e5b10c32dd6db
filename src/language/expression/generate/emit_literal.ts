// SPDX-License-Identifier: Apache-2.0

import { jsonObject, type JsonValue } from "../../json.ts";
import { isPlainKey } from "../compile/access.ts";
import type { Expr, ListLiteral, MapLiteral } from "../syntax/ast.ts";
import { grow } from "../values/measure.ts";
import { isJson } from "../values/value.ts";
import { type Code, GIVE_UP } from "./code.ts";
import type { Operand } from "./operand.ts";
import { emit, type Emitted, type Site } from "./emit.ts";

/** `[a, b]`. */
export function emitList({ elements }: ListLiteral, site: Site): Emitted {
  const items: Operand[] = [];
  for (const { value, isOptional } of elements) {
    const item = isOptional ? undefined : emitPart(value, site);
    if (item === undefined) return "unsupported";
    items.push(item);
  }
  return site.code.let(`[${items.map(({ text }) => text).join(", ")}]`, "list");
}

/** `{"a": b}` with keys that are constant and distinct. */
export function emitMap({ entries }: MapLiteral, site: Site): Emitted {
  const { code, context } = site;
  const keys = entries.flatMap(({ key, isOptional }) => {
    const { constant } = context.compile(key);
    return typeof constant === "string" && !isOptional && isPlainKey(constant) ? [constant] : [];
  });
  if (keys.length < entries.length || new Set(keys).size < keys.length) return "unsupported";
  const members: (readonly [string, Operand])[] = [];
  const shape = entries.map(({ value }, at) => {
    const constant = context.compile(value).constant ?? null;
    return [keys[at] as string, isJson(constant) ? constant : null] as const;
  });
  for (const [at, { value }] of entries.entries()) {
    if (shape[at]?.[1] !== null) continue;
    const made = emitPart(value, site);
    if (made === undefined) return "unsupported";
    members.push([keys[at] as string, made]);
  }
  return emitObject(code, jsonObject(shape), members);
}

/** A copy of `shape` with some members computed: an object that grows would cost more. */
export function emitObject(
  code: Code,
  shape: JsonValue,
  members: readonly (readonly [key: string, value: Operand])[],
): Operand {
  const made = code.let(`{ ...${code.constant(shape)} }`, "map");
  for (const [key, { text }] of members) {
    code.write(`${made.text}[${code.constant(key)}] = ${text};`);
  }
  return made;
}

/** A part of a literal; a container that is made elsewhere is measured. */
function emitPart(value: Expr, site: Site): Operand | undefined {
  const part = emit(value, site);
  const isForeign = value.type !== "list" && value.type !== "map";
  if (part !== undefined && isForeign) emitGrow(site.code, part);
  return part;
}

/** Measures a value that is put into another one. */
export function emitGrow(code: Code, part: Operand): void {
  const known = code.known(part);
  const isContainer = known === "list" || known === "map";
  if (known !== "json" && !isContainer) return;
  const { text } = part;
  const test = isContainer ? "" : `typeof ${text} === "object" && ${text} !== null && `;
  code.write(`if (${test}${code.constant(grow)}(${text}, budget) !== undefined) ${GIVE_UP}`);
}
