// SPDX-License-Identifier: Apache-2.0

import {
  compileProgram,
  type Definition,
  type DefinitionKind,
  type DefinitionOf,
  type Program,
  readDocuments,
} from "../../src/language/mod.ts";

/** A definition as text; `spec` is YAML, indented as it likes. */
export function definition(
  kind: DefinitionKind,
  name: string,
  spec: string,
  namespace?: string,
): string {
  const metadata = namespace === undefined
    ? `{name: ${name}}`
    : `{name: ${name}, namespace: ${namespace}}`;
  const body = spec.split("\n").map((line) => `  ${line}`).join("\n");
  return `apiVersion: koreo.dev/v1beta1\nkind: ${kind}\nmetadata: ${metadata}\nspec:\n${body}\n`;
}

/** The Program of texts, each a file of its own. */
export function programOf(...texts: readonly string[]): Program {
  return compileProgram(
    texts.flatMap((text, index) => readDocuments({ path: `${index + 1}.k.yaml`, text })),
  );
}

/** A sound definition of a Program. */
export function ready<K extends DefinitionKind>(
  program: Program,
  kind: K,
  name: string,
): DefinitionOf[K] {
  const found = program.find(kind, name);
  if (found.type === "ready") return found.definition;
  throw new TypeError(`Cannot use ${kind} ${name}: ${JSON.stringify(program.diagnostics)}`);
}

/** The only definition of a text. */
export function compiled<K extends DefinitionKind>(kind: K, spec: string): DefinitionOf[K] {
  return ready(programOf(definition(kind, "a.v1", spec)), kind, "a.v1");
}

/** `code path` of each diagnostic of a definition. */
export function findings(kind: DefinitionKind, spec: string): readonly string[] {
  return programOf(definition(kind, "a.v1", spec)).diagnostics
    .map(({ code, path }) => path === undefined ? code : `${code} ${path}`);
}

/** Whether a definition is sound. */
export function isSound(definition: Definition | { readonly type: "Broken" } | undefined): boolean {
  return definition !== undefined && definition.type !== "Broken";
}
