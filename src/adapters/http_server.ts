// SPDX-License-Identifier: Apache-2.0

import { errorText } from "../runtime/mod.ts";

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

/** Where a server listens. */
export interface ListenAddress {
  readonly hostname: string;
  /** 0 for a free one. */
  readonly port: number;
}

/** An address on which this process cannot listen. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly code = "listen";
}

/**
 * Serves `handler` at an address; it is told the address of who asks.
 *
 * @throws {ListenError} If the address is taken, not of this machine, or not permitted
 */
export function serveAt(
  { hostname, port }: ListenAddress,
  handler: (request: Request, sender: string) => Response | Promise<Response>,
): HttpServer {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  try {
    const server = Deno.serve(
      { hostname, port, onListen: () => {}, onError: () => new Response(null, { status: 500 }) },
      (request, { remoteAddr }) => handler(request, remoteAddr.hostname),
    );
    return { url: `http://${host}:${server.addr.port}`, close: () => server.shutdown() };
  } catch (error) {
    throw new ListenError(`Cannot listen on ${host}:${port}: ${listenReason(error)}`, {
      cause: error,
    });
  }
}

function listenReason(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) return "another process listens there";
  if (error instanceof Deno.errors.AddrNotAvailable) return "it is no address of this machine";
  if (error instanceof Deno.errors.NotCapable) {
    return "Deno was not given the permission (--allow-net)";
  }
  if (error instanceof Deno.errors.PermissionDenied) return "the system does not permit it";
  return errorText(error);
}
