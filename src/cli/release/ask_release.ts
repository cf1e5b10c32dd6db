// SPDX-License-Identifier: Apache-2.0

import { systemClock } from "../../adapters/system.ts";
import {
  type AnsweredRequest,
  answerOn,
  answerPatch,
  isSameRequest,
  type ReleaseRequest,
  requestPatch,
} from "../../controller/mod.ts";
import {
  type Abortable,
  type Cluster,
  ClusterError,
  type KubernetesObject,
  type ObjectPath,
} from "../../runtime/ports.ts";
import { durationText } from "../duration.ts";

/** The controllers that follow a channel answer on the head of its record. */
export interface AskedHead {
  readonly cluster: Pick<Cluster, "get" | "patch">;
  readonly path: ObjectPath;
}

const PAUSE_MS = 100;

/**
 * Asks the controller, and waits for what it says.
 *
 * @throws {ClusterError} If it does not answer in time; then nothing is asked any more
 */
export async function askRelease(
  head: AskedHead,
  asked: Omit<ReleaseRequest, "requestedAt">,
  { timeoutMs, signal }: Abortable & { readonly timeoutMs: number },
): Promise<AnsweredRequest> {
  const { cluster, path } = head;
  const request = { ...asked, requestedAt: new Date().toISOString() };
  await cluster.patch(path, { type: "merge", body: requestPatch(request) }, { signal });
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = answerTo(request, await cluster.get(path, { signal }));
    if (answer !== undefined) return answer;
    if (Date.now() >= end) return await takeBack(head, request, timeoutMs);
    await systemClock.sleep(PAUSE_MS, { signal }).catch(async (reason) => {
      await withdraw(head, request);
      throw reason;
    });
  }
}

function answerTo(
  request: ReleaseRequest,
  head: KubernetesObject | undefined,
): AnsweredRequest | undefined {
  const answer = head && answerOn(head);
  return answer !== undefined && isSameRequest(answer, request) ? answer : undefined;
}

/** A request that stays would be carried out by whichever controller comes some day. */
async function takeBack(
  head: AskedHead,
  request: ReleaseRequest,
  timeoutMs: number,
): Promise<AnsweredRequest> {
  const isWithdrawn = await withdraw(head, request);
  const answer = isWithdrawn
    ? undefined
    : answerTo(request, await head.cluster.get(head.path, { signal: ONCE() }));
  if (answer !== undefined) return answer;
  throw new ClusterError(
    "timeout",
    `No controller answered within ${durationText(timeoutMs)}: is one running that keeps its ` +
      `record in namespace "${head.path.namespace}"? Nothing is asked of it any more`,
  );
}

/** Whether it was still there: what is answered is not taken back. */
async function withdraw({ cluster, path }: AskedHead, request: ReleaseRequest): Promise<boolean> {
  try {
    const patch = { type: "json", body: answerPatch(request) } as const;
    await cluster.patch(path, patch, { signal: ONCE() });
    return true;
  } catch (error) {
    if (error instanceof ClusterError && error.status === 422) return false;
    throw error;
  }
}

/** Also when the user has had enough: one more request, and no longer than that takes. */
const ONCE = () => AbortSignal.timeout(5_000);
