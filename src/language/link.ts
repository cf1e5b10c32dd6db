// SPDX-License-Identifier: Apache-2.0

import type { Caller, Reference } from "./caller.ts";
import type { CompiledDocument } from "./compile_document.ts";
import { didYouMean } from "./nearest_name.ts";
import type { BrokenDefinition, Definition, DefinitionKind } from "./definition.ts";
import type { Diagnostic, SourcePlace } from "./diagnostic.ts";
import { diagnosticAt } from "./report_diagnostic.ts";

/** A definition as a lookup finds it, with what its document tells beside it. */
export interface Resolved {
  readonly definition: Definition | BrokenDefinition;
  readonly document: CompiledDocument;
}

/** Looks a name up through the namespace priority list. */
export interface Resolver {
  resolve(kind: DefinitionKind, name: string): Resolved | undefined;
  names(kind: DefinitionKind): Iterable<string>;
  /** Those of a name in namespaces that are not in the list: nothing finds them. */
  unsearched(kind: DefinitionKind, name: string): readonly Resolved["definition"][];
  /** The namespace priority list. */
  readonly namespaces: readonly string[];
}

/** Checks what the parts of one definition refer to and give (DG-4, EX-14). */
export function linkDiagnostics(
  callers: readonly Caller[],
  resolver: Resolver,
): readonly Diagnostic[] {
  return callers.flatMap((caller) => [
    ...caller.references.flatMap((reference) => checkReference(reference, resolver)),
    ...checkInputs(caller, resolver),
  ]);
}

function checkReference(reference: Reference, resolver: Resolver): readonly Diagnostic[] {
  const { kind, name, spot } = reference;
  const found = resolver.resolve(kind, name);
  if (found === undefined) return [unknownReference(reference, resolver)];
  const { definition } = found;
  if (definition.type !== "Broken") return [];
  const [cause] = definition.diagnostics;
  return [diagnosticAt(spot, {
    code: "broken-reference",
    message: `Cannot use ${kind} "${name}": it is broken`,
    ...(cause ? { related: [{ ...placeOf(cause), message: cause.message }] } : {}),
  })];
}

function unknownReference(reference: Reference, resolver: Resolver): Diagnostic {
  const { kind, name, spot } = reference;
  const unsearched = resolver.unsearched(kind, name);
  if (unsearched.length > 0) return unsearchedReference(reference, unsearched, resolver);
  return diagnosticAt(spot, {
    code: "unknown-reference",
    message: `Cannot find ${kind} "${name}": no definition has this name`,
    help: didYouMean(name, [...resolver.names(kind)]),
  });
}

/** Whoever sees the definition lie there must be told why nothing finds it. */
function unsearchedReference(
  { kind, name, spot }: Reference,
  unsearched: readonly Resolved["definition"][],
  { namespaces }: Resolver,
): Diagnostic {
  const where = unsearched.map(({ id }) => `"${id.namespace}"`);
  const list = namespaces.map((namespace) => `"${namespace}"`).join(", ");
  const why = where.length === 1
    ? `it is in namespace ${where[0]}, which the priority list (${list}) does not name`
    : `it is in namespaces ${where.join(", ")}, of which the priority list (${list}) names none`;
  return diagnosticAt(spot, {
    code: "unknown-reference",
    message: `Cannot find ${kind} "${name}": ${why}`,
    help: `add ${where.length === 1 ? where[0] : "one of them"} to the priority list of the ` +
      "channel (--namespaces of a command), or define it in a namespace of the list",
    related: unsearched.map(({ id, source }) => ({
      ...placeOf(source),
      message: `${kind} "${name}" of namespace "${id.namespace}"`,
    })),
  });
}

function placeOf({ file, line, column }: SourcePlace) {
  return { file, line, column };
}

function checkInputs(caller: Caller, resolver: Resolver): readonly Diagnostic[] {
  if (caller.type !== "step" && caller.type !== "overlay") return [];
  const targets = caller.references.map(({ kind, name }) => resolver.resolve(kind, name));
  const given = new Set([...caller.given.map(({ name }) => name), ...caller.implied]);
  const found: Diagnostic[] = [];
  for (const [index, target] of targets.entries()) {
    if (target === undefined || target.definition.type === "Broken") continue;
    const missing = target.document.inputUse.needed.filter((name) => !given.has(name));
    if (missing.length > 0) found.push(missingInput(caller, caller.references[index], missing));
  }
  return [...found, ...extraInputs(caller, targets)];
}

function missingInput(
  { type, spot }: Caller,
  reference: Reference | undefined,
  missing: readonly string[],
): Diagnostic {
  const names = missing.map((name) => `"${name}"`).join(", ");
  return diagnosticAt(spot, {
    code: "missing-input",
    message: `${reference?.kind} "${reference?.name}" needs ${
      missing.length === 1 ? "input" : "inputs"
    } ${names}, which this ${type} does not give`,
  });
}

/** An input is extra when nothing the caller may run uses it and the caller itself does not. */
function extraInputs(
  { given, readHere, references, type }: Caller,
  targets: readonly (Resolved | undefined)[],
): readonly Diagnostic[] {
  const used = new Set(readHere);
  for (const target of targets) {
    const names = target?.definition.type === "Broken" ? undefined : target?.document.inputUse.used;
    if (names === undefined) return [];
    for (const name of names) used.add(name);
  }
  const logic = references.map(({ kind, name }) => `${kind} "${name}"`).join(" and ");
  const uses = references.length === 1 ? "uses" : "use";
  return given.filter(({ name }) => !used.has(name)).map(({ name, spot }) =>
    diagnosticAt(spot, {
      code: "extra-input",
      message: `Input "${name}" is given by this ${type}, but ${logic} never ${uses} it`,
      help: didYouMean(name, [...used]),
    })
  );
}
