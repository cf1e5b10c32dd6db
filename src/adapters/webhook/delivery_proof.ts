// SPDX-License-Identifier: Apache-2.0

import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";
import { unreachable } from "../../language/mod.ts";

/** What a delivery claims, to be checked against its body. */
export interface DeliveryProof {
  /** Takes the next piece of the body. */
  update(piece: Uint8Array): void;
  /** Whether everything that the delivery showed holds. Call once, after the last piece. */
  holds(): boolean;
}

/** One thing that a delivery shows. */
type Claim =
  /** HMAC-SHA256 of what is signed: `prefix` and the body. */
  | { readonly type: "mac"; readonly prefix: string; readonly macs: readonly Uint8Array[] }
  /** The secret itself. */
  | { readonly type: "token"; readonly token: string };

/** A check that is under way. */
interface Check {
  update(piece: Uint8Array): void;
  holds(): boolean;
}

const HEX_MAC = /^[0-9a-f]{64}$/i;
const PREFIXED_MAC = /^sha256=([0-9a-f]{64})$/i;
/** Signatures in one header; more of them are made to cost time. */
const MAX_SIGNATURES = 8;

/**
 * Begins to check a delivery: GitHub, GitLab, Gitea, Forgejo, Bitbucket, and whatever else follows
 * one of their forms.
 *
 * Some senders show the same proof under several names; each that is shown must hold, so that none
 * rescues another. One may hold by one secret and the next by another: GitLab sends its two tokens
 * side by side, and they differ. Bodies are not kept: they go through the hashes piece by piece.
 *
 * @param headers Those of the delivery
 * @param secrets Any one of them is good: two while a secret is being replaced
 * @returns `undefined` when the delivery shows no proof, or one in no form of theirs
 */
export function beginProof(
  headers: Headers,
  secrets: readonly string[],
): DeliveryProof | undefined {
  const claims = claimsOf(headers);
  if (claims === undefined || claims.length === 0 || secrets.length === 0) return undefined;
  const checks = claims.map((claim) => secrets.map((secret) => beginCheck(claim, secret)));
  return {
    update(piece) {
      for (const check of checks.flat()) check.update(piece);
    },
    // No shortcut: how long it takes must not tell which secret or which claim failed.
    holds: () =>
      checks.map((each) => each.map((check) => check.holds()).some(Boolean)).every(Boolean),
  };
}

/** `undefined` when a header is there and not understood. */
function claimsOf(headers: Headers): readonly Claim[] | undefined {
  const claims: Claim[] = [];
  for (const { name, read } of FORMS) {
    const value = headers.get(name);
    const claim = value === null ? undefined : read(value, headers);
    if (claim === "unreadable") return undefined;
    if (claim !== undefined) claims.push(claim);
  }
  return claims;
}

type ReadClaim = (value: string, headers: Headers) => Claim | "unreadable" | undefined;

const prefixed: ReadClaim = (value) => macClaim(PREFIXED_MAC.exec(value)?.[1]);
const plain: ReadClaim = (value) => macClaim(HEX_MAC.exec(value)?.[0]);
/** GitHub and Gitea still send SHA-1 under this name, beside the better one: no proof here. */
const bitbucket: ReadClaim = (value, headers) =>
  value.startsWith("sha1=") ? undefined : prefixed(value, headers);

const FORMS: readonly { readonly name: string; readonly read: ReadClaim }[] = [
  { name: "x-hub-signature-256", read: prefixed }, // GitHub, Gitea, Forgejo
  { name: "x-hub-signature", read: bitbucket }, // Bitbucket Cloud and Data Center
  { name: "x-gitea-signature", read: plain },
  { name: "x-forgejo-signature", read: plain },
  { name: "webhook-signature", read: standardWebhook }, // GitLab's signing token
  { name: "x-gitlab-token", read: (token) => ({ type: "token", token }) },
];

function macClaim(hex: string | undefined): Claim | "unreadable" {
  if (hex === undefined) return "unreadable";
  return { type: "mac", prefix: "", macs: [Uint8Array.fromHex(hex)] };
}

/**
 * The Standard Webhooks form: `v1,<base64>` over id, time and body, several apart by spaces.
 *
 * Its time is not compared with ours: what a repeated delivery causes is one more fetch.
 */
function standardWebhook(value: string, headers: Headers): Claim | "unreadable" {
  const id = headers.get("webhook-id");
  const time = headers.get("webhook-timestamp");
  if (id === null || time === null) return "unreadable";
  const macs = value.split(" ").slice(0, MAX_SIGNATURES).flatMap((part) => {
    const base64 = /^v1,([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)$/.exec(part)?.[1];
    return base64 === undefined ? [] : [new Uint8Array(Buffer.from(base64, "base64"))];
  });
  return macs.length === 0 ? "unreadable" : { type: "mac", prefix: `${id}.${time}.`, macs };
}

function beginCheck(claim: Claim, secret: string): Check {
  switch (claim.type) {
    case "mac": {
      const mac = createHmac("sha256", keyOf(secret)).update(claim.prefix);
      return {
        update: (piece) => void mac.update(piece),
        holds: () => {
          const expected = mac.digest();
          return claim.macs.map((shown) => timingSafeEqual(shown, expected)).some(Boolean);
        },
      };
    }
    case "token":
      return {
        update: () => {},
        // Digests have one length, so that the comparison does not tell that of the secret.
        holds: () => timingSafeEqual(digestOf(claim.token), digestOf(secret)),
      };
    default:
      return unreachable(claim);
  }
}

/** `whsec_…` holds the key in Base64; every other secret is the key as it stands. */
function keyOf(secret: string): Uint8Array | string {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  return encoded === undefined ? secret : new Uint8Array(Buffer.from(encoded, "base64"));
}

function digestOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
