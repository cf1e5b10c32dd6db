// SPDX-License-Identifier: Apache-2.0

import {
  compileProgram,
  documentValue,
  isJsonObject,
  type JsonObject,
  type Program,
  readDocuments,
  type SourceDocument,
} from "../src/language/mod.ts";
import { corpusText } from "./corpus_text.ts";

/** The documents of the named files of the corpus. */
export function corpusDocuments(...names: readonly string[]): readonly SourceDocument[] {
  return names.flatMap((path) => readDocuments({ path, text: corpusText(path) }));
}

/** The whole corpus, FunctionTests included. */
export function corpusProgram(): Program {
  return compileProgram(
    corpusDocuments("templates.yaml", "functions.yaml", "workflows.yaml", "tests.yaml"),
  );
}

/** The one object of a file that holds no definition: inputs, or a trigger. */
export function corpusObject(path: string): JsonObject {
  const [document] = readDocuments({ path, text: corpusText(path) }, { withForeign: true });
  const value = document && documentValue(document);
  if (value === undefined || !isJsonObject(value)) throw new TypeError(`Cannot read ${path}`);
  return value;
}
