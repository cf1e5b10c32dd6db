// SPDX-License-Identifier: Apache-2.0

import type { Diagnostic, SourcePlace } from "./diagnostic.ts";
import type { EvaluationSite, SeeResult, WatchSite } from "./evaluation_observer.ts";
import type { DocumentPart } from "./document_part.ts";
import { pathText, pathTo } from "./document_path.ts";
import type { ExpressionTable } from "./expression_table.ts";
import { createDiagnostic, type Finding } from "./report_diagnostic.ts";
import { type MapNode, nodeTypeName, type SourceNode } from "./source_node.ts";
import { shaped, shapeOf } from "./shape.ts";
import { drain, type Pace, type Slices } from "./slices.ts";
import type { SourceText, Span } from "./source_text.ts";
import type { VariableUse } from "./variable_use.ts";
import { didYouMean } from "./nearest_name.ts";

/** What stands for a value that could not be decoded; why has been reported. */
export const INVALID: unique symbol = Symbol("invalid");

/** A decoded value, or {@linkcode INVALID}. */
export type Decoded<T> = T | typeof INVALID;

/** What is collected while one document is decoded. */
export interface Decoding {
  readonly source: SourceText;
  readonly expressions: ExpressionTable;
  readonly diagnostics: Diagnostic[];
  /** Every use of a variable in an expression, in order of appearance. */
  readonly uses: VariableUse[];
  /** Told of what a run may reach; absent where nobody wants to know. */
  readonly watch?: WatchSite | undefined;
  /** When the work on a large document lets others have their turn. */
  readonly pace: Pace;
}

/** Reads one part of a document. Reports every fault it finds and never throws. */
export type Decoder<T> = (part: DocumentPart, decoding: Decoding) => Decoded<T>;

/** Reads one part of a document that may be large. */
type SlicedDecode<T> = (part: DocumentPart, decoding: Decoding) => Slices<Decoded<T>>;

/** How decoders that have slices read. */
const slicedDecodes = new WeakMap<object, SlicedDecode<unknown>>();

/** Makes a decoder of what may be large; called like any other it reads all at once. */
export function inSlices<T>(decode: SlicedDecode<T>): Decoder<T> {
  const decoder: Decoder<T> = (part, decoding) => drain(decode(part, decoding));
  slicedDecodes.set(decoder, decode);
  return decoder;
}

/** Reads one part in the slices of its decoder; what has none is small. */
export function* decodeInSlices<T>(
  decoder: Decoder<T>,
  part: DocumentPart,
  decoding: Decoding,
): Slices<Decoded<T>> {
  // It was put there together with this very decoder.
  const decode = slicedDecodes.get(decoder) as SlicedDecode<T> | undefined;
  return decode === undefined ? decoder(part, decoding) : yield* decode(part, decoding);
}

/** What looking at a part costs, in the characters of expressions that take as long. */
export const PART_COST = 20;

/** Reports a finding about a part, or about a narrower span in it. */
export function report(
  decoding: Decoding,
  part: DocumentPart,
  finding: Finding & { readonly span?: Span },
): void {
  const { source, diagnostics } = decoding;
  const path = finding.path ?? pathText(part.path);
  diagnostics.push(createDiagnostic(source, finding.span ?? part.span, { ...finding, path }));
}

/** Where a part stands. */
export function placeOf(part: DocumentPart, { source }: Decoding): SourcePlace {
  return source.placeAt(part.node.start);
}

/** Tells of a part that a run may reach, if somebody wants to know. */
export function watchPart(
  part: DocumentPart,
  decoding: Decoding,
  site: Pick<EvaluationSite, "type"> & Partial<Pick<EvaluationSite, "text">>,
): SeeResult | undefined {
  return decoding.watch?.({
    text: "",
    ...site,
    path: pathText(part.path),
    place: decoding.source.placeAt(part.span.start),
  });
}

/** Refuses a value of another type. */
export function wrongType(
  part: DocumentPart,
  decoding: Decoding,
  expected: string,
): typeof INVALID {
  if (!isRefused(part, decoding)) {
    report(decoding, part, {
      code: "wrong-type",
      message: `Cannot read "${pathText(part.path)}": expected ${expected}, found ${
        found(part.node)
      }`,
      span: valueSpan(part),
    });
  }
  return INVALID;
}

/** Whether the reader of YAML could make nothing of a value: then its type is no fault of its own. */
export function isRefused({ node }: DocumentPart, { source, diagnostics }: Decoding): boolean {
  const { line, column } = source.placeAt(node.start);
  for (const found of diagnostics) {
    // Faults of reading stand before those of decoding: a hostile text may have many of these.
    if (found.code === "wrong-type") return false;
    const isHere = found.line === line && found.column === column;
    if (isHere && found.code === "unsupported-yaml") return true;
  }
  return false;
}

