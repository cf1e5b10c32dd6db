// SPDX-License-Identifier: Apache-2.0

import type { WatchEvent } from "../../runtime/ports.ts";

/** Our writes that are on their way, by object. */
export interface PendingWrites {
  has(key: string): boolean;
  begin(key: string): void;
  /**
   * Keeps an event back while a write to its object is on its way: the answer tells whether the
   * event is that write. Returns whether it did.
   */
  hold(key: string, event: WatchEvent): boolean;
  /** Ends a write. With the last one to an object, returns the events that were kept back. */
  end(key: string): readonly WatchEvent[];
}

/** No write is on its way. */
export function createPendingWrites(): PendingWrites {
  const writes = new Map<string, { count: number; readonly held: WatchEvent[] }>();
  return {
    has: (key) => writes.has(key),
    begin(key: string): void {
      const write = writes.get(key) ?? { count: 0, held: [] };
      write.count++;
      writes.set(key, write);
    },
    hold(key: string, event: WatchEvent): boolean {
      const write = writes.get(key);
      write?.held.push(event);
      return write !== undefined;
    },
    end(key: string): readonly WatchEvent[] {
      const write = writes.get(key);
      if (write === undefined) throw new TypeError(`Cannot end a write of "${key}": none began`);
      write.count--;
      if (write.count > 0) return [];
      writes.delete(key);
      return write.held;
    },
  };
}

/** Uids of objects whose deletion we asked for and whose end is still to be seen. */
export interface OwnDeletions {
  add(uid: string): void;
  has(uid: string): boolean;
  /** Forgets a uid; returns whether it was there. */
  take(uid: string): boolean;
}

/** Beyond so many the oldest is forgotten: its end may never be told. */
const MAX_DELETIONS = 10_000;

/** None was asked for. */
export function createOwnDeletions(): OwnDeletions {
  const uids = new Set<string>();
  return {
    add(uid: string): void {
      uids.add(uid);
      const [oldest] = uids;
      if (uids.size > MAX_DELETIONS && oldest !== undefined) uids.delete(oldest);
    },
    has: (uid) => uids.has(uid),
    take: (uid) => uids.delete(uid),
  };
}
