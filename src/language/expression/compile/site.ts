// SPDX-License-Identifier: Apache-2.0

import { EvaluationFault, type FaultCode } from "../fault.ts";
import type { Index, Select, Span } from "../syntax/ast.ts";
import { isList, isMap, itemsOf, keysOf, keyText, lookupKey } from "../values/containers.ts";
import { typeName, type Value } from "../values/value.ts";

/** Where a member or element is read, to say so when it is absent. */
export interface AccessSite {
  readonly source: string;
  /** What the member is read from. */
  readonly operand: Span;
  /** The whole access. */
  readonly span: Span;
  /** Where the key is computed: its value may be what nobody is to see, such as a Secret's. */
  readonly computedKey?: Span;
}

/** The site of an access in `source`. */
export function siteOf(source: string, expr: Select | Index): AccessSite {
  const site = { source, operand: expr.operand.span, span: expr.span };
  return expr.type === "index" && expr.index.type !== "literal"
    ? { ...site, computedKey: expr.index.span }
    : site;
}

/** The longest piece of source in a reason. */
const MAX_SHOWN = 60;

/** How many keys a reason names. */
const MAX_KEYS = 8;

function sourceText(source: string, { start, end }: Span): string {
  const text = source.slice(start, end).replace(/\s+/g, " ");
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** The fault of a key that `container` does not have. Names keys, never values. */
export function noKey(container: Value, key: Value, site: AccessSite): EvaluationFault {
  const place = sourceText(site.source, site.operand);
  const shown = shownKey(key, site);
  if (isMap(container)) {
    const reason = () => `no key ${shown} in ${place}: ${contents(container)}`;
    return absent("missing-key", reason, site);
  }
  if (container === null) {
    return absent("missing-member", `no key ${shown} in ${place}: it is null`, site);
  }
  const reason = `no key ${shown} in ${place}: it is of type ${typeName(container)}`;
  return new EvaluationFault("missing-member", reason, site.span, false);
}

function shownKey(key: Value, { source, computedKey }: AccessSite): string {
  if (typeof key === "string" && computedKey) return sourceText(source, computedKey);
  const lookup = lookupKey(key);
  return lookup === undefined ? `of type ${typeName(key)}` : keyText(lookup);
}

function contents(container: Value): string {
  const keys = isMap(container) ? keysOf(container) : [];
  if (keys.length === 0) return "it is empty";
  const named = keys.slice(0, MAX_KEYS).map((key) => keyText(lookupKey(key) ?? "")).join(", ");
  return keys.length > MAX_KEYS
    ? `it has ${named} and ${keys.length - MAX_KEYS} more`
    : `it has ${named}`;
}

/** The fault of an index that is no place in `container`. */
export function noIndex(container: Value, index: Value, site: AccessSite): EvaluationFault {
  const place = sourceText(site.source, site.operand);
  if (!isList(container)) return noKey(container, index, site);
  const lookup = lookupKey(index);
  if (typeof lookup !== "number" && typeof lookup !== "bigint") {
    const reason = `no such overload: ${place} is a list, its index must be a whole number, ` +
      `it is of type ${typeName(index)}`;
    return new EvaluationFault("no-such-overload", reason, site.span, false);
  }
  const size = itemsOf(container).length;
  const has = size === 0
    ? "it is empty"
    : size === 1
    ? "it has 1 element"
    : `it has ${size} elements`;
  return absent("missing-index", `no index ${lookup} in ${place}: ${has}`, site);
}

function absent(
  code: FaultCode,
  reason: string | (() => string),
  site: AccessSite,
): EvaluationFault {
  return new EvaluationFault(code, reason, site.span, true);
}
