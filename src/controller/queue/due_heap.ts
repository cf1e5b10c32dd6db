// SPDX-License-Identifier: Apache-2.0

/** A key and the time at which it is due. */
export interface DueKey {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Keys by the time at which they are due: the earliest is at hand. */
export interface DueHeap {
  readonly size: number;
  push(entry: DueKey): void;
  peek(): DueKey | undefined;
  pop(): DueKey | undefined;
  /** Drops all entries that `keep` refuses. */
  retain(keep: (entry: DueKey) => boolean): void;
}

/** Makes an empty heap. */
export function createDueHeap(): DueHeap {
  let entries: DueKey[] = [];
  return {
    get size(): number {
      return entries.length;
    },
    push(entry: DueKey): void {
      entries.push(entry);
      siftUp(entries, entries.length - 1);
    },
    peek: () => entries[0],
    pop: () => popFirst(entries),
    retain(keep: (entry: DueKey) => boolean): void {
      // A sorted list is a heap.
      entries = entries.filter(keep).sort((one, other) => one.at - other.at);
    },
  };
}

function popFirst(entries: DueKey[]): DueKey | undefined {
  const first = entries[0];
  const last = entries.pop();
  if (last !== undefined && entries.length > 0) {
    entries[0] = last;
    siftDown(entries, 0);
  }
  return first;
}

function isEarlier(entries: DueKey[], one: number, other: number): boolean {
  return (entries[one]?.at ?? Infinity) < (entries[other]?.at ?? Infinity);
}

function swap(entries: DueKey[], one: number, other: number): void {
  const [first, second] = [entries[one], entries[other]];
  if (first === undefined || second === undefined) return;
  entries[one] = second;
  entries[other] = first;
}

function siftUp(entries: DueKey[], start: number): void {
  let index = start;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!isEarlier(entries, index, parent)) return;
    swap(entries, index, parent);
    index = parent;
  }
}

function siftDown(entries: DueKey[], start: number): void {
  let index = start;
  for (;;) {
    const left = 2 * index + 1;
    const child = isEarlier(entries, left + 1, left) ? left + 1 : left;
    if (!isEarlier(entries, child, index)) return;
    swap(entries, index, child);
    index = child;
  }
}
