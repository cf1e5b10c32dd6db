// SPDX-License-Identifier: Apache-2.0

import { TransportError } from "./failure.ts";
import { sizeAt } from "./pack_entry.ts";

/** More than an array of bytes can hold everywhere. */
const MAX_BYTES = 2 ** 31 - 1;

/** What the sizes of a delta take at most: seven bytes each. */
export const MAX_SIZES_BYTES = 14;

/** The sizes that a delta begins with, and where its instructions begin. */
export interface DeltaSizes {
  readonly base: number;
  readonly result: number;
  readonly next: number;
}

/** Reads the head of a delta. */
export function deltaSizes(delta: Uint8Array): DeltaSizes {
  const base = sizeAt(delta, 0, delta.length);
  const result = sizeAt(delta, base.next, delta.length);
  return { base: base.value, result: result.value, next: result.next };
}

/**
 * Makes an object out of another one: a delta copies ranges of the base and adds bytes of its own.
 *
 * @throws {TransportError} `broken-transfer` if it does not fit the base
 */
export function applyDelta(base: Uint8Array, delta: Uint8Array): Uint8Array {
  const sizes = deltaSizes(delta);
  if (sizes.base !== base.length || sizes.result > MAX_BYTES) throw misfit();
  const result = new Uint8Array(sizes.result);
  let filled = 0;
  let at = sizes.next;
  const add = (bytes: Uint8Array, length: number): void => {
    if (bytes.length !== length || filled + length > result.length) throw misfit();
    result.set(bytes, filled);
    filled += length;
  };
  while (at < delta.length) {
    const instruction = delta[at++] ?? 0;
    if (instruction & 0x80) {
      const range = copyRange(delta, instruction, at);
      add(base.subarray(range.offset, range.offset + range.length), range.length);
      at = range.next;
    } else {
      if (instruction === 0) throw misfit();
      add(delta.subarray(at, at + instruction), instruction);
      at += instruction;
    }
  }
  if (filled !== result.length) throw misfit();
  return result;
}

/** The low seven bits say which bytes of the offset (four) and of the length (three) follow. */
function copyRange(
  delta: Uint8Array,
  instruction: number,
  at: number,
): { readonly offset: number; readonly length: number; readonly next: number } {
  let next = at;
  const read = (bits: readonly number[]): number =>
    bits.reduce((value, bit, place) => {
      if (!(instruction & bit)) return value;
      return value + (delta[next++] ?? 0) * 256 ** place;
    }, 0);
  const offset = read([0x01, 0x02, 0x04, 0x08]);
  const length = read([0x10, 0x20, 0x40]);
  return { offset, length: length === 0 ? 0x10000 : length, next };
}

function misfit(): TransportError {
  return new TransportError("broken-transfer", "the pack is broken: a delta does not fit its base");
}
