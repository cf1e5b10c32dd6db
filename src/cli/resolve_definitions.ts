// SPDX-License-Identifier: Apache-2.0

import {
  type ChannelInForce,
  type ChannelState,
  type InForce,
  layersIn,
  layersOf,
  type LoadedRevision,
} from "../controller/mod.ts";
import { type DefinitionId, definitionKey, type Program } from "../language/mod.ts";
import type { YieldNow } from "../runtime/ports.ts";
import type { Resolved, ResolvedDefinition } from "./resolve_document.ts";

/** Every definition of a channel at the heads of its branches. */
export function resolvedAtHeads(channel: string, loaded: LoadedRevision): Resolved {
  const placed = placedDefinitions(loaded).map(({ definition }) => definition);
  return { channel, revisions: revisionsOf(loaded.layers), definitions: placed };
}

/**
 * What the Workflows of a channel run from, and what that hides; where they run from several
 * revisions, of each.
 *
 * Others have their turn between two Programs: a controller that is asked goes on meanwhile.
 */
export async function resolvedInForce(
  { name, newest = "", current, candidate }: ChannelInForce,
  yieldNow: YieldNow,
): Promise<Resolved> {
  const found = new Map<string, Placed>();
  for (const running of [...runningIn(current), ...triedIn(candidate, current)]) {
    for (const placed of usedDefinitions(running)) {
      const key = placeKey(placed.definition);
      found.set(key, merged(found.get(key), placed));
    }
    await yieldNow();
  }
  const definitions = [...found.values()].sort(byNameAndRank).map(({ definition }) => definition);
  return { channel: name, revisions: revisionsOf(layersOf(newest)), definitions };
}

/** Workflows that run from one revision. */
interface Running extends InForce {
  readonly workflows: string[];
  readonly isTried: boolean;
}

function runningIn(state: ChannelState, isTried = false): readonly Running[] {
  const found: Running[] = [];
  for (const { name, inForce } of state.workflows()) {
    if (inForce === undefined) continue;
    const known = found.find((one) => isSame(one, inForce));
    if (known === undefined) found.push({ ...inForce, workflows: [name], isTried });
    else known.workflows.push(name);
  }
  return found;
}

/** What the share of a canary runs, and nobody else does. */
function triedIn(candidate: ChannelState | undefined, current: ChannelState): readonly Running[] {
  if (candidate === undefined) return [];
  const isNew = (run: Running) => (name: string) => {
    const inForce = current.programOf(name);
    return inForce === undefined || !isSame(run, inForce);
  };
  return runningIn(candidate, true)
    .map((run) => ({ ...run, workflows: run.workflows.filter(isNew(run)) }))
    .filter(({ workflows }) => workflows.length > 0);
}

function isSame(one: InForce, other: InForce): boolean {
  return one.program === other.program && one.revision === other.revision;
}

/** A definition with its place in the priority list of its own Program. */
interface Placed {
  readonly definition: ResolvedDefinition;
  readonly rank: number;
}

/** All definitions of a revision: by kind, name, then priority. */
function placedDefinitions(of: Pick<InForce, "program" | "revision">): readonly Placed[] {
  const { program } = of;
  const layerOf = layersIn(of);
  const rankOf = rankIn(program);
  return program.definitions.map(({ id, source: { file, line } }): Placed => {
    const { kind, namespace, name } = id;
    const { branch = "", commit = "" } = layerOf(id) ?? {};
    const wins = program.winner(kind, name)?.id.namespace === namespace;
    const searched = program.namespaces.includes(namespace) ? {} : { searched: false as const };
    const definition = { kind, namespace, name, branch, commit, file, line, wins, ...searched };
    return { definition, rank: rankOf(namespace) };
  }).sort(byNameAndRank);
}

function rankIn({ namespaces }: Program): (namespace: string) => number {
  const ranks = new Map(namespaces.map((namespace, index) => [namespace, index]));
  return (namespace) => ranks.get(namespace) ?? ranks.size;
}

/** What some Workflows reach, and what is hidden by that. */
function usedDefinitions({ workflows, isTried, ...of }: Running): readonly Placed[] {
  const users = new Map<string, string[]>();
  for (const workflow of workflows) {
    for (const key of of.program.reach("Workflow", workflow)) {
      const known = users.get(key);
      if (known === undefined) users.set(key, [workflow]);
      else known.push(workflow);
    }
  }
  const placed = placedDefinitions(of);
  const isUsed = ({ definition }: Placed) => users.has(definitionKey(definition));
  const names = new Set(placed.filter(isUsed).map(({ definition }) => nameKey(definition)));
  return placed.filter(({ definition }) => names.has(nameKey(definition))).map(
    ({ definition, rank }) => ({
      rank,
      definition: {
        ...definition,
        workflows: users.get(definitionKey(definition)) ?? [],
        ...(isTried ? { canary: true as const } : {}),
      },
    }),
  );
}

/** Two revisions may have a definition from the same commit: then it is one. */
function merged(known: Placed | undefined, { definition, rank }: Placed): Placed {
  if (known === undefined) return { definition, rank };
  const { canary: _, ...both } = definition;
  const workflows = [...known.definition.workflows ?? [], ...definition.workflows ?? []];
  const isTried = known.definition.canary === true && definition.canary === true;
  return {
    rank: known.rank,
    definition: {
      ...both,
      workflows: [...new Set(workflows)].sort(),
      ...(isTried ? { canary: true as const } : {}),
    },
  };
}

function placeKey({ branch, commit, file, line, wins, ...rest }: ResolvedDefinition): string {
  const found = wins ? "wins" : rest.searched === false ? "unsearched" : "hidden";
  return `${definitionKey(rest)} ${branch} ${commit} ${file}:${line} ${found}`;
}

function nameKey({ kind, name }: DefinitionId): string {
  return `${kind}/${name}`;
}

/** What everyone runs before what a share tries. */
function byNameAndRank({ definition: a, ...one }: Placed, { definition: b, ...other }: Placed) {
  return compareTexts(a.kind, b.kind) || compareTexts(a.name, b.name) || one.rank - other.rank ||
    compareTexts(a.namespace, b.namespace) || Number(a.canary ?? 0) - Number(b.canary ?? 0) ||
    compareTexts(a.commit, b.commit);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function revisionsOf(
  layers: readonly { readonly branch: string; readonly commit: string }[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(layers.map(({ branch, commit }) => [branch, commit]));
}
