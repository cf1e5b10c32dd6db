// SPDX-License-Identifier: Apache-2.0

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
  const waiting = new Map(dependents.map((dependent, index) => [dependent.name, index] as const));
  const order: number[] = [];
  const cycles: string[][] = [];
  while (waiting.size > 0) {
    const next = firstReady(dependents, waiting);
    if (next !== undefined) {
      order.push(next.index);
      waiting.delete(next.name);
      continue;
    }
    const cycle = firstCycle(dependents, waiting);
    cycles.push(cycle);
    for (const name of cycle) waiting.delete(name);
  }
  return { order, cycles };
}

function firstReady(dependents: readonly Dependent[], waiting: ReadonlyMap<string, number>) {
  for (const [name, index] of waiting) {
    if (!dependents[index]?.needs.some((need) => waiting.has(need))) return { name, index };
  }
  return undefined;
}

/** Follows needs until a name comes again; what leads into the circle is left out. */
function firstCycle(
  dependents: readonly Dependent[],
  waiting: ReadonlyMap<string, number>,
): string[] {
  const way: string[] = [];
  let at = waiting.keys().next().value ?? "";
  while (!way.includes(at)) {
    way.push(at);
    const needs = dependents[waiting.get(at) ?? 0]?.needs ?? [];
    at = needs.find((need) => waiting.has(need)) ?? at;
  }
  const circle = way.slice(way.indexOf(at));
  const first = circle.reduce((best, name) =>
    indexIn(waiting, name) < indexIn(waiting, best) ? name : best
  );
  const turned = [
    ...circle.slice(circle.indexOf(first)),
    ...circle.slice(0, circle.indexOf(first)),
  ];
  return [...turned, first];
}

function indexIn(waiting: ReadonlyMap<string, number>, name: string): number {
  return waiting.get(name) ?? 0;
}
