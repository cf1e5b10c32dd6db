// SPDX-License-Identifier: Apache-2.0

/** A count with its noun: `1 file`, `2 files`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
