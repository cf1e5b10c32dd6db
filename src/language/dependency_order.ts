// SPDX-License-Identifier: Apache-2.0

import { createLeastFirst, type LeastFirst } from "./least_first.ts";

/** Something that needs others of its list. Names outside the list are ignored. */
export interface Dependent {
  readonly name: string;
  readonly needs: readonly string[];
}

/** Indexes in an order in which everything comes after what it needs, and what cannot be ordered. */
export interface DependencyOrder {
  readonly order: readonly number[];
  /** Each as names from the first listed one back to itself: `["a", "b", "a"]`. */
  readonly cycles: readonly (readonly string[])[];
}

/**
 * Rearranges a list as little as possible so that needs come first: of those whose needs are
 * placed, the first listed is next (VF-10, WF-13).
 */
export function orderByNeeds(dependents: readonly Dependent[]): DependencyOrder {
  const graph = createGraph(dependents);
  const order: number[] = [];
  const cycles: string[][] = [];
  while (graph.waiting.size > 0) {
    const next = graph.ready.take();
    if (next !== undefined) {
      order.push(next);
      place(next, graph);
      continue;
    }
    const cycle = firstCycle(graph);
    cycles.push([...cycle, ...cycle.slice(0, 1)].map((index) => dependents[index]?.name ?? ""));
    for (const index of cycle) place(index, graph);
  }
  return { order, cycles };
}

interface Graph {
  /** Indexes of what each one needs. */
  readonly needs: readonly (readonly number[])[];
  readonly neededBy: readonly (readonly number[])[];
  /** How many needs of each one are not placed. */
  readonly missing: number[];
  readonly waiting: Set<number>;
  /** Those without missing needs. */
  readonly ready: LeastFirst;
}

function createGraph(dependents: readonly Dependent[]): Graph {
  const indexOf = new Map(dependents.map(({ name }, index) => [name, index] as const));
  const needs = dependents.map((
    { needs },
  ) => [...new Set(needs.flatMap((name) => indexOf.get(name) ?? []))]);
  const neededBy: number[][] = dependents.map(() => []);
  for (const [index, others] of needs.entries()) {
    for (const other of others) neededBy[other]?.push(index);
  }
  const missing = needs.map((others) => others.length);
  const ready = createLeastFirst();
  for (const [index, count] of missing.entries()) if (count === 0) ready.add(index);
  return { needs, neededBy, missing, waiting: new Set(dependents.keys()), ready };
}

function place(index: number, { waiting, neededBy, missing, ready }: Graph): void {
  waiting.delete(index);
  for (const dependent of neededBy[index] ?? []) {
    missing[dependent] = (missing[dependent] ?? 0) - 1;
    if (missing[dependent] === 0 && waiting.has(dependent)) ready.add(dependent);
  }
}

/** Follows needs until one comes again; what leads into the circle is left out. */
function firstCycle({ needs, waiting }: Graph): readonly number[] {
  const way = new Set<number>();
  let at = waiting.values().next().value ?? 0;
  while (!way.has(at)) {
    way.add(at);
    at = needs[at]?.find((need) => waiting.has(need)) ?? at;
  }
  const circle = [...way].slice([...way].indexOf(at));
  const first = circle.indexOf(circle.reduce((least, index) => Math.min(least, index)));
  return [...circle.slice(first), ...circle.slice(0, first)];
}
