// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import type { Diagnostic, SourcePlace } from "./diagnostic.ts";
import { headOfValue } from "./document_head.ts";
import type { JsonValue } from "./json.ts";
import { createDiagnostic, type Finding } from "./report_diagnostic.ts";
import { entryOf, nodeFromValue, nodeValue, type SourceNode, textAt } from "./source_node.ts";
import { createSourceText, ownText, type SourceText } from "./source_text.ts";
import { bareMarkerLength } from "./split_documents.ts";

/** One document of a file: its tree with places, or why there is none. */
export interface SourceDocument {
  /** The file it stands in. */
  readonly file: string;
  /** Where its content begins. */
  readonly place: SourcePlace;
  /** Absent when nothing of it could be read. */
  readonly root?: SourceNode;
  /** The text it was read from: from the marker it begins with to the next document. */
  readonly source: SourceText;
  /** Problems of reading it; problems of its content follow from compiling it. */
  readonly diagnostics: readonly Diagnostic[];
  /** Absent when the document has none. */
  readonly apiVersion?: string;
  /** Absent when the document has none. */
  readonly kind?: string;
  /** Absent when the document has none. */
  readonly namespace?: string;
  /** Absent when the document has none. */
  readonly name?: string;
  /**
   * Hash of its content: `apiVersion`, `kind`, name, namespace and `spec`, key order included.
   * Layout, comments, file, status and other metadata do not enter it.
   */
  readonly digest: string;
  /** Hash of its content together with where each part of it stands. */
  readonly layoutDigest: string;
}

/** What a document is made of. */
export interface DocumentParts {
  readonly source: SourceText;
  /** Where its content begins. */
  readonly start: number;
  readonly root?: SourceNode;
  /** Whether the root holds only what the document is called. */
  readonly isCut?: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** A document from what was read. */
export function createDocument(parts: DocumentParts): SourceDocument {
  const { source, root, diagnostics } = parts;
  const place = source.placeAt(parts.start);
  const names = {
    apiVersion: textAt(root, "apiVersion"),
    kind: textAt(root, "kind"),
    namespace: textAt(root, "metadata", "namespace"),
    name: textAt(root, "metadata", "name"),
  };
  const spec = parts.isCut ? source.text : specOf(root);
  const content = [...Object.values(names).map((name) => name ?? null), spec];
  const digest = hash(contentText(content));
  let layoutDigest: string | undefined;
  return {
    file: source.file,
    place,
    ...(root ? { root } : {}),
    source,
    diagnostics,
    ...withoutAbsent(names),
    digest,
    get layoutDigest() {
      layoutDigest ??= hash(
        `${digest} ${place.file} ${place.line}:${place.column} ${layoutText(root, source)}`,
      );
      return layoutDigest;
    },
  };
}

type Names = Partial<Record<"apiVersion" | "kind" | "namespace" | "name", string>>;

function withoutAbsent(names: { readonly [K in keyof Names]: string | undefined }): Names {
  return Object.fromEntries(Object.entries(names).filter(([, name]) => name !== undefined));
}

function specOf(root: SourceNode | undefined): JsonValue {
  const spec = entryOf(root, "spec");
  return spec ? nodeValue(spec.value) : null;
}

/** The value of a whole document, places left out; `undefined` when it could not be read. */
export function documentValue(document: SourceDocument): JsonValue | undefined {
  return document.root && nodeValue(document.root);
}

/**
 * A document from data that is already parsed, such as an object of a cluster.
 *
 * Its diagnostics stand on line 1, column 1 of `file`.
 */
export function documentFromJson(
  value: JsonValue,
  options: { readonly file: string },
): SourceDocument {
  const source = createSourceText(options.file, "");
  // Counted first: parts that repeat each other have no end to follow.
  const isLarge = hasMoreNodesThan(value, MAX_NODES);
  if (!isLarge && !isDeeperThan(value, MAX_NESTING)) {
    return createDocument({ source, start: 0, root: nodeFromValue(value), diagnostics: [] });
  }
  const finding = isLarge ? TOO_MANY_NODES : TOO_DEEP;
  const diagnostics = [createDiagnostic(source, { start: 0, end: 0 }, finding)];
  const root = headOfValue(value);
  return createDocument({ source, start: 0, ...(root ? { root } : {}), isCut: true, diagnostics });
}

/** The text of one document; `readDocuments({ path, ...text })` gives the document again. */
export interface DocumentText {
  /** Without the marker before it where nothing depends on that. */
  readonly text: string;
  /** Where the text begins in its file, 1-based. */
  readonly firstLine: number;
}

/** The text of a document that was read from text; of one that was not, the empty text. */
export function documentText({ source }: SourceDocument): DocumentText {
  const marker = bareMarkerLength(source.text);
  return { text: ownText(source.text.slice(marker)), firstLine: source.placeAt(marker).line };
}

/** LM-4 */
export const MAX_NESTING = 100;

/** What is said of a document that is nested deeper. */
export const TOO_DEEP: Finding = {
  code: "nesting-too-deep",
  message: `Cannot read the document: it is nested more than ${MAX_NESTING} levels deep`,
};

/** LM-3 */
export const MAX_NODES = 100_000;

/** What is said of a document with more. */
export const TOO_MANY_NODES: Finding = {
  code: "too-many-aliases",
  message: "Cannot read the document: with its aliases expanded it has more than 100,000 nodes",
};

/** Counts with a list of its own, since a value may hold one part many times. */
function hasMoreNodesThan(value: JsonValue, limit: number): boolean {
  const waiting: JsonValue[] = [value];
  let count = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (++count + waiting.length > limit) return true;
    if (typeof next !== "object" || next === null) continue;
    for (const member of Array.isArray(next) ? next : Object.values(next)) waiting.push(member);
  }
  return false;
}

function isDeeperThan(value: JsonValue, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  const members = Array.isArray(value) ? value : Object.values(value);
  return members.some((member) => isDeeperThan(member, levels - 1));
}

/** SHA-256 of a text as lower-case hex digits. */
export function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A text that differs when the value differs. Only `bigint` has no JSON text of its own. */
function contentText(value: JsonValue): string {
  try {
    return JSON.stringify(value);
  } catch {
    return JSON.stringify(
      value,
      (_key, member) => typeof member === "bigint" ? { "\0": `${member}` } : member,
    );
  }
}

function layoutText(root: SourceNode | undefined, source: SourceText): string {
  if (root === undefined || source.text === "") return "";
  return source.text.slice(root.start, root.end);
}
