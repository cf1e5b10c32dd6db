// SPDX-License-Identifier: Apache-2.0

import { type Decoding, didYouMean, type DocumentPart, report } from "./decoder.ts";
import type { EvaluationFailure } from "./definition.ts";
import type { SourcePlace } from "./diagnostic.ts";
import { pathText } from "./document_path.ts";
import { createFailure } from "./evaluation_failure.ts";
import {
  type Budget,
  type CompiledExpression,
  type EvaluationFault,
  functionNames,
  isFault,
  toJson,
  type Value,
  type VariableReference,
  type Variables,
} from "./expression/mod.ts";
import type { AnalysedExpression } from "./expression_table.ts";
import type { JsonValue } from "./json.ts";
import type { ScalarNode } from "./source_node.ts";
import type { Span } from "./source_text.ts";
import { fileOffsetOf, type TextMap, textMapOf } from "./text_map.ts";
import type { VariableUse } from "./variable_use.ts";

/** The variables that the expressions of a field see (EX-4 to EX-13). */
export type Scope = readonly string[];

/** An expression of a definition, ready to be evaluated. */
export interface Leaf extends Places {
  readonly expression: CompiledExpression;
}

/** Where an expression stands, and each of its further lines where it has several. */
interface Places {
  readonly place: SourcePlace;
  readonly runs?: readonly Run[];
}

/** Characters that stand one after the other in one line of the file. */
interface Run {
  /** Offset in the expression. */
  readonly offset: number;
  readonly place: SourcePlace;
}

/** Whether a scalar is an expression where expressions are taken (EX-1). */
export function isExpression(node: ScalarNode): node is ScalarNode & { readonly value: string } {
  return typeof node.value === "string" && node.value.startsWith("=");
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
  part: DocumentPart & { readonly node: ScalarNode & { readonly value: string } },
  scope: Scope,
  decoding: Decoding,
): Leaf | undefined {
  const source = part.node.value.replace(/^=+/, "");
  const skipped = part.node.value.length - source.length;
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
  return { expression: analysed.expression, ...placesOf(site, decoding) };
}

function inFile({ map, skipped }: Site, { start, end }: Span): Span {
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
  const first = source.placeAt(part.node.start);
  const isPlaced = part.node.type === "scalar" && part.node.style !== undefined;
  if (!isPlaced) return { place: first };
  const runs = map.map(([valueOffset, fileOffset]) => ({
    offset: valueOffset - skipped,
    place: source.placeAt(fileOffset),
  }));
  const place = placeAt(runs, 0) ?? first;
  return runs.length === 1 ? { place } : { place, runs };
}

function placeAt(runs: readonly Run[], offset: number): SourcePlace | undefined {
  const run = runs.findLast((candidate) => candidate.offset <= offset);
  return run && { ...run.place, column: run.place.column + offset - run.offset };
}

/** Evaluates an expression; a fault becomes a failure with its place. */
export function evaluateLeaf(
  leaf: Leaf,
  variables: Variables,
  budget: Budget,
): Value | EvaluationFailure {
  const value = leaf.expression.evaluate(variables, budget);
  return isFault(value) ? failureOf(leaf, value) : value;
}

/** The same, with the value as JSON. */
export function evaluateJsonLeaf(
  leaf: Leaf,
  variables: Variables,
  budget: Budget,
): JsonValue | EvaluationFailure {
  const value = leaf.expression.evaluate(variables, budget);
  if (isFault(value)) return failureOf(leaf, value);
  const json = toJson(value);
  return isFault(json) ? failureOf(leaf, json) : json;
}

function failureOf(
  { expression: { source }, place, runs }: Leaf,
  fault: EvaluationFault,
): EvaluationFailure {
  const { reason, span: { start, end }, isMissing } = fault;
  if (start < 0 || end > source.length) {
    return createFailure({ reason, expression: source, isMissing }, place);
  }
  const at = runs ? placeAt(runs, start) : { ...place, column: place.column + start };
  return createFailure({ reason, expression: source.slice(start, end), isMissing }, at ?? place);
}
