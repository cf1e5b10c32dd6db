// SPDX-License-Identifier: Apache-2.0

import { type AllowedSigner, matchesPatterns, readAllowedSigners } from "./allowed_signers.ts";
import { type PresentedKey } from "./ssh_certificate.ts";
import { fingerprint } from "./ssh_key.ts";
import { readSshSignature, type SshSignature } from "./ssh_signature.ts";
import { SshFormatError } from "./ssh_wire.ts";
import { bad, type SignatureCheck, type Verdict } from "./verdict.ts";

/** What git signs for. */
const NAMESPACE = "git";

/**
 * Checks SSH signatures against those who may sign.
 *
 * Times are compared with the one that the commit states, as git does: a commit stays good when its
 * key expires.
 *
 * @param text An `allowed_signers` file
 * @param what The file, for errors
 * @throws {SecretFileError} If the file cannot be read
 */
export function createSshCheck(text: string, what: string): SignatureCheck {
  const signers = readAllowedSigners(text, what);
  return {
    marks: ["-----BEGIN SSH SIGNATURE-----"],
    accepted: signers.map(describe),
    check: (payload, signature, signedAt) =>
      Promise.resolve(checkSsh(signers, { payload, signature, signedAt })),
  };
}

function describe({ principals, key, isAuthority }: AllowedSigner): string {
  const role = isAuthority ? "authority " : "";
  return `${principals} (${role}${key.type} ${fingerprint(key)})`;
}

interface Signed {
  readonly payload: Uint8Array;
  readonly signature: string;
  readonly signedAt: number;
}

function checkSsh(signers: readonly AllowedSigner[], signed: Signed): Verdict {
  try {
    const read = readSshSignature(signed.signature, NAMESPACE);
    return checkRead(signers, read, signed);
  } catch (error) {
    if (!(error instanceof SshFormatError)) throw error;
    return bad(`its SSH signature cannot be used: ${error.message}`);
  }
}

function checkRead(
  signers: readonly AllowedSigner[],
  { presented, fits }: SshSignature,
  { payload, signedAt }: Signed,
): Verdict {
  const own = signers.filter((signer) => isKeyOf(signer, presented));
  const shown = `${presented.key.type} ${fingerprint(presented.key)}`;
  if (own.length === 0) return bad(`it is signed by a key that is not allowed, ${shown}`);
  if (!fits(payload)) {
    return bad(`its signature does not fit its content: one of them was altered (${shown})`);
  }
  const refusals = own.map((signer) => whyNot(signer, presented, signedAt));
  const good = own.find((_signer, index) => refusals[index] === undefined);
  if (good !== undefined) return { type: "good", signer: good.principals };
  return bad(`it is signed by ${own[0]?.principals}, but ${refusals[0]} (${shown})`);
}

function isKeyOf({ key, isAuthority }: AllowedSigner, { key: own, certificate }: PresentedKey) {
  if (isAuthority) {
    return certificate !== undefined && isSame(key.blob, certificate.authority.blob);
  }
  // A certificate is not needed where the key itself is named.
  return isSame(key.blob, own.blob);
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/** Why a signer may not sign this after all. */
function whyNot(
  signer: AllowedSigner,
  { certificate }: PresentedKey,
  signedAt: number,
): string | undefined {
  const { namespaces, validAfter, validBefore } = signer;
  if (namespaces !== undefined && !matchesPatterns(NAMESPACE, namespaces)) {
    return `that key may sign for ${namespaces} only, and not for ${NAMESPACE}`;
  }
  if (validAfter !== undefined && signedAt < validAfter) {
    return `that key is valid only from ${timeText(validAfter)} on`;
  }
  if (validBefore !== undefined && signedAt > validBefore) {
    return `that key has expired at ${timeText(validBefore)}`;
  }
  if (!signer.isAuthority || certificate === undefined) return undefined;
  const { principals, validAfter: from, validBefore: to } = certificate;
  const at = BigInt(Math.max(signedAt, 0));
  if (at < from) return `its certificate is valid only from ${timeText(Number(from))} on`;
  if (at >= to) return `its certificate has expired at ${timeText(Number(to))}`;
  if (principals.some((one) => matchesPatterns(one, signer.principals))) return undefined;
  return `its certificate is for ${principals.join(", ") || "nobody"}`;
}

function timeText(seconds: number): string {
  const date = new Date(seconds * 1_000);
  return Number.isNaN(date.getTime()) ? "an unknown time" : date.toISOString();
}
