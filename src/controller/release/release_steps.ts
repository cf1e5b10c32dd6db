// SPDX-License-Identifier: Apache-2.0

import type { Release } from "./release.ts";

/** What became of what is tried or in force. */
export interface ReleaseStep {
  /** What was done. */
  readonly type:
    | "canary-began"
    | "canary-dropped"
    | "promoted"
    | "rolled-back"
    | "refusal-lifted";
  /** What is tried, was dropped, was put in force, was taken back, or may run again after that. */
  readonly revision: string;
  /** A sentence without a period. */
  readonly reason?: string;
}

/** What an offer came to; `undefined` when it was put in force, or moved along, at once. */
export function offerStep(before: Release | undefined, after: Release): ReleaseStep | undefined {
  const [old, tried] = [before?.candidate, after.candidate];
  if (tried !== undefined) {
    if (old?.startedAt === tried.startedAt) return undefined;
    const step = { type: "canary-began", revision: tried.generation.revision } as const;
    const dropped = old?.generation.revision;
    return dropped === undefined ? step : { ...step, reason: `it takes the place of "${dropped}"` };
  }
  if (old === undefined) return undefined;
  const reason = `"${after.current.revision}" behaves like what is in force`;
  return { type: "canary-dropped", revision: old.generation.revision, reason };
}
