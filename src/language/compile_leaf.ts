// SPDX-License-Identifier: Apache-2.0

import { type Decoding, report } from "./decoder.ts";
import type { DocumentPart } from "./document_part.ts";
import { didYouMean } from "./nearest_name.ts";
import type { EvaluationFailure } from "./definition.ts";
import type { SourcePlace } from "./diagnostic.ts";
import { pathText } from "./document_path.ts";
import { createFailure } from "./evaluation_failure.ts";
import {
  type CompiledExpression,
  type EvaluationFault,
  functionNames,
  type VariableReference,
} from "./expression/mod.ts";
import type { AnalysedExpression } from "./expression_table.ts";
import type { ScalarNode } from "./source_node.ts";
import type { Span } from "./source_text.ts";
import { fileOffsetOf, type TextMap, textMapOf } from "./text_map.ts";
import type { VariableUse } from "./variable_use.ts";
import { watchedExpression } from "./watch_expression.ts";
import { sourceOfExpression } from "./expression_text.ts";

/** The variables that the expressions of a field see (EX-4 to EX-13). */
export type Scope = readonly string[];

/** An expression of a definition, ready to be evaluated. */
export interface Leaf {
  readonly expression: CompiledExpression;
  readonly places: Places;
}

/** Where an expression stands: one place, or one for each of its lines where it has several. */
export type Places = SourcePlace | readonly Run[];

/** Characters that stand one after the other in one line of the file. */
interface Run {
  /** Offset in the expression. */
  readonly offset: number;
  readonly place: SourcePlace;
}

/** An expression while it is checked: its source, and where that stands in the file. */
interface Site {
  readonly part: DocumentPart;
  readonly source: string;
  /** Leading `=` that were removed. */
  readonly skipped: number;
  readonly map: TextMap;
}

/**
 * Compiles the expression of a scalar and reports what can be said of it without running it.
 *
 * @returns `undefined` when it does not parse
 */
export function compileLeaf(
  part: ExpressionPart,
  scope: Scope,
  decoding: Decoding,
): Leaf | undefined {
  const [source, skipped] = sourceOfExpression(part.node.value);
  const site = { part, source, skipped, map: textMapOf(decoding.source.text, part.node) };
  const analysed = decoding.expressions.analyse(source);
  if (analysed.type === "failed") {
    for (const { code, message, span, help } of analysed.faults) {
      // Where only the message is shown, in a condition of a trigger, the path says where to look.
      const placed = `${message} (in ${pathText(part.path)})`;
      report(decoding, part, { code, message: placed, help, span: inFile(site, span) });
    }
    return undefined;
  }
  checkReferences(analysed.references, site, { scope, decoding });
  checkCalls(analysed, site, decoding);
  const places = placesOf(site, decoding);
  const expression = watchedLeaf(site, places, decoding) ?? analysed.expression;
  return { expression, places };
}

/** The expression compiled once more, for who wants to know what it comes to. */
function watchedLeaf(
  { source, part }: Site,
  places: Places,
  { watch }: Decoding,
): CompiledExpression | undefined {
  if (watch === undefined) return undefined;
  const path = pathText(part.path);
  return watchedExpression({
    source,
    watch,
    siteOf: (type, { start, end }) => ({
      type,
      path,
      place: placeAt(places, start),
      text: source.slice(start, end),
    }),
  });
}

/** A part of a document that is an expression. */
export type ExpressionPart = DocumentPart & {
  readonly node: ScalarNode & { readonly value: string };
};

/** Where a span of the source of an expression stands in the file. */
export function spanInFile(part: ExpressionPart, span: Span, { source }: Decoding): Span {
  const [, skipped] = sourceOfExpression(part.node.value);
  return inFile({ map: textMapOf(source.text, part.node), skipped }, span);
}

function inFile({ map, skipped }: Pick<Site, "map" | "skipped">, { start, end }: Span): Span {
  const from = fileOffsetOf(map, start + skipped);
  const last = fileOffsetOf(map, Math.max(start, end - 1) + skipped);
  return { start: from, end: Math.max(from, last) + 1 };
}

interface ReferenceCheck {
  readonly scope: Scope;
  readonly decoding: Decoding;
}

