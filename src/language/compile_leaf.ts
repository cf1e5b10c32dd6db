// SPDX-License-Identifier: Apache-2.0

import { type Decoding, didYouMean, type DocumentPart, report } from "./decoder.ts";
import type { EvaluationFailure } from "./definition.ts";
import type { SourcePlace } from "./diagnostic.ts";
import { pathText } from "./document_path.ts";
import { createFailure } from "./evaluation_failure.ts";
import {
  type Budget,
  callsOf,
  type CompiledExpression,
  compileExpression,
  constantPatternsOf,
  type EvaluationFault,
  functionNames,
  isFault,
  isKnownCall,
  parseExpression,
  referencesOf,
  toJson,
  type Value,
  type VariableReference,
  type Variables,
} from "./expression/mod.ts";
import type { Expr } from "./expression/syntax/ast.ts";
import type { JsonValue } from "./json.ts";
import type { ScalarNode } from "./source_node.ts";
import type { Span } from "./source_text.ts";
import { fileOffsetOf, type TextMap, textMapOf } from "./text_map.ts";
import type { VariableUse } from "./variable_use.ts";

/** The variables that the expressions of a field see (EX-4 to EX-13). */
export type Scope = readonly string[];

/** An expression of a definition, ready to be evaluated. */
export interface Leaf {
  readonly source: string;
  readonly place: SourcePlace;
  evaluate(variables: Variables, budget: Budget): Value | EvaluationFailure;
  evaluateJson(variables: Variables, budget: Budget): JsonValue | EvaluationFailure;
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
  const parsed = parseExpression(source);
  if (parsed.type === "failed") {
    for (const { code, message, span, help } of parsed.faults) {
      // Where only the message is shown, in a condition of a trigger, the path says where to look.
      const placed = `${message} (in ${pathText(part.path)})`;
      report(decoding, part, { code, message: placed, help, span: inFile(site, span) });
    }
    return undefined;
  }
  checkReferences(parsed.expression, site, { scope, decoding });
  checkCalls(parsed.expression, site, decoding);
  return createLeaf(compileExpression(parsed.expression, source), placeFinder(site, decoding));
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

function checkReferences(expression: Expr, site: Site, { scope, decoding }: ReferenceCheck): void {
  for (const reference of referencesOf(expression)) {
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

function checkCalls(expression: Expr, site: Site, decoding: Decoding): void {
  for (const { name, argCount, isMethod, span } of callsOf(expression)) {
    if (isKnownCall(name, argCount, isMethod)) continue;
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
  for (const { problem, span, pattern } of constantPatternsOf(expression)) {
    if (problem === undefined) continue;
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

type FindPlace = (offset: number) => SourcePlace;

/**
 * Finds places without the text of the file, which must not stay in memory: only where each run
 * of characters begins is kept.
 */
function placeFinder({ map, skipped, part }: Site, { source }: Decoding): FindPlace {
  const runs = map.map(([valueOffset, fileOffset]) => ({
    offset: valueOffset - skipped,
    place: source.placeAt(fileOffset),
  }));
  const first = { offset: -skipped, place: source.placeAt(part.node.start) };
  const isPlaced = part.node.type === "scalar" && part.node.style !== undefined;
  return (offset) => {
    const run = runs.findLast((candidate) => candidate.offset <= offset) ?? first;
    const distance = isPlaced ? Math.max(0, offset - run.offset) : 0;
    return { ...run.place, column: run.place.column + distance };
  };
}

function createLeaf(expression: CompiledExpression, findPlace: FindPlace): Leaf {
  const fail = (fault: EvaluationFault) => {
    const { reason, span: { start, end }, isMissing } = fault;
    const isSpanned = start >= 0 && end <= expression.source.length;
    const failing = isSpanned ? expression.source.slice(start, end) : expression.source;
    const place = findPlace(isSpanned ? start : 0);
    return createFailure({ reason, expression: failing, isMissing }, place);
  };
  return {
    source: expression.source,
    place: findPlace(0),
    evaluate(variables, budget) {
      const value = expression.evaluate(variables, budget);
      return isFault(value) ? fail(value) : value;
    },
    evaluateJson(variables, budget) {
      const value = expression.evaluate(variables, budget);
      if (isFault(value)) return fail(value);
      const json = toJson(value);
      return isFault(json) ? fail(json) : json;
    },
  };
}
