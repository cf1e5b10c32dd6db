// SPDX-License-Identifier: Apache-2.0

import {
  compileProgram,
  type Diagnostic,
  documentValue,
  isJsonObject,
  member,
  memberAt,
  type Program,
  readDocuments,
  type SourceDocument,
} from "../../src/language/mod.ts";
import { hasDefinitions, type PageBlock } from "./page_blocks.ts";

/** The name that a frame on a page gives to the block above it. */
const EXAMPLE = "example.k.yaml";

/** What the definitions of a page make together; their lines are those of the page. */
export function programOf(path: string, blocks: readonly PageBlock[]): Program {
  return compileProgram(documentsOf(path, blocks));
}

function documentsOf(path: string, blocks: readonly PageBlock[]): readonly SourceDocument[] {
  return blocks.filter((block) => hasDefinitions(block) && isWhole(block)).flatMap((block) =>
    readDocuments({ path, text: "\n".repeat(block.line - 1) + block.text })
  );
}

/** Whether a block is neither a part of a document nor there to show a fault. */
function isWhole({ marks }: PageBlock): boolean {
  return !marks.has("fragment") && !marks.has("fault") && !marks.has("bad");
}

/** What is wrong with a block that shows a fault, the page's definitions around it. */
export function faultsOf(
  path: string,
  blocks: readonly PageBlock[],
  faulty: PageBlock,
): readonly Diagnostic[] {
  const documents = readDocuments({ path: EXAMPLE, text: faulty.text });
  const replaced = new Set(documents.map(nameOf));
  const others = documentsOf(path, blocks).filter((document) => !replaced.has(nameOf(document)));
  return compileProgram([...others, ...documents]).diagnostics
    .filter(({ file, severity }) => file === EXAMPLE && severity !== "information");
}

function nameOf(document: SourceDocument): string {
  const value = documentValue(document);
  if (!isJsonObject(value)) return "";
  return `${String(member(value, "kind"))}/${String(memberAt(value, "metadata", "name"))}`;
}
