// SPDX-License-Identifier: Apache-2.0

import { documentText, readDocuments, type SourceDocument } from "../../language/mod.ts";

/** A document whose tree need not be kept. */
export interface DroppableTree {
  readonly document: SourceDocument;
  /** It was compiled: its tree is dropped. Whoever asks for it all the same has it read again. */
  drop(): void;
}

/**
 * Makes the tree of a document droppable: of thousands of documents it takes more memory than what
 * they are compiled to, and a compiler asks only for that of documents that it does not know.
 */
export function droppableTree(read: SourceDocument): DroppableTree {
  const { root, source, ...rest } = read;
  if (root === undefined) return { document: read, drop: () => {} };
  let tree: Pick<SourceDocument, "root" | "source"> | undefined = { root, source };
  // A tree tells where it stands in the text that it was read from: both are read again.
  const whole = (): Pick<SourceDocument, "root" | "source"> => {
    if (tree !== undefined) return tree;
    const text = documentText({ ...rest, source });
    return readDocuments({ path: rest.file, ...text })[0] ?? { source };
  };
  const document = Object.defineProperties({ ...rest }, {
    root: { enumerable: true, get: () => whole().root },
    source: { enumerable: true, get: () => whole().source },
  }) as SourceDocument;
  return { document, drop: () => void (tree = undefined) };
}
