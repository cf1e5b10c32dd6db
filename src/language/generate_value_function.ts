// SPDX-License-Identifier: Apache-2.0

/**
 * Writes a ValueFunction that runs often as one JavaScript function.
 *
 * The closures are the meaning of the language; what is generated here does the happy path alone.
 * It is a row of statements with guards: where a guard fails, it gives up, and the closures
 * evaluate everything from the start. So an error is never generated, nor its place.
 *
 * What a node always costs is what its closure costs (`Compiled.cost`); what depends on values is
 * charged by the functions that the closures call as well. No text of a definition enters the text
 * (see `expression/generate/make_function.ts`).
 *
 * docs/decisions/expressions.md has the rules and the figures.
 *
 * @module
 */

import type { ValueFunction } from "./definition.ts";
import {
  type Budget,
  type CompiledExpression,
  parseExpression,
  type Value,
} from "./expression/mod.ts";
import { isUnwatched } from "./expression/compile_expression.ts";
import { isPlainKey, isPlainObject } from "./expression/compile/access.ts";
import { rootContext } from "./expression/compile/compile_node.ts";
import { type Code, createCode, GIVE_UP, guard } from "./expression/generate/code.ts";
import { emitCharged, type Site } from "./expression/generate/emit.ts";
import { emitObject } from "./expression/generate/emit_literal.ts";
import { knownOf, type Operand } from "./expression/generate/operand.ts";
import { MAX_NODES } from "./expression/values/measure.ts";
import type { JsonObject } from "./json.ts";
import { computedPartOf } from "./overlay.ts";
import { partOfTemplate, type TemplatePart } from "./template.ts";
import { type ListPart, MapPart } from "./template_parts.ts";

/**
 * A ValueFunction as one function: what it returns for an empty base, or `undefined` when its
 * closures have to say what it comes to. Charges the budget exactly as they do, or not at all.
 */
export type QuickFunction = (
  inputs: Value,
  resource: JsonObject,
  budget: Budget,
) => JsonObject | undefined;

/** The longest text of a function. */
const MAX_LENGTH = 32_768;

/** No function is generated of more lines: about as many as make the longest text. */
const MAX_LINES = 1_500;

/** The longest expression that is generated, and the most characters of all of a function. */
const MAX_SOURCE = 1_000;
const MAX_SOURCES = 20_000;

/** What a function is made from. Functions of one shape have one text. */
export interface QuickText {
  /** The text of a function that gives the {@link QuickFunction} for its constants. */
  readonly text: string;
  /** What the text calls `c0`, `c1` and so on: all that the definition says. */
  readonly constants: readonly unknown[];
}

/**
 * Writes a ValueFunction as one function.
 *
 * The expressions are parsed once more: no syntax tree is kept for the few that run often.
 *
 * @returns `undefined` where some part is watched, or gives what is no JSON, or is too large
 */
export function quickText(fn: ValueFunction): QuickText | undefined {
  const written = writeFunction(fn, false);
  // That a closure needs the locals as a map is known at the end only.
  const whole = written?.needsLocals ? writeFunction(fn, true) : written;
  return whole === undefined || whole.text.length > MAX_LENGTH ? undefined : whole;
}

function writeFunction(fn: ValueFunction, withLocals: boolean) {
  const code = createCode();
  let isWhole = true;
  const needs: Needs = { locals: false, sources: 0 };
  code.write('"use strict";');
  code.block("return function quick(inputs, resource, budget)", () => {
    emitBegin(code, withLocals);
    isWhole = emitBody(fn, { code, withLocals, locals: undefined, needs });
  }, (cost) => `let n = ${cost};`);
  return isWhole
    ? { text: code.lines.join("\n"), constants: code.constants, needsLocals: needs.locals }
    : undefined;
}

/** What turns up while a function is written. */
interface Needs {
  /** Whether a closure needs the locals as a map. */
  locals: boolean;
  /** Characters of expressions so far. */
  sources: number;
}

/** A place of the function. */
interface Place {
  readonly code: Code;
  /** Whether the map of the locals is made. */
  readonly withLocals: boolean;
  /** The locals that have a value; `undefined` in the preconditions. */
  readonly locals: ReadonlyMap<string, Operand> | undefined;
  readonly needs: Needs;
}

