// SPDX-License-Identifier: Apache-2.0

/** Adds an entry as the newest; of more than the limit the oldest are forgotten. */
export function remember<T>(
  known: Map<string, T>,
  limit: number,
  [key, value]: readonly [string, T],
): void {
  known.delete(key);
  known.set(key, value);
  for (const oldest of known.keys()) {
    if (known.size <= limit) break;
    known.delete(oldest);
  }
}
