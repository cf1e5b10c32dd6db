// SPDX-License-Identifier: Apache-2.0

import type { JsonValue } from "../../language/mod.ts";
import { ClusterError } from "../../runtime/ports.ts";
import { StatusError, statusObject } from "../status_error.ts";
import { printWireJson } from "./wire_json.ts";

/** An answer with a JSON body. */
export function answerJson(
  body: JsonValue,
  options: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): Response {
  return new Response(printWireJson(body), {
    status: options.status ?? 200,
    headers: { "content-type": "application/json", ...options.headers },
  });
}

/** The answer for what went wrong. */
export function answerError(error: unknown): Response {
  if (error instanceof StatusError) return answerStatus(error);
  if (error instanceof ClusterError) {
    // A fault that cuts or delays: over HTTP it looks like a proxy that has lost its server.
    return answerStatus(new StatusError(504, "Timeout", error.message));
  }
  throw error;
}

function answerStatus(error: StatusError): Response {
  const { retryAfterSeconds } = error.details;
  const isRetryHeader = retryAfterSeconds !== undefined &&
    (error.code === 429 || error.code >= 500);
  return answerJson(statusObject(error), {
    status: error.code,
    ...(isRetryHeader ? { headers: { "retry-after": String(retryAfterSeconds) } } : {}),
  });
}
