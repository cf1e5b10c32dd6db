// SPDX-License-Identifier: Apache-2.0

import {
  compileProgram,
  documentFromJson,
  type JsonObject,
  type Program,
} from "../../src/language/mod.ts";
import { asObject } from "./case_file.ts";

/** The documents of a case as they are now, and the Program they make. */
export interface GoldenDocuments {
  program(): Program;
  /** The document; an empty map when there is none. */
  get(kind: string, name: string): JsonObject;
  put(document: JsonObject): void;
  delete(kind: string, name: string): void;
}

/** Holds documents; each change leads to a new Program. */
export function createGoldenDocuments(initial: readonly JsonObject[]): GoldenDocuments {
  const documents = new Map<string, JsonObject>();
  let program: Program | undefined;
  const put = (document: JsonObject) => {
    documents.set(keyOf(document), document);
    program = undefined;
  };
  for (const document of initial) put(document);
  return {
    program: () => program ??= compile([...documents.values()]),
    get: (kind, name) => documents.get(`${kind}/${name}`) ?? {},
    put,
    delete(kind, name) {
      documents.delete(`${kind}/${name}`);
      program = undefined;
    },
  };
}

function keyOf(document: JsonObject): string {
  return `${document.kind}/${asObject(document.metadata).name}`;
}

function compile(documents: readonly JsonObject[]): Program {
  return compileProgram(
    documents.map((value, index) => documentFromJson(value, { file: `document-${index + 1}` })),
  );
}
