// SPDX-License-Identifier: Apache-2.0

import { type Callers, callersOf } from "./caller.ts";
import { type ReturnStudy, studyFunction } from "./check/check_function.ts";
import { studyWorkflow, type WorkflowStudy } from "./check/workflow_study.ts";
import { decodeFunctionTest, describeBrokenTest } from "./decode_function_test.ts";
import { decodeResourceFunction } from "./decode_resource_function.ts";
import { decodeResourceTemplate } from "./decode_resource_template.ts";
import { decodeValueFunction } from "./decode_value_function.ts";
import { decodeWorkflow, onlyStepErrors, readCrdRef } from "./decode_workflow.ts";
import { type Decoded, type Decoding, INVALID, isRefused, report } from "./decoder.ts";
import type { DocumentPart } from "./document_part.ts";
import { didYouMean } from "./nearest_name.ts";
import type {
  BrokenDefinition,
  Definition,
  DefinitionBase,
  DefinitionId,
  DefinitionKind,
} from "./definition.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { pathTo } from "./document_path.ts";
import type { ExpressionTable } from "./expression_table.ts";
import { compareDiagnostics, type Finding } from "./report_diagnostic.ts";
import { createPace, type Slices } from "./slices.ts";
import { hash, type SourceDocument } from "./source_document.ts";
import { entryOf, type MapNode } from "./source_node.ts";
import type { EvaluationObserver } from "./evaluation_observer.ts";
import { LOGIC_KINDS } from "./decode_step.ts";
import { type InputUse, inputUseOf } from "./variable_use.ts";

/** The kinds of definitions. */
export const DEFINITION_KINDS = [
  "ValueFunction",
  "ResourceFunction",
  "ResourceTemplate",
  "Workflow",
  "FunctionTest",
] as const satisfies readonly DefinitionKind[];

const API_VERSION = "koreo.dev/v1beta1";

/** What one document gives by itself, without the definitions it refers to. */
export interface CompiledDocument extends Callers {
  /** Absent when it could not be identified. */
  readonly definition?: Definition | BrokenDefinition;
  readonly diagnostics: readonly Diagnostic[];
  /** For Logic: the inputs it uses. */
  readonly inputUse: InputUse;
  /** For a sound Function: what callers can know of its value. */
  readonly returned?: ReturnStudy;
  /** For a sound Workflow: what is checked once its Logic is known. */
  readonly workflow?: WorkflowStudy;
}

const NO_CALLERS: Callers = { callers: [], hasComputedTemplate: false };
const NO_INPUTS: InputUse = { needed: [] };

/** What the documents of one compilation share. */
export interface Compilation {
  /** Of documents that name none (SD-6). */
  readonly namespace: string;
  readonly expressions: ExpressionTable;
  /** Sees what expressions come to. */
  readonly observer?: EvaluationObserver | undefined;
}

/** Characters of expressions that are compiled in a slice. */
const COST_OF_SLICE = 4_000;

/** Compiles one document. */
export function* compileDocument(
  document: SourceDocument,
  { namespace, expressions, observer }: Compilation,
): Slices<CompiledDocument> {
  const { root, source } = document;
  const diagnostics = [...document.diagnostics];
  const pace = createPace(COST_OF_SLICE);
  const decoding: Decoding = { source, expressions, diagnostics, uses: [], pace };
  const nothing = { ...NO_CALLERS, inputUse: NO_INPUTS, diagnostics: decoding.diagnostics };
  if (root === undefined) return nothing;
  const part: DocumentPart = { node: root, path: undefined, span: root };
  if (root.type !== "map") {
    const message = `Cannot read the document: expected map, found ${root.type}`;
    if (!isRefused(part, decoding)) {
      report(decoding, part, { code: "not-an-object", message, span: firstLine(part, decoding) });
    }
    return nothing;
  }
  if (!document.apiVersion?.startsWith("koreo.dev/")) return nothing;
  const id = identify(document, { ...part, node: root }, { namespace, decoding });
  if (id === undefined) return nothing;
  warnUnknownFields({ ...part, node: root }, decoding);
  const watch = LOGIC_KINDS.some((kind) => kind === id.kind)
    ? observer?.open(id, document.place)
    : undefined;
  return yield* compileIdentified(
    { document, id, root },
    watch ? { ...decoding, watch } : decoding,
  );
}

