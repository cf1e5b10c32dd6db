// SPDX-License-Identifier: Apache-2.0

/** A signal that several things can abort. Dispose of it when the work is done. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  /** Whether it was the time that was up. */
  readonly expired: boolean;
}

/**
 * Aborts with the first of `signals`, or when `timeoutMs` have passed.
 *
 * `AbortSignal.any` would keep a reference per request on the signals of a process that runs for
 * months; this lets go.
 */
export function startDeadline(signals: readonly AbortSignal[], timeoutMs?: number): Deadline {
  const controller = new AbortController();
  let expired = false;
  const listeners = signals.map((signal) => ({
    signal,
    abort: () => controller.abort(signal.reason),
  }));
  for (const { signal, abort } of listeners) {
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  }
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => {
    expired = !controller.signal.aborted;
    controller.abort(new DOMException("The time is up", "TimeoutError"));
  }, timeoutMs);
  return {
    signal: controller.signal,
    get expired() {
      return expired;
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const { signal, abort } of listeners) signal.removeEventListener("abort", abort);
    },
  };
}

/** `work`, or a rejection with the reason of `signal`, whichever is first. `work` goes on. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
