// SPDX-License-Identifier: Apache-2.0

import type { Abortable, Clock, Cluster, Logger, Random } from "../../runtime/ports.ts";
import type { ControllerEvent, ControllerObserver, EventObject } from "./controller_event.ts";
import {
  channelNotes,
  channelOfEvent,
  EVENT_REASONS,
  type EventNote,
  eventNotes,
} from "./event_note.ts";
import { createEventWriter, type DatedNote } from "./event_writer.ts";
import { createNap } from "../queue/nap.ts";

/** Who writes Events. */
export interface EventSettings {
  /** Which process: the name of its pod. */
  readonly instance: string;
  /** What stands for a channel in the cluster, such as its record; absent: nothing does. */
  readonly channelObject?: (channel: string, options: Abortable) => Promise<EventObject>;
}

/** What writing Events needs. */
export interface EventRecorderOptions extends EventSettings {
  readonly cluster: Pick<Cluster, "create" | "patch">;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Is told of Events that were lost. */
  readonly observe: ControllerObserver;
}

/**
 * Writes Events on triggers (events.k8s.io/v1). Nothing waits for it: what cannot be written, or is
 * too much, is lost and counted.
 */
export interface EventRecorder {
  /** Takes what is worth an Event. */
  readonly observe: ControllerObserver;
  /** Writes until aborted. Never rejects. */
  run(options: Abortable): Promise<void>;
}

/** So many wait to be written. */
const MAX_WAITING = 1_000;
/** So many refused revisions are remembered as told. */
const MAX_TOLD = 1_000;

/** Makes a recorder; it begins with `run`. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { clock, channelObject } = options;
  const waiting: DatedNote[] = [];
  const told = new Set<string>();
  const nap = createNap(clock);
  const ended = new AbortController();
  const lose = (count: number) => {
    if (count > 0) options.observe({ type: "events-lost", count });
  };
  const writer = createEventWriter({ ...options, onLost: () => lose(1) });

  /** A refused revision is told once for each Workflow. */
  function isToldAgain(event: ControllerEvent): boolean {
    if (event.type !== "held-back") return false;
    const key = `${event.channel} ${event.workflow} ${event.heldBack.revision}`;
    if (told.has(key)) return true;
    if (told.size >= MAX_TOLD) told.clear();
    told.add(key);
    return false;
  }

  function take(notes: readonly EventNote[], at: number): void {
    if (notes.length === 0) return;
    for (const note of notes) waiting.push({ note, at });
    lose(shed(waiting));
    nap.end();
  }

  return {
    observe(event) {
      if (isToldAgain(event)) return;
      const at = clock.now();
      take(eventNotes(event), at);
      const channel = channelOfEvent(event);
      if (channel === undefined) return;
      channelObject?.(channel, { signal: ended.signal }).then(
        (object) => take(channelNotes(event, object), at),
        () => lose(1),
      );
    },
    async run({ signal }) {
      while (!signal.aborted) {
        const readyAt = waiting.length === 0 ? Infinity : writer.readyAt();
        const next = readyAt > clock.now() ? undefined : waiting.shift();
        if (next === undefined) await nap.until(readyAt, { signal });
        else await writer.write(next, { signal });
      }
      ended.abort(signal.reason);
    },
  };
}

/** Takes away what is too much: the oldest that is no warning first. Returns how many that were. */
function shed(waiting: DatedNote[]): number {
  const excess = Math.max(0, waiting.length - MAX_WAITING);
  for (let count = 0; count < excess; count++) {
    const oldest = waiting.findIndex(({ note }) => EVENT_REASONS[note.reason][0] === "Normal");
    waiting.splice(Math.max(0, oldest), 1);
  }
  return excess;
}