/** The longest text that a message repeats. */
const MAX_REPEATED = 60;

/** What stands there: a short scalar itself, else its type. */
function found(node: SourceNode): string {
  if (node.type !== "scalar" || node.value === null) return nodeTypeName(node);
  const text = typeof node.value === "string" ? JSON.stringify(node.value) : String(node.value);
  return text.length <= MAX_REPEATED ? text : nodeTypeName(node);
}

/** A scalar itself; of what has several lines, or nothing written, the key. */
function valueSpan({ node, span }: DocumentPart): Span {
  const isScalar = node.type === "scalar" && node.end > node.start;
  return isScalar ? node : span;
}

/** Refuses a value of the right type. */
export function badValue(
  part: DocumentPart,
  decoding: Decoding,
  why: string,
  help?: string,
): typeof INVALID {
  report(decoding, part, {
    code: "bad-value",
    message: `Cannot read "${pathText(part.path)}": ${why}`,
    help,
    span: valueSpan(part),
  });
  return INVALID;
}

/** Text. */
export function text(part: DocumentPart, decoding: Decoding): Decoded<string> {
  const { node } = part;
  const isText = node.type === "scalar" && typeof node.value === "string";
  return isText ? node.value as string : wrongType(part, decoding, "string");
}

/** `true` or `false`. */
export function bool(part: DocumentPart, decoding: Decoding): Decoded<boolean> {
  const { node } = part;
  const isBool = node.type === "scalar" && typeof node.value === "boolean";
  return isBool ? node.value as boolean : wrongType(part, decoding, "bool");
}

/** A whole number of seconds, not negative. */
export function seconds(
  part: DocumentPart,
  decoding: Decoding,
): Decoded<number> {
  const value = part.node.type === "scalar" ? part.node.value : undefined;
  if (typeof value !== "number" || !Number.isInteger(value)) {
    return wrongType(part, decoding, "whole seconds");
  }
  return value >= 0 ? value : badValue(part, decoding, `expected seconds >= 0, found ${value}`);
}

shaped(text, { type: "text" });
shaped(bool, { type: "bool" });
shaped(seconds, { type: "seconds" });

/** A map, left as it is. */
export function mapNode(part: DocumentPart, decoding: Decoding): Decoded<MapNode> {
  return part.node.type === "map" ? part.node : wrongType(part, decoding, "map");
}

/** Text with a further condition. */
export function textThat(
  holds: (value: string) => boolean,
  expected: (value: string) => string,
): Decoder<string> {
  const decode: Decoder<string> = (part, decoding) => {
    const value = text(part, decoding);
    if (value === INVALID || holds(value)) return value;
    return badValue(part, decoding, expected(value));
  };
  return shaped(decode, { type: "text", ...(holds("") ? {} : { isFilled: true }) });
}

/** Text that is not empty. */
export const filledText: Decoder<string> = textThat(
  (value) => value !== "",
  () => "expected text, found an empty string",
);

/** One of some words. */
export function oneOf<const T extends string>(...allowed: readonly T[]): Decoder<T> {
  const decode: Decoder<T> = (part, decoding) => {
    const value = text(part, decoding);
    if (value === INVALID) return INVALID;
    const found = allowed.find((word) => word === value);
    if (found !== undefined) return found;
    const why = `expected one of ${
      allowed.map((word) => `"${word}"`).join(", ")
    }, found "${value}"`;
    return badValue(part, decoding, why, didYouMean(value, allowed));
  };
  return shaped(decode, { type: "text", allowed });
}

/** A list, each item read by `item`; faults of several items are all reported. */
export function list<T>(
  item: Decoder<T>,
  check?: (count: number, part: DocumentPart, decoding: Decoding) => boolean,
): Decoder<readonly T[]> {
  const decode = inSlices<readonly T[]>(function* (part, decoding) {
    const { node, path } = part;
    if (node.type !== "list") return wrongType(part, decoding, "list");
    if (check && !check(node.items.length, part, decoding)) return INVALID;
    const items: Decoded<T>[] = [];
    for (const [index, member] of node.items.entries()) {
      const own = { node: member, path: pathTo(path, index), span: member };
      items.push(yield* decodeInSlices(item, own, decoding));
      if (decoding.pace.spend(PART_COST)) yield;
    }
    return items.every((member) => member !== INVALID) ? items as readonly T[] : INVALID;
  });
  return shaped(decode, { type: "list", item: shapeOf(item) });
}
