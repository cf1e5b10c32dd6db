// SPDX-License-Identifier: Apache-2.0

import { withTimeout } from "../../runtime/mod.ts";
import {
  type Abortable,
  type Clock,
  type Cluster,
  ClusterError,
  type Logger,
  type Random,
} from "../../runtime/ports.ts";
import { retryAfterMs } from "../queue/backoff.ts";
import type { EventNote } from "./event_note.ts";
import { eventNamespace, eventObject, EVENTS, seriesPatch } from "./event_object.ts";
import { createEventSeries, type EventDecision } from "./event_series.ts";
import { type BucketLimits, fullBucket, refilled, tokenAt, withoutToken } from "./token_bucket.ts";

/** A note, and when it came about. */
export interface DatedNote {
  readonly note: EventNote;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What writing Events needs. */
export interface EventWriterOptions {
  readonly cluster: Pick<Cluster, "create" | "patch">;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Which process: the name of its pod. */
  readonly instance: string;
  /** An Event was lost. */
  readonly onLost: () => void;
}

/** Writes one Event at a time. */
export interface EventWriter {
  /** When the next write may begin. */
  readyAt(): number;
  /** Writes or counts; what the server does not take is lost. Never rejects. */
  write(dated: DatedNote, options: Abortable): Promise<void>;
}

/** In all: so many at once, then ten in a second. */
const IN_ALL: BucketLimits = { burst: 100, refillMs: 100 };
const TIMEOUT_MS = 10_000;
/** A server that is away, and one that does not let us write Events, is left alone for so long. */
const AWAY_MS = 10_000;
const FORBIDDEN_MS = 300_000;

/** Makes a writer. */
export function createEventWriter(options: EventWriterOptions): EventWriter {
  const { cluster, clock, random, logger, instance, onLost } = options;
  const series = createEventSeries();
  let bucket = fullBucket(IN_ALL, clock.now());
  let pausedUntil = 0;
  let isForbidden = false;

  async function create({ note, at }: DatedNote, key: string, abort: Abortable): Promise<void> {
    const object = eventObject(note, { instance, at, suffix: suffixOf(random) });
    const place = { ...EVENTS, namespace: eventNamespace(note.regarding) };
    await cluster.create(place, object, abort);
    series.created(key, String(object.metadata.name));
  }

  async function repeat(
    { note, at }: DatedNote,
    { name, count }: Extract<EventDecision, { type: "repeat" }>,
    abort: Abortable,
  ): Promise<void> {
    const path = { ...EVENTS, namespace: eventNamespace(note.regarding), name };
    await cluster.patch(path, { type: "merge", body: seriesPatch(count, at) }, abort);
  }

  async function send(dated: DatedNote, abort: Abortable): Promise<void> {
    const decision = series.decide(dated.note, dated.at);
    if (decision.type === "drop") onLost();
    if (decision.type === "drop" || decision.type === "count") return;
    bucket = withoutToken(refilled(bucket, IN_ALL, clock.now())) ?? bucket;
    try {
      await withTimeout(async (inner) => {
        if (decision.type === "create") await create(dated, decision.key, inner);
        else await repeat(dated, decision, inner);
      }, { clock, signal: abort.signal, requestTimeoutMs: TIMEOUT_MS });
      isForbidden = false;
    } catch (failure) {
      // Whatever it is, the next occurrence begins a series of its own.
      series.forget(decision.key);
      throw failure;
    }
  }

  function fail(failure: unknown): void {
    onLost();
    const known = failure instanceof ClusterError ? failure : undefined;
    const isDenied = known?.status === 401 || known?.status === 403;
    // An Event that has expired, or a namespace that is going away, says nothing of the next one.
    const isOwn = !isDenied && known?.status !== undefined && known.status < 429;
    if (isOwn) return;
    const wait = Math.max(
      isDenied ? FORBIDDEN_MS : AWAY_MS,
      retryAfterMs(known?.retryAfterSeconds),
    );
    pausedUntil = clock.now() + wait;
    if (!isDenied || isForbidden) return;
    isForbidden = true;
    const message = `Cannot write Events: ${known?.message ?? ""}; tried again in 300 s`;
    logger.log({ level: "warn", message });
  }

  return {
    readyAt() {
      bucket = refilled(bucket, IN_ALL, clock.now());
      return Math.max(pausedUntil, tokenAt(bucket, IN_ALL));
    },
    async write(dated, abort) {
      try {
        await send(dated, abort);
      } catch (failure) {
        if (!abort.signal.aborted) fail(failure);
      }
    },
  };
}

/** Sixteen hexadecimal digits, as event clients have them. */
function suffixOf(random: Random): string {
  const digit = () => Math.floor(random.next() * 16).toString(16);
  return Array.from({ length: 16 }, digit).join("");
}
