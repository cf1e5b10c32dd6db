// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { documentText, type Program, type SourceDocument } from "../../language/mod.ts";
import { rememberLayers } from "./program_layers.ts";
import type { Generation, PublishedDocument, PublishedProgram } from "./publication.ts";

/** A Program as plain data, with its documents. */
export interface ProgramText {
  readonly program: PublishedProgram;
  /** Those that Workflows run from, and its FunctionTests. */
  readonly documents: readonly PublishedDocument[];
}

/** What a Program is made of besides its documents. */
export type ProgramSettings = Pick<PublishedProgram, "namespace" | "priority" | "upper">;

/** The text of documents that were read; of an unchanged one the very same object. */
const textOf = new WeakMap<SourceDocument, PublishedDocument>();

/** What Programs were compiled from. */
const programTexts = new WeakMap<Program, ProgramText>();

/** What a Program was compiled from, as it was remembered. */
export function programText(program: Program): ProgramText {
  const text = programTexts.get(program);
  if (text === undefined) throw new TypeError("Cannot publish a Program whose text is not known");
  return text;
}

/** Remembers what a Program was compiled from, and where each part of it is taken from. */
export function rememberText(program: Program, text: ProgramText): void {
  programTexts.set(program, text);
  rememberLayers(program, text.program);
}

/** A Program as plain data; documents without a name in it are nothing that could run. */
export function textOfProgram(
  documents: Iterable<SourceDocument>,
  settings: ProgramSettings,
): ProgramText {
  const run: PublishedDocument[] = [];
  const tests: PublishedDocument[] = [];
  for (const document of documents) {
    (document.kind === "FunctionTest" ? tests : run).push(publishedDocument(document));
  }
  const parts = { ...settings, documents: idsOf(run), tests: idsOf(tests) };
  return {
    program: { id: idOf(JSON.stringify(parts)), ...parts },
    documents: [...run, ...tests],
  };
}

/** Whether a channel is put together from one order or another makes no difference. */
function idsOf(documents: readonly PublishedDocument[]): readonly string[] {
  return documents.map(({ id }) => id).sort();
}

function publishedDocument(document: SourceDocument): PublishedDocument {
  const known = textOf.get(document);
  if (known !== undefined) return known;
  const { text, firstLine: line } = documentText(document);
  const { file } = document;
  const made = { id: idOf(JSON.stringify([file, line, text])), file, line, text };
  textOf.set(document, made);
  return made;
}

/** 128 bits: enough to tell what a cluster will ever hold, short enough to be sent by thousands. */
const ID_DIGITS = 32;

function idOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, ID_DIGITS);
}

/** Ids of the Programs that Workflows of a generation run from. */
export function programsOf({ workflows }: Generation): ReadonlySet<string> {
  return new Set(workflows.flatMap(({ inForce }) => inForce?.program ?? []));
}
