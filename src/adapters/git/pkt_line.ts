// SPDX-License-Identifier: Apache-2.0

/** A packet of Git's wire format: its bytes, or a mark without any. */
export type Packet = Uint8Array | "flush" | "delimiter" | "end";

const MARKS: Readonly<Record<number, Packet>> = { 0: "flush", 1: "delimiter", 2: "end" };

/** Bytes that are not in Git's wire format, or that stop short. */
export class PacketError extends Error {
  override readonly name = "PacketError";
}

/** A line as a packet. */
export function packetOf(line: string): Uint8Array {
  const content = new TextEncoder().encode(line);
  const length = (content.length + 4).toString(16).padStart(4, "0");
  const packet = new Uint8Array(content.length + 4);
  packet.set(new TextEncoder().encode(length));
  packet.set(content, 4);
  return packet;
}

/** The flush packet. */
export const FLUSH_PACKET: Uint8Array = new TextEncoder().encode("0000");

/**
 * Cuts an answer into packets, without copying.
 *
 * @throws {PacketError} If a length is no length or points beyond the end
 */
export function* packetsIn(bytes: Uint8Array): Generator<Packet, void, undefined> {
  let at = 0;
  while (at < bytes.length) {
    const length = lengthAt(bytes, at);
    const mark = MARKS[length];
    if (mark !== undefined) {
      yield mark;
      at += 4;
      continue;
    }
    if (length < 4) throw new PacketError(`found a packet of length ${length}`);
    if (at + length > bytes.length) throw new PacketError("the answer stops within a packet");
    yield bytes.subarray(at + 4, at + length);
    at += length;
  }
}

function lengthAt(bytes: Uint8Array, at: number): number {
  const digits = new TextDecoder("latin1").decode(bytes.subarray(at, at + 4));
  if (!/^[0-9a-f]{4}$/i.test(digits)) throw new PacketError("found no packet length");
  return Number.parseInt(digits, 16);
}
