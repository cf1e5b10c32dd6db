// SPDX-License-Identifier: Apache-2.0

import type { JsonValue } from "../../language/mod.ts";
import type { Clock, KubernetesObject, WatchEvent } from "../../runtime/ports.ts";
import { StatusError, statusObject } from "../status_error.ts";
import type { WatchFeed } from "../watch_hub.ts";
import { printWireJson } from "./wire_json.ts";

/** A watch to be sent. */
export interface WatchStream {
  readonly feed: WatchFeed;
  /** Events before those of the feed: the objects that are there already. */
  readonly initial: readonly WatchEvent[];
  readonly bookmarks: boolean;
  /** After this time the stream ends; absent: never. */
  readonly timeoutMs?: number;
  /** The object in the form that the client takes. */
  render(object: KubernetesObject, isFirst: boolean): JsonValue;
}

/** The body of a watch: one JSON event a line. A client that goes cancels it. */
export function streamWatch(clock: Clock, watch: WatchStream): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const ending = new AbortController();
  const initial = watch.initial[Symbol.iterator]();
  let isFirst = true;

  function end(): void {
    watch.feed.close();
    ending.abort();
  }
  async function nextEvent(): Promise<WatchEvent | undefined> {
    const { value } = initial.next();
    if (value !== undefined) return value;
    for (;;) {
      const event = await watch.feed.next();
      if (event?.type !== "BOOKMARK" || watch.bookmarks) return event;
    }
  }
  function line({ type, object }: WatchEvent): Uint8Array {
    const rendered = watch.render(object, isFirst);
    isFirst = false;
    return encoder.encode(`${printWireJson({ type, object: rendered })}\n`);
  }

  return new ReadableStream({
    start() {
      if (watch.timeoutMs === undefined) return;
      clock.sleep(watch.timeoutMs, ending).then(end, () => {
        // The watch has ended before its time.
      });
    },
    async pull(controller) {
      try {
        const event = await nextEvent();
        if (event !== undefined) return controller.enqueue(line(event));
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        const refusal = { type: "ERROR", object: statusObject(error) };
        controller.enqueue(encoder.encode(`${printWireJson(refusal)}\n`));
      }
      end();
      controller.close();
    },
    cancel: end,
  }, { highWaterMark: 0 });
}
