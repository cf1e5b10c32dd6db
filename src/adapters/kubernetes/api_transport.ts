// SPDX-License-Identifier: Apache-2.0

import type { JsonValue } from "../../language/mod.ts";
import { type Abortable, ClusterError, type WatchOptions } from "../../runtime/ports.ts";
import { type OpenStream, openStream, readAll, StreamIdleError } from "../open_stream.ts";
import type { Access, ServerAccess } from "./access.ts";
import { type Attempt, networkFailure, noAnswer, refusal, unreadable } from "./cluster_failure.ts";
import { startDeadline, untilAborted } from "./deadline.ts";
import { parseExactJson } from "./exact_json.ts";
import { createHttpClients } from "./http_clients.ts";

/** One request to the API server. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Path and query, below the server's base URL. */
  readonly path: string;
  /** In words, for messages: `patch deployments "team-a/logs"`. */
  readonly doing: string;
  /** Whether the object is a Secret, whose values no message may quote. */
  readonly isSecret?: boolean;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: string;
}

/** A request that is over, for metrics. */
export interface FinishedRequest {
  /** The HTTP method. */
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  /** Until the end of the body; for a watch until its headers. */
  readonly durationMs: number;
}

/** Limits of a transport. */
export interface TransportSettings {
  /** Longest wait for a whole answer, or for the headers of a stream. */
  readonly requestTimeoutMs: number;
  /** Told of every request. Must not throw. */
  readonly onRequest?: (request: FinishedRequest) => void;
}

/** Requests to one API server, with its credentials. */
export interface ApiTransport {
  /** Sends and returns the body of a successful answer. */
  send(request: ApiRequest, options: Abortable): Promise<JsonValue>;
  /** Sends and yields the body of a successful answer as it comes; `onOpen`: the answer is there. */
  stream(
    request: ApiRequest,
    options: WatchOptions & { readonly idleMs: number },
  ): AsyncGenerator<Uint8Array, void, undefined>;
  /** Ends what runs and closes all connections. */
  close(): void;
}

/** The server limits one object to 1.5 MiB; a page of a list holds some hundreds. */
const MAX_ANSWER_BYTES = 256 * 2 ** 20;
const USER_AGENT = "koreo-deno";

/** The transport to the server that `access` speaks of. */
export function createApiTransport(
  access: ServerAccess,
  settings: TransportSettings,
): ApiTransport {
  const clients = createHttpClients(access.proxyUrl);
  const life = new AbortController();
  const { requestTimeoutMs } = settings;

  function exchangeAs(who: Access, request: ApiRequest, waiting: Waiting): Promise<OpenStream> {
    return openStream(`${access.server}${request.path}`, {
      method: request.method,
      headers: headersOf(request, who.headers),
      ...(request.body === undefined ? {} : { body: request.body }),
      redirect: "manual", // an API server has no reason to send our credentials elsewhere
      client: clients.clientFor(who),
      ...waiting,
    });
  }

  /** Credentials that are refused may have been replaced a moment ago: asks for them anew, once. */
  async function exchange(request: ApiRequest, waiting: Waiting): Promise<OpenStream> {
    const who = await untilAborted(access.current(), waiting.signal);
    const answer = await exchangeAs(who, request, waiting);
    if (answer.status !== 401) return answer;
    access.renew(who);
    const renewed = await untilAborted(access.current(), waiting.signal);
    if (renewed === who) return answer;
    answer.close();
    return await exchangeAs(renewed, request, waiting);
  }

  async function send(request: ApiRequest, signal: AbortSignal, note: Note): Promise<JsonValue> {
    const attempt = attemptOf(request, access.server);
    using deadline = startDeadline([signal, life.signal], requestTimeoutMs);
    try {
      const answer = await exchange(request, { signal: deadline.signal });
      note(answer.status);
      const text = await successText(attempt, answer);
      return text === "" ? null : parseAnswer(attempt, text);
    } catch (error) {
      throw deadline.expired
        ? noAnswer(attempt, requestTimeoutMs)
        : failure(attempt, error, signal);
    }
  }

  return {
    send: (request, { signal }) => observed(request, (note) => send(request, signal, note)),
    async *stream(request, { signal, idleMs, onOpen }) {
      const attempt = attemptOf(request, access.server);
      using deadline = startDeadline([signal, life.signal]);
      const waiting = { signal: deadline.signal, idleMs, headersMs: requestTimeoutMs };
      try {
        const answer = await observed(request, async (note) => {
          const opened = await exchange(request, waiting);
          note(opened.status);
          return opened;
        });
        if (answer.status !== 200) await successText(attempt, answer);
        onOpen?.();
        yield* answer.chunks();
      } catch (error) {
        throw failure(attempt, error, signal);
      }
    },
    close() {
      life.abort(new ClusterError("unreachable", `The connection to ${access.server} was closed`));
      clients.close();
    },
  };

  async function observed<T>(request: ApiRequest, work: (note: Note) => Promise<T>): Promise<T> {
    const started = performance.now();
    let status: number | undefined;
    try {
      return await work((answered) => status = answered);
    } finally {
      settings.onRequest?.({
        method: request.method,
        path: request.path,
        ...(status === undefined ? {} : { status }),
        durationMs: performance.now() - started,
      });
    }
  }
}

function attemptOf({ doing, isSecret }: ApiRequest, server: string): Attempt {
  return { doing, server, ...(isSecret === undefined ? {} : { isSecret }) };
}

/** Until when an answer is waited for. */
interface Waiting {
  readonly signal: AbortSignal;
  readonly idleMs?: number;
  readonly headersMs?: number;
}

/** Takes down the status of the answer. */
type Note = (status: number) => void;

function headersOf(
  request: ApiRequest,
  credentials: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    "user-agent": USER_AGENT,
    accept: request.accept ?? "application/json",
    ...(request.contentType === undefined ? {} : { "content-type": request.contentType }),
    ...credentials,
  };
}

/** The body of a successful answer; throws the refusal for any other. */
async function successText(attempt: Attempt, answer: OpenStream): Promise<string> {
  const body = new TextDecoder().decode(await readAll(answer, MAX_ANSWER_BYTES));
  if (answer.status >= 200 && answer.status < 300) return body;
  throw refusal(attempt, { ...answer, body });
}

function parseAnswer(attempt: Attempt, text: string): JsonValue {
  try {
    return parseExactJson(text);
  } catch {
    throw unreadable(attempt); // without its cause: a SyntaxError quotes what it read
  }
}

/** Whatever ended a request, as the port wants it: the caller's own reason or a ClusterError. */
function failure(attempt: Attempt, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof ClusterError) return error;
  if (error instanceof StreamIdleError) return noAnswer(attempt, error.idleMs);
  return networkFailure(attempt, error);
}