function checkReferences(
  references: readonly VariableReference[],
  site: Site,
  { scope, decoding }: ReferenceCheck,
): void {
  for (const reference of references) {
    const use = variableUse(reference, site);
    decoding.uses.push(use);
    if (scope.includes(reference.root)) continue;
    report(decoding, site.part, {
      code: "undeclared-variable",
      message: `Cannot use variable "${reference.root}": "${
        pathText(site.part.path)
      }" does not have it`,
      help: didYouMean(reference.root, scope) ?? knownVariables(scope),
      span: inFile(site, rootSpan(reference)),
    });
  }
}

function knownVariables(scope: Scope): string {
  if (scope.length === 0) return "no variables can be used here";
  return `variables here are ${scope.map((name) => `"${name}"`).join(", ")}`;
}

function rootSpan({ root, span }: VariableReference): Span {
  return { start: span.start, end: Math.min(span.end, span.start + root.length) };
}

function variableUse(reference: VariableReference, site: Site): VariableUse {
  const { root, path, nameSpan } = reference;
  const span = inFile(site, nameSpan ?? rootSpan(reference));
  return {
    root,
    ...(path[0] === undefined ? {} : { name: path[0] }),
    path,
    reading: readingOf(reference, site.source),
    span,
    part: site.part,
  };
}

/** The optional syntax shows in the text between the variable and its first member. */
function readingOf(reference: VariableReference, source: string): VariableUse["reading"] {
  const { isTolerant, span, nameSpan } = reference;
  if (!isTolerant) return "plain";
  const between = source.slice(span.start, nameSpan?.start ?? span.end);
  return /[.[]\s*\?/.test(between) ? "optional" : "tested";
}

function checkCalls(
  { unknownCalls, badPatterns }: AnalysedExpression & { readonly type: "compiled" },
  site: Site,
  decoding: Decoding,
): void {
  for (const { name, argCount, isMethod, span } of unknownCalls) {
    const isKnownName = functionNames().includes(name);
    report(decoding, site.part, {
      code: "unknown-function",
      message: isKnownName
        ? `Cannot call "${name}" ${isMethod ? "as a method " : ""}with ${counted(argCount)}`
        : `Cannot call "${name}": no function has this name`,
      help: isKnownName ? undefined : didYouMean(name, functionNames()),
      span: inFile(site, span),
    });
  }
  for (const { problem, span, pattern } of badPatterns) {
    report(decoding, site.part, {
      code: "bad-pattern",
      message: `Cannot match with "${pattern}": ${problem}`,
      span: inFile(site, span),
    });
  }
}

function counted(count: number): string {
  return count === 1 ? "1 argument" : `${count} arguments`;
}

/**
 * Where the runs of characters of an expression begin. The text of the file itself must not stay
 * in memory.
 */
function placesOf({ map, skipped, part }: Site, { source }: Decoding): Places {
  const begin = source.placeAt(part.node.start);
  if (part.node.type !== "scalar" || part.node.style === undefined) return begin;
  const runs = map.map(([valueOffset, fileOffset]) => ({
    offset: valueOffset - skipped,
    place: source.placeAt(fileOffset),
  }));
  const isCovered = runs[0] !== undefined && runs[0].offset <= 0;
  const all = isCovered ? runs : [{ offset: 0, place: begin }, ...runs];
  return all.length === 1 ? placeAt(all, 0) : all;
}

/** The place of an offset in an expression. */
export function placeAt(places: Places, offset: number): SourcePlace {
  if (!isRuns(places)) return { ...places, column: places.column + offset };
  const run = places.findLast((candidate) => candidate.offset <= offset);
  if (run === undefined) throw new RangeError("An expression has no place");
  return { ...run.place, column: run.place.column + offset - run.offset };
}

/** A fault with its place in the definition. */
export function toFailure(
  { reason, span: { start, end }, isMissing }: EvaluationFault,
  source: string,
  places: Places,
): EvaluationFailure {
  if (start < 0 || end > source.length) {
    return createFailure({ reason, expression: source, isMissing }, placeAt(places, 0));
  }
  const expression = source.slice(start, end);
  return createFailure({ reason, expression, isMissing }, placeAt(places, start));
}

function isRuns(places: Places): places is readonly Run[] {
  return Array.isArray(places);
}
