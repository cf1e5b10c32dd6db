// SPDX-License-Identifier: Apache-2.0

import type { NonOk, Ok } from "../language/mod.ts";
import { apiFailure, type ApiRequest } from "./api_failure.ts";
import { type Abortable, ClusterError } from "./ports.ts";
import type { RunContext } from "./run_context.ts";

/** What a request needs of its surroundings. */
export type RequestContext = Pick<RunContext, "clock" | "signal" | "requestTimeoutMs">;

/**
 * Sends one request; a failure becomes its outcome (9.8). `undefined` in an `Ok`: the object of a
 * DELETE was gone already.
 *
 * Rejects with the reason of the signal when the run is aborted, and with what is no failure of the
 * cluster.
 */
export async function sendRequest<T>(
  request: ApiRequest,
  send: (options: Abortable) => Promise<T>,
  run: RequestContext,
): Promise<Ok<T | undefined> | NonOk> {
  run.signal.throwIfAborted();
  try {
    return { type: "Ok", value: await withTimeout(send, run) };
  } catch (error) {
    if (run.signal.aborted || !(error instanceof ClusterError)) throw error;
    return apiFailure(error, request) ?? { type: "Ok", value: undefined };
  }
}

/** Sends a request that must be answered in time (RF-70); rejects with a `ClusterError` otherwise. */
export async function withTimeout<T>(
  send: (options: Abortable) => Promise<T>,
  run: RequestContext,
): Promise<T> {
  const { requestTimeoutMs, signal } = run;
  if (requestTimeoutMs === undefined) return await send({ signal });
  signal.throwIfAborted();
  const answered = new AbortController();
  const ended = new AbortController();
  // By hand: AbortSignal.any holds weak references, which every collection of garbage walks through.
  const stop = () => ended.abort(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  const timer = run.clock.sleep(requestTimeoutMs, { signal: answered.signal }).then(
    () => ended.abort(noAnswer(requestTimeoutMs)),
    // The answer came first.
    () => {},
  );
  try {
    return await send({ signal: ended.signal });
  } finally {
    signal.removeEventListener("abort", stop);
    answered.abort(ANSWERED);
    await timer;
  }
}

/** A reason of its own: making the usual DOMException takes longer than the rest of this. */
const ANSWERED = "the answer came first";

function noAnswer(timeoutMs: number): ClusterError {
  return new ClusterError("timeout", `no answer within ${timeoutMs / 1000} s`);
}
