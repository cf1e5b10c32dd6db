// SPDX-License-Identifier: Apache-2.0

import { checkLinks } from "./check/check_links.ts";
import { unreadFieldsOf } from "./check/unread_fields.ts";
import type { CompiledDocument } from "./compile_document.ts";
import type {
  BrokenDefinition,
  Definition,
  DefinitionId,
  DefinitionKind,
  Program,
} from "./definition.ts";
import { definitionKey } from "./definition_key.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Resolved } from "./link.ts";
import { type DefinitionSet, linkDefinitions, type Linked } from "./linked_definitions.ts";
import { compareDiagnostics } from "./report_diagnostic.ts";
import { drain, type Slices } from "./slices.ts";
import { hash } from "./source_document.ts";

/** What a Program is made of, for what works on it from within this layer. */
export interface ProgramParts {
  readonly set: DefinitionSet;
  readonly linked: Linked;
}

const partsOf = new WeakMap<Program, ProgramParts>();

/** Links a set with a namespace priority list. */
export function* linkProgram(set: DefinitionSet, namespaces: readonly string[]): Slices<Program> {
  const linked = yield* linkDefinitions(set, namespaces);
  const views = new Map<string, Program>();
  const reached = new Map<string, Reached>();
  const program: Program = {
    digest: hash([...namespaces, "", ...linked.definitions.map(({ digest }) => digest)].join("\n")),
    namespaces,
    get diagnostics() {
      return drain(diagnosticsInSlices(program));
    },
    definitions: linked.definitions,
    find: linked.find,
    winner: (kind, name) => linked.resolve(kind, name)?.definition,
    startingAt(namespace) {
      if (namespaces[0] === namespace) return program;
      const others = namespaces.filter((other) => other !== namespace);
      const view = views.get(namespace) ?? drain(linkProgram(set, [namespace, ...others]));
      views.set(namespace, view);
      return view;
    },
    reach: (kind, name) => reachOf(kind, name).keys,
    reachDigest: (kind, name) => reachOf(kind, name).digest,
  };
  const reachOf = (kind: DefinitionKind, name: string): Reached => {
    const start = linked.resolve(kind, name);
    if (start !== undefined && refersToNothing(start.document)) return reachOfLeaf(start);
    const key = `${kind}/${name}`;
    const found = reached.get(key) ?? findReach(program, kind, name);
    // Names that nothing has come from outside: they are not remembered.
    if (found.keys.size > 0) reached.set(key, found);
    return found;
  };
  partsOf.set(program, { set, linked });
  return program;
}

/** The Program as the references of a definition see it: a FunctionTest looks at home first (SD-15). */
function viewOf(program: Program, definition: Definition | BrokenDefinition): Linked {
  const { kind, namespace } = definition.id;
  const view = kind === "FunctionTest" ? program.startingAt(namespace) : program;
  return linkedOf(view);
}

function linkedOf(program: Program): Linked {
  return knownParts(program).linked;
}

function knownParts(program: Program): ProgramParts {
  const parts = partsOf.get(program);
  if (parts === undefined) throw new TypeError("Cannot use a Program that was not compiled here");
  return parts;
}

/** The definitions in which diagnostics of linking stand. */
const owners = new WeakMap<Diagnostic, DefinitionId>();

/**
 * The definition that a diagnostic about references speaks of.
 *
 * Its place alone does not tell: documents of one Program may come from several versions of a file.
 */
export function diagnosticOwner(diagnostic: Diagnostic): DefinitionId | undefined {
  return owners.get(diagnostic);
}

const diagnosticsOf = new WeakMap<Program, readonly Diagnostic[]>();

/** Finds the diagnostics of a Program: yields after each document (see {@linkcode Slices}). */
export function* diagnosticsInSlices(program: Program): Slices<readonly Diagnostic[]> {
  const known = diagnosticsOf.get(program);
  if (known !== undefined) return known;
  const { set, linked } = knownParts(program);
  const found = [...set.diagnostics];
  for (const document of set.documents) {
    found.push(...documentDiagnostics(document, program));
    yield;
  }
  found.push(...yield* unreadFieldsOf(set.documents, linked));
  found.push(...linked.diagnostics);
  found.sort(compareDiagnostics);
  diagnosticsOf.set(program, found);
  return found;
}

function documentDiagnostics(
  document: CompiledDocument,
  program: Program,
): readonly Diagnostic[] {
  const { definition, diagnostics, callers } = document;
  if (definition === undefined || callers.length === 0) return diagnostics;
  const found = checkLinks(document, viewOf(program, definition));
  for (const diagnostic of found) owners.set(diagnostic, definition.id);
  if (found.length === 0) return diagnostics;
  // A Workflow on a cycle has been told so; that its neighbours are broken too says no more.
  const isOnCycle = linkedOf(program).isReplaced(definition);
  return [
    ...diagnostics,
    ...found.filter(({ code }) => !isOnCycle || code !== "broken-reference"),
  ];
}

interface Reached {
  readonly keys: ReadonlySet<string>;
  readonly digest: string;
}

/** Follows references; the digest also tells which names lead nowhere. */
function findReach(program: Program, kind: DefinitionKind, name: string): Reached {
  const keys = new Set<string>();
  const content: string[] = [];
  const start = linkedOf(program).resolve(kind, name);
  const linked = start ? viewOf(program, start.definition) : linkedOf(program);
  const waiting: (readonly [DefinitionKind, string, Resolved | undefined])[] = [[
    kind,
    name,
    start,
  ]];
  const seen = new Set<string>();
  for (const [wantedKind, wantedName, found] of waiting) {
    const wanted = `${wantedKind}/${wantedName}`;
    if (seen.has(wanted)) continue;
    seen.add(wanted);
    if (found === undefined) {
      content.push(`${wanted} missing`);
      continue;
    }
    keys.add(definitionKey(found.definition.id));
    content.push(`${wanted} ${found.definition.digest}`);
    for (const next of referencesOf(found, linked)) {
      waiting.push([next.kind, next.name, linked.resolve(next.kind, next.name)]);
    }
  }
  return { keys, digest: hash(content.sort().join("\n")) };
}

function refersToNothing({ callers, hasComputedTemplate }: CompiledDocument): boolean {
  return !hasComputedTemplate && callers.every(({ references }) => references.length === 0);
}

/** What refers to nothing reaches the same in every Program. */
const leaves = new WeakMap<Resolved["definition"], Reached>();

function reachOfLeaf({ definition }: Resolved): Reached {
  const known = leaves.get(definition);
  if (known !== undefined) return known;
  const { id, digest } = definition;
  const made = {
    keys: new Set([definitionKey(id)]),
    digest: hash(`${id.kind}/${id.name} ${digest}`),
  };
  leaves.set(definition, made);
  return made;
}

function referencesOf({ document }: Resolved, linked: Linked) {
  const templates = document.hasComputedTemplate
    ? [...linked.names("ResourceTemplate")].map((
      name,
    ) => ({ kind: "ResourceTemplate", name } as const))
    : [];
  return [...document.callers.flatMap(({ references }) => references), ...templates];
}