function firstLine({ node }: DocumentPart, { source }: Decoding) {
  const line = source.lineAt(node.start);
  return { start: node.start, end: Math.min(node.end, line.start + line.text.length) };
}

interface Identification {
  readonly namespace: string;
  readonly decoding: Decoding;
}

type RootPart = DocumentPart & { readonly node: MapNode };

/** What the document is called, or `undefined` after reporting why that cannot be said. */
function identify(
  document: SourceDocument,
  part: RootPart,
  { namespace, decoding }: Identification,
): DefinitionId | undefined {
  const kind = DEFINITION_KINDS.find((known) => known === document.kind);
  const isKnown = kind !== undefined && document.apiVersion === API_VERSION;
  if (!isKnown) reportUnknownKind(document, part, decoding);
  const name = identityText(part, "name", decoding);
  const ownNamespace = identityText(part, "namespace", decoding);
  if (!isKnown || !name || ownNamespace === "") return undefined;
  return { kind, namespace: ownNamespace ?? namespace, name };
}

function reportUnknownKind(document: SourceDocument, part: RootPart, decoding: Decoding): void {
  const isVersion = document.apiVersion !== API_VERSION;
  const key = isVersion ? "apiVersion" : "kind";
  const entry = entryOf(part.node, key);
  const message = isVersion
    ? `Cannot read apiVersion "${document.apiVersion}": expected "${API_VERSION}"`
    : `Cannot read kind "${document.kind ?? ""}": expected one of ${DEFINITION_KINDS.join(", ")}`;
  report(decoding, part, {
    code: "unknown-kind",
    message,
    help: isVersion ? undefined : didYouMean(document.kind ?? "", DEFINITION_KINDS),
    path: key,
    span: entry?.value ?? firstLine(part, decoding),
  });
}

/** `metadata.name` or `metadata.namespace`; `""` after reporting that it cannot be used. */
function identityText(
  part: RootPart,
  field: "name" | "namespace",
  decoding: Decoding,
): string | undefined {
  const metadata = entryOf(part.node, "metadata");
  const entry = entryOf(metadata?.value, field);
  const node = entry?.value;
  const value = node?.type === "scalar" ? node.value : undefined;
  if (typeof value === "string" && value !== "") return value;
  if (field === "namespace" && entry === undefined) return undefined;
  const isAbsent = entry === undefined || value === "" || value === null;
  const finding: Finding = isAbsent && field === "name"
    ? { code: "missing-name", message: 'Cannot use the definition: "metadata.name" is required' }
    : { code: "wrong-type", message: `Cannot read "metadata.${field}": expected a filled string` };
  report(decoding, part, {
    ...finding,
    path: `metadata.${field}`,
    span: node ?? metadata?.keySpan ?? firstLine(part, decoding),
  });
  return "";
}

const ROOT_FIELDS = ["apiVersion", "kind", "metadata", "spec", "status"];

function warnUnknownFields({ node }: RootPart, decoding: Decoding): void {
  for (const { key, keySpan, value } of node.entries) {
    if (ROOT_FIELDS.includes(key)) continue;
    report(decoding, { node: value, path: pathTo(undefined, key), span: keySpan }, {
      code: "unknown-field",
      message: `Field "${key}" is not known here and has no effect`,
      help: didYouMean(key, ROOT_FIELDS),
    });
  }
}

interface Identified {
  readonly document: SourceDocument;
  readonly id: DefinitionId;
  readonly root: MapNode;
}

