// SPDX-License-Identifier: Apache-2.0

import { type ExpressionPart, spanInFile } from "../compile_leaf.ts";
import { isExpression, sourceOfExpression } from "../expression_text.ts";
import { type Decoding, PART_COST } from "../decoder.ts";
import { type DocumentPart, partsOf } from "../document_part.ts";
import { pathText, pathTo } from "../document_path.ts";
import { parseExpression, type Span, type TypeName } from "../expression/mod.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { diagnosticAt, type DiagnosticSpot, type Finding, spotAt } from "../report_diagnostic.ts";
import type { AnalysedExpression } from "../expression_table.ts";
import { createPace, drain, type Pace, type Slices } from "../slices.ts";
import type { ScalarNode } from "../source_node.ts";
import { inferType } from "./infer_type.ts";
import { canBe, createEffort, type Effort } from "./inference.ts";
import {
  closedMap,
  joinAll,
  listType,
  type StaticType,
  typeOfJson,
  typeText,
  UNKNOWN,
} from "./static_type.ts";

/** A field of a definition as far as types go: what is literal, and what has to be worked out. */
export type Sketch =
  | { readonly type: "typed"; readonly staticType: StaticType }
  | { readonly type: "list"; readonly items: readonly Sketch[] }
  | { readonly type: "map"; readonly entries: readonly (readonly [string, Sketch])[] }
  | ExpressionSketch;

/** An expression, and where to report what is found in it. */
export interface ExpressionSketch {
  readonly type: "expression";
  readonly source: string;
  readonly spot: (span: Span) => DiagnosticSpot;
  /** Its type when no variable that is known of has a part in it. */
  readonly free?: StaticType;
}

/** Makes the sketch of one expression. */
export type SketchExpression = (part: ExpressionPart) => Sketch;

/** An expression that is checked while its document is at hand. */
export function sketchNow(decoding: Decoding): SketchExpression {
  return (part) => {
    const [source] = sourceOfExpression(part.node.value);
    const analysed = decoding.expressions.analyse(source);
    return {
      ...freeIn(analysed, CHANGING),
      type: "expression",
      source,
      spot: (span) =>
        spotAt(decoding.source, spanInFile(part, span, decoding), pathText(part.path)),
    };
  };
}

/** A field of which nothing can be known. */
export const UNKNOWN_SKETCH: Sketch = { type: "typed", staticType: UNKNOWN };

/** The variables of a Function of which something is known. */
const CHANGING: readonly string[] = ["locals"];

/** The free type of an expression, unless one of some variables changes it. */
export function freeIn(
  analysed: AnalysedExpression,
  changing: readonly string[],
): Pick<ExpressionSketch, "free"> {
  if (analysed.type === "failed") return { free: UNKNOWN };
  if (analysed.references.some(({ root }) => changing.includes(root))) return {};
  return analysed.free === undefined ? {} : { free: analysed.free };
}

const NO_VARIABLES = { variables: new Map<string, StaticType>(), tested: new Set<string>() };

/** The sketch of a part of a document. */
export function sketchOf(part: DocumentPart, sketch: SketchExpression): Sketch {
  return drain(sketchInSlices(part, sketch, createPace(Infinity)));
}

/** The sketch of a part that may be large. */
export function* sketchInSlices(
  part: DocumentPart,
  sketch: SketchExpression,
  pace: Pace,
): Slices<Sketch> {
  const { node, path } = part;
  switch (node.type) {
    case "scalar":
      return sketchScalar({ ...part, node }, sketch);
    case "list": {
      const members = node.items.map((item, index) => (
        { node: item, path: pathTo(path, index), span: item }
      ));
      const items = yield* sketchMembers(members, sketch, pace);
      return typedIfKnown({ type: "list", items }, items);
    }
    case "map": {
      const members = yield* sketchMembers(partsOf(node, path), sketch, pace);
      const entries = members.map((member, index) =>
        [node.entries[index]?.key ?? "", member] as const
      );
      return typedIfKnown({ type: "map", entries }, members);
    }
  }
}

function sketchScalar(
  part: DocumentPart & { readonly node: ScalarNode },
  sketch: SketchExpression,
): Sketch {
  const { node } = part;
  return isExpression(node)
    ? sketch({ ...part, node })
    : { type: "typed", staticType: typeOfJson(node.value) };
}

