// SPDX-License-Identifier: Apache-2.0

/** What has content that can be compared: equal texts, equal definitions. */
export interface Contained {
  readonly content: string;
}

/** What an overlay does to a definition of the channel below. */
export interface OverlayChange {
  /** `Kind/namespace/name`. */
  readonly key: string;
  /** What the overlay's branch holds; `undefined` where it has deleted the definition. */
  readonly content: string | undefined;
}

/** What a channel that lies over another is made of. */
export interface OverlayParts<T extends Contained> {
  /** The definitions of the channel below, by identity. */
  readonly lower: ReadonlyMap<string, T>;
  /** Those on the overlay's branch. */
  readonly upper: ReadonlyMap<string, T>;
  /** What the overlay has changed, and the lower branch has not taken over. */
  readonly changes: readonly OverlayChange[];
}

/**
 * What a branch has changed since its merge base with the branch below: definitions that were
 * added, changed or deleted.
 *
 * @param base Contents by identity at the merge base; empty without a common ancestor, so that all
 * definitions of the branch count as changes
 * @param upper The definitions of the branch
 * @returns The changes by identity
 */
export function changesSince(
  base: ReadonlyMap<string, string>,
  upper: ReadonlyMap<string, Contained>,
): readonly OverlayChange[] {
  const keys = [...new Set([...base.keys(), ...upper.keys()])].sort();
  return keys.flatMap((key) => {
    const content = upper.get(key)?.content;
    return content === base.get(key) ? [] : [{ key, content }];
  });
}

/** What the lower branch has held of a definition in the commits since the merge base. */
export interface BranchPast {
  /** Whether one of them held this content; `undefined` asks whether one was without it. */
  hasHeld(key: string, content: string | undefined): boolean;
}

/**
 * The changes that count.
 *
 * A content that the lower branch has held since the merge base has been taken over there, by a
 * squash merge or a cherry-pick; whatever that branch made of it later is newer work, which a stale
 * copy must not hide.
 */
export function ownChanges(
  changes: readonly OverlayChange[],
  past: BranchPast,
): readonly OverlayChange[] {
  return changes.filter(({ key, content }) => !past.hasHeld(key, content));
}

/**
 * The definitions of a channel that lies over another: those of the channel below, with the
 * overlay's own changes on top.
 *
 * @returns The definitions by identity; the very objects that were given
 */
export function overlayDefinitions<T extends Contained>(
  { lower, upper, changes }: OverlayParts<T>,
): ReadonlyMap<string, T> {
  const held = new Map(lower);
  for (const { key } of changes) {
    const own = upper.get(key);
    if (own === undefined) held.delete(key);
    else held.set(key, own);
  }
  return held;
}
