// SPDX-License-Identifier: Apache-2.0

/** How a request is sent, and when waiting for its answer ends. */
export interface StreamRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Follow redirects (the default) or hand them back. */
  readonly redirect?: "follow" | "manual";
  /** Connections and certificates; Deno's own when absent. */
  readonly client?: Deno.HttpClient;
  readonly signal: AbortSignal;
  /** Longest silence between two pieces of the body. Absent: no limit. */
  readonly idleMs?: number;
  /** Longest wait for the headers. Absent: `idleMs`. */
  readonly headersMs?: number;
}

/** An answer whose body has not been read yet. */
export interface OpenStream {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  /** Where the answer came from, after redirects. */
  readonly url: string;
  /** The body, once. Leaving the loop early closes the connection. */
  chunks(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>;
  /**
   * The body in one piece, in place of `chunks()`.
   *
   * @throws {RangeError} If there are more than `maxBytes`
   */
  bytes(maxBytes: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Gives the connection up. Needed when the body is not read; harmless otherwise. */
  close(): void;
}

/** Thrown when nothing arrived for `idleMs` (or `headersMs`). */
export class StreamIdleError extends Error {
  override readonly name = "StreamIdleError";
  constructor(readonly idleMs: number) {
    super(`nothing received for ${idleMs / 1000} s`);
  }
}

/**
 * Sends a request such that its abort cannot be lost.
 *
 * In Deno 2.9 the signal given to `fetch` is forgotten once the Response has been garbage
 * collected: the body then never ends and its socket leaks. So the Response is kept, the headers
 * are raced against the abort, and the body is ended through its reader.
 *
 * @throws the reason of `signal`, {@linkcode StreamIdleError}, or what `fetch` throws
 */
export async function openStream(url: string | URL, request: StreamRequest): Promise<OpenStream> {
  const { signal, idleMs, headersMs = idleMs, ...init } = request;
  signal.throwIfAborted();
  const ending = watchForEnd(signal);
  try {
    ending.listen(headersMs);
    const answer = fetch(url, { ...init, signal: ending.signal });
    // An answer that arrives after the end is nobody's: close it, or its socket stays open.
    answer.then((late) => ending.ended && abandon(late), () => {});
    const response = await Promise.race([answer, ending.promise]);
    ending.heard();
    return streamOf(response, { ending, idleMs });
  } catch (error) {
    ending.release();
    ending.throwIfEnded();
    throw error;
  }
}

/** Watches for what ends a stream from outside: the caller's abort, or silence. */
interface Ending {
  /** Given to `fetch`. */
  readonly signal: AbortSignal;
  /** Rejects at the end. */
  readonly promise: Promise<never>;
  readonly ended: boolean;
  /** Throws why it ended, if it has. */
  throwIfEnded(): void;
  /** Waiting begins: silence counts from now. */
  listen(silenceMs: number | undefined): void;
  /** Something arrived. How long the caller takes to read it is not silence. */
  heard(): void;
  /** Ends the stream now. */
  end(reason: unknown): void;
  /** What else must be told of the end. */
  onEnd(listener: (reason: unknown) => void): void;
  /** Stops watching. */
  release(): void;
}

function watchForEnd(signal: AbortSignal): Ending {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {}); // the race may be over by then
  const controller = new AbortController();
  let ended: { readonly reason: unknown } | undefined;
  let listener: (reason: unknown) => void = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = (reason: unknown): void => {
    if (ended !== undefined) return;
    ended = { reason };
    reject(reason);
    controller.abort(reason);
    listener(reason);
  };
  const abort = (): void => end(signal.reason);
  const heard = (): void => clearTimeout(timer);
  const listen = (silenceMs: number | undefined): void => {
    heard();
    if (silenceMs === undefined || ended !== undefined) return;
    timer = setTimeout(() => end(new StreamIdleError(silenceMs)), silenceMs);
  };
  signal.addEventListener("abort", abort, { once: true });
  return {
    signal: controller.signal,
    promise,
    get ended() {
      return ended !== undefined;
    },
    throwIfEnded: () => {
      if (ended !== undefined) throw ended.reason;
    },
    listen,
    heard,
    end,
    onEnd: (told) => {
      listener = told;
    },
    release: () => {
      heard();
      signal.removeEventListener("abort", abort);
    },
  };
}

interface StreamEnds {
  readonly ending: Ending;
  readonly idleMs: number | undefined;
}

function streamOf(response: Response, { ending, idleMs }: StreamEnds): OpenStream {
  ending.onEnd(() => abandon(response));
  const chunks = () => readChunks(response, { ending, idleMs });
  return {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
    url: response.url,
    chunks,
    bytes: (maxBytes) =>
      isSmall(response, maxBytes)
        ? readSmall(response, { ending, idleMs })
        : joinChunks(chunks(), maxBytes),
    close: () => {
      ending.release();
      ending.end(new DOMException("The stream was closed", "AbortError"));
    },
  };
}

/** One buffer for all reads: left alone, Deno takes a new one of this size for every event. */
const BUFFER_BYTES = 64 * 1024;

async function* readChunks(
  response: Response,
  { ending, idleMs }: StreamEnds,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  let reader: ReadableStreamBYOBReader | undefined;
  try {
    ending.throwIfEnded();
    reader = response.body?.getReader({ mode: "byob" });
    ending.onEnd((reason) => quietly(reader?.cancel(reason)));
    let buffer = new Uint8Array(BUFFER_BYTES);
    while (reader !== undefined) {
      ending.listen(idleMs);
      const piece = await reader.read(buffer);
      ending.heard();
      ending.throwIfEnded();
      if (piece.done) return;
      yield piece.value.slice();
      buffer = new Uint8Array(piece.value.buffer);
    }
  } catch (error) {
    ending.throwIfEnded();
    throw error;
  } finally {
    ending.release();
    quietly(reader?.cancel());
  }
}

/** Bodies of at most this size are read whole: several times cheaper than piece by piece. */
const SMALL_BYTES = 1024 * 1024;

function isSmall({ headers }: Response, maxBytes: number): boolean {
  const length = headers.get("content-length");
  return length !== null && Number(length) <= Math.min(SMALL_BYTES, maxBytes);
}

async function readSmall(
  response: Response,
  { ending, idleMs }: StreamEnds,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    ending.throwIfEnded();
    ending.listen(idleMs);
    return await Promise.race([response.bytes(), ending.promise]);
  } catch (error) {
    ending.throwIfEnded();
    throw error;
  } finally {
    ending.release();
    // The abort reaches the connection only while the Response is there to be told of it.
    keepAlive(response);
  }
}

async function joinChunks(
  chunks: AsyncIterable<Uint8Array<ArrayBuffer>>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const piece of chunks) {
    size += piece.length;
    if (size > maxBytes) {
      throw new RangeError(`Cannot read an answer of more than ${maxBytes} bytes`);
    }
    pieces.push(piece);
  }
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

/** A use of `value` that is not optimised away. */
function keepAlive(value: Response): boolean {
  return value.bodyUsed;
}

/** Lets go of an answer whose body nobody reads. */
function abandon(response: Response): void {
  if (!response.bodyUsed) quietly(response.body?.cancel());
}

/** What fails while a stream is being given up has no one left to tell. */
function quietly(closing: Promise<unknown> | undefined): void {
  closing?.catch(() => {});
}

/** The rest of a body, in one piece. */
export function readAll(stream: OpenStream, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  return stream.bytes(maxBytes);
}
