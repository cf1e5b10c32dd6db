// SPDX-License-Identifier: Apache-2.0

import type { GitHttpRequest, GitHttpResponse, HttpClient } from "isomorphic-git";
import type { Abortable } from "../../runtime/ports.ts";
import { openStream, readAll } from "../open_stream.ts";
import { CREDENTIAL_SETTINGS, credentialAdvice, PROXY_ADVICE } from "./credential_files.ts";
import { overLimit, TransportError } from "./failure.ts";

/** How the requests of one fetch are sent. */
export interface TransportSettings extends Abortable {
  /** Where the source says the repository is, without credentials. */
  readonly url: string;
  /** Value of the Authorization header; never sent to another host, scheme or port. */
  readonly authorization?: string;
  readonly client?: Deno.HttpClient;
  readonly idleMs: number;
  /** Largest answer. */
  readonly maxBytes: number;
  /** Largest list of refs, which the library takes apart whole. */
  readonly maxListBytes: number;
}

/** HTTP for isomorphic-git and for {@linkcode fetchPack}. */
export interface Transport extends HttpClient {
  /** Sends one request and reads its answer to the end. */
  send(request: WireRequest): Promise<WireAnswer>;
}

interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** Settings with the limit that `maxBytes` follows from. */
type Limited = TransportSettings & { readonly limitName?: string };

interface WireAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  /** Where the answer came from, after redirects. */
  readonly url: string;
  readonly body: Uint8Array;
}

const MAX_REDIRECTS = 5;
const ENDPOINT = /\/(?:info\/refs|git-upload-pack)(?:\?.*)?$/;

/**
 * HTTP with what isomorphic-git leaves out: an abort, a limit on silence and size, and redirects.
 *
 * Git servers redirect the first GET only; the POST that follows goes to where that led. Answers
 * are read whole before isomorphic-git sees them, since a body that fails while it is being parsed
 * there would never be reported.
 */
export function createTransport(settings: TransportSettings): Transport {
  const moves = new Map<string, string>();
  const listings = new Map<string, Promise<WireAnswer>>();
  const send = async (
    request: WireRequest,
    own: Limited = settings,
  ): Promise<WireAnswer> => {
    const asked = baseOf(request.url);
    const base = moves.get(asked) ?? asked;
    const url = base + request.url.slice(asked.length);
    const answer = await follow({ ...request, url }, own);
    if (request.method === "GET" && answer.status === 200) moves.set(asked, baseOf(answer.url));
    return answer;
  };
  /** What the library asks for are lists; and for the same one several times in a fetch. */
  const list = { ...settings, maxBytes: settings.maxListBytes, limitName: "maxRefs" };
  const sendOnce = (request: WireRequest): Promise<WireAnswer> => {
    if (request.method !== "GET") return send(request, list);
    const known = listings.get(request.url) ?? send(request, list);
    listings.set(request.url, known);
    return known;
  };
  return {
    send: (request) => send(request),
    request: async (request) => toGit(await sendOnce(await fromGit(request))),
  };
}

function baseOf(url: string): string {
  return url.replace(ENDPOINT, "");
}

async function fromGit(request: GitHttpRequest): Promise<WireRequest> {
  const { url, method = "GET", headers = {} } = request;
  if (request.body === undefined) return { method, url, headers };
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const part of request.body) parts.push(new Uint8Array(part));
  const body = new Uint8Array(await new Blob(parts).arrayBuffer());
  return { method, url, headers, body };
}

function toGit(answer: WireAnswer): GitHttpResponse {
  return {
    url: answer.url,
    headers: Object.fromEntries(answer.headers),
    body: only(answer.body),
    statusCode: answer.status,
    statusMessage: answer.statusText,
  };
}

async function* only(body: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield body;
}

async function follow(request: WireRequest, settings: Limited): Promise<WireAnswer> {
  let { url } = request;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const answer = await sendTo(url, request, settings);
    const location = answer.headers.get("location");
    if (answer.status < 300 || answer.status > 399 || location === null) {
      return checked(answer, settings);
    }
    url = nextUrl(url, location);
  }
  throw new TransportError("unreachable", `more than ${MAX_REDIRECTS} redirects`);
}

function nextUrl(from: string, location: string): string {
  const next = URL.parse(location, from);
  const isWeb = next?.protocol === "https:" || next?.protocol === "http:";
  if (next === null || !isWeb || next.username !== "" || next.password !== "") {
    throw new TransportError(
      "unreachable",
      "the server redirects to an address that is not usable",
    );
  }
  if (next.protocol === "http:" && new URL(from).protocol === "https:") {
    throw new TransportError("unreachable", `the server redirects from https to "${next.origin}"`);
  }
  return next.href;
}

async function sendTo(
  url: string,
  request: WireRequest,
  settings: Limited,
): Promise<WireAnswer> {
  const { signal, idleMs, client, maxBytes, limitName = "maxTransferBytes" } = settings;
  const stream = await openStream(url, {
    method: request.method,
    headers: { ...request.headers, ...authorizationFor(url, settings) },
    ...(request.body === undefined ? {} : { body: request.body }),
    ...(client === undefined ? {} : { client }),
    redirect: "manual",
    signal,
    idleMs,
  });
  const { status, statusText, headers } = stream;
  const body = await readAll(stream, maxBytes).catch((error: unknown) => {
    if (!(error instanceof RangeError)) throw error;
    throw overLimit(`the answer is larger than ${maxBytes} bytes (${limitName})`);
  });
  return { status, statusText, headers, url, body };
}

/** Credentials belong to the origin that the operator named, and to no other. */
function authorizationFor(url: string, settings: TransportSettings): Record<string, string> {
  const { authorization } = settings;
  if (authorization === undefined) return {};
  if (new URL(url).origin !== new URL(settings.url).origin) return {};
  return { authorization };
}

function checked(answer: WireAnswer, settings: TransportSettings): WireAnswer {
  const { status, statusText } = answer;
  if (status === 200) return answer;
  const said = `the server answered ${status} ${statusText}`.trimEnd();
  switch (status) {
    case 407:
      throw new TransportError("unauthorized", `${said}: ${PROXY_ADVICE}`);
    case 401:
    case 403:
      throw new TransportError("unauthorized", `${said}: ${whyRefused(answer, settings)}`);
    case 404:
    case 410:
      throw new TransportError("no-such-repository", `${said}${privateAdvice(settings)}`);
    case 408:
    case 504:
      throw new TransportError("timeout", said);
    default:
      throw new TransportError("unreachable", said);
  }
}

function whyRefused({ url }: WireAnswer, settings: TransportSettings): string {
  if (settings.authorization === undefined) return credentialAdvice({ wereShown: false });
  if (authorizationFor(url, settings).authorization === undefined) {
    return "a redirect led to another host, which gets no credentials; name its own address";
  }
  return credentialAdvice({ wereShown: true });
}

/** Servers do not tell those who may not see a repository that it is there. */
function privateAdvice({ authorization }: TransportSettings): string {
  return authorization === undefined ? `; if it is private, ${CREDENTIAL_SETTINGS}` : "";
}
