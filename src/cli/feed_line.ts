// SPDX-License-Identifier: Apache-2.0

import type { FeedSeed } from "../controller/mod.ts";
import type { YieldNow } from "../runtime/ports.ts";
import { piecesOf, seedHead, seedPieces, type ToFeedWorker } from "./feed_protocol.ts";

/** Tells the Worker what to do, in an order in which it finds every seed whole. */
export interface FeedLine {
  /** Has it begin; whoever waits for other things has their turn between the pieces. */
  begin(seeds: readonly FeedSeed[]): Promise<void>;
  /** Has it go on from this; before it has begun that waits. */
  goBack(seed: FeedSeed): void;
  wake(): void;
}

/** Makes the line of one Worker. */
export function createFeedLine(
  send: (message: ToFeedWorker) => void,
  yieldNow: YieldNow,
): FeedLine {
  let hasBegun = false;
  const waiting: FeedSeed[] = [];

  function sendBack(seed: FeedSeed): void {
    for (const content of piecesOf(seed)) send({ type: "content", content });
    send({ type: "goBack", seed: seedHead(seed) });
  }

  return {
    async begin(seeds) {
      for (const content of seedPieces(seeds)) {
        send({ type: "content", content });
        await yieldNow();
      }
      for (const seed of seeds) {
        send({ type: "seed", seed: seedHead(seed) });
        await yieldNow();
      }
      send({ type: "run" });
      hasBegun = true;
      waiting.splice(0).forEach(sendBack);
    },
    goBack(seed) {
      // Its pieces must not come between those of the seeds, nor before there is what could go back.
      if (hasBegun) sendBack(seed);
      else waiting.push(seed);
    },
    wake: () => send({ type: "wake" }),
  };
}
