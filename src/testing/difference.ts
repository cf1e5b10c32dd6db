// SPDX-License-Identifier: Apache-2.0

/**
 * Where two values differ (FT-46): a text for a value, a map of the differing keys for a map, a
 * list with `null` for the equal items for a list.
 */
export type Difference = string | readonly (Difference | null)[] | DifferenceMap;

/** The differing keys of a map. */
export interface DifferenceMap {
  /** What differs at the key. */
  readonly [key: string]: Difference;
}

/** A step of a path into a value: a key or an index. */
export type PathPart = string | number;

/** One differing place: its path and what is said of it. */
export interface DifferencePlace {
  readonly path: readonly PathPart[];
  readonly text: string;
}

/** All differing places of a tree, outermost first. */
export function differencePlaces(
  difference: Difference,
  path: readonly PathPart[] = [],
): readonly DifferencePlace[] {
  if (typeof difference === "string") return [{ path, text: difference }];
  const parts: readonly (readonly [PathPart, Difference | null])[] = Array.isArray(difference)
    ? (difference as readonly (Difference | null)[]).map((item, index) => [index, item] as const)
    : Object.entries(difference);
  return parts.flatMap(([part, inner]) =>
    inner === null ? [] : differencePlaces(inner, [...path, part])
  );
}

/** A path as text: `spec.ports[0]["a.b"]`; the root is `value`. */
export function renderPath(path: readonly PathPart[]): string {
  const text = path.map(renderPart).join("");
  return text === "" ? "value" : text.startsWith(".") ? text.slice(1) : text;
}

function renderPart(part: PathPart): string {
  if (typeof part === "number") return `[${part}]`;
  return /^[A-Za-z_][\w-]*$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`;
}
