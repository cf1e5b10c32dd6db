// SPDX-License-Identifier: Apache-2.0

import type { Diagnostic } from "./diagnostic.ts";
import { createDiagnostic, type Finding } from "./report_diagnostic.ts";
import { headLines, headNode } from "./document_head.ts";
import { createDocument, type SourceDocument } from "./source_document.ts";
import { decodeFile, type SourceFile } from "./source_file.ts";
import { type SourceNode, textAt } from "./source_node.ts";
import {
  createSourceText,
  lineStarts,
  ownText,
  type SourceText,
  type Span,
} from "./source_text.ts";
import { drain, type Slices } from "./slices.ts";
import { splitDocuments } from "./split_documents.ts";
import { withoutEnvironment } from "./yaml_environment.ts";
import {
  type ComposedDocument,
  composeDocuments,
  type ErrorPlace,
  GaveUp,
  type TellFault,
} from "./yaml_composer.ts";
import { convertYaml, type YamlTree } from "./yaml_tree.ts";

/** LM-2: bytes of UTF-8 in a file and in a document. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;
const MAX_DOCUMENT_BYTES = 1024 * 1024;

/** So many faults of one document are told; one slip often causes many. */
const MAX_SYNTAX_FAULTS = 20;

/**
 * Reads the documents of a file (SD-2, SD-3).
 *
 * Each document stands by itself: one that is broken does not keep the others from being read.
 * Documents that are not Koreo's are left out, unless they cannot be parsed.
 *
 * @returns One entry per document; faults are in its `diagnostics`. Never throws.
 */
export function readDocuments(
  file: SourceFile,
  options: ReadOptions = {},
): readonly SourceDocument[] {
  return drain(readInSlices(file, options));
}

/** The same for an event loop that must not stand still: yields within large documents, too. */
export function* readInSlices(
  file: SourceFile,
  options: ReadOptions = {},
): Slices<readonly SourceDocument[]> {
  if (sizeOf(file) > MAX_FILE_BYTES) return [rejectedFile(file.path, "", TOO_LARGE_FILE)];
  const decoded = decodeFile(file);
  if (decoded.type === "notText") return [rejectedFile(file.path, decoded.readable, NOT_TEXT)];
  const documents: SourceDocument[] = [];
  for (const source of partsOf(file, decoded.text)) {
    documents.push(...yield* readPart(source, options));
    yield;
  }
  return documents;
}

/** What of a file is wanted. */
export interface ReadOptions {
  /** Documents that are not Koreo's too: triggers and objects that commands are given. */
  readonly withForeign?: boolean;
}

const TOO_LARGE_FILE: Finding = {
  code: "document-too-large",
  message: "Cannot read the file: it has more than 16 MiB",
  help: "split it into several files",
};

const TOO_LARGE_DOCUMENT: Finding = {
  code: "document-too-large",
  message: "Cannot read the document: it has more than 1 MiB",
  help: "split it into several documents",
};

const NOT_TEXT: Finding = {
  code: "yaml-syntax",
  message: "Cannot read the file: from here on it is not UTF-8 text",
  help: "save the file as UTF-8",
};

/** Each document is a text of its own, so that one can be read again without its file. */
function* partsOf(file: SourceFile, text: string): Generator<SourceText> {
  let line = "text" in file ? file.firstLine ?? 1 : 1;
  for (const { start, end } of splitDocuments(text)) {
    const part = ownText(text.slice(start, end));
    yield createSourceText(file.path, part, line);
    line += lineStarts(part).length - 1;
  }
}

function sizeOf(file: SourceFile): number {
  return "text" in file ? byteLength(file.text) : file.bytes.byteLength;
}

/** Bytes of UTF-8; exact only where it matters. */
function byteLength(text: string): number {
  return text.length * 3 <= MAX_DOCUMENT_BYTES
    ? text.length
    : new TextEncoder().encode(text).byteLength;
}

function rejectedFile(path: string, readable: string, finding: Finding): SourceDocument {
  const source = createSourceText(path, readable);
  const span = { start: readable.length, end: readable.length };
  const diagnostics = [createDiagnostic(source, span, finding)];
  return createDocument({ source, start: 0, diagnostics });
}

function* readPart(
  source: SourceText,
  options: ReadOptions,
): Slices<readonly SourceDocument[]> {
  if (byteLength(source.text) > MAX_DOCUMENT_BYTES) {
    const diagnostics = [createDiagnostic(source, { start: 0, end: 0 }, TOO_LARGE_DOCUMENT)];
    return refusedDocument(source, diagnostics, options);
  }
  const read = yield* compose(source);
  if ("rejected" in read) return refusedDocument(source, read.rejected, options);
  yield;
  return toSourceDocuments(source, { ...read, ...options });
}

