// SPDX-License-Identifier: Apache-2.0

import { deflateSync } from "node:zlib";
import type { MadeObject, RawObject } from "./pack_cache.ts";
import { inflate } from "./pack_entry.ts";

/** An object that is kept whole, though the pack holds it as a delta. */
export interface WholeObject {
  readonly type: string;
  readonly size: number;
  readonly compressed: Uint8Array;
}

/** What is used once in many pushes is compressed fast rather than well. */
const LEVEL = 1;

/** Keeps an object without what it was made of. */
export function keepWhole({ type, bytes }: RawObject): WholeObject {
  return { type, size: bytes.length, compressed: deflateSync(bytes, { level: LEVEL }) };
}

/** The object again. */
export function openWhole({ type, size, compressed }: WholeObject): MadeObject {
  return { type, bytes: inflate(compressed, size).bytes, chainBytes: size };
}
