// SPDX-License-Identifier: Apache-2.0

import type { Abortable } from "../runtime/ports.ts";
import { networkReason } from "./network_reason.ts";

/** A running controller that was asked and did not answer as one does. */
export class ControllerError extends Error {
  override readonly name = "ControllerError";
  /**
   * @param code `unreachable` (no connection), `timeout` (no answer in time), `refused` (it may
   * not be asked from here), `no-controller` (whatever answers there is something else),
   * `unknown-name` (it has nothing of that name), `not-ready` (it cannot say yet)
   */
  constructor(
    readonly code:
      | "unreachable"
      | "timeout"
      | "refused"
      | "no-controller"
      | "unknown-name"
      | "not-ready",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** How long an answer may take, and how large it may be. */
export interface AskLimits {
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 64 * 1024 * 1024;
/** Of a sentence of the controller, in characters: it may name channels. */
const MAX_EXPLANATION = 2_000;

/**
 * Asks a running controller for a JSON document.
 *
 * @param base Its address, for example `http://127.0.0.1:8080`; a path in it is kept
 * @param path For example `api/v1/channels`
 * @returns The document, unchecked
 * @throws {ControllerError} If there is no answer, or none of a controller
 */
export async function askController(
  base: URL,
  path: string,
  { signal, timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES }: Abortable & AskLimits,
): Promise<unknown> {
  const url = new URL(path, base.href.endsWith("/") ? base : `${base.href}/`);
  const limit = AbortSignal.timeout(timeoutMs);
  const asking = `Cannot ask the controller at ${base.origin}`;
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, limit]),
      headers: { accept: "application/json" },
      redirect: "manual",
    });
    return await documentOf(response, { asking, maxBytes });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ControllerError) throw error;
    if (limit.aborted) {
      throw new ControllerError("timeout", `${asking}: no answer within ${timeoutMs / 1_000} s`);
    }
    const where = "it answers where --listen says, and from elsewhere through kubectl port-forward";
    const message = `${asking}: ${networkReason(error)}; ${where}`;
    throw new ControllerError("unreachable", message, { cause: error });
  }
}

async function documentOf(
  response: Response,
  { asking, maxBytes }: { readonly asking: string; readonly maxBytes: number },
): Promise<unknown> {
  const { status, headers } = response;
  const text = await boundedText(response, maxBytes);
  const isJson = headers.get("content-type")?.startsWith("application/json") ?? false;
  const document = isJson && text !== undefined ? parse(text) : undefined;
  const explained = explanationIn(document);
  if (status === 404 && explained) throw new ControllerError("unknown-name", explained);
  if (status === 503 && explained) throw new ControllerError("not-ready", explained);
  if (status === 403) throw new ControllerError("refused", `${asking}: ${firstLine(text)}`);
  if (status === 200 && document !== undefined) return document;
  const why = text === undefined ? `more than ${maxBytes} bytes` : `status ${status}`;
  throw new ControllerError(
    "no-controller",
    `${asking}: what answers there is no koreo controller, or an older one (${why})`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whatever it is, it is told as no controller.
    return undefined;
  }
}

/** What a controller says of a question that it cannot answer: `{"error": {"message": "…"}}`. */
function explanationIn(document: unknown): string | undefined {
  const { error } = (document ?? {}) as { readonly error?: { readonly message?: unknown } };
  return typeof error?.message === "string" ? firstLine(error.message, MAX_EXPLANATION) : undefined;
}

/** The text of an answer; `undefined` when it is larger. */
async function boundedText(response: Response, maxBytes: number): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > maxBytes) return undefined;
    parts.push(part);
  }
  return await new Blob(parts.map((part) => part.slice())).text();
}

/** An error of somebody else is not printed at length. */
function firstLine(text: string | undefined, maxLength = 200): string {
  const [line = ""] = (text ?? "").split("\n");
  return line.slice(0, maxLength) || "it may not be asked from here";
}
