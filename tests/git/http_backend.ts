// SPDX-License-Identifier: Apache-2.0

/**
 * A smart-HTTP Git server on loopback around `git http-backend`, with faults on demand.
 *
 * Needs the git command; for suites and demonstrations only.
 *
 * @module
 */

import { deflateSync } from "node:zlib";

/** What goes wrong, and where in the body. */
export type Fault =
  /** No answer at all. */
  | { readonly type: "hang" }
  /** The body stops arriving after `atByte`, the connection stays open. */
  | { readonly type: "stall"; readonly atByte: number }
  /** The connection breaks after `atByte`. */
  | { readonly type: "cut"; readonly atByte: number }
  /** The body ends properly after `atByte`. */
  | { readonly type: "short"; readonly atByte: number }
  /** The same, but an answer that is no longer than that is whole. */
  | { readonly type: "bounded"; readonly atByte: number }
  /** One byte is another. */
  | { readonly type: "corrupt"; readonly atByte: number }
  | { readonly type: "status"; readonly status: number }
  | { readonly type: "redirect"; readonly to: string; readonly status?: number }
  /** Another pack than the one that was asked for. */
  | { readonly type: "pack"; readonly pack: Uint8Array }
  /** A pack that never ends. */
  | { readonly type: "endless" }
  /** The server reads something else than was sent. */
  | { readonly type: "asked"; readonly rewrite: (request: string) => string }
  /** A list of so many refs, all of one commit. */
  | { readonly type: "refs"; readonly count: number; readonly commit: string };

/** The request that a fault hits: the list of refs, the objects, or each. */
export type FaultPlace = "refs" | "pack" | "any";

/** A request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly place: "advertisement" | "refs" | "pack" | "push";
  readonly authorization: string | null;
}

/** What the server is told at its start. */
export interface BackendOptions {
  /** Directory that holds the repositories; `<url>/<name>` serves `<root>/<name>`. */
  readonly root: string;
  /** Loopback port; a free one when absent. */
  readonly port?: number;
  /** Demanded of every request when given. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** Speaks https with this certificate. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** A server that runs. Close it with `await using` or `close()`. */
export interface GitHttpBackend extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, or https. */
  readonly url: string;
  readonly port: number;
  readonly requests: readonly SeenRequest[];
  /** Forgets the requests seen so far. */
  forgetRequests(): void;
  /** From now on requests of this place fail so; `undefined` mends the server. */
  setFault(fault: Fault | undefined, place?: FaultPlace): void;
  close(): Promise<void>;
}

interface Injected {
  readonly fault: Fault;
  readonly place: FaultPlace;
}

