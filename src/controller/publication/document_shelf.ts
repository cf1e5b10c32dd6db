// SPDX-License-Identifier: Apache-2.0

import {
  readDocuments,
  readInSlices,
  type Slices,
  type SourceDocument,
} from "../../language/mod.ts";
import type { PublishedDocument } from "./publication.ts";

/** The text of a document, and as much of it as the compiler needs to know it again. */
export interface ShelvedDocument {
  readonly published: PublishedDocument;
  /** What its text holds: one document, as a rule. */
  read(): Slices<readonly SourceDocument[]>;
  /** It was compiled: its tree is dropped. A compiler that does not know it has it read again. */
  dropTree(): void;
}

/** Keeps a document. */
export function shelveDocument(published: PublishedDocument): ShelvedDocument {
  const { file, line, text } = published;
  const source = { path: file, text, firstLine: line };
  let documents: readonly SourceDocument[] | undefined;
  let hasTree = false;
  return {
    published,
    *read() {
      if (documents === undefined) {
        documents = yield* readInSlices(source);
        hasTree = true;
      }
      return documents;
    },
    dropTree() {
      if (!hasTree || documents === undefined) return;
      documents = documents.map((document, index) =>
        withoutTree(document, () => readDocuments(source)[index] ?? document)
      );
      hasTree = false;
    },
  };
}

/** A document of which place and digests are kept; the rest is read again by whoever asks. */
function withoutTree(document: SourceDocument, readAgain: () => SourceDocument): SourceDocument {
  const { file, place, digest, layoutDigest } = document;
  const kept = { file, place, digest, layoutDigest };
  for (const name of Object.keys(document)) {
    if (name in kept) continue;
    Object.defineProperty(kept, name, { get: () => Reflect.get(readAgain(), name) });
  }
  return kept as SourceDocument;
}
