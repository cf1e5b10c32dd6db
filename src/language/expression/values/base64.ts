// SPDX-License-Identifier: Apache-2.0

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const VALUES: ReadonlyMap<string, number> = new Map(
  [...ALPHABET].map((character, value) => [character, value]),
);

/** Base64 of bytes (RFC 4648, padded). */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
    const present = Math.min(3, bytes.length - at);
    const bits = (a << 16) | (b << 8) | c;
    text += group(bits).slice(0, present + 1).padEnd(4, "=");
  }
  return text;
}

function group(bits: number): string {
  return [18, 12, 6, 0].map((shift) => ALPHABET[(bits >> shift) & 63]).join("");
}

/** The bytes that base64 text holds, or `undefined` when it is none: padding must be complete. */
export function fromBase64(text: string): Uint8Array | undefined {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  if (text.length % 4 !== 0) return undefined;
  const digits = text.slice(0, text.length - padding);
  const bytes = new Uint8Array(text.length / 4 * 3 - padding);
  let bits = 0;
  for (let at = 0, size = 0, to = 0; at < digits.length; at++) {
    const value = VALUES.get(digits[at] ?? "");
    if (value === undefined) return undefined;
    bits = ((bits << 6) | value) & 0xffffff;
    size += 6;
    if (size >= 8) bytes[to++] = (bits >> (size -= 8)) & 255;
  }
  return bytes;
}