function* sketchMembers(
  members: readonly DocumentPart[],
  sketch: SketchExpression,
  pace: Pace,
): Slices<readonly Sketch[]> {
  const made: Sketch[] = [];
  for (const member of members) {
    const { node } = member;
    if (node.type === "scalar") made.push(sketchScalar({ ...member, node }, sketch));
    else made.push(yield* sketchInSlices(member, sketch, pace));
    if (pace.spend(PART_COST)) yield;
  }
  return made;
}

/** What has nothing left to be worked out needs no parts. */
function typedIfKnown(sketch: Sketch, parts: readonly Sketch[]): Sketch {
  if (!parts.every(({ type }) => type === "typed")) return sketch;
  return { type: "typed", staticType: typeOfSketch(sketch, NOTHING_TO_CHECK) };
}

const NOTHING_TO_CHECK: Check = { ...NO_VARIABLES, report: () => {}, effort: createEffort() };

/** What the types of a field are worked out with. */
export interface Check {
  readonly variables: ReadonlyMap<string, StaticType>;
  readonly tested: ReadonlySet<string>;
  readonly report: (spot: DiagnosticSpot, finding: Finding) => void;
  readonly effort: Effort;
}

/** Collects findings, each once: an aliased expression stands in several places of the tree. */
export function reportOnce(diagnostics: Diagnostic[]): Check["report"] {
  const told = new Set<string>();
  return (spot, finding) => {
    const key = [spot.line, spot.column, finding.code, finding.message].join(" ");
    if (!told.has(key)) diagnostics.push(diagnosticAt(spot, finding));
    told.add(key);
  };
}

/** The type of the value of a field; what its expressions can never do is reported. */
export function typeOfSketch(sketch: Sketch, check: Check): StaticType {
  return drain(typeInSlices(sketch, check, createPace(Infinity)));
}

/** The same of a field that may be large. */
export function* typeInSlices(sketch: Sketch, check: Check, pace: Pace): Slices<StaticType> {
  switch (sketch.type) {
    case "typed":
      return sketch.staticType;
    case "list":
      return listType(joinAll(yield* typesOf(sketch.items, check, pace)));
    case "map": {
      const types = yield* typesOf(sketch.entries.map(([, member]) => member), check, pace);
      return closedMap(
        sketch.entries.map(([key], index) => [key, types[index] ?? UNKNOWN] as const),
      );
    }
    case "expression":
      return typeOfExpression(sketch, check);
  }
}

function* typesOf(
  sketches: readonly Sketch[],
  check: Check,
  pace: Pace,
): Slices<readonly StaticType[]> {
  const types: StaticType[] = [];
  for (const sketch of sketches) {
    if (sketch.type === "typed") types.push(sketch.staticType);
    else if (sketch.type === "expression") types.push(typeOfExpression(sketch, check));
    else types.push(yield* typeInSlices(sketch, check, pace));
    if (pace.spend(sketch.type === "expression" ? sketch.source.length : 1)) yield;
  }
  return types;
}

function typeOfExpression(
  { source, spot, free }: ExpressionSketch,
  { variables, tested, report, effort }: Check,
): StaticType {
  if (free !== undefined) return free;
  const parsed = parseExpression(source);
  if (parsed.type === "failed") return UNKNOWN;
  return inferType(parsed.expression, {
    source,
    variables,
    tested,
    effort,
    report: ({ span, ...finding }) => report(spot(span), finding),
  });
}

/** The types a field takes, in the words of its rule. */
export interface Need {
  readonly wanted: readonly TypeName[];
  readonly words: string;
}

/** The type of the value of a field that takes certain types only. */
export function typeOfNeeded(sketch: Sketch, need: Need, check: Check): StaticType {
  const type = typeOfSketch(sketch, check);
  if (sketch.type !== "expression" || canBe(type, ...need.wanted)) return type;
  check.report(sketch.spot({ start: 0, end: sketch.source.length }), {
    code: "impossible-type",
    message: `Cannot use this expression: expected ${need.words}, it gives ${typeText(type)}`,
  });
  return UNKNOWN;
}
