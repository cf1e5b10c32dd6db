// SPDX-License-Identifier: Apache-2.0

import { errorText } from "../../runtime/mod.ts";
import {
  type Abortable,
  type Clock,
  type Cluster,
  ClusterError,
  type KubernetesObject,
  type Logger,
  type Random,
} from "../../runtime/ports.ts";
import { backoffMs } from "../queue/backoff.ts";
import { whenAborted } from "../queue/when_aborted.ts";
import type { ReleaseAnswer, ReleaseControl } from "../release/canary.ts";
import { createKindWatch, type WatchSink } from "../watch/kind_watch.ts";
import { CONFIG_MAPS, headOf, RECORD_LABEL } from "./record_maps.ts";
import {
  answerPatch,
  isSameRequest,
  type ReleaseRequest,
  requestOn,
  requestReason,
} from "../release/release_request.ts";

/** What listening for requests needs. */
export interface ReleaseRequestsOptions {
  /** Where the record is. */
  readonly cluster: Pick<Cluster, "discover" | "list" | "watch" | "patch">;
  /** Where the record lies: who may change ConfigMaps there may ask. */
  readonly namespace: string;
  /** Carries requests out. */
  readonly releases: ReleaseControl;
  /** Something is in force: before that nobody could say what there is to go back to. */
  readonly ready: Promise<void>;
  /**
   * Resolves when a restart would find what a request has led to. Until then the request stays: a
   * crash carries it out again rather than not at all.
   */
  readonly recorded: (channel: string, options: Abortable) => Promise<void>;
  /** For back-off. */
  readonly clock: Clock;
  /** For the jitter of back-off. */
  readonly random: Random;
  /** Is told of every request. */
  readonly logger: Logger;
}

/** Carries out what people ask of releases on the heads of their records. */
export interface ReleaseRequests {
  /** Listens until aborted. Never rejects. */
  run(options: Abortable): Promise<void>;
}

const RETRY = { baseMs: 1_000, maxMs: 30_000 };
/** How often an answer is tried to be left. */
const MAX_ATTEMPTS = 10;
/** So long an answer waits for the record: where there can be none, none comes. */
const MAX_RECORDING_MS = 10_000;

/** A request that was carried out, until its answer stands there. */
interface InHand {
  readonly request: ReleaseRequest;
  readonly answer: ReleaseAnswer;
}

/** Makes one; it listens once it runs. */
export function createReleaseRequests(options: ReleaseRequestsOptions): ReleaseRequests {
  const { cluster, namespace, clock, random, ready } = options;
  /** By name of the head: a request is carried out once, however often the watch tells of it. */
  const inHand = new Map<string, InHand>();
  return {
    async run({ signal }) {
      await Promise.race([ready, whenAborted(signal)]);
      if (signal.aborted) return;
      const answering = new Set<Promise<void>>();
      const seen = (head: KubernetesObject): void => {
        const name = headOf(head).name;
        const request = requestOn(head);
        const known = inHand.get(name);
        if (request === undefined) return void inHand.delete(name);
        if (known !== undefined && isSameRequest(known.request, request)) return;
        const answer = carryOut(request, headOf(head).channel, options);
        inHand.set(name, { request, answer });
        const { channel } = headOf(head);
        const task = untilRecorded(channel, { ...options, signal })
          .then(() => leaveAnswer(name, { request, answer }, { ...options, signal }))
          .finally(() => answering.delete(task));
        answering.add(task);
      };
      const watch = createKindWatch({
        cluster,
        clock,
        random,
        kind: CONFIG_MAPS,
        selection: { namespace, labelSelector: `${RECORD_LABEL}=channel`, metadataOnly: true },
        sink: sinkOf(seen, options),
      });
      await watch.run({ signal });
      await Promise.all(answering);
    },
  };
}

function sinkOf(
  seen: (head: KubernetesObject) => void,
  { logger, namespace }: Pick<ReleaseRequestsOptions, "logger" | "namespace">,
): WatchSink {
  let isAway = false;
  return {
    listBegan: () => {},
    listed: seen,
    listEnded: () => {},
    changed: ({ type, object }) => type === "DELETED" ? undefined : seen(object),
    healthChanged(health, { cause }) {
      const isWell = health === "current" || health === "starting";
      if (isWell && isAway) {
        logger.log({ level: "info", message: "Listens to promotions and rollbacks again" });
      } else if (!isWell) {
        const why = cause instanceof Error ? `: ${cause.message}` : "";
        logger.log({
          level: "warn",
          message: `Cannot watch the record in namespace "${namespace}"${why}; ` +
            "koreo promote and koreo rollback are not heard until then",
          fields: { health },
        });
      }
      isAway = !isWell;
    },
  };
}

function carryOut(
  request: ReleaseRequest,
  channel: string,
  { releases, logger }: Pick<ReleaseRequestsOptions, "releases" | "logger">,
): ReleaseAnswer {
  const { type, revision, takingBack, requestedAt } = request;
  const reason = requestReason(request);
  const wanted = revision === "" ? {} : { revision };
  const answer = type === "promote"
    ? releases.promote(channel, { reason, ...wanted })
    : releases.rollBack(channel, {
      reason,
      ...(revision === "" ? {} : { to: revision }),
      ...(takingBack === undefined ? {} : { takingBack }),
    });
  logger.log({
    level: answer.type === "done" ? "info" : "warn",
    message: `Asked to ${type === "promote" ? "promote" : "roll back"}: ${answer.message}`,
    fields: { channel, requestedAt },
  });
  return answer;
}

async function untilRecorded(
  channel: string,
  { recorded, clock, signal }: ReleaseRequestsOptions & Abortable,
): Promise<void> {
  const over = new AbortController();
  const to = { signal: AbortSignal.any([signal, over.signal]) };
  const ends = [recorded(channel, to), clock.sleep(MAX_RECORDING_MS, to)];
  await Promise.race(ends.map((end) => end.catch(() => {})));
  over.abort("over");
}

async function leaveAnswer(
  name: string,
  { request, answer }: InHand,
  options: ReleaseRequestsOptions & Abortable,
): Promise<void> {
  const { cluster, namespace, clock, random, logger, signal } = options;
  const path = { ...CONFIG_MAPS, namespace, name };
  const patch = { type: "json", body: answerPatch(request, answer) } as const;
  for (let attempts = 1; !signal.aborted; attempts++) {
    try {
      await cluster.patch(path, patch, { signal });
      return;
    } catch (error) {
      if (signal.aborted || isOver(error)) return;
      if (attempts === MAX_ATTEMPTS) {
        const why = errorText(error);
        logger.log({ level: "warn", message: `Cannot answer a request on "${name}": ${why}` });
        return;
      }
      // The only rejection is the abort, which the loop sees.
      await clock.sleep(backoffMs(attempts, RETRY, random), { signal }).catch(() => {});
    }
  }
}

/** The head is gone, or what was asked was taken back or replaced meanwhile. */
function isOver(error: unknown): boolean {
  return error instanceof ClusterError && [404, 409, 422].includes(error.status ?? 0);
}
