// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, rejects } from "node:assert/strict";
import { type OpenStream, openStream, StreamIdleError } from "../../src/adapters/open_stream.ts";
import { PATIENCE_MS, pause, until } from "../until.ts";
import { silentAfter, startLoopbackApi } from "./kubernetes/loopback_api.ts";

const TEXT = "0123456789";
const { signal } = new AbortController();

/** The same bytes with their length announced, and as a stream of pieces. */
const BODIES = [
  { name: "of announced length", body: () => TEXT },
  { name: "of unknown length", body: () => new Blob([TEXT]).stream() },
] as const;

async function withStream(
  body: BodyInit,
  check: (stream: OpenStream) => Promise<void>,
): Promise<void> {
  await using api = startLoopbackApi(() => new Response(body));
  const stream = await openStream(api.url, { signal });
  await check(stream);
  stream.close();
}

for (const { name, body } of BODIES) {
  Deno.test(`bytes() gives a body ${name} whole, up to the limit`, () =>
    withStream(body(), async (stream) => {
      equal(new TextDecoder().decode(await stream.bytes(TEXT.length)), TEXT);
    }));

  Deno.test(`bytes() refuses a body ${name} beyond the limit`, () =>
    withStream(body(), async (stream) => {
      await rejects(stream.bytes(TEXT.length - 1), RangeError);
    }));

  Deno.test(`chunks() gives a body ${name}, in pieces that stay as they are`, () =>
    withStream(body(), async (stream) => {
      const pieces = await Array.fromAsync(stream.chunks());
      equal(await new Blob(pieces).text(), TEXT);
    }));
}

Deno.test("chunks() gives pieces that later ones do not overwrite", async () => {
  const [first, second] = ["first", "second"].map((text) => new TextEncoder().encode(text));
  const firstRead = Promise.withResolvers<void>();
  const body = new ReadableStream({
    async start(body) {
      body.enqueue(first);
      await firstRead.promise; // together they might come as one
      body.enqueue(second);
      body.close();
    },
  });
  await withStream(body, async (stream) => {
    const seen: Uint8Array[] = [];
    for await (const piece of stream.chunks()) {
      seen.push(piece);
      firstRead.resolve();
    }
    deepEqual(seen.map((piece) => new TextDecoder().decode(piece)), ["first", "second"]);
  });
});

/** Headers are waited for: only what comes after them is late so soon. */
const BRIEF = { signal, idleMs: 50, headersMs: PATIENCE_MS };

Deno.test("time that the reader takes is no silence", async () => {
  await using api = startLoopbackApi(() => new Response(new Blob([TEXT]).stream()));
  // A server that a busy machine keeps waiting is silent indeed: then it counts another time.
  await until("the server is quick and the reader is not", async () => {
    const stream = await openStream(api.url, BRIEF);
    try {
      for await (const _piece of stream.chunks()) await pause(2 * BRIEF.idleMs);
      return true;
    } catch (error) {
      if (error instanceof StreamIdleError) return false;
      throw error;
    }
  });
});

Deno.test("silence of the server ends a stream, and says how long it was", async () => {
  const { response, cancelled } = silentAfter(TEXT);
  await using api = startLoopbackApi(() => response);
  const stream = await openStream(api.url, BRIEF);
  await rejects(Array.fromAsync(stream.chunks()), {
    name: "StreamIdleError",
    message: "nothing received for 0.05 s",
  });
  await cancelled;
});

Deno.test("close() lets go of a body that nobody reads", async () => {
  const { response, cancelled } = silentAfter(TEXT);
  await using api = startLoopbackApi(() => response);
  (await openStream(api.url, { signal })).close();
  await cancelled;
});
