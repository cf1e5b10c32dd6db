// SPDX-License-Identifier: Apache-2.0

import { type ExpressionPart, spanInFile } from "../compile_leaf.ts";
import { isExpression, sourceOfExpression } from "../expression_text.ts";
import { type Decoding, type DocumentPart, partsOf } from "../decoder.ts";
import { pathText, pathTo } from "../document_path.ts";
import { parseExpression, type Span, type TypeName } from "../expression/mod.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { diagnosticAt, type DiagnosticSpot, type Finding, spotAt } from "../report_diagnostic.ts";
import type { AnalysedExpression } from "../expression_table.ts";
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
  const { node, path } = part;
  switch (node.type) {
    case "scalar":
      return isExpression(node)
        ? sketch({ ...part, node })
        : { type: "typed", staticType: typeOfJson(node.value) };
    case "list": {
      const items = node.items.map((item, index) =>
        sketchOf({ node: item, path: pathTo(path, index), span: item }, sketch)
      );
      return typedIfKnown({ type: "list", items }, items);
    }
    case "map": {
      const entries = partsOf(node, path).map((member, index) =>
        [node.entries[index]?.key ?? "", sketchOf(member, sketch)] as const
      );
      return typedIfKnown({ type: "map", entries }, entries.map(([, member]) => member));
    }
  }
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
  switch (sketch.type) {
    case "typed":
      return sketch.staticType;
    case "list":
      return listType(joinAll(sketch.items.map((item) => typeOfSketch(item, check))));
    case "map":
      return closedMap(
        sketch.entries.map(([key, member]) => [key, typeOfSketch(member, check)] as const),
      );
    case "expression":
      return typeOfExpression(sketch, check);
  }
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
