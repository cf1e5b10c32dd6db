// SPDX-License-Identifier: Apache-2.0

/** Numbers of which the least is taken first. */
export interface LeastFirst {
  add(value: number): void;
  take(): number | undefined;
}

/** Makes one without any: a binary heap, as a document may have a hundred thousand parts. */
export function createLeastFirst(): LeastFirst {
  const heap: number[] = [];
  const at = (index: number): number => heap[index] ?? Infinity;

  function sink(value: number): void {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const child = at(left + 1) < at(left) ? left + 1 : left;
      if (at(child) >= value) break;
      heap[index] = at(child);
      index = child;
    }
    heap[index] = value;
  }

  return {
    add(value) {
      let index = heap.push(value) - 1;
      for (let above = (index - 1) >> 1; index > 0 && at(above) > value; above = (index - 1) >> 1) {
        heap[index] = at(above);
        index = above;
      }
      heap[index] = value;
    },
    take() {
      const [least] = heap;
      const last = heap.pop();
      if (last !== undefined && heap.length > 0) sink(last);
      return least;
    },
  };
}
