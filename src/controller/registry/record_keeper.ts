// SPDX-License-Identifier: Apache-2.0

import { errorText } from "../../runtime/mod.ts";
import type { Abortable, Clock, Logger } from "../../runtime/ports.ts";
import { createNap } from "../queue/nap.ts";
import { whenAborted } from "../queue/when_aborted.ts";
import type { ChannelRecord, RecordStore } from "../release/release.ts";

/** Keeps the record of what is in force up to date; nothing waits for it but the next start. */
export interface RecordKeeper {
  /** What was in force when the record was written last; empty where there is none. */
  load(options: Abortable): Promise<readonly ChannelRecord[]>;
  /** Something else of a channel is to be recorded, or nothing: it is there no more. */
  changed(channel: string): void;
  /**
   * Resolves when of a channel nothing is left to be written; it is written before all others, and
   * at once. Ends early when it is aborted.
   */
  written(channel: string, options: Abortable): Promise<void>;
  /**
   * Writes until aborted, and what is not written yet after that; rejects with the reason of the
   * abort.
   */
  run(options: Abortable): Promise<void>;
}

/** What keeping a record needs. */
export interface RecordKeeperSettings {
  /** Tries again by itself while the cluster is away. */
  readonly records: RecordStore;
  /** What is to be recorded of a channel at the moment; `undefined` when it is there no more. */
  readonly recordOf: (channel: string) => ChannelRecord | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** From one writing to the next: what changes in between is written once. */
const PAUSE_MS = 1_000;
/** So long the end of the process waits for it. */
const LAST_WRITE_MS = 3_000;
const LATE = new DOMException("The record was written to its end", "AbortError");

/** Makes a keeper. */
export function createRecordKeeper(settings: RecordKeeperSettings): RecordKeeper {
  const { records, recordOf, clock, logger } = settings;
  const changed = new Set<string>();
  /** Those for which somebody waits. */
  const awaited = new Set<string>();
  const [nap, pause] = [createNap(clock), createNap(clock)];
  let writing: string | undefined;
  let step = Promise.withResolvers<void>();

  async function write(channel: string, options: Abortable): Promise<void> {
    const record = recordOf(channel);
    if (record === undefined) await records.remove(channel, options);
    else await records.save(record, options);
  }

  /** What cannot be recorded changes nothing of what is in force. */
  async function told<T>(what: string, work: () => Promise<T>, { signal }: Abortable) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      const reason = errorText(error);
      logger.log({ level: "error", message: `Cannot ${what}: ${reason}` });
      return undefined;
    }
  }

  /** What somebody waits for is first, also when it changed after the round began. */
  function nextOf(round: ReadonlySet<string>): string | undefined {
    const [first] = round;
    return [...awaited].find((channel) => changed.has(channel)) ?? first;
  }

  async function writeChanged(options: Abortable): Promise<void> {
    const round = new Set(changed);
    for (let channel = nextOf(round); channel !== undefined; channel = nextOf(round)) {
      round.delete(channel);
      await writeNext(channel, options);
    }
  }

  async function writeNext(channel: string, options: Abortable): Promise<void> {
    // Before it is written: what changes meanwhile is written again.
    changed.delete(channel);
    writing = channel;
    try {
      await told(`record channel "${channel}"`, () => write(channel, options), options);
    } catch (aborted) {
      changed.add(channel);
      throw aborted;
    } finally {
      writing = undefined;
      step.resolve();
      step = Promise.withResolvers();
    }
  }

  /** What is in force at the end is what the next start finds. */
  async function writeLast(): Promise<void> {
    const ending = new AbortController();
    const { signal } = ending;
    const over = clock.sleep(LAST_WRITE_MS, { signal }).then(() => ending.abort(LATE));
    const written = writeChanged({ signal }).finally(() => ending.abort(LATE));
    // Both end with this abort: the time is over, or there is nothing left to write.
    await Promise.allSettled([over, written]);
  }

  return {
    async load(options) {
      const load = () => records.load(options);
      return await told("read the record of what is in force", load, options) ?? [];
    },
    changed(channel) {
      changed.add(channel);
      nap.end();
    },
    async written(channel, { signal }) {
      awaited.add(channel);
      pause.end();
      while (!signal.aborted && (changed.has(channel) || writing === channel)) {
        await Promise.race([step.promise, whenAborted(signal)]);
      }
      awaited.delete(channel);
    },
    async run(options) {
      try {
        for (;;) {
          options.signal.throwIfAborted();
          if (changed.size === 0) await nap.until(Infinity, options);
          await writeChanged(options);
          if (awaited.size === 0) await pause.until(clock.now() + PAUSE_MS, options);
        }
      } finally {
        await writeLast();
      }
    },
  };
}
