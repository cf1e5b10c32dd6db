// SPDX-License-Identifier: Apache-2.0

import type { Packer, YieldNow } from "../../runtime/ports.ts";
import { RecordFault } from "./record_check.ts";
import { MAX_PART_BYTES, MAX_PARTS, MAX_RECORD_BYTES, partName } from "./record_maps.ts";
import { type RecordSection, recordSections } from "./record_text.ts";
import type { ChannelRecord } from "../release/release.ts";

/** A part of a record. Equal names, equal bytes. */
export interface RecordPart {
  readonly name: string;
  /** Written out when it is asked for: most parts are in the cluster already. */
  bytes(): Uint8Array;
}

/** The names of the parts of a section, and the bytes of all of them. */
interface Cut {
  readonly names: readonly string[];
  readonly size: number;
  /** Of a section that differs with every revision: all of it is about to be written. */
  readonly bytes?: Uint8Array;
}

/** Gives the parts of records, in order. */
export interface RecordParts {
  /**
   * The parts of a record. Rejects with a {@linkcode RecordFault} when it is too large.
   */
  of(record: ChannelRecord): Promise<readonly RecordPart[]>;
  /** Forgets what is known of sections of which no part is there any more. */
  keepOnly(present: ReadonlySet<string>): void;
}

/** Cuts records into parts; a section that was cut before is not written out for it again. */
export function createRecordParts(
  { packer, yieldNow }: { readonly packer: Packer; readonly yieldNow: YieldNow },
): RecordParts {
  const known = new Map<string, Cut>();

  async function cut(section: RecordSection): Promise<Cut> {
    const before = section.key === undefined ? undefined : known.get(section.key);
    if (before !== undefined) return before;
    const bytes = bytesOf(section);
    const names: string[] = [];
    for (let start = 0; start < bytes.length; start += MAX_PART_BYTES) {
      names.push(await partName(bytes.subarray(start, start + MAX_PART_BYTES), packer));
    }
    const size = bytes.length;
    if (section.key === undefined) return { names, size, bytes };
    known.set(section.key, { names, size });
    return { names, size };
  }

  return {
    async of(record) {
      const parts: RecordPart[] = [];
      let total = 0;
      for (const section of recordSections(record)) {
        const { names, size, bytes } = await cut(section);
        await yieldNow();
        total += size;
        for (const [index, name] of names.entries()) {
          parts.push({ name, bytes: () => pieceOf(bytes ?? bytesOf(section), index) });
        }
      }
      if (total > MAX_RECORD_BYTES) {
        throw new RecordFault(`it has ${total} bytes, at most ${MAX_RECORD_BYTES} are kept`);
      }
      if (parts.length <= MAX_PARTS) return parts;
      throw new RecordFault(`it has ${parts.length} parts, at most ${MAX_PARTS} are kept`);
    },
    keepOnly(present) {
      for (const [key, { names }] of known) {
        if (!names.some((name) => present.has(name))) known.delete(key);
      }
    },
  };
}

function bytesOf(section: RecordSection): Uint8Array {
  return new TextEncoder().encode(section.text());
}

function pieceOf(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.subarray(index * MAX_PART_BYTES, (index + 1) * MAX_PART_BYTES);
}
