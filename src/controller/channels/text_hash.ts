// SPDX-License-Identifier: Apache-2.0

/** FNV-1a over UTF-16 units, in 32 bits: the same for the same text, everywhere and for ever. */
export function textHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
