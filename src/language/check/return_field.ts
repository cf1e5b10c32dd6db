// SPDX-License-Identifier: Apache-2.0

import { type Decoding, PART_COST } from "../decoder.ts";
import { type DocumentPart, partsOf } from "../document_part.ts";
import { type DocumentPath, pathText, pathTo } from "../document_path.ts";
import type { Slices } from "../slices.ts";
import type { Span } from "../source_text.ts";
import { type DiagnosticSpot, spotAt } from "../report_diagnostic.ts";

/** A key of what a Function returns. There are many: nothing of it is made before it is needed. */
export interface ReturnField {
  readonly name: string;
  readonly line: number;
  readonly column: number;
  readonly text?: string;
  readonly endColumn?: number;
  /** The keys below, where a map is written out. */
  readonly fields: readonly ReturnField[];
}

const NO_FIELDS: readonly ReturnField[] = [];

/** The fields that a `return` writes out. */
export function* returnFields(
  part: DocumentPart | undefined,
  decoding: Decoding,
): Slices<readonly ReturnField[]> {
  const { node, path } = part ?? {};
  if (node?.type !== "map") return NO_FIELDS;
  const fields: ReturnField[] = [];
  for (const [index, member] of partsOf(node, path).entries()) {
    fields.push({
      name: node.entries[index]?.key ?? "",
      ...placeOfKey(member.span, decoding),
      fields: member.node.type === "map" ? yield* returnFields(member, decoding) : NO_FIELDS,
    });
    if (decoding.pace.spend(PART_COST)) yield;
  }
  return fields;
}

function placeOfKey(span: Span, { source }: Decoding) {
  const { line, column, excerpt } = spotAt(source, span);
  return { line, column, ...excerpt };
}

/** A use of what a Function returned: the constant members that are read; none: all of it. */
export type Reading = readonly string[];

/** A field, and where its document has it. */
export interface UnreadField {
  readonly name: string;
  readonly spot: DiagnosticSpot;
}

/** The outermost fields that no reading touches. */
export function unreadFields(
  fields: readonly ReturnField[],
  readings: readonly Reading[],
  at: { readonly file: string; readonly path: DocumentPath },
): readonly UnreadField[] {
  if (readings.some((reading) => reading.length === 0)) return [];
  return fields.flatMap((field) => {
    const path = pathTo(at.path, field.name);
    const below = readings.flatMap(([first, ...rest]) => first === field.name ? [rest] : []);
    if (below.length > 0) return unreadFields(field.fields, below, { ...at, path });
    return [{ name: field.name, spot: spotOf(field, { ...at, path }) }];
  });
}

function spotOf(
  { line, column, text, endColumn }: ReturnField,
  { file, path }: { readonly file: string; readonly path: DocumentPath },
): DiagnosticSpot {
  const excerpt = text !== undefined && endColumn !== undefined
    ? { excerpt: { text, endColumn } }
    : {};
  return { file, line, column, path: pathText(path), ...excerpt };
}
