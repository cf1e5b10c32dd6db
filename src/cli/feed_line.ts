// SPDX-License-Identifier: Apache-2.0

import type { FeedSeed } from "../controller/mod.ts";
import type { YieldNow } from "../runtime/ports.ts";
import {
  type Content,
  piecesOf,
  seedHead,
  seedPieces,
  type ToFeedWorker,
} from "./feed_protocol.ts";

/** Tells the Worker what to do, in an order in which it finds every seed whole. */
export interface FeedLine {
  /** Has it begin; whoever waits for other things has their turn between the pieces. */
  begin(seeds: readonly FeedSeed[]): Promise<void>;
  /** Has it go on from this, when it has begun and has what was sent before. */
  goBack(seed: FeedSeed): void;
  wake(): void;
}

/** Makes the line of one Worker. */
export function createFeedLine(
  send: (message: ToFeedWorker) => void,
  yieldNow: YieldNow,
): FeedLine {
  let isBusy = true;
  const waiting: FeedSeed[] = [];

  async function sendPieces(pieces: Iterable<Content>): Promise<void> {
    for (const content of pieces) {
      send({ type: "content", content });
      await yieldNow();
    }
  }

  /** One after the other: pieces of two seeds must not come between each other. */
  async function sendWaiting(): Promise<void> {
    isBusy = true;
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      await sendPieces(piecesOf(seed));
      send({ type: "goBack", seed: seedHead(seed) });
    }
    isBusy = false;
  }

  return {
    async begin(seeds) {
      await sendPieces(seedPieces(seeds));
      for (const seed of seeds) {
        send({ type: "seed", seed: seedHead(seed) });
        await yieldNow();
      }
      send({ type: "run" });
      await sendWaiting();
    },
    goBack(seed) {
      // The newest of a channel says all that the ones before did.
      const older = waiting.findIndex(({ channel }) => channel === seed.channel);
      if (older >= 0) waiting.splice(older, 1);
      waiting.push(seed);
      if (!isBusy) void sendWaiting();
    },
    wake: () => send({ type: "wake" }),
  };
}
