// SPDX-License-Identifier: Apache-2.0

import type { BrokenDefinition, Workflow } from "../../language/mod.ts";
import { type ChannelWorkflow, type CrdRef, type InForce } from "../channels/channels.ts";
import { boundGroups } from "./bound_groups.ts";
import { findDoubts } from "./gate_doubts.ts";
import { type Candidate, type Fault, findFaults } from "./gate_faults.ts";
import { findRefusals } from "./gate_refusals.ts";
import { noticedChanges } from "./workflow_changes.ts";

/**
 * What must be sound before a revision is put in force: all that a Workflow reaches, the whole
 * commit, or nothing. What was taken back does not run again in any mode.
 */
export type GateMode = "workflow" | "commit" | "off";

/** What is in force, with what the next decision needs to know of it. */
export interface InForceRecord extends InForce {
  /** `Program.reachDigest` of the Workflow: equal digest, equal behaviour. */
  readonly digest: string;
  /** Unreadable contents of its revision: they have been there before, and explain nothing new. */
  readonly unreadable: ReadonlySet<string>;
}

/** A Workflow as the gate knows it. */
export interface GatedWorkflow extends ChannelWorkflow {
  /** Absent when no revision of it was good so far. */
  readonly inForce?: InForceRecord;
}

/** All Workflows of a channel by name. */
export type GateState = ReadonlyMap<string, GatedWorkflow>;

/** What a new revision leads to. */
export interface GateDecision {
  readonly after: GateState;
  /** Names of Workflows that behave or are explained differently, sorted. */
  readonly changed: readonly string[];
}

/**
 * Decides what a new revision puts in force.
 *
 * A Workflow moves when everything it reaches compiles and every test of what it reaches passes;
 * the others keep what they have, with the reason. Removing a Workflow, or changing its trigger
 * kind, waits for every Workflow that has or had that kind, so that no trigger is left without a
 * Workflow because its successor is held back. What is missing while a changed file cannot be read
 * is not taken for removed: neither a Workflow, nor what one reaches and a namespace of lower
 * priority has too, nor a test. What was taken back is held back as if it were not sound: a person,
 * or a canary, has found more than tests can. The rest of such a revision runs as before, and is called
 * as before.
 *
 * @param mode What must be sound
 * @param before What is in force
 * @param candidate The new revision with the verdicts of its tests
 */
export function decideGate(mode: GateMode, before: GateState, candidate: Candidate): GateDecision {
  const offered = offeredWorkflows(candidate);
  const refused = refusedFaults({ before, candidate, offered });
  const own = mode === "off" ? refused : ownFaults({ mode, before, candidate, offered, refused });
  const faults = withBoundFaults({ before, offered, own });
  const after = new Map<string, GatedWorkflow>();
  for (const name of new Set([...before.keys(), ...offered.keys()])) {
    const next = nextOf(
      { old: before.get(name), new: offered.get(name) },
      faults.get(name),
      candidate,
    );
    if (next !== undefined) after.set(name, next);
  }
  return { after, changed: noticedChanges(before.values(), after.values()) };
}

/** A Workflow of the new revision; it would be in force as it stands here. */
type Offer = GatedWorkflow & {
  readonly inForce: InForceRecord;
  /** Its document does not let itself be read so far as to say: it may succeed any other. */
  readonly isKindUnknown?: true;
};
type Offers = ReadonlyMap<string, Offer>;
type Faults = ReadonlyMap<string, Fault>;

/** Workflows that win their name in the candidate, broken ones included. */
function offeredWorkflows({ program, revision, unreadable }: Candidate): Offers {
  const offers = new Map<string, Offer>();
  const seen = new Set(unreadable.map(({ id }) => id));
  for (const definition of program.definitions) {
    const { kind, namespace, name } = definition.id;
    if (kind !== "Workflow" || offers.has(name)) continue;
    const winner = program.winner("Workflow", name);
    if (winner === undefined || winner.id.namespace !== namespace) continue;
    const crdRef = crdRefOf(winner);
    offers.set(name, {
      namespace,
      name,
      ...(crdRef === undefined ? {} : { crdRef }),
      ...(hidesCrdRef(winner) ? { isKindUnknown: true } : {}),
      inForce: {
        program,
        revision,
        digest: program.reachDigest("Workflow", name),
        unreadable: seen,
      },
    });
  }
  return offers;
}

function crdRefOf(winner: { readonly type: string }): CrdRef | undefined {
  if (isWorkflow(winner)) return winner.crdRef;
  return isBroken(winner) ? winner.workflow?.crdRef : undefined;
}

