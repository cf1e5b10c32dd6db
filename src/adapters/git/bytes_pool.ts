// SPDX-License-Identifier: Apache-2.0

/**
 * Room that is used again. A collection of garbage comes late for large arrays: versions of a
 * directory of thousands of files would take a hundred megabytes before it does.
 */
export interface BytesPool {
  /** So many bytes, whatever they hold. */
  take(size: number): Uint8Array<ArrayBuffer>;
  /** Nobody looks at these bytes any more. Those of another origin are left alone. */
  give(bytes: Uint8Array): void;
}

/** Makes a pool that keeps up to `maxBytes` of what nobody uses, and in any case the very last. */
export function createBytesPool(maxBytes: number): BytesPool {
  const free = new Map<number, ArrayBuffer[]>();
  const own = new WeakSet<ArrayBufferLike>();
  let held = 0;

  function makeRoomFor({ byteLength }: ArrayBuffer): void {
    if (held + byteLength <= maxBytes) return;
    free.clear();
    held = 0;
  }

  return {
    take(size) {
      const capacity = capacityFor(size);
      const known = free.get(capacity)?.pop();
      if (known !== undefined) held -= capacity;
      const buffer = known ?? new ArrayBuffer(capacity);
      own.add(buffer);
      return new Uint8Array(buffer, 0, size);
    },
    give({ buffer }) {
      // Taken out, so that what is given twice is not used twice.
      if (!(buffer instanceof ArrayBuffer) || !own.delete(buffer)) return;
      makeRoomFor(buffer);
      held += buffer.byteLength;
      const same = free.get(buffer.byteLength) ?? [];
      same.push(buffer);
      free.set(buffer.byteLength, same);
    },
  };
}

const MIN_BYTES = 64;
/** Sizes between two powers of two: an eighth of the room lies idle at most. */
const STEPS = 8;

/** The next size that is made: those that differ a little share their room. */
function capacityFor(size: number): number {
  if (size <= MIN_BYTES) return MIN_BYTES;
  const step = 2 ** (Math.ceil(Math.log2(size)) - 1) / STEPS;
  return Math.ceil(size / step) * step;
}
