// SPDX-License-Identifier: Apache-2.0

/** Names longer than this are not compared. */
const MAX_LENGTH = 100;

/** So many names are compared. */
const MAX_CANDIDATES = 300;

/**
 * The known name that `name` is most likely meant to be: a slip of at most a third of its
 * letters, a swap of neighbours counting as one.
 *
 * @returns `undefined` when nothing is near; of equally near ones the first
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  if (name === "" || name.length > MAX_LENGTH) return undefined;
  let nearest: string | undefined;
  let best = Math.max(1, Math.floor(name.length / 3)) + 1;
  let count = 0;
  for (const candidate of known) {
    if (++count > MAX_CANDIDATES) break;
    if (candidate === name || Math.abs(candidate.length - name.length) >= best) continue;
    const found = distance(name.toLowerCase(), candidate.toLowerCase());
    if (found < best) [nearest, best] = [candidate, found];
  }
  return nearest;
}

/** Edits from one word to the other: insert, remove, replace a letter, swap two neighbours. */
function distance(one: string, other: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      row.push(cheapestEdit({ one, other, i, j }, { row, last, beforeLast }));
    }
    [beforeLast, last] = [last, row];
  }
  return last[other.length] ?? 0;
}

interface Cell {
  readonly one: string;
  readonly other: string;
  readonly i: number;
  readonly j: number;
}

interface Rows {
  readonly row: readonly number[];
  readonly last: readonly number[];
  readonly beforeLast: readonly number[];
}

function cheapestEdit({ one, other, i, j }: Cell, { row, last, beforeLast }: Rows): number {
  const replaced = (last[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
  const cheapest = Math.min(replaced, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
  const isSwap = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
  return isSwap ? Math.min(cheapest, (beforeLast[j - 2] ?? 0) + 1) : cheapest;
}

/** The proposal for a name that does not exist. */
export function didYouMean(name: string, known: readonly string[]): string | undefined {
  const nearest = nearestName(name, known);
  return nearest === undefined ? undefined : `did you mean "${nearest}"?`;
}