/** Starts the server. */
export function startGitHttpBackend(options: BackendOptions): GitHttpBackend {
  const requests: SeenRequest[] = [];
  const stopping = new AbortController();
  let injected: Injected | undefined;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: options.port ?? 0, onListen: () => {}, ...options.tls },
    async (request) => {
      const body = new Uint8Array(await request.arrayBuffer());
      const seen = seenRequest(request, body);
      requests.push(seen);
      if (injected !== undefined && isHit(injected.place, seen.place)) {
        const read = requestRead(injected.fault, body);
        const answer = () => serve(request, read, options);
        return await failing({ fault: injected.fault, body }, stopping.signal, answer);
      }
      return await serve(request, body, options);
    },
  );
  const close = async (): Promise<void> => {
    stopping.abort();
    await server.shutdown();
  };
  return {
    url: `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${server.addr.port}`,
    port: server.addr.port,
    requests,
    forgetRequests: () => void requests.splice(0),
    setFault: (fault, place = "any") => {
      injected = fault === undefined ? undefined : { fault, place };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function requestRead(fault: Fault, body: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (fault.type !== "asked") return body;
  return new TextEncoder().encode(fault.rewrite(new TextDecoder().decode(body)));
}

function seenRequest(request: Request, body: Uint8Array): SeenRequest {
  const { pathname } = new URL(request.url);
  return {
    method: request.method,
    path: pathname,
    place: placeOf(request.method, pathname, body),
    authorization: request.headers.get("authorization"),
  };
}

function placeOf(method: string, path: string, body: Uint8Array): SeenRequest["place"] {
  if (method === "GET") return "advertisement";
  if (path.endsWith("/git-receive-pack")) return "push";
  const start = new TextDecoder("latin1").decode(body.subarray(0, 200));
  return start.includes("command=ls-refs") ? "refs" : "pack";
}

function isHit(fault: FaultPlace, seen: SeenRequest["place"]): boolean {
  return fault === "any" || fault === seen || (fault === "refs" && seen === "advertisement");
}

async function serve(
  request: Request,
  body: Uint8Array<ArrayBuffer>,
  options: BackendOptions,
): Promise<Response> {
  const { credentials } = options;
  if (credentials !== undefined && !isAuthorized(request, credentials)) {
    return new Response("who are you", {
      status: 401,
      headers: { "www-authenticate": 'Basic realm="git"' },
    });
  }
  const child = new Deno.Command("git", {
    args: ["http-backend"],
    env: environmentOf(request, body, options.root),
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  // The backend may refuse before it has read everything; its answer says why.
  const written = writer.write(body).then(() => writer.close()).catch(() => {});
  const { stdout } = await child.output();
  await written;
  return responseOf(stdout);
}

function isAuthorized(
  request: Request,
  expected: { readonly username: string; readonly password: string },
): boolean {
  const header = `Basic ${btoa(`${expected.username}:${expected.password}`)}`;
  return request.headers.get("authorization") === header;
}

function environmentOf(
  request: Request,
  body: Uint8Array,
  root: string,
): Record<string, string> {
  const url = new URL(request.url);
  return {
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: "1",
    // Deny nothing that these tests need, whatever the machine's own settings say.
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_COUNT: "3",
    GIT_CONFIG_KEY_0: "safe.directory",
    GIT_CONFIG_VALUE_0: "*",
    GIT_CONFIG_KEY_1: "http.receivepack",
    GIT_CONFIG_VALUE_1: "true",
    GIT_CONFIG_KEY_2: "uploadpack.allowAnySHA1InWant",
    GIT_CONFIG_VALUE_2: "false",
    PATH_INFO: decodeURIComponent(url.pathname),
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: request.method,
    REMOTE_ADDR: "127.0.0.1",
    REMOTE_USER: "tester",
    CONTENT_TYPE: request.headers.get("content-type") ?? "",
    CONTENT_LENGTH: String(body.length),
    HTTP_CONTENT_ENCODING: request.headers.get("content-encoding") ?? "",
    GIT_PROTOCOL: request.headers.get("git-protocol") ?? "",
  };
}

/** Cuts the header lines that a CGI program writes off its answer. */
function responseOf(output: Uint8Array<ArrayBuffer>): Response {
  const gap = findGap(output);
  const headers = new Headers();
  let status = 200;
  for (const line of new TextDecoder().decode(output.subarray(0, gap)).split("\r\n")) {
    const [, name, value] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
    else headers.set(name, value);
  }
  return new Response(output.subarray(gap + 4), { status, headers });
}

function findGap(output: Uint8Array): number {
  const text = new TextDecoder("latin1").decode(output.subarray(0, 4096));
  const gap = text.indexOf("\r\n\r\n");
  return gap < 0 ? output.length : gap;
}

async function failing(
  { fault, body }: { readonly fault: Fault; readonly body: Uint8Array },
  stopping: AbortSignal,
  answer: () => Promise<Response>,
): Promise<Response> {
  switch (fault.type) {
    case "hang":
      await aborted(stopping);
      return new Response(null, { status: 503 });
    case "status":
      return new Response("broken on purpose", { status: fault.status });
    case "redirect":
      return new Response(null, {
        status: fault.status ?? 302,
        headers: { location: fault.to },
      });
    case "pack":
      return packAnswer(body, [fault.pack].values());
    case "endless":
      return packAnswer(body, noise());
    case "asked":
      return await answer();
    case "refs":
      return body.length === 0 ? await answer() : listAnswer(fault);
    default:
      return damaged(fault, stopping, await answer());
  }
}

const PACK_TYPE = { "content-type": "application/x-git-upload-pack-result" };
const MAX_BAND_BYTES = 65_515;

/** A pack in the form that the request asks for: of version 2, or of the one before. */
function packAnswer(body: Uint8Array, parts: Iterator<Uint8Array>): Response {
  const start = new TextDecoder("latin1").decode(body.subarray(0, 200));
  const isNew = start.includes("command=fetch");
  const isDone = new TextDecoder("latin1").decode(body).includes("0009done\n");
  const ready = isNew && !isDone ? "0014acknowledgments\n000aready\n0001" : "";
  const greeting = `${ready}${isNew ? "000dpackfile\n" : "0008NAK\n"}`;
  let rest = new Uint8Array();
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(greeting)),
    pull(controller) {
      if (rest.length === 0) rest = new Uint8Array(parts.next().value ?? []);
      if (rest.length === 0) {
        controller.enqueue(new TextEncoder().encode("0000"));
        controller.close();
        return;
      }
      controller.enqueue(packet(rest.subarray(0, MAX_BAND_BYTES)));
      rest = rest.subarray(MAX_BAND_BYTES);
    },
  });
  return new Response(stream, { headers: PACK_TYPE });
}

function* noise(): Generator<Uint8Array, void, undefined> {
  yield new Uint8Array([...new TextEncoder().encode("PACK"), 0, 0, 0, 2, 0, 1, 0xff, 0xff]);
  const blob = crypto.getRandomValues(new Uint8Array(60_000));
  const size = [
    0x30 | (blob.length & 15) | 0x80,
    (blob.length >> 4) & 127 | 0x80,
    blob.length >> 11,
  ];
  const entry = new Uint8Array([...size, ...deflateSync(blob, { level: 0 })]);
  for (;;) yield entry;
}

function listAnswer({ count, commit }: Extract<Fault, { readonly type: "refs" }>): Response {
  let [from, isDone] = [0, false];
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const size = Math.min(1_000, count - from);
      const lines = Array.from({ length: size }, (_none, at) => {
        const line = `${commit} refs/heads/branch-${from + at}\n`;
        return (line.length + 4).toString(16).padStart(4, "0") + line;
      });
      from += size;
      if (size > 0) controller.enqueue(new TextEncoder().encode(lines.join("")));
      if (from < count || isDone) return;
      isDone = true;
      controller.enqueue(new TextEncoder().encode("0000"));
      controller.close();
    },
  });
  return new Response(stream, { headers: PACK_TYPE });
}

