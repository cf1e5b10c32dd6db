// SPDX-License-Identifier: Apache-2.0

/** A server that answers on loopback until it is closed. */
export interface HttpServer {
  /** `http://127.0.0.1:PORT`, without a closing slash. */
  readonly url: string;
  /** Stops listening and waits for what runs. */
  close(): Promise<void>;
}

/**
 * Serves `handler` on 127.0.0.1.
 *
 * @param handler Answers a request
 * @param options `port`: 0 for a free one
 * @throws {Deno.errors.AddrInUse} If the port is taken
 */
export function serveLoopback(
  handler: (request: Request) => Response | Promise<Response>,
  options: { readonly port: number },
): HttpServer {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: options.port, onListen: () => {} },
    handler,
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    close: () => server.shutdown(),
  };
}
