// SPDX-License-Identifier: Apache-2.0

import type { ReadChannel, ReadDefinition } from "../../controller/mod.ts";
import {
  type DefinitionId,
  type Diagnostic,
  documentIdentity,
  type JsonValue,
  type Program,
} from "../../language/mod.ts";
import { FAULTS } from "../write_diagnostics.ts";
import { type DefinitionContents, reachedDifferences } from "./definition_contents.ts";
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
export function compareChannels(
  from: ReadChannel,
  to: ReadChannel,
  { contents, differing }: ComparedContents,
): ChannelDifference {
  const definitions = [...differing].flatMap((key) =>
    definitionChange(key, [from.held.get(key), to.held.get(key)], contents) ?? []
  );
  return {
    definitions: definitions.sort(compareIds),
    workflows: workflowChanges(from.program, to.program, differing),
    diagnostics: newFaults(from, to),
  };
}

/** How contents are compared, and what came of it. */
export interface ComparedContents {
  readonly contents: DefinitionContents;
  readonly differing: ReadonlySet<string>;
}

function compareIds(a: DefinitionId, b: DefinitionId): number {
  return compareTexts(a.kind, b.kind) || compareTexts(a.name, b.name) ||
    compareTexts(a.namespace, b.namespace);
}

function definitionChange(
  key: string,
  [from, to]: readonly [ReadDefinition | undefined, ReadDefinition | undefined],
  contents: DefinitionContents,
): DefinitionChange | undefined {
  const document = (to ?? from)?.document;
  // Its key says which namespace a document without one is meant for.
  const id = document && documentIdentity(document, key.split("/")[1] ?? "");
  if (id === undefined) return undefined;
  const values = [from, to].map((side) => side && contents.shown(key, side));
  const texts = documentTexts({ ...valueOf("from", values[0]), ...valueOf("to", values[1]) });
  return {
    ...id,
    change: from === undefined ? "added" : to === undefined ? "deleted" : "changed",
    ...(from === undefined ? {} : { from: placeOf(from) }),
    ...(to === undefined ? {} : { to: placeOf(to) }),
    diff: unifiedDiff(texts.from ?? "", texts.to ?? ""),
  };
}

function valueOf(side: "from" | "to", value: JsonValue | undefined) {
  return value === undefined ? {} : { [side]: value };
}

function placeOf({ layer, document: { place } }: ReadDefinition): DefinitionPlace {
  return { branch: layer.branch, commit: layer.commit, file: place.file, line: place.line };
}

function workflowChanges(
  from: Program,
  to: Program,
  differing: ReadonlySet<string>,
): readonly WorkflowChange[] {
  const [old, now] = [workflowsOf(from), workflowsOf(to)];
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((name) => {
    const [before, after] = [old.get(name), now.get(name)];
    const namespace = after ?? before;
    const because = reachedDifferences([from, to], { kind: "Workflow", name }, differing);
    if (namespace === undefined || because.length === 0) return [];
    const change = before === undefined ? "added" : after === undefined ? "deleted" : "changed";
    return [{ namespace, name, change, because }];
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
