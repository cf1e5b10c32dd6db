// SPDX-License-Identifier: Apache-2.0

import { ok } from "node:assert/strict";
import {
  compileProgram,
  type DefinitionKind,
  type DefinitionOf,
  type Program,
  readDocuments,
} from "../../src/language/mod.ts";

/** Compiles definitions whose `apiVersion` and `metadata.namespace` are left out. */
export function compiled(...definitions: readonly string[]): Program {
  const text = definitions
    .map((definition) => `apiVersion: koreo.dev/v1beta1\n${unindented(definition)}`)
    .join("\n---\n");
  return compileProgram(readDocuments({ path: "test.k.yaml", text }));
}

/** The definition of a name, which must be ready. */
export function ready<K extends DefinitionKind>(
  program: Program,
  kind: K,
  name: string,
): DefinitionOf[K] {
  const found = program.find(kind, name);
  if (found.type === "ready") return found.definition;
  const why = found.type === "broken" ? found.diagnostic.message : "missing";
  throw new TypeError(`Cannot test ${kind} "${name}": ${why}`);
}

/** The text without the indentation of its first line. */
function unindented(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const indent = lines[0]?.search(/\S/) ?? 0;
  ok(lines.every((line) => line.search(/\S/) >= indent), "the first line is indented least");
  return lines.map((line) => line.slice(indent)).join("\n");
}
