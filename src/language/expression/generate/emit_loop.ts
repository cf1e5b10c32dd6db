// SPDX-License-Identifier: Apache-2.0

import type { Budget } from "../budget.ts";
import { itemsToVisit } from "../compile/compile_loop.ts";
import { isFault } from "../fault.ts";
import type { Expr, Loop } from "../syntax/ast.ts";
import type { Value } from "../values/value.ts";
import { type Code, GIVE_UP, guard } from "./code.ts";
import { emit, emitCharged, type Emitted, type Site } from "./emit.ts";
import { emitGrow } from "./emit_literal.ts";
import type { Operand } from "./operand.ts";

/** `range.map(x, body)` and its relatives as a loop. */
export function emitLoop(expr: Loop, site: Site): Emitted {
  const { code } = site;
  const range = emit(expr.range, site);
  if (range === undefined) return "unsupported";
  const items = emitItems(code, range);
  const made = code.fresh();
  code.write(`${BEGIN[expr.macro](made)};`);
  const item: Operand = { text: code.fresh(), known: "json" };
  const inner: Site = {
    ...site,
    bound: new Map(site.bound).set(expr.variable.name, item),
    context: site.context.bind(expr.variable.name, { value: null }),
  };
  const at = code.fresh();
  let isWhole = true;
  code.block(`for (let ${at} = 0; ${at} < ${items.text}.length; ${at}++)`, () => {
    code.write(`const ${item.text} = ${items.text}[${at}];`);
    isWhole = emitBody(expr, inner, { made, item });
  }, (cost) => `if ((n += ${cost}) > budget.left) ${GIVE_UP}`);
  return isWhole ? emitEnd(code, expr, made) : "unsupported";
}

/** The result of each macro before the first item. */
const BEGIN: Readonly<Record<Loop["macro"], (made: string) => string>> = {
  all: (made) => `let ${made} = true`,
  exists: (made) => `let ${made} = false`,
  exists_one: (made) => `let ${made} = 0`,
  filter: (made) => `const ${made} = []`,
  map: (made) => `const ${made} = []`,
};

function emitItems(code: Code, range: Operand): Operand {
  if (code.known(range) === "list") return range;
  const list = `Array.isArray(${range.text}) ? ${range.text}`;
  const items = code.let(`${list} : ${code.constant(keysToVisit)}(${range.text}, budget)`, "list");
  code.write(`if (${items.text} === undefined) ${GIVE_UP}`);
  return items;
}

function keysToVisit(range: Value, budget: Budget): readonly Value[] | undefined {
  const items = itemsToVisit(range, "", budget);
  return isFault(items) ? undefined : items;
}

interface Turn {
  readonly made: string;
  readonly item: Operand;
}

/** One turn. Writes nothing that counts when it gives `false`. */
function emitBody({ macro, filter, body }: Loop, site: Site, { made, item }: Turn): boolean {
  const { code } = site;
  if (macro === "map") {
    return filter === undefined
      ? emitPush(body, site, made)
      : emitKept(filter, site, () => emitPush(body, site, made));
  }
  const test = emitCharged(body, site, 1);
  if (test === undefined) return false;
  const { text } = guard(code, test, "boolean");
  switch (macro) {
    case "all":
      code.write(`if (!${text}) { ${made} = false; break; }`);
      break;
    case "exists":
      code.write(`if (${text}) { ${made} = true; break; }`);
      break;
    case "exists_one":
      code.write(`if (${text}) ${made}++;`);
      break;
    case "filter":
      code.write(`if (${text}) ${made}.push(${item.text});`);
  }
  return true;
}

function emitPush(body: Expr, site: Site, made: string): boolean {
  const value = emitCharged(body, site, 1);
  if (value === undefined) return false;
  emitGrow(site.code, value);
  site.code.write(`${made}.push(${value.text});`);
  return true;
}

function emitKept(filter: Expr, site: Site, push: () => boolean): boolean {
  const test = emitCharged(filter, site);
  if (test === undefined) return false;
  let isWhole = false;
  site.code.block(`if (${guard(site.code, test, "boolean").text})`, () => {
    isWhole = push();
  });
  return isWhole;
}

function emitEnd(code: Code, { macro }: Loop, made: string): Operand {
  if (macro === "all" || macro === "exists") return { text: made, known: "boolean" };
  if (macro === "exists_one") return code.let(`${made} === 1`, "boolean");
  code.write(`n += ${made}.length / 10 | 0;`);
  code.write(`budget.madeNodes += ${made}.length;`);
  return { text: made, known: "list" };
}
