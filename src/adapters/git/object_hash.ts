// SPDX-License-Identifier: Apache-2.0

import { createHash, type Hash } from "node:crypto";
import type { RawObject } from "./pack_cache.ts";

/** The hash that is the id of an object. */
export function objectHash({ type, bytes }: RawObject): Hash {
  return createHash("sha1").update(`${type} ${bytes.length}\0`).update(bytes);
}
