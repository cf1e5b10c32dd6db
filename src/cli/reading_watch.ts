// SPDX-License-Identifier: Apache-2.0

import type { FeedMessage } from "../controller/mod.ts";
import type { LogEntry } from "../runtime/ports.ts";

/**
 * Watches which channels Workers read, one Worker after the other: where one ends without a word,
 * most likely that is why.
 */
export interface ReadingWatch {
  /** What was begun to be read last, as part of a message; empty before the first. */
  readonly text: string;
  noteLog(entry: Pick<LogEntry, "fields">): void;
  noteMessage(message: FeedMessage): void;
  /**
   * The Worker before has ended, if there was one.
   *
   * @returns Names of channels that were being read when one ended, and were not loaded since
   */
  beginAnew(): readonly string[];
}

/** Makes one for Workers that are still to come. */
export function createReadingWatch(): ReadingWatch {
  let text = "";
  /** Sources take turns: one of several is to blame. */
  const begun = new Set<string>();
  const suspected = new Set<string>();
  return {
    get text() {
      return text;
    },
    noteLog({ fields }) {
      const { reads, channel } = fields ?? {};
      if (typeof reads !== "string" || typeof channel !== "string") return;
      text = ` (it began to read "${reads}" of channel "${channel}" last)`;
      begun.add(channel);
    },
    noteMessage(message) {
      if (message.type === "report") return;
      const name = message.type === "gone" ? message.channel : message.channel.name;
      begun.delete(name);
      suspected.delete(name);
    },
    beginAnew() {
      for (const name of begun) suspected.add(name);
      begun.clear();
      text = "";
      return [...suspected];
    },
  };
}