/** The pack goes over the first of three bands. */
function packet(content: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = (content.length + 5).toString(16).padStart(4, "0");
  return new Uint8Array([...new TextEncoder().encode(length), 1, ...content]);
}

async function damaged(
  fault: Extract<Fault, { readonly atByte: number }>,
  stopping: AbortSignal,
  response: Response,
): Promise<Response> {
  const whole = new Uint8Array(await response.arrayBuffer());
  const { status, headers } = response;
  if (fault.type === "bounded" && whole.length <= fault.atByte) {
    return new Response(whole, { status, headers });
  }
  const at = Math.min(fault.atByte, whole.length - 1);
  if (fault.type === "corrupt") {
    whole[at] = (whole[at] ?? 0) ^ 0x5a;
    return new Response(whole, { status, headers });
  }
  const start = whole.subarray(0, at);
  if (fault.type === "short" || fault.type === "bounded") {
    return new Response(start, { status, headers });
  }
  headers.delete("content-length");
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async start(controller) {
      controller.enqueue(start);
      if (fault.type === "stall") await aborted(stopping);
      controller.error(new TypeError("cut on purpose"));
    },
  });
  return new Response(body, { status, headers });
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}

/** Runs git in a directory and gives what it prints, without the last line break. */
export async function git(directory: string, ...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args: ["-C", directory, ...args],
    env: {
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "Tess Ter",
      GIT_AUTHOR_EMAIL: "tess@example.com",
      GIT_COMMITTER_NAME: "Tess Ter",
      GIT_COMMITTER_EMAIL: "tess@example.com",
    },
  }).output();
  if (success) return new TextDecoder().decode(stdout).trimEnd();
  throw new TypeError(`git ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
}
