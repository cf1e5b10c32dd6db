// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import type { CommitId } from "../../runtime/ports.ts";
import { TransportError } from "./failure.ts";
import { joinBytes } from "./join_bytes.ts";
import { FLUSH_PACKET, packetOf, packetsIn } from "./pkt_line.ts";
import type { Transport } from "./transport.ts";

/** Which objects are asked for. */
export interface PackRequest {
  /** Address of the repository. */
  readonly url: string;
  /** Tips whose history is wanted; at least one. */
  readonly wants: readonly CommitId[];
  /** Tips whose history is complete here. */
  readonly haves: readonly CommitId[];
}

/** Deltas of what is here already spare a large directory as a whole with every push. */
const CAPABILITIES = "side-band-64k ofs-delta thin-pack no-progress agent=koreo-deno";

/**
 * Asks a server for the objects between what is there and what is wanted.
 *
 * The library's own fetch writes refs before the objects have arrived, trips over moved tags, over
 * `x/y` replaced by `x` and over a missing default branch, and cannot be bounded: so this is the
 * one request it would make, in the protocol version that every server speaks, and the library
 * indexes and reads what comes back.
 *
 * @returns The pack, its checksum proved; `undefined` when the server sends no object
 * @throws {TransportError | PacketError} And what the transport throws
 */
export async function fetchPack(
  transport: Transport,
  request: PackRequest,
): Promise<Uint8Array | undefined> {
  const answer = await transport.send({
    method: "POST",
    url: `${request.url}/git-upload-pack`,
    headers: {
      "content-type": "application/x-git-upload-pack-request",
      "accept": "application/x-git-upload-pack-result",
    },
    body: bodyOf(request),
  });
  return provenPack(packIn(answer.body));
}

function bodyOf({ wants, haves }: PackRequest): Uint8Array<ArrayBuffer> {
  const [first, ...others] = [...new Set(wants)];
  const parts = [
    packetOf(`want ${first} ${CAPABILITIES}\n`),
    ...others.map((id) => packetOf(`want ${id}\n`)),
    FLUSH_PACKET,
    ...[...new Set(haves)].map((id) => packetOf(`have ${id}\n`)),
    packetOf("done\n"),
  ];
  return joinBytes(parts);
}

/** The pack is the first of three bands; the second is progress, the third a fatal message. */
function packIn(answer: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (const packet of packetsIn(answer)) {
    if (typeof packet === "string") continue;
    const band = packet[0];
    if (band === 1) pieces.push(packet.subarray(1));
    else if (band === 3) throw refusal(packet.subarray(1));
    else if (startsWith(packet, "ERR ")) throw refusal(packet.subarray(4));
  }
  return joinBytes(pieces);
}

function refusal(said: Uint8Array): TransportError {
  const text = new TextDecoder().decode(said.subarray(0, 300))
    // deno-lint-ignore no-control-regex -- a server may send them to fool a terminal
    .replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
  return new TransportError("broken-transfer", `the server says "${text}"`);
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return new TextDecoder("latin1").decode(bytes.subarray(0, text.length)) === text;
}

const CHECKSUM_BYTES = 20;
const HEADER_BYTES = 12;

function provenPack(pack: Uint8Array): Uint8Array | undefined {
  if (pack.length < HEADER_BYTES + CHECKSUM_BYTES || !startsWith(pack, "PACK")) {
    throw new TransportError("broken-transfer", "the transfer is broken: it holds no pack");
  }
  const content = pack.subarray(0, -CHECKSUM_BYTES);
  const sum = createHash("sha1").update(content).digest();
  if (!sum.equals(pack.subarray(-CHECKSUM_BYTES))) {
    throw new TransportError("broken-transfer", "the transfer is broken: its checksum differs");
  }
  const objects = new DataView(pack.buffer, pack.byteOffset).getUint32(8);
  return objects === 0 ? undefined : pack;
}
