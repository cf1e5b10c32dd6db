// SPDX-License-Identifier: Apache-2.0

import { remember } from "../channels/remember.ts";
import type { EventNote } from "./event_note.ts";
import {
  type BucketLimits,
  fullBucket,
  refilled,
  type TokenBucket,
  withoutToken,
} from "./token_bucket.ts";

/** What is to be written of a note. */
export type EventDecision =
  /** Nobody has been told of it. */
  | { readonly type: "create"; readonly key: string }
  /** The same again: the Event that is there says how often. */
  | { readonly type: "repeat"; readonly key: string; readonly name: string; readonly count: number }
  /** It is counted, and told along with a later one. */
  | { readonly type: "count" }
  /** The trigger has had more than its share. */
  | { readonly type: "drop" };

/** Which notes are one series, and how many a trigger may have. */
export interface EventSeries {
  decide(note: EventNote, now: number): EventDecision;
  /** An Event was written under this name. */
  created(key: string, name: string): void;
  /** The Event is not there (any more): the next one is a new one. */
  forget(key: string): void;
}

interface Series {
  readonly count: number;
  /** Of the last occurrence. */
  readonly at: number;
  /** Of the last write. */
  readonly writtenAt: number;
  /** Unknown while the first write is on its way. */
  readonly name: string | undefined;
}

/** What is equal and not this far apart is one series. */
const SERIES_MS = 600_000;
/** The count of a series is written this often at most. */
const REWRITE_MS = 60_000;
/** Per trigger, as the event client of Kubernetes has it: 25 at once, then one in five minutes. */
const PER_TRIGGER: BucketLimits = { burst: 25, refillMs: 300_000 };
/** So many series and triggers are remembered; the longest silent ones are forgotten. */
const MAX_KNOWN = 4_096;

/** Knows of no Event yet. */
export function createEventSeries(): EventSeries {
  const series = new Map<string, Series>();
  const buckets = new Map<string, TokenBucket>();

  function takeToken(trigger: string, now: number): boolean {
    const bucket = refilled(
      buckets.get(trigger) ?? fullBucket(PER_TRIGGER, now),
      PER_TRIGGER,
      now,
    );
    const rest = withoutToken(bucket);
    remember(buckets, MAX_KNOWN, [trigger, rest ?? bucket]);
    return rest !== undefined;
  }

  function repeat(key: string, known: Series, trigger: string, now: number): EventDecision {
    const count = known.count + 1;
    const isDue = known.name !== undefined &&
      (count === 2 || now - known.writtenAt >= REWRITE_MS) && takeToken(trigger, now);
    const writtenAt = isDue ? now : known.writtenAt;
    remember(series, MAX_KNOWN, [key, { ...known, count, at: now, writtenAt }]);
    return isDue && known.name !== undefined
      ? { type: "repeat", key, name: known.name, count }
      : { type: "count" };
  }

  return {
    decide(note, now) {
      const [trigger, key] = [objectKey(note.regarding), noteKey(note)];
      const known = series.get(key);
      if (known !== undefined && now - known.at <= SERIES_MS) {
        return repeat(key, known, trigger, now);
      }
      if (!takeToken(trigger, now)) return { type: "drop" };
      remember(series, MAX_KNOWN, [key, { count: 1, at: now, writtenAt: now, name: undefined }]);
      return { type: "create", key };
    },
    created(key, name) {
      const known = series.get(key);
      if (known !== undefined) series.set(key, { ...known, name });
    },
    forget: (key) => void series.delete(key),
  };
}

function objectKey({ apiVersion, kind, namespace = "", name, uid = "" }: EventNote["regarding"]) {
  return [apiVersion, kind, namespace, name, uid].join(" ");
}

/** An object that is made again and again is the same one to the reader, and the note names it. */
function noteKey({ reason, note, regarding }: EventNote): string {
  return [reason, objectKey(regarding), note].join("\n");
}
