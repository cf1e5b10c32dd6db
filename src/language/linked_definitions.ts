// SPDX-License-Identifier: Apache-2.0

import type { CompiledDocument } from "./compile_document.ts";
import type {
  BrokenDefinition,
  Definition,
  DefinitionKind,
  DefinitionOf,
  Lookup,
  Program,
} from "./definition.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Resolved, Resolver } from "./link.ts";
import type { Slices } from "./slices.ts";
import { workflowFaults } from "./workflow_graph.ts";

/** The compiled documents of a set, each identity once, and what is wrong with the set itself. */
export interface DefinitionSet {
  readonly documents: readonly CompiledDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A set seen through a namespace priority list. */
export interface Linked extends Resolver {
  readonly definitions: readonly (Definition | BrokenDefinition)[];
  /** What only shows when definitions are seen together. */
  readonly diagnostics: readonly Diagnostic[];
  readonly find: Program["find"];
  /** Whether a definition that is sound by itself is broken here. */
  isReplaced(definition: Definition | BrokenDefinition): boolean;
}

type Winners = ReadonlyMap<string, Resolved>;

/** Finds for each name the definition that wins it (SD-11 to SD-13), and Workflows that cannot run. */
export function* linkDefinitions(
  set: DefinitionSet,
  namespaces: readonly string[],
): Slices<Linked> {
  const winners = findWinners(set.documents, namespaces);
  const sound: Resolver = {
    resolve: (kind, name) => winners.get(kind)?.get(name),
    names: (kind) => winners.get(kind)?.keys() ?? [],
    unsearched: findUnsearched(set.documents, namespaces),
    namespaces,
  };
  yield;
  const faults = yield* workflowFaults(workflowsOf(set.documents), sound);
  const replaced = new Map<Definition | BrokenDefinition, BrokenDefinition>(
    faults.map(({ workflow, broken }) => [workflow, broken]),
  );
  for (const { workflow, broken } of faults) replaceWinner(winners, workflow, broken);
  const lookups = new Map<Resolved, Lookup<Definition>>();
  const lookup = (kind: DefinitionKind, name: string): Lookup<Definition> => {
    const found = winners.get(kind)?.get(name);
    if (found === undefined) return MISSING;
    const known = lookups.get(found) ?? toLookup(found.definition);
    lookups.set(found, known);
    return known;
  };
  return {
    ...sound,
    definitions: set.documents.flatMap(({ definition }) =>
      definition ? [replaced.get(definition) ?? definition] : []
    ),
    isReplaced: (definition) => replaced.has(definition),
    diagnostics: faults.flatMap(({ broken }) => broken.diagnostics),
    // The winners of a kind are definitions of that kind.
    find: <K extends DefinitionKind>(kind: K, name: string) =>
      lookup(kind, name) as Lookup<DefinitionOf[K]>,
  };
}

const MISSING = { type: "missing" } as const;

function toLookup(definition: Definition | BrokenDefinition): Lookup<Definition> {
  if (definition.type !== "Broken") return { type: "ready", definition };
  const [diagnostic] = definition.diagnostics;
  if (diagnostic === undefined) throw new TypeError("Cannot be broken without a diagnostic");
  return { type: "broken", id: definition.id, diagnostic };
}

function findWinners(
  documents: readonly CompiledDocument[],
  namespaces: readonly string[],
): ReadonlyMap<DefinitionKind, Map<string, Resolved>> {
  const rank = new Map(namespaces.map((namespace, index) => [namespace, index] as const).reverse());
  const winners = new Map<DefinitionKind, Map<string, Resolved>>();
  for (const document of documents) {
    const { definition } = document;
    const own = definition && rank.get(definition.id.namespace);
    if (definition === undefined || own === undefined) continue;
    const { kind, name } = definition.id;
    const ofKind = winners.get(kind) ?? new Map<string, Resolved>();
    winners.set(kind, ofKind);
    const present = ofKind.get(name);
    const other = present && rank.get(present.definition.id.namespace);
    if (other === undefined || own < other) ofKind.set(name, resolvedOf(document, definition));
  }
  return winners;
}

/** Looked for only when something is not found: in most sets that is never. */
function findUnsearched(
  documents: readonly CompiledDocument[],
  namespaces: readonly string[],
): Resolver["unsearched"] {
  let found: ReadonlyMap<string, readonly Resolved["definition"][]> | undefined;
  return (kind, name) => {
    found ??= Map.groupBy(
      documents.flatMap(({ definition }) =>
        definition === undefined || namespaces.includes(definition.id.namespace) ? [] : [definition]
      ),
      ({ id }) => `${id.kind}/${id.name}`,
    );
    return found.get(`${kind}/${name}`) ?? [];
  };
}

/** Programs share their documents, and so what a lookup finds. */
const resolved = new WeakMap<CompiledDocument, Resolved>();

function resolvedOf(document: CompiledDocument, definition: Resolved["definition"]): Resolved {
  const known = resolved.get(document) ?? { definition, document };
  resolved.set(document, known);
  return known;
}

function workflowsOf(documents: readonly CompiledDocument[]): readonly Resolved[] {
  return documents.flatMap((document) => {
    const { definition } = document;
    return definition?.type === "Workflow" ? [{ definition, document }] : [];
  });
}

function replaceWinner(
  winners: ReadonlyMap<DefinitionKind, Map<string, Resolved>>,
  { id }: Definition,
  broken: BrokenDefinition,
): void {
  const workflows: Map<string, Resolved> | undefined = winners.get("Workflow");
  const winner = (workflows as Winners | undefined)?.get(id.name);
  if (winner === undefined || winner.definition.id.namespace !== id.namespace) return;
  workflows?.set(id.name, { ...winner, definition: broken });
}
