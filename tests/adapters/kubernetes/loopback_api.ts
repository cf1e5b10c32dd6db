// SPDX-License-Identifier: Apache-2.0

/** A request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
}

/** An HTTP server on loopback that answers as a test says. */
export interface LoopbackApi extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
}

/** Starts the server. `answer` may never settle: closing ends its request. */
export function startLoopbackApi(
  answer: (request: SeenRequest) => Response | Promise<Response>,
): LoopbackApi {
  const requests: SeenRequest[] = [];
  const closing = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, signal: closing.signal, onListen: () => {} },
    async (request) => {
      const seen = {
        method: request.method,
        url: new URL(request.url),
        headers: request.headers,
        body: await request.text(),
      };
      requests.push(seen);
      return await answer(seen);
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await server.finished;
    },
  };
}

/** An answer that never comes. */
export function never(): Promise<Response> {
  return new Promise(() => {});
}

/** A body that starts with `text` and then stays silent; `cancelled` resolves when it is let go. */
export function silentAfter(text: string): {
  readonly response: Response;
  readonly cancelled: Promise<void>;
} {
  const { promise, resolve } = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
    cancel: () => resolve(),
  });
  return { response: new Response(body), cancelled: promise };
}
