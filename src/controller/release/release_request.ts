// SPDX-License-Identifier: Apache-2.0

import { isJsonObject, type JsonObject, type JsonValue, memberAt } from "../../language/mod.ts";
import type { KubernetesObject } from "../../runtime/ports.ts";
import type { ReleaseAnswer } from "./canary.ts";
import { oneLine } from "./one_line.ts";

/** Annotations of the head of a record by which people ask for a step, and what became of it. */
const RELEASE_ANNOTATIONS = {
  /** Puts this revision in force, which is being tried; without a value whichever it is. */
  promote: "koreo.dev/promote",
  /** Goes back to this revision; without a value one step. */
  rollback: "koreo.dev/rollback",
  /** What the rollback is meant to take back: something else stays as it is. */
  takingBack: "koreo.dev/taking-back",
  /** Why it is asked for, for whoever wonders later. */
  reason: "koreo.dev/reason",
  /** Tells two requests of the same words apart. */
  requestedAt: "koreo.dev/requested-at",
  /** What became of the last request. */
  answer: "koreo.dev/release-answer",
} as const;

/** What somebody asks for. */
export interface ReleaseRequest {
  /** What is to be done. */
  readonly type: "promote" | "rollback";
  /** Empty: whichever it is. */
  readonly revision: string;
  /** Of a rollback: what was tried or in force when it was asked for; absent: whatever is. */
  readonly takingBack?: string | undefined;
  /** Why it is asked for, in the words of who does; absent when that was not said. */
  readonly reason?: string | undefined;
  /** Empty when the one who asks did not say. */
  readonly requestedAt: string;
}

/** What became of a request, as it stands in the annotation. */
export interface AnsweredRequest extends ReleaseRequest {
  /** `done` also where nothing was left to do. */
  readonly result: ReleaseAnswer["type"];
  /** A sentence without a period. */
  readonly message: string;
  /** What is in force afterwards. */
  readonly inForce: string | null;
}

/** The request on the head of a record; a rollback counts more than a promotion. */
export function requestOn({ metadata }: KubernetesObject): ReleaseRequest | undefined {
  const requestedAt = annotation(metadata, RELEASE_ANNOTATIONS.requestedAt) ?? "";
  for (const type of ["rollback", "promote"] as const) {
    const revision = annotation(metadata, RELEASE_ANNOTATIONS[type]);
    if (revision === undefined) continue;
    const meant = annotation(metadata, RELEASE_ANNOTATIONS.takingBack);
    const takingBack = type === "rollback" && meant !== undefined ? { takingBack: meant } : {};
    const said = annotation(metadata, RELEASE_ANNOTATIONS.reason);
    const reason = said === undefined ? {} : { reason: said };
    return { type, revision, ...takingBack, ...reason, requestedAt };
  }
  return undefined;
}

/** So much of a reason is told. */
const MAX_REASON = 300;

/** Why a step is taken that was asked for; one line, whatever was written there. */
export function requestReason({ reason = "" }: Pick<ReleaseRequest, "reason">): string {
  const said = oneLine(reason, MAX_REASON);
  return said === "" ? "it was asked for" : `it was asked for: ${said}`;
}

/** The last request that was answered. */
export function answerOn({ metadata }: KubernetesObject): AnsweredRequest | undefined {
  const text = annotation(metadata, RELEASE_ANNOTATIONS.answer);
  if (text === undefined) return undefined;
  try {
    const answer = JSON.parse(text);
    return isJsonObject(answer) ? answer as unknown as AnsweredRequest : undefined;
  } catch {
    // Somebody has written something else there.
    return undefined;
  }
}

/** Whether it is one and the same request. */
export function isSameRequest(one: ReleaseRequest, other: ReleaseRequest): boolean {
  return one.type === other.type && one.revision === other.revision &&
    one.requestedAt === other.requestedAt;
}

/** The merge patch that asks; what was asked before and not answered yet it takes the place of. */
export function requestPatch(
  { type, revision, takingBack, reason, requestedAt }: ReleaseRequest,
): JsonObject {
  const annotations = {
    [RELEASE_ANNOTATIONS.promote]: null,
    [RELEASE_ANNOTATIONS.rollback]: null,
    [RELEASE_ANNOTATIONS[type]]: revision,
    [RELEASE_ANNOTATIONS.takingBack]: takingBack ?? null,
    [RELEASE_ANNOTATIONS.reason]: reason ?? null,
    [RELEASE_ANNOTATIONS.requestedAt]: requestedAt,
  };
  return { metadata: { annotations } };
}

/**
 * The JSON patch that takes a request away, and leaves what became of it. The server refuses it
 * when another request stands there by now.
 */
export function answerPatch(request: ReleaseRequest, answer?: ReleaseAnswer): JsonValue {
  const { type, revision, takingBack, reason, requestedAt } = request;
  const answered = answer === undefined ? [] : [{
    op: "add",
    path: pathOf(RELEASE_ANNOTATIONS.answer),
    value: answerText(request, answer),
  }];
  return [
    ...taken(RELEASE_ANNOTATIONS[type], revision),
    ...takingBack === undefined ? [] : taken(RELEASE_ANNOTATIONS.takingBack, takingBack),
    ...reason === undefined ? [] : taken(RELEASE_ANNOTATIONS.reason, reason),
    ...requestedAt === "" ? [] : taken(RELEASE_ANNOTATIONS.requestedAt, requestedAt),
    ...answered,
  ];
}

function taken(annotation: string, value: string): readonly JsonObject[] {
  const path = pathOf(annotation);
  return [{ op: "test", path, value }, { op: "remove", path }];
}

function answerText(
  { type, revision, requestedAt }: ReleaseRequest,
  { type: result, message, revision: inForce }: ReleaseAnswer,
): string {
  return JSON.stringify({ type, revision, requestedAt, result, message, inForce });
}

function pathOf(annotation: string): string {
  return `/metadata/annotations/${annotation.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function annotation(metadata: JsonObject, key: string): string | undefined {
  const value = memberAt(metadata, "annotations", key);
  return typeof value === "string" ? value : undefined;
}
