// SPDX-License-Identifier: Apache-2.0

import { type CompiledDocument, compileDocument } from "./compile_document.ts";
import type { Program } from "./definition.ts";
import { definitionKey } from "./definition_key.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { EvaluationObserver } from "./evaluation_observer.ts";
import { createExpressionTable } from "./expression_table.ts";
import type { DefinitionSet } from "./linked_definitions.ts";
import { linkProgram } from "./program.ts";
import { createDiagnostic, diagnosticAt } from "./report_diagnostic.ts";
import { drain, type Slices } from "./slices.ts";
import type { SourceDocument } from "./source_document.ts";
import { entryOf } from "./source_node.ts";
import type { Span } from "./source_text.ts";

/** How a set of documents is compiled. */
export interface CompileOptions {
  /** Namespace of documents that name none; `default` unless given (SD-6). */
  readonly defaultNamespace?: string;
  /** The namespace priority list; unless given it follows from the documents (SD-17). */
  readonly namespaces?: readonly string[];
  /** Programs whose definitions are taken over where their documents did not change. */
  readonly previous?: Program | readonly Program[];
  /**
   * Sees what the expressions come to, which makes them slower. Programs given as `previous` must
   * have the same one.
   */
  readonly observer?: EvaluationObserver;
}

/** What an earlier compilation made of documents, by their layout digest. */
interface Compiled {
  readonly namespace: string;
  readonly documents: ReadonlyMap<string, CompiledDocument>;
}

const compiledOf = new WeakMap<Program, Compiled>();

/**
 * Compiles documents to a Program. Never throws for what a document contains: faults are
 * diagnostics of the Program, and what one document lacks stops no other (DG-2).
 *
 * Documents and their trees are not needed afterwards. With `previous` only documents that
 * changed are compiled; the definitions of all others are the same objects as before.
 */
export function compileProgram(
  documents: readonly SourceDocument[],
  options: CompileOptions = {},
): Program {
  return drain(compileInSlices(documents, options));
}

/**
 * The same for an event loop that must not stand still: yields within each document, after it and
 * within the linking, so that no slice takes long however large a document is. The diagnostics of
 * references are found when asked for; `diagnosticsInSlices` finds them in slices too.
 */
export function* compileInSlices(
  documents: readonly SourceDocument[],
  options: CompileOptions = {},
): Slices<Program> {
  const namespace = options.defaultNamespace ?? "default";
  const earlier = [options.previous ?? []].flat().flatMap((previous) => {
    const found = compiledOf.get(previous);
    return found?.namespace === namespace ? [found.documents] : [];
  });
  const compiled = new Map<string, CompiledDocument>();
  const { observer } = options;
  const compilation = { namespace, expressions: createExpressionTable(), observer };
  const ordered: OrderedDocument[] = [];
  for (const document of [...documents].sort(compareDocuments)) {
    const key = document.layoutDigest;
    // Of a document that is known only its place and digest are looked at.
    const known = compiled.get(key) ?? knownDocument(earlier, key);
    const made = known ?? (yield* compileDocument(document, compilation));
    if (known !== undefined || document.root !== undefined) compiled.set(key, made);
    ordered.push({ document, made });
    yield;
  }
  const set = createSet(ordered);
  const found = options.namespaces ?? namespacesOf(set, namespace);
  const shadowed = options.namespaces ? [] : shadowedNames(set, found);
  yield;
  const program = yield* linkProgram(
    { ...set, diagnostics: [...set.diagnostics, ...shadowed] },
    found,
  );
  compiledOf.set(program, { namespace, documents: compiled });
  return program;
}

function knownDocument(
  known: readonly ReadonlyMap<string, CompiledDocument>[],
  key: string,
): CompiledDocument | undefined {
  for (const documents of known) {
    const found = documents.get(key);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Files by name, so that the order in which they are given does not matter. */
function compareDocuments(a: SourceDocument, b: SourceDocument): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.place.line - b.place.line || a.place.column - b.place.column;
}

/** A document with what was made of it. */
interface OrderedDocument {
  readonly document: SourceDocument;
  readonly made: CompiledDocument;
}

/** Keeps the first definition of each identity (SD-10). */
function createSet(ordered: readonly OrderedDocument[]): DefinitionSet {
  const first = new Map<string, CompiledDocument>();
  const diagnostics: Diagnostic[] = [];
  const documents = ordered.map(({ document, made }) => {
    const { definition } = made;
    if (definition === undefined) return made;
    const key = definitionKey(definition.id);
    const earlier = first.get(key)?.definition;
    if (earlier === undefined) {
      first.set(key, made);
      return made;
    }
    const { kind, namespace, name } = definition.id;
    diagnostics.push(createDiagnostic(document.source, nameSpan(document), {
      code: "duplicate-definition",
      message: `Cannot use ${kind} "${name}" again: namespace "${namespace}" already has it`,
      path: "metadata.name",
      help: "delete one of them, or give the newer one a new version in its name",
      related: [{ ...earlier.source, message: "the definition that is used" }],
    }));
    return withoutDefinition(made);
  });
  return { documents, diagnostics };
}

/** Where a document that has a definition names it. */
function nameSpan({ root }: SourceDocument): Span {
  const metadata = entryOf(root, "metadata")?.value;
  return entryOf(metadata, "name")?.value ?? metadata ?? root ?? { start: 0, end: 0 };
}

function withoutDefinition(document: CompiledDocument): CompiledDocument {
  const { definition: _definition, ...others } = document;
  return { ...others, callers: [] };
}

/** SD-17 */
function namespacesOf({ documents }: DefinitionSet, first: string): readonly string[] {
  const found = new Set(documents.flatMap(({ definition }) => definition?.id.namespace ?? []));
  found.delete(first);
  return [first, ...[...found].sort()];
}

function shadowedNames(
  { documents }: DefinitionSet,
  namespaces: readonly string[],
): readonly Diagnostic[] {
  if (namespaces.length === 1) return []; // each identity is there once
  const byName = new Map<string, CompiledDocument["definition"][]>();
  for (const { definition } of documents) {
    if (definition === undefined || definition.id.kind === "FunctionTest") continue;
    const name = `${definition.id.kind}/${definition.id.name}`;
    const known = byName.get(name);
    if (known) known.push(definition);
    else byName.set(name, [definition]);
  }
  return [...byName.values()].flatMap((definitions) =>
    shadowedDiagnostics(definitions, namespaces)
  );
}

function shadowedDiagnostics(
  definitions: readonly CompiledDocument["definition"][],
  namespaces: readonly string[],
): readonly Diagnostic[] {
  if (definitions.length < 2) return [];
  const ranked = definitions.flatMap((definition) => definition ?? []).sort((a, b) =>
    namespaces.indexOf(a.id.namespace) - namespaces.indexOf(b.id.namespace)
  );
  const [winner, ...hidden] = ranked;
  if (winner === undefined) return [];
  return hidden.map(({ id, source }) =>
    diagnosticAt(source, {
      code: "shadowed-name",
      message: `${id.kind} "${id.name}" of namespace "${id.namespace}" is hidden by that of ` +
        `namespace "${winner.id.namespace}"`,
      related: [{ ...winner.source, message: "the definition that a lookup gives" }],
    })
  );
}
