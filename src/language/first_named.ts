// SPDX-License-Identifier: Apache-2.0

/**
 * Names in a text for people: the first of them, and how many more there are.
 *
 * @param max At most so many are named
 * @returns `a, b and 3 more`; empty of none
 */
export function firstNamed(names: readonly string[], max: number): string {
  const first = names.slice(0, max).join(", ");
  return names.length > max ? `${first} and ${names.length - max} more` : first;
}