/**
 * A document that is not read whole. What it is called is found out all the same; one that is not
 * Koreo's may exceed what limits it likes (SD-2).
 */
function refusedDocument(
  source: SourceText,
  diagnostics: readonly Diagnostic[],
  { withForeign = false }: ReadOptions,
): readonly SourceDocument[] {
  const head = withForeign ? undefined : readHead(source);
  if (head === undefined) {
    return [createDocument({ source, start: 0, diagnostics })];
  }
  const isParsed = diagnostics.every(({ code }) => code !== "yaml-syntax");
  if (isForeign(head) && isParsed) return [];
  return [createDocument({ source, start: 0, root: head, isCut: true, diagnostics })];
}

function readHead(source: SourceText): SourceNode | undefined {
  const lines = headLines(source.text);
  const read = lines ? drain(compose(createSourceText(source.file, lines))) : undefined;
  if (read === undefined || "rejected" in read || read.faults.length > 0) return undefined;
  const [tree] = read.trees;
  return tree?.diagnostics.length === 0 ? headNode(tree.root, source) : undefined;
}

/**
 * The library's composer recurses once per level, so the depth is watched while its parser reads;
 * its duplicate-key check is quadratic, so keys are checked in the conversion.
 */
function* compose(
  source: SourceText,
): Slices<ReadTrees | { readonly rejected: readonly Diagnostic[] }> {
  const faults: Diagnostic[] = [];
  const tell: TellFault = (at, code, message, isWarning) => {
    if (isWarning) return;
    const span = spanOfError(at);
    if (faults.length >= MAX_SYNTAX_FAULTS) throw new GaveUp(span.start);
    faults.push(createDiagnostic(source, span, syntaxFinding(code, message)));
  };
  let documents: readonly ComposedDocument[];
  try {
    documents = yield* withoutEnvironment(composeDocuments(source.text, tell));
  } catch (error) {
    if (!(error instanceof GaveUp)) throw error;
    const { offset, finding } = error;
    const span = { start: offset, end: offset + 1 };
    return { rejected: finding ? [createDiagnostic(source, span, finding)] : faults };
  }
  const trees: YamlTree[] = [];
  for (const { contents, pieces } of documents) {
    trees.push(yield* convertYaml(contents, source, pieces));
  }
  return { trees, faults };
}

function spanOfError(at: ErrorPlace): Span {
  if (typeof at === "number") return { start: at, end: at + 1 };
  if ("offset" in at) return { start: at.offset, end: at.offset + (at.source?.length ?? 1) };
  return { start: at[0], end: at[1] };
}

function syntaxFinding(code: string, message: string): Finding {
  if (code === "TAG_RESOLVE_FAILED") {
    return {
      code: "unsupported-yaml",
      message: "Cannot use this tag: only tags of the core schema are read",
    };
  }
  const reason = message.charAt(0).toLowerCase() + message.slice(1);
  return { code: "yaml-syntax", message: `Cannot parse the YAML: ${reason}` };
}

interface ReadTrees {
  readonly trees: readonly YamlTree[];
  readonly faults: readonly Diagnostic[];
}

function toSourceDocuments(
  source: SourceText,
  { trees, faults, withForeign = false }: ReadTrees & ReadOptions,
): readonly SourceDocument[] {
  const filled = trees.filter((tree) => !tree.isEmpty);
  if (filled.length === 0 && faults.length > 0) {
    return [createDocument({ source, start: 0, diagnostics: faults })];
  }
  return filled.flatMap((tree, index) => {
    const found = index === 0 ? [...faults, ...tree.diagnostics] : tree.diagnostics;
    if (tree.root === undefined) return refusedDocument(source, found, { withForeign });
    const { start } = tree.root;
    if (withForeign || !isForeign(tree.root)) {
      return [createDocument({ source, start, root: tree.root, diagnostics: found })];
    }
    const unparsed = found.filter(({ code }) => code === "yaml-syntax");
    if (unparsed.length === 0) return [];
    return [createDocument({ source, start, diagnostics: unparsed })];
  });
}

/** Whether a document is a map that is not Koreo's (SD-2). */
function isForeign(root: SourceNode | undefined): boolean {
  return root?.type === "map" && !textAt(root, "apiVersion")?.startsWith("koreo.dev/");
}
