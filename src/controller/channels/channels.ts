// SPDX-License-Identifier: Apache-2.0

import type { Program, Workflow } from "../../language/mod.ts";

/** The trigger kind of a Workflow. */
export type CrdRef = NonNullable<Workflow["crdRef"]>;

/** Why a newer revision of a Workflow is refused. */
export interface HeldBack {
  /** The revision that is refused. */
  readonly revision: string;
  /** Who made the newest commit of that revision. */
  readonly author: string;
  /** First line of that commit's message. */
  readonly subject: string;
  /** A sentence without a period. */
  readonly reason: string;
  /** Where the reason stands; 1-based line. */
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  /** The FunctionTest that fails, and its failing case. */
  readonly test?: string;
  /** Label of the failing case. */
  readonly case?: string;
  /** What would run again, where nothing is wrong but that. */
  readonly takenBack?: TakenBack;
}

/** What was tried or in force, and was taken back. */
export interface TakenBack {
  /** `main@sha1:<40 hex>`. */
  readonly revision: string;
  /** A sentence without a period. */
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What runs for a Workflow: one Program, whole. */
export interface InForce {
  /** What runs, whole. */
  readonly program: Program;
  /** `main@sha1:<40 hex>`. */
  readonly revision: string;
}

/** A Workflow of a channel: what of it runs, and what is refused. */
export interface ChannelWorkflow {
  /** Namespace of the definition. */
  readonly namespace: string;
  /** Name of the Workflow. */
  readonly name: string;
  /** As in force; of one that never was, as far as its document says. */
  readonly crdRef?: CrdRef;
  /** Absent when no revision of it was good so far. */
  readonly inForce?: InForce;
  /** Absent when the newest revision runs. */
  readonly heldBack?: HeldBack;
}

/** What a channel holds at one moment. Immutable: a run keeps the one it began with. */
export interface ChannelState {
  /** Name of the channel. */
  readonly name: string;
  /** Whether a revision of it was loaded: before that nobody can say what it holds. */
  readonly isLoaded: boolean;
  /** The Workflow that wins a name, running or held back; `undefined` when there is none. */
  workflow(name: string): ChannelWorkflow | undefined;
  /** What runs for a Workflow; `undefined` when there is none or none of it was good so far. */
  programOf(name: string): InForce | undefined;
  /** All Workflows, by name; those without `inForce` are there so that triggers can be told. */
  workflows(): readonly ChannelWorkflow[];
  /**
   * Those whose trigger kind this is, by name (TR-10). While one of them is in force, those that
   * never were do not count: a successor that is held back takes no trigger from what runs.
   */
  workflowsFor(kind: CrdRef): readonly ChannelWorkflow[];
}

/** Makes a state of a channel; without Workflows one of which no revision was loaded so far. */
export function createChannelState(
  name: string,
  workflows?: Iterable<ChannelWorkflow>,
): ChannelState {
  const sorted = [...workflows ?? []].sort((a, b) => a.name < b.name ? -1 : 1);
  const byName = new Map(sorted.map((workflow) => [workflow.name, workflow]));
  const kinds = Map.groupBy(sorted, ({ crdRef }) => crdRef === undefined ? "" : crdRefKey(crdRef));
  const byKind = new Map([...kinds].map(([kind, all]) => [kind, standing(all)]));
  return {
    name,
    isLoaded: workflows !== undefined,
    workflow: (wanted) => byName.get(wanted),
    programOf: (wanted) => byName.get(wanted)?.inForce,
    workflows: () => sorted,
    workflowsFor: (kind) => byKind.get(crdRefKey(kind)) ?? [],
  };
}

/** Those in force; where none is, all, so that triggers can be told why. */
function standing(ofKind: readonly ChannelWorkflow[]): readonly ChannelWorkflow[] {
  const running = ofKind.filter(({ inForce }) => inForce !== undefined);
  return running.length === 0 ? ofKind : running;
}

/** One text per trigger kind: `Kind.version.group`. */
export function crdRefKey({ apiGroup, version, kind }: CrdRef): string {
  return `${kind}.${version}.${apiGroup}`;
}
