// SPDX-License-Identifier: Apache-2.0

import { rfc3339 } from "../../runtime/mod.ts";
import type { Candidate, Fault } from "./gate_faults.ts";
import { promoteCommand, type Refusal, refusedBehaviours } from "./refusal.ts";

/** Which Workflows of a candidate would run as they did in what was taken back. */
export interface CandidateRefusals {
  /**
   * Why a Workflow may not move; `null` stands for none of that name. What does not change by it
   * may stay: nothing that is in force is refused.
   */
  ofWorkflow(name: string, before: string | null, after: string | null): Fault | undefined;
}

/** Looks for what was taken back in a candidate, once for all its Workflows. */
export function findRefusals({ takenBack }: Pick<Candidate, "takenBack">): CandidateRefusals {
  if (takenBack === undefined) return { ofWorkflow: () => undefined };
  const refused = refusedBehaviours(takenBack.refused);
  return {
    ofWorkflow(name, before, after) {
      const refusal = before === after ? undefined : refused.of({ name, digest: after });
      if (refusal === undefined) return undefined;
      const { revision, reason, at } = refusal;
      return {
        reason: refusalText(refusal, { name, isGone: after === null, channel: takenBack.channel }),
        takenBack: { revision, reason, at },
      };
    },
  };
}

function refusalText(
  refusal: Refusal,
  { name, isGone, channel }: {
    readonly name: string;
    readonly isGone: boolean;
    readonly channel: string;
  },
): string {
  const [what, change] = isGone
    ? [`Workflow "${name}" would be gone`, "bring it back"]
    : [`Workflow "${name}" would run`, "change it"];
  const { revision, reason, at } = refusal;
  return `${what} as in "${revision}", which was taken back at ${rfc3339(at)}: ${reason}; ` +
    `${change}, or allow it with ${promoteCommand(channel, refusal)}`;
}
