// SPDX-License-Identifier: Apache-2.0

import { joinBytes } from "../join_bytes.ts";

/** A commit or tag, taken apart into what was signed and the signature. */
export interface SignedObject {
  /** What was signed: the object without the signature. */
  readonly payload: Uint8Array;
  /** As it stands in the object, armored. */
  readonly signature: string;
}

const NEWLINE = 0x0a;
const SPACE = 0x20;
const LETTER_G = 0x67;
const HYPHEN = 0x2d;
/** Far more than any signature has. */
export const MAX_SIGNATURE_BYTES = 64 * 1024;
/** Lines that begin the armor are neither longer nor shorter. */
const ARMOR_BYTES = { min: 25, max: 64 };

/**
 * Takes the signature out of a commit, byte by byte: whatever its encoding, nothing else changes.
 *
 * Every header that begins with `gpgsig` is left out of the payload, as git does: that of the other
 * hash is no part of what either of them signs. Only `gpgsig` is a signature here, where ids are
 * SHA-1.
 *
 * @returns `undefined` when it is not signed; a signature that occurs twice is told as one that
 * cannot be read
 */
export function signedCommit(content: Uint8Array): SignedObject | undefined {
  const kept: Uint8Array[] = [];
  const signature: string[] = [];
  let header: "signature" | "other signature" | "kept" = "kept";
  let [found, signed, keptFrom, at] = [0, 0, 0, 0];
  while (at < content.length && content[at] !== NEWLINE) {
    const line = content.subarray(at, endOfLine(content, at));
    at += line.length;
    if (line[0] !== SPACE) header = headerOf(line);
    if (header === "kept") continue;
    kept.push(content.subarray(keptFrom, at - line.length));
    keptFrom = at;
    if (header !== "signature") continue;
    if (line[0] !== SPACE) found++;
    signed += line.length;
    if (signed > MAX_SIGNATURE_BYTES) continue;
    signature.push(latin1(line.subarray(line[0] === SPACE ? 1 : "gpgsig ".length)));
  }
  if (found === 0) return undefined;
  kept.push(content.subarray(keptFrom));
  const isReadable = found === 1 && signed <= MAX_SIGNATURE_BYTES;
  return { payload: joinBytes(kept), signature: isReadable ? signature.join("") : "" };
}

function headerOf(line: Uint8Array): "signature" | "other signature" | "kept" {
  if (line[0] !== LETTER_G) return "kept"; // nearly all there are, and as many as somebody likes
  const start = latin1(line.subarray(0, 7));
  if (start === "gpgsig ") return "signature";
  return start.startsWith("gpgsig") ? "other signature" : "kept";
}

const ARMOR = /^-----BEGIN (?:PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE|SIGNED MESSAGE)-----$/;

/**
 * Cuts the signature off the end of an annotated tag.
 *
 * @returns `undefined` when it is not signed
 */
export function signedTag(content: Uint8Array): SignedObject | undefined {
  let start = -1;
  for (let at = 0; at < content.length;) {
    const end = endOfLine(content, at);
    // The last one counts, as in git: a message may speak of another.
    if (mayBeArmor(content, at, end) && isArmor(content.subarray(at, end))) start = at;
    at = end;
  }
  if (start < 0) return undefined;
  return { payload: content.subarray(0, start), signature: latin1(content.subarray(start)) };
}

function mayBeArmor(content: Uint8Array, at: number, end: number): boolean {
  const { min, max } = ARMOR_BYTES;
  return content[at] === HYPHEN && end - at >= min && end - at < max;
}

function isArmor(line: Uint8Array): boolean {
  return ARMOR.test(latin1(line).trimEnd());
}

/** Behind the line break. */
function endOfLine(content: Uint8Array, at: number): number {
  const end = content.indexOf(NEWLINE, at);
  return end < 0 ? content.length : end + 1;
}

/** What is looked at here is ASCII; every other byte becomes some character, and none is lost. */
function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
