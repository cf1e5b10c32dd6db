// SPDX-License-Identifier: Apache-2.0

import { TransportError } from "./failure.ts";

/** How large an object may be that is read. */
export interface SizeLimit {
  /** Bytes of its content: one of more is refused before it is made. Absent: it has no limit. */
  readonly maxBytes?: number;
}

/**
 * Gives the size back when it is within the limit.
 *
 * @param limit The name of the limit, as the documentation has it
 * @throws {TransportError} `limit-exceeded`, with the size and the name of the limit
 */
export function requireSize(
  size: number,
  { maxBytes = Infinity }: SizeLimit,
  limit = "maxFileBytes",
): number {
  if (size <= maxBytes) return size;
  const text = `it has ${size} bytes, more than ${maxBytes} (${limit})`;
  throw new TransportError("limit-exceeded", text);
}
