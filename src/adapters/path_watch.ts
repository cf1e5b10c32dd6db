// SPDX-License-Identifier: Apache-2.0

import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Abortable } from "../runtime/ports.ts";

/** Notices that something below some paths may have changed. */
export interface PathWatch extends Disposable {
  /**
   * Resolves once something changed since the watch was opened and then nothing for a moment. What
   * changed it does not say: who wants to know reads again.
   */
  changed(options: Abortable): Promise<void>;
}

/** So long nothing may change before a change counts as finished: editors write in several steps. */
const QUIET_MS = 50;

/**
 * Watches files and directories, directories with all below them.
 *
 * A file is watched through its directory, because editors put a new file in its place; so is a
 * path where nothing is yet.
 *
 * @throws {Deno.errors.NotFound} If the directory of a path does not exist either
 */
export async function watchPaths(paths: readonly string[]): Promise<PathWatch> {
  const directories = new Set<string>();
  const parents = new Set<string>();
  for (const path of paths) {
    if (await isDirectory(path)) directories.add(path);
    else parents.add(dirname(path));
  }
  const watchers = [
    ...[...directories].map((path) => Deno.watchFs(path, { recursive: true })),
    ...[...parents].map((path) => Deno.watchFs(path, { recursive: false })),
  ];
  let wake = () => {};
  let events = 0;
  const followed = watchers.map(async (watcher) => {
    for await (const { kind } of watcher) {
      if (kind === "access") continue;
      events++;
      wake();
    }
  });
  return {
    async changed({ signal }) {
      signal.throwIfAborted();
      const stop = () => wake();
      signal.addEventListener("abort", stop, { once: true });
      try {
        while (events === 0 && !signal.aborted) await new Promise<void>((done) => wake = done);
        for (let seen = -1; seen !== events && !signal.aborted;) {
          seen = events;
          await setTimeout(QUIET_MS, undefined, { signal });
        }
      } finally {
        signal.removeEventListener("abort", stop);
      }
      signal.throwIfAborted();
    },
    [Symbol.dispose]() {
      for (const watcher of watchers) watcher.close();
      // A watcher that is closed ends its loop, and has nothing more to tell.
      for (const loop of followed) loop.catch(() => {});
    },
  };
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
