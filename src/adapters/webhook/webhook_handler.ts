// SPDX-License-Identifier: Apache-2.0

import { errorText } from "../../runtime/mod.ts";
import type { Clock, Logger } from "../../runtime/ports.ts";
import { deliveryEvent } from "./delivery_event.ts";
import { beginProof, type DeliveryProof } from "./delivery_proof.ts";
import { createTokenBuckets, type RateLimit } from "./token_buckets.ts";
import { unreachable } from "../../language/mod.ts";

/** What the webhook works with. */
export interface WebhookSettings {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The secrets that are good now; rejects when they cannot be read. */
  secrets(): Promise<readonly string[]>;
  /** Makes the next look at the repository due now. Nothing of the delivery reaches it. */
  wake(): void;
  readonly limits?: Partial<WebhookLimits>;
}

/** How much of senders is borne. */
export interface WebhookLimits extends RateLimit {
  /** Bytes of a body. GitHub sends at most 25 MiB. */
  readonly maxBodyBytes: number;
  /** Time for a body to arrive. */
  readonly maxBodyMs: number;
  /** Bodies read at the same time. */
  readonly maxOpen: number;
}

const DEFAULT_LIMITS: WebhookLimits = {
  burst: 60,
  perSecond: 5,
  maxSenders: 1_000,
  maxBodyBytes: 25 * 1024 * 1024,
  maxBodyMs: 10_000,
  maxOpen: 32,
};

/** Answers one delivery. `sender` tells senders apart: their address. Never rejects. */
export type WebhookHandler = (request: Request, sender: string) => Promise<Response>;

/**
 * Receives deliveries of Git servers. All that a good one does is to wake: what it says is never
 * believed, only fetched again.
 */
export function createWebhookHandler(settings: WebhookSettings): WebhookHandler {
  const limits = { ...DEFAULT_LIMITS, ...settings.limits };
  const buckets = createTokenBuckets(settings.clock, limits);
  let open = 0;
  return async (request, sender) => {
    const waitSeconds = buckets.take(sender);
    if (waitSeconds > 0) return tooMany(waitSeconds);
    const refusal = refusalOf(request, limits);
    if (refusal !== undefined) return refusal;
    if (open >= limits.maxOpen) return tooMany(1);
    open++;
    try {
      return await answer(request, settings, limits);
    } finally {
      open--;
    }
  };
}

const CONTENT_TYPE = /^application\/(?:json|x-www-form-urlencoded)\s*(?:;|$)/i;

/** What can be said before anything is read. */
function refusalOf({ method, headers }: Request, limits: WebhookLimits): Response | undefined {
  if (method !== "POST") return says(405, "Send deliveries with POST", { allow: "POST" });
  if (!CONTENT_TYPE.test(headers.get("content-type") ?? "")) {
    return says(415, "Send deliveries as application/json");
  }
  if (Number(headers.get("content-length") ?? 0) > limits.maxBodyBytes) return tooLarge(limits);
  return undefined;
}

async function answer(
  request: Request,
  settings: WebhookSettings,
  limits: WebhookLimits,
): Promise<Response> {
  const secrets = await settings.secrets().catch((error: unknown) => {
    const message = errorText(error);
    settings.logger.log({ level: "error", message });
    return undefined;
  });
  if (secrets === undefined) return says(503, "Deliveries cannot be checked now");
  const proof = beginProof(request.headers, secrets);
  // The same answer whatever is wrong with it: a sender learns nothing about the secret.
  if (proof === undefined) return unknownSender();
  const end = await readBody(request, proof, { limits, clock: settings.clock });
  if (end === "too-large") return tooLarge(limits);
  if (end === "too-slow") return says(408, "The delivery did not arrive in time");
  if (end === "broken" || !proof.holds()) return unknownSender();
  return act(request, settings);
}

function act({ headers }: Request, { logger, wake }: WebhookSettings): Response {
  const event = deliveryEvent(headers);
  logger.log({ level: "debug", message: "Received a delivery of a Git server", fields: { event } });
  switch (event) {
    case "ping":
      return says(200, "Deliveries arrive");
    case "other":
      return says(202, "Nothing to do for this event");
    case "refs":
      wake();
      return says(202, "The repository is fetched");
    default:
      return unreachable(event);
  }
}

type BodyEnd = "whole" | "too-large" | "too-slow" | "broken";

/** Leads the body through the hashes; nothing of it is kept. */
async function readBody(
  request: Request,
  proof: DeliveryProof,
  { limits, clock }: { readonly limits: WebhookLimits; readonly clock: Clock },
): Promise<BodyEnd> {
  const reader = request.body?.getReader();
  if (reader === undefined) return "whole";
  const over = new AbortController();
  const late = clock.sleep(limits.maxBodyMs, { signal: over.signal })
    .then((): BodyEnd => "too-slow", (): BodyEnd => "broken");
  try {
    return await Promise.race([late, drain(reader, proof, limits)]);
  } finally {
    over.abort("read");
    // What is left of a body that nobody wants may fail as it likes.
    reader.cancel().catch(() => {});
  }
}

async function drain(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  proof: DeliveryProof,
  { maxBodyBytes }: WebhookLimits,
): Promise<BodyEnd> {
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return "whole";
      size += value.length;
      if (size > maxBodyBytes) return "too-large";
      proof.update(value);
    }
  } catch {
    return "broken"; // the sender went away: nobody is left to be told
  }
}

function tooMany(seconds: number): Response {
  return says(429, "Too many deliveries", { "retry-after": String(seconds) });
}

function tooLarge({ maxBodyBytes }: WebhookLimits): Response {
  return says(413, `A delivery has at most ${maxBodyBytes} bytes`);
}

function unknownSender(): Response {
  return says(401, "The delivery is not from a known sender");
}

function says(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
  });
}