/** Where nothing but steps is wrong, what is read of the document says that it has no `crdRef`. */
function hidesCrdRef(winner: { readonly type: string }): boolean {
  if (!isBroken(winner)) return false;
  const { crdRef, stepErrors = [] } = winner.workflow ?? {};
  return crdRef === undefined && stepErrors.length === 0;
}

function isWorkflow(definition: { readonly type: string }): definition is Workflow {
  return definition.type === "Workflow";
}

function isBroken(definition: { readonly type: string }): definition is BrokenDefinition {
  return definition.type === "Broken";
}

interface Judged {
  readonly before: GateState;
  readonly candidate: Candidate;
  readonly offered: Offers;
}

/**
 * Workflows that would run again as they did in what was taken back, by name: which of them is told
 * first must not depend on when it came into being, since a restart knows nothing of that.
 */
function refusedFaults({ before, candidate, offered }: Judged): Faults {
  const refusals = findRefusals(candidate);
  const found = new Map<string, Fault>();
  for (const name of [...new Set([...before.keys(), ...offered.keys()])].sort()) {
    const [old, next] = [before.get(name)?.inForce?.digest, offered.get(name)?.inForce.digest];
    const fault = refusals.ofWorkflow(name, old ?? null, next ?? null);
    if (fault !== undefined) found.set(name, fault);
  }
  return found;
}

function ownFaults(
  about: Judged & { readonly mode: "workflow" | "commit"; readonly refused: Faults },
): Faults {
  const { mode, before, candidate, offered, refused } = about;
  const faults = findFaults(candidate);
  const [firstRefused] = refused.values();
  const ofAll = mode === "commit" ? faults.ofCommit() ?? firstRefused : undefined;
  const found = new Map<string, Fault>();
  const doubts = findDoubts(candidate);
  for (const name of offered.keys()) {
    const inForce = before.get(name)?.inForce;
    const fault = ofAll ?? faults.ofWorkflow(name) ??
      (inForce && doubts.ofWorkflow(name, inForce)) ?? refused.get(name);
    if (fault !== undefined) found.set(name, fault);
  }
  for (const [name, { inForce }] of before) {
    if (inForce === undefined || offered.has(name)) continue;
    const fault = ofAll ?? doubts.ofRemoval(name, inForce) ?? refused.get(name);
    if (fault !== undefined) found.set(name, fault);
  }
  return found;
}

/**
 * Lets a fault reach the Workflows that may only move together. A Workflow whose document does not
 * say its kind may be what each of them waits for.
 */
function withBoundFaults(
  about: { readonly before: GateState; readonly offered: Offers; readonly own: Faults },
): Faults {
  const { before, offered, own } = about;
  if (own.size === 0) return own;
  const faults = new Map(own);
  const anyKind = [...own.keys()].find((name) => offered.get(name)?.isKindUnknown);
  for (const group of boundGroups(before, offered)) {
    const culprit = group.find((name) => own.has(name)) ?? anyKind;
    if (culprit === undefined) continue;
    const fault = own.get(culprit);
    for (const name of group) {
      if (own.has(name) || fault === undefined) continue;
      faults.set(name, {
        ...fault,
        reason:
          `Moves only together with Workflow "${culprit}", which is held back: ${fault.reason}`,
      });
    }
  }
  return faults;
}

/** As it is offered; what behaves as before is called as before where it must be. */
function inForceAs({ isKindUnknown: _, ...offer }: Offer, old?: GatedWorkflow): GatedWorkflow {
  const isSame = old?.inForce?.digest === offer.inForce.digest;
  return isSame ? { ...offer, inForce: old.inForce } : offer;
}

function nextOf(
  versions: { readonly old: GatedWorkflow | undefined; readonly new: Offer | undefined },
  fault: Fault | undefined,
  { revision, summary: { author, subject }, takenBack }: Candidate,
): GatedWorkflow | undefined {
  // Nobody is to read that what was taken back runs: the rest of it goes on under its old name.
  const isTakenBack = takenBack?.refused.some((one) => one.revision === revision) ?? false;
  if (fault === undefined) {
    return versions.new && inForceAs(versions.new, isTakenBack ? versions.old : undefined);
  }
  const heldBack = { revision, author, subject, ...fault };
  if (versions.old?.inForce !== undefined) return { ...versions.old, heldBack };
  if (versions.new === undefined) return undefined;
  const { inForce: _refused, isKindUnknown: _unknown, ...known } = versions.new;
  return { ...known, heldBack };
}
