// SPDX-License-Identifier: Apache-2.0

import type { HeldBack } from "../channels/channels.ts";
import type { Refusal, WorkflowBehaviour } from "../gate/refusal.ts";
import type { Generation, PublishedWorkflow } from "../publication/publication.ts";
import type { Candidacy, ChannelRecord } from "../release/release.ts";

/** Why a record cannot be used; the message goes on from "Cannot use the record of …:". */
export class RecordFault extends TypeError {
  override readonly name = "RecordFault";
}

/**
 * The record, if it is whole: what its shape promises is there, and what it names too.
 *
 * A record comes from the cluster: whoever may write ConfigMaps there may have written this one.
 *
 * @throws {RecordFault} If it is not
 */
export function checkRecord(record: ChannelRecord): ChannelRecord {
  const { release, programs, documents } = record;
  const known: Known = {
    documents: new Set(documents.map(({ id }) => id)),
    programs: new Set(programs.map(({ id }) => id)),
  };
  const isWhole = documents.every(isDocument) &&
    programs.every((program) => isProgram(program, known)) && isRelease(release, known);
  if (isWhole) return record;
  throw new RecordFault("its parts do not belong together");
}

interface Known {
  readonly documents: ReadonlySet<string>;
  readonly programs: ReadonlySet<string>;
}

/** What was written as a type, and may be anything. */
type Unchecked<T> = { readonly [K in keyof T]?: unknown };

function isDocument(
  { id, file, line, text }: Unchecked<ChannelRecord["documents"][number]>,
): boolean {
  return isText(id) && isText(file) && isText(text) && Number.isSafeInteger(line);
}

function isProgram(
  program: Unchecked<ChannelRecord["programs"][number]>,
  known: Known,
): boolean {
  const { id, namespace, priority, documents, tests = [], upper = [] } = program;
  return isText(id) && isText(namespace) && (priority === undefined || areTexts(priority)) &&
    Array.isArray(upper) && upper.every(areTexts) &&
    [documents, tests].every((ids) => areTexts(ids) && ids.every((id) => known.documents.has(id)));
}

function isRelease(
  { current, candidate, previous, refused, allowed = [], promotedAt = 0 }: ChannelRecord["release"],
  known: Known,
): boolean {
  const isTried = candidate === undefined ||
    isObject(candidate) && Number.isFinite(candidate.startedAt) && isBaseline(candidate.baseline) &&
      isGeneration(candidate.generation, known);
  return isTried && isGeneration(current, known) &&
    (previous === undefined || isGeneration(previous, known)) &&
    Array.isArray(refused) && refused.every(isRefusal) && areBehaviours(allowed) &&
    Number.isFinite(promotedAt);
}

function isBaseline(baseline: Candidacy["baseline"]): boolean {
  return baseline === undefined ||
    isObject(baseline) && areTexts(baseline.failed) && areTexts(baseline.unready);
}

/** Records of old do not say what was taken back of which Workflow. */
function isRefusal({ revision, reason, at, workflows = [] }: Unchecked<Refusal>): boolean {
  return isText(revision) && isText(reason) && Number.isFinite(at) && areBehaviours(workflows);
}

function areBehaviours(list: unknown): boolean {
  const isOne = ({ name, digest }: Unchecked<WorkflowBehaviour>) =>
    isText(name) && (digest === null || isText(digest));
  return Array.isArray(list) && list.every(isOne);
}

function isGeneration(generation: Generation, known: Known): boolean {
  if (!isObject(generation)) return false;
  const { revision, author, subject, workflows } = generation;
  return isText(revision) && isText(author) && isText(subject) &&
    // "every" would pass over a hole
    Array.from(workflows).every((workflow) => isWorkflow(workflow, known));
}

function isWorkflow(workflow: PublishedWorkflow | undefined, { programs }: Known): boolean {
  if (!isObject(workflow)) return false;
  const { namespace, name, crdRef, inForce, heldBack } = workflow;
  const isKind = crdRef === undefined ||
    isText(crdRef.apiGroup) && isText(crdRef.version) && isText(crdRef.kind);
  const isRunning = inForce === undefined ||
    programs.has(inForce.program) && isText(inForce.revision) && isText(inForce.digest) &&
      areTexts(inForce.unreadable);
  const isRefused = heldBack === undefined || isHeldBack(heldBack);
  return isText(namespace) && isText(name) && isKind && isRunning && isRefused;
}

function isHeldBack(
  { revision, author, subject, reason, takenBack }: HeldBack,
): boolean {
  return [revision, author, subject, reason].every(isText) &&
    (takenBack === undefined || isRefusal(takenBack));
}

function isObject<T extends object>(value: T | undefined): value is T {
  return typeof value === "object" && value !== null;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}
