// SPDX-License-Identifier: Apache-2.0

/**
 * The language: definition files become a {@linkcode Program} with diagnostics.
 *
 * Pure and synchronous; reads no files and runs no Workflows. What a Program does in a cluster is
 * the runtime's part.
 *
 * @example
 * ```ts
 * import { compileProgram, readDocuments } from "./mod.ts";
 *
 * const text = `
 * apiVersion: koreo.dev/v1beta1
 * kind: ValueFunction
 * metadata: {name: greeting.v1}
 * spec:
 *   return: {text: ="Hello " + inputs.name}
 * `;
 * const program = compileProgram(readDocuments({ path: "greeting.k.yaml", text }));
 * const found = program.find("ValueFunction", "greeting.v1");
 * if (found.type !== "ready") throw new TypeError("Cannot find greeting.v1");
 * ```
 *
 * @module
 */

export * from "./combine_outcomes.ts";
export * from "./definition.ts";
export * from "./diagnostic.ts";
export type * from "./evaluation_observer.ts";
export * from "./expression/mod.ts";
export * from "./json.ts";
export * from "./json_text.ts";
export * from "./merge.ts";
export * from "./outcome.ts";
export * from "./outcome_text.ts";
export { compileInSlices, type CompileOptions, compileProgram } from "./compile_program.ts";
export { DIAGNOSTIC_CODES, type DiagnosticCode, type DiagnosticRule } from "./diagnostic_codes.ts";
export {
  createFailure,
  evaluationFailure,
  type FailureDetails,
  isFailure,
} from "./evaluation_failure.ts";
export { contentId } from "./content_id.ts";
export { definitionSchema } from "./definition_schema.ts";
export { documentContent, documentIdentity } from "./document_identity.ts";
export { evaluateLocals } from "./locals.ts";
export { nearestName } from "./nearest_name.ts";
export { overlayLiteral } from "./overlay_literal.ts";
export { evaluatePredicates, type PredicatesResult } from "./predicates.ts";
export { definitionKey } from "./definition_key.ts";
export { runQuickly } from "./quick_value_function.ts";
export { diagnosticOwner, diagnosticsInSlices } from "./program.ts";
export {
  type Framed,
  renderDiagnostic,
  renderFrame,
  type RenderOptions,
} from "./render_diagnostic.ts";
export { compareDiagnostics } from "./report_diagnostic.ts";
export { drain, type Slices } from "./slices.ts";
export {
  documentFromJson,
  type DocumentText,
  documentText,
  documentValue,
  type SourceDocument,
} from "./source_document.ts";
export { isDefinitionFile, type SourceFile } from "./source_file.ts";
export type {
  ListNode,
  MapEntry,
  MapNode,
  ScalarNode,
  ScalarStyle,
  SourceNode,
} from "./source_node.ts";
export type { SourceText } from "./source_text.ts";
export { readDocuments, readInSlices, type ReadOptions } from "./yaml_documents.ts";
export { yamlText } from "./yaml_text.ts";
export { type CelMapEntry, isJson, isRawMap, type LookupKey } from "./expression/values/value.ts";
export { firstNamed } from "./first_named.ts";
export { unreachable } from "./unreachable.ts";
