// SPDX-License-Identifier: Apache-2.0

/** Smaller arrays may share their room with others, and are collected soon. */
const MIN_BYTES = 16 * 1024;

/**
 * Frees the room of bytes that nobody looks at any more; they are empty then.
 *
 * A collection of garbage comes late for large arrays: the versions that a chain of deltas makes
 * would take hundreds of megabytes before it does.
 */
export function freeBytes({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength >= MIN_BYTES) buffer.transfer(0);
}
