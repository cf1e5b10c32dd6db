// SPDX-License-Identifier: Apache-2.0

import type { ReadChannel, ReadDefinition } from "../../controller/mod.ts";
import {
  type DefinitionId,
  definitionKey,
  type Diagnostic,
  documentIdentity,
  documentValue,
  type Program,
} from "../../language/mod.ts";
import { FAULTS } from "../write_diagnostics.ts";
import { documentTexts } from "./definition_text.ts";
import { unifiedDiff } from "./unified_diff.ts";

/** How something fares from one side to the other. */
export type Change = "added" | "changed" | "deleted";

/** Where a definition stands on one side. */
export interface DefinitionPlace {
  readonly branch: string;
  readonly commit: string;
  readonly file: string;
  readonly line: number;
}

/** A definition that is not the same on both sides. */
export interface DefinitionChange extends DefinitionId {
  readonly change: Change;
  readonly from?: DefinitionPlace;
  readonly to?: DefinitionPlace;
  /** The content as YAML, in unified format. */
  readonly diff: string;
}

/** A Workflow that behaves differently. */
export interface WorkflowChange {
  readonly namespace: string;
  readonly name: string;
  readonly change: Change;
  /** Keys `Kind/namespace/name` of definitions that differ and that it reaches on either side. */
  readonly because: readonly string[];
}

/** What differs between two channels. */
export interface ChannelDifference {
  readonly definitions: readonly DefinitionChange[];
  readonly workflows: readonly WorkflowChange[];
  /** Faults that the second side has and the first one has not. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Compares what two channels hold, and what becomes of their Workflows. */
export function compareChannels(from: ReadChannel, to: ReadChannel): ChannelDifference {
  const definitions = definitionChanges(from, to);
  return {
    definitions,
    workflows: workflowChanges(from.program, to.program, definitions),
    diagnostics: newFaults(from, to),
  };
}

function definitionChanges(from: ReadChannel, to: ReadChannel): readonly DefinitionChange[] {
  const [old, now] = [from.held, to.held];
  const changes = [...new Set([...old.keys(), ...now.keys()])].flatMap((key) => {
    const [before, after] = [old.get(key), now.get(key)];
    return before?.content === after?.content ? [] : definitionChange(key, before, after) ?? [];
  });
  return changes.sort((a, b) =>
    compareTexts(a.kind, b.kind) || compareTexts(a.name, b.name) ||
    compareTexts(a.namespace, b.namespace)
  );
}

function definitionChange(
  key: string,
  from: ReadDefinition | undefined,
  to: ReadDefinition | undefined,
): DefinitionChange | undefined {
  const document = (to ?? from)?.document;
  // Its key says which namespace a document without one is meant for.
  const id = document && documentIdentity(document, key.split("/")[1] ?? "");
  if (id === undefined) return undefined;
  const texts = documentTexts({ ...valueOf("from", from), ...valueOf("to", to) });
  return {
    ...id,
    change: from === undefined ? "added" : to === undefined ? "deleted" : "changed",
    ...(from === undefined ? {} : { from: placeOf(from) }),
    ...(to === undefined ? {} : { to: placeOf(to) }),
    diff: unifiedDiff(texts.from ?? "", texts.to ?? ""),
  };
}

function valueOf(side: "from" | "to", held: ReadDefinition | undefined) {
  const value = held && documentValue(held.document);
  return value === undefined ? {} : { [side]: value };
}

function placeOf({ layer, document: { place } }: ReadDefinition): DefinitionPlace {
  return { branch: layer.branch, commit: layer.commit, file: place.file, line: place.line };
}

function workflowChanges(
  from: Program,
  to: Program,
  definitions: readonly DefinitionChange[],
): readonly WorkflowChange[] {
  const differing = new Set(definitions.map(definitionKey));
  const [old, now] = [workflowsOf(from), workflowsOf(to)];
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((name) => {
    const [before, after] = [old.get(name), now.get(name)];
    const namespace = after ?? before;
    const isSame = from.reachDigest("Workflow", name) === to.reachDigest("Workflow", name);
    if (namespace === undefined || (before === after && isSame)) return [];
    const [reached, reaches] = [from.reach("Workflow", name), to.reach("Workflow", name)];
    const because = [...reached.union(reaches)].filter((key) =>
      differing.has(key) || reached.has(key) !== reaches.has(key)
    );
    const change = before === undefined ? "added" : after === undefined ? "deleted" : "changed";
    return [{ namespace, name, change, because: because.sort() }];
  });
}

/** The Workflows that win their name, with their namespaces. */
function workflowsOf(program: Program): ReadonlyMap<string, string> {
  const names = program.definitions.flatMap(({ id }) => id.kind === "Workflow" ? [id.name] : []);
  return new Map(names.flatMap((name) => {
    const winner = program.winner("Workflow", name);
    return winner === undefined ? [] : [[name, winner.id.namespace] as const];
  }));
}

/** Lines move with the text around them: a fault that only moved is not a new one. */
function newFaults(from: ReadChannel, to: ReadChannel): readonly Diagnostic[] {
  const known = new Set(from.diagnostics.map(faultKey));
  return to.diagnostics.filter((diagnostic) =>
    FAULTS.includes(diagnostic.severity) && !known.has(faultKey(diagnostic))
  );
}

function faultKey({ code, file, message, path }: Diagnostic): string {
  return JSON.stringify([code, file, message, path]);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
