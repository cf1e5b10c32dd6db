// SPDX-License-Identifier: Apache-2.0

import type { Access } from "./access.ts";

/** The connections to one server. */
export interface HttpClients {
  /** The client that trusts and shows the certificates of `access`. */
  clientFor(access: Access): Deno.HttpClient;
  /** Closes all connections. */
  close(): void;
}

/** Connections kept open while nothing runs over them. */
const MAX_IDLE_CONNECTIONS = 256;
const IDLE_CONNECTION_MS = 60_000;

/**
 * One HTTP client, and a new one whenever the certificates change.
 *
 * HTTP/1.1 only: over HTTP/2 there is one connection with 100 streams, and 100 watches then block
 * every other request. Clients of former certificates stay until `close()`, as requests may still
 * run over them; certificates rotate rarely.
 */
export function createHttpClients(proxyUrl?: string): HttpClients {
  const made: Deno.HttpClient[] = [];
  let last: { readonly access: Access; readonly client: Deno.HttpClient } | undefined;
  return {
    clientFor(access) {
      if (last?.access === access) return last.client;
      const isSame = last !== undefined && certificatesOf(last.access) === certificatesOf(access);
      const client = isSame && last !== undefined ? last.client : createClient(access, proxyUrl);
      if (!isSame) made.push(client);
      last = { access, client };
      return client;
    },
    close() {
      for (const client of made.splice(0)) client.close();
      last = undefined;
    },
  };
}

function certificatesOf({ caCertificates, identity }: Access): string {
  return JSON.stringify([caCertificates, identity?.certificate, identity?.key]);
}

function createClient(access: Access, proxyUrl: string | undefined): Deno.HttpClient {
  const options: Deno.CreateHttpClientOptions = {
    http1: true,
    http2: false,
    poolMaxIdlePerHost: MAX_IDLE_CONNECTIONS,
    poolIdleTimeout: IDLE_CONNECTION_MS,
    ...(access.caCertificates.length === 0 ? {} : { caCerts: [...access.caCertificates] }),
    ...(proxyUrl === undefined ? {} : { proxy: { url: proxyUrl } }),
  };
  const { identity } = access;
  return Deno.createHttpClient(
    identity === undefined
      ? options
      : { ...options, cert: identity.certificate, key: identity.key },
  );
}
