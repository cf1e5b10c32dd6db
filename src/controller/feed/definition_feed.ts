// SPDX-License-Identifier: Apache-2.0

import { createWaitingEvents, type WaitingEvents } from "./feed_event.ts";
import type { Abortable } from "../../runtime/ports.ts";
import { createFeedOutbox, type FeedOutbox } from "./feed_outbox.ts";
import {
  createProgramRegistry,
  type ProgramRegistry,
  type RegistrySettings,
} from "./program_registry.ts";
import type { DefinitionFeed, FeedMessage } from "./feed_message.ts";
import type { FeedSeed } from "../publication/publication.ts";

/** What a feed follows and what it needs for that. */
export interface FeedSettings
  extends Omit<RegistrySettings, "seeds" | "onTried" | "observe" | "default"> {
  /** What is told with the next report; what happens beside the feed may be added to it. */
  readonly events?: WaitingEvents;
}

interface RunningFeed {
  readonly registry: ProgramRegistry;
  readonly outbox: FeedOutbox;
}

/** Makes a feed that follows in this thread; one run at a time. */
export function createDefinitionFeed(
  { events = createWaitingEvents(), ...settings }: FeedSettings,
): DefinitionFeed {
  let running: RunningFeed | undefined;
  /** What came while a run was asking for its seeds, which may not know of it. */
  let waiting: FeedSeed[] = [];
  function goBack(seed: FeedSeed): void {
    if (running === undefined) waiting.push(seed);
    running?.outbox.wentBack(seed);
    running?.registry.goOnFrom(seed);
  }
  return {
    wake: () => running?.registry.wake(),
    goBack,
    async run(receive, { signal, ...beginning }) {
      waiting = [];
      const seeds = await beginning.seeds();
      signal.throwIfAborted();
      let wake = Promise.withResolvers<void>();
      const stop = new AbortController();
      const outbox = createFeedOutbox(() => registry, seeds, events.take);
      const registry = createProgramRegistry({
        ...settings,
        seeds,
        observe: events.observe,
        onTried: () => {
          outbox.attempted();
          wake.resolve();
        },
      });
      registry.subscribe(({ channel }) => {
        outbox.changed(channel);
        wake.resolve();
      });
      running = { registry, outbox };
      waiting.splice(0).forEach(goBack);
      const options = { signal: AbortSignal.any([signal, stop.signal]) };
      const nextWake = async () => {
        await wake.promise;
        wake = Promise.withResolvers();
      };
      const work = [registry.run(options), tell({ outbox, receive, nextWake }, options)];
      try {
        await Promise.race(work);
      } finally {
        running = undefined;
        stop.abort(signal.reason);
        wake.resolve();
        await Promise.allSettled(work);
      }
    },
  };
}

interface Telling {
  readonly outbox: FeedOutbox;
  readonly receive: (message: FeedMessage) => Promise<void>;
  readonly nextWake: () => Promise<void>;
}

async function tell({ outbox, receive, nextWake }: Telling, { signal }: Abortable): Promise<never> {
  for (;;) {
    for (let message = outbox.next(); message !== undefined; message = outbox.next()) {
      signal.throwIfAborted();
      await receive(message);
    }
    await nextWake();
    signal.throwIfAborted();
  }
}