function* compileIdentified(
  identified: Identified,
  decoding: Decoding,
): Slices<CompiledDocument> {
  const { document, id, root } = identified;
  const digest = hash(`${id.namespace} ${document.digest}`);
  const base: DefinitionBase = { id, digest, source: document.place };
  const entry = entryOf(root, "spec");
  if (entry === undefined) {
    const part = { node: root, path: undefined, span: document.root ?? root };
    const message = 'Cannot use the definition: field "spec" is required';
    // Of a document that was not read whole nobody knows whether it has one.
    if (document.diagnostics.every(({ severity }) => severity !== "error")) {
      report(decoding, part, { code: "missing-field", message, span: firstLine(part, decoding) });
    }
    return {
      ...NO_CALLERS,
      ...finish(decoding),
      inputUse: NO_INPUTS,
      definition: broken(base, decoding, {}),
    };
  }
  const spec = { node: entry.value, path: pathTo(undefined, "spec"), span: entry.keySpan };
  // What the YAML reader made of a text that it could not parse deserves no further complaint.
  const isReadable = document.diagnostics.every(({ code }) => code !== "yaml-syntax");
  const { decoded, remains } = yield* decodeSpec(
    base,
    spec,
    isReadable ? decoding : { ...decoding, diagnostics: [] },
  );
  yield;
  decoding.uses.sort((a, b) => a.span.start - b.span.start);
  const hasErrors = decoding.diagnostics.some(({ severity }) => severity === "error");
  const definition = decoded === INVALID || hasErrors ? broken(base, decoding, remains) : decoded;
  const callers = definition.type === "Broken" ? NO_CALLERS : callersOf(definition, spec, decoding);
  const inputUse = inputUseOf(decoding.uses, id.kind === "Workflow" ? "parent" : "inputs");
  yield;
  const studied = yield* studyDefinition(definition, spec, decoding);
  return { ...callers, ...finish(decoding), inputUse, definition, ...studied };
}

/** Checks what a sound definition tells by itself, and keeps what others need to know of it. */
function* studyDefinition(
  definition: Definition | BrokenDefinition,
  spec: DocumentPart,
  decoding: Decoding,
): Slices<Pick<CompiledDocument, "returned" | "workflow">> {
  switch (definition.type) {
    case "ValueFunction":
    case "ResourceFunction":
      return { returned: yield* studyFunction(definition, spec, decoding) };
    case "Workflow":
      return { workflow: yield* studyWorkflow(definition, spec, decoding) };
    default:
      return {};
  }
}

function finish({ diagnostics }: Decoding): { readonly diagnostics: readonly Diagnostic[] } {
  return { diagnostics };
}

/** What can still be said of a broken definition. */
type Remains = Pick<BrokenDefinition, "workflow" | "test">;

function* decodeSpec(
  base: DefinitionBase,
  spec: DocumentPart,
  decoding: Decoding,
): Slices<{ readonly decoded: Decoded<Definition>; readonly remains: Remains }> {
  switch (base.id.kind) {
    case "ValueFunction":
      return { decoded: yield* decodeValueFunction(base, spec, decoding), remains: {} };
    case "ResourceFunction":
      return { decoded: yield* decodeResourceFunction(base, spec, decoding), remains: {} };
    case "ResourceTemplate":
      return { decoded: decodeResourceTemplate(base, spec, decoding), remains: {} };
    case "FunctionTest": {
      const decoded = decodeFunctionTest(base, spec, decoding);
      const test = decoded === INVALID ? { test: describeBrokenTest(spec, decoding) } : {};
      return { decoded, remains: test };
    }
    case "Workflow": {
      const { workflow, stepErrors } = yield* decodeWorkflow(base, spec, decoding);
      const crdRef = readCrdRef(spec.node);
      const isRunnable = onlyStepErrors(decoding.diagnostics, stepErrors);
      const told = { ...(crdRef ? { crdRef } : {}), stepErrors: isRunnable ? stepErrors : [] };
      return { decoded: workflow, remains: { workflow: told } };
    }
  }
}

function broken(
  base: DefinitionBase,
  { diagnostics }: Decoding,
  remains: Remains,
): BrokenDefinition {
  const errors = diagnostics.filter(({ severity }) => severity === "error").sort(
    compareDiagnostics,
  );
  return { type: "Broken", ...base, diagnostics: errors, ...remains };
}
