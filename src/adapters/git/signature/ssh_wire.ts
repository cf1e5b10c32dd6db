// SPDX-License-Identifier: Apache-2.0

/** Bytes that are not in the wire format of SSH, or that stop short. */
export class SshFormatError extends Error {
  override readonly name = "SshFormatError";
}

/** Reads values off bytes, one behind the other. */
export interface WireReader {
  byte(): number;
  uint32(): number;
  uint64(): bigint;
  /** Bytes behind their length. */
  bytes(): Uint8Array;
  /** The same as text. */
  text(): string;
  /** A whole number without its sign byte; negative ones occur nowhere here. */
  number(): Uint8Array;
  /** So many bytes as they stand. */
  raw(count: number): Uint8Array;
  /** Where it has come to. */
  readonly at: number;
  /** Whether nothing is left. */
  readonly isDone: boolean;
  /** Refuses bytes behind the last value: they would be no part of what is checked. */
  end(): void;
}

/** Makes a reader; every method throws {@linkcode SshFormatError} beyond the end. */
export function wireReader(source: Uint8Array): WireReader {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  let at = 0;
  const step = (count: number): number => {
    if (at + count > source.length) throw new SshFormatError("it stops too soon");
    at += count;
    return at - count;
  };
  const raw = (count: number): Uint8Array => {
    const from = step(count);
    return source.subarray(from, from + count);
  };
  const uint32 = (): number => view.getUint32(step(4));
  const bytes = (): Uint8Array => raw(uint32());
  return {
    byte: () => view.getUint8(step(1)),
    uint32,
    uint64: () => view.getBigUint64(step(8)),
    bytes,
    text: () => new TextDecoder().decode(bytes()),
    number() {
      const value = bytes();
      if (value.length > 0 && (value[0] ?? 0) >= 0x80) {
        throw new SshFormatError("a number is negative");
      }
      const start = value.findIndex((byte) => byte !== 0);
      return start < 0 ? new Uint8Array() : value.subarray(start);
    },
    raw,
    get at() {
      return at;
    },
    get isDone() {
      return at === source.length;
    },
    end() {
      if (at !== source.length) throw new SshFormatError("there is more than belongs to it");
    },
  };
}

/** Bytes behind their length. */
export function wireBytes(value: Uint8Array | string): Uint8Array {
  const content = typeof value === "string" ? new TextEncoder().encode(value) : value;
  const made = new Uint8Array(content.length + 4);
  new DataView(made.buffer).setUint32(0, content.length);
  made.set(content, 4);
  return made;
}