/** All expressions share one allowance: what is within it together, each is within it alone. */
function emitBegin(code: Code, withLocals: boolean): void {
  code.write("const { runLeft, limits: { expressionCost } } = budget;");
  code.write("const allowance = expressionCost < runLeft ? expressionCost : runLeft;");
  code.write("budget.left = allowance;");
  code.write("budget.madeNodes = 0;");
  code.write(`if (!${code.constant(isPlainObject)}(inputs)) ${GIVE_UP}`);
  if (!withLocals) return;
  code.write("const before = { inputs, resource, locals: undefined };");
  code.write("const locals = {};");
  code.write("const after = { inputs, resource, locals };");
}

/** Preconditions, locals, return; `false` when one of them cannot be generated. */
function emitBody(fn: ValueFunction, place: Place): boolean {
  const holds = fn.preconditions.every(({ assert }) => emitAssert(partOfTemplate(assert), place));
  const locals = holds ? emitLocals(fn, place) : undefined;
  const part = fn.return && computedPartOf(fn.return);
  const value = locals && emitPart(part, { ...place, locals });
  if (value === undefined) return false;
  emitEnd(place.code, value);
  return true;
}

/** What does not hold ends the function; the closures say how. */
function emitAssert(part: TemplatePart | undefined, place: Place): boolean {
  const { code } = place;
  const holds = emitPart(part, place);
  if (holds === undefined) return false;
  code.write(`if (!${guard(code, holds, "boolean").text}) ${GIVE_UP}`);
  return true;
}

/** A local is a variable; as a map they are made only for closures. */
function emitLocals(
  fn: ValueFunction,
  place: Place,
): ReadonlyMap<string, Operand> | undefined {
  const { code, withLocals } = place;
  const locals = new Map<string, Operand>();
  for (const { name, value } of fn.locals) {
    const part = isPlainKey(name) ? partOfTemplate(value) : undefined;
    const local = emitPart(part, { ...place, locals });
    if (local === undefined) return undefined;
    if (withLocals) code.write(`locals[${code.constant(name)}] = ${local.text};`);
    locals.set(name, local);
  }
  return locals;
}

/** Charges what all of it cost; gives up near the limits, for closures tell which part is over. */
function emitEnd(code: Code, value: Operand): void {
  code.write("budget.left -= n;");
  code.write(`if (budget.left < 0 || budget.madeNodes > ${MAX_NODES}) ${GIVE_UP}`);
  code.write("budget.runLeft = runLeft - allowance + budget.left;");
  code.write(`return ${value.text};`);
}

/** The value of a part of a template. */
function emitPart(part: TemplatePart | undefined, place: Place): Operand | undefined {
  switch (part?.type) {
    case undefined:
      return undefined;
    case "constant":
      return { text: place.code.constant(part.value), known: knownOf(part.value) };
    case "leaf":
      return emitLeaf(part.expression, place);
    case "list":
      return emitListPart(part, place);
    case "map":
      return emitMapPart(part, place);
  }
}

function emitListPart({ shape, keys, steps }: ListPart, place: Place): Operand | undefined {
  const { code } = place;
  const items = shape.map((item) => code.constant(item));
  for (const [index, step] of steps.entries()) {
    const value = emitStep(step, place);
    if (value === undefined) return undefined;
    items[keys[index] as number] = value.text;
  }
  return code.let(`[${items.join(", ")}]`, "list");
}

function emitMapPart({ shape, keys, steps }: MapPart, place: Place): Operand | undefined {
  const members: (readonly [string, Operand])[] = [];
  for (const [index, step] of steps.entries()) {
    const key = keys[index] as string;
    const value = isPlainKey(key) ? emitStep(step, place) : undefined;
    if (value === undefined) return undefined;
    members.push([key, value]);
  }
  return emitObject(place.code, shape, members);
}

function emitStep(step: CompiledExpression | ListPart | MapPart, place: Place) {
  return "source" in step ? emitLeaf(step, place) : emitPart(step, place);
}

function emitLeaf(expression: CompiledExpression, place: Place): Operand | undefined {
  const { source } = expression;
  if (!isUnwatched(expression) || source.length > MAX_SOURCE) return undefined;
  place.needs.sources += source.length;
  if (place.needs.sources > MAX_SOURCES || place.code.lines.length > MAX_LINES) return undefined;
  const parsed = parseExpression(source);
  return parsed.type === "failed"
    ? undefined
    : emitCharged(parsed.expression, siteOf(source, place));
}

function siteOf(source: string, { code, locals, needs }: Place): Site {
  return {
    code,
    context: rootContext(source),
    bound: new Map(),
    locals,
    variables() {
      needs.locals = true;
      return locals === undefined ? "before" : "after";
    },
  };
}
