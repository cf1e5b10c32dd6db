// SPDX-License-Identifier: Apache-2.0

import { isJsonList, type JsonValue, member, memberAt } from "../../language/mod.ts";
import { ClusterError, type ClusterErrorDetails } from "../../runtime/ports.ts";
import { networkReason } from "../network_reason.ts";
import { parseExactJson } from "./exact_json.ts";

/** An answer that is no success. */
export interface Refusal {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly body: string;
}

/** What was asked and of whom, for messages: `patch deployments "team-a/logs"`, `https://…`. */
export interface Attempt {
  readonly doing: string;
  readonly server: string;
  /** Whether the object is a Secret, whose values no message may quote. */
  readonly isSecret?: boolean;
}

/** The server's own word for it, "Unauthorized", says nothing of what it is about. */
const UNAUTHORIZED = 401;

/**
 * The error for an answer that is no success.
 *
 * Its message is the server's own when the body is a Status, else the status line: a proxy in
 * between answers with pages that help nobody.
 */
export function refusal(attempt: Attempt, answer: Refusal): ClusterError {
  const status = statusObject(answer.body);
  const message = text(status, "message");
  const isUnknown = answer.status === UNAUTHORIZED;
  if (message !== undefined && message !== "" && !isUnknown) {
    return refusalByStatus(status, {
      status: answer.status,
      retryAfterSeconds: retryAfterSeconds(answer.headers),
      isSecret: attempt.isSecret ?? false,
    });
  }
  const line = `HTTP ${answer.status} ${answer.statusText}`.trimEnd();
  const why = isUnknown ? `${line}: the server does not accept these credentials` : line;
  return new ClusterError(
    "refused",
    `Cannot ${attempt.doing} at ${attempt.server}: ${why}`,
    { status: answer.status, ...retryAfterDetails(retryAfterSeconds(answer.headers)) },
  );
}

/** The error that a Status object speaks of: an answer's body, or an ERROR event of a watch. */
export function refusalByStatus(
  status: JsonValue | undefined,
  answer: {
    readonly status: number;
    readonly retryAfterSeconds?: number | undefined;
    readonly isSecret?: boolean;
  },
): ClusterError {
  const code = member(status, "code");
  const reason = text(status, "reason");
  const message = text(status, "message") ?? "the server gave no reason";
  const seconds = answer.retryAfterSeconds ??
    wholeSeconds(memberAt(status, "details", "retryAfterSeconds"));
  return new ClusterError("refused", answer.isSecret ? withoutValues(message) : message, {
    status: typeof code === "number" ? code : answer.status,
    ...(reason === undefined ? {} : { reason }),
    ...subjectDetails(memberAt(status, "details")),
    ...causeDetails(memberAt(status, "details", "causes")),
    ...retryAfterDetails(seconds),
  });
}

/** The error for an answer that did not come in time. */
export function noAnswer(attempt: Attempt, waitedMs: number): ClusterError {
  return new ClusterError(
    "timeout",
    `Cannot ${attempt.doing} at ${attempt.server}: no answer within ${waitedMs / 1000} s`,
  );
}

/** The error for a connection that failed. The cause is reduced to what holds no address twice. */
export function networkFailure(attempt: Attempt, error: unknown): ClusterError {
  return new ClusterError(
    "unreachable",
    `Cannot ${attempt.doing} at ${attempt.server}: ${networkReason(error)}`,
    { cause: error },
  );
}

/** The error for an answer that is no JSON. */
export function unreadable(attempt: Attempt): ClusterError {
  return new ClusterError(
    "unreachable",
    `Cannot ${attempt.doing} at ${attempt.server}: the answer is not JSON`,
  );
}

/** API servers quote what they find invalid, up to the whole object. */
function withoutValues(message: string): string {
  return message.replace(/(Invalid value: )"(?:[^"\\]|\\.)*"/g, "$1(hidden)");
}

function statusObject(body: string): JsonValue | undefined {
  try {
    const parsed = parseExactJson(body);
    return member(parsed, "kind") === "Status" ? parsed : undefined;
  } catch {
    return undefined; // not JSON: a page of a proxy, an empty body
  }
}

function text(value: JsonValue | undefined, key: string): string | undefined {
  const found = member(value, key);
  return typeof found === "string" ? found : undefined;
}

function subjectDetails(details: JsonValue | undefined): Pick<ClusterErrorDetails, "subject"> {
  const kind = text(details, "kind");
  const name = text(details, "name");
  if (kind === undefined && name === undefined) return {};
  return {
    subject: {
      ...(kind === undefined ? {} : { kind }),
      ...(name === undefined ? {} : { name }),
    },
  };
}

function causeDetails(causes: JsonValue | undefined): Pick<ClusterErrorDetails, "causes"> {
  if (!isJsonList(causes)) return {};
  return { causes: causes.flatMap((cause) => text(cause, "reason") ?? []) };
}

function retryAfterDetails(
  seconds: number | undefined,
): Pick<ClusterErrorDetails, "retryAfterSeconds"> {
  return seconds === undefined ? {} : { retryAfterSeconds: seconds };
}

/** `Retry-After` in seconds; given as a date it is not understood, and API servers send none. */
function retryAfterSeconds(headers: Headers): number | undefined {
  const value = headers.get("retry-after");
  return value !== null && /^\d+$/.test(value) ? Number(value) : undefined;
}

function wholeSeconds(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : undefined;
}
