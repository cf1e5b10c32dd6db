// SPDX-License-Identifier: Apache-2.0

/** What several owners hold in common, by id. */
export interface Holdings {
  /** From now on an owner holds these, and none of what it held before. */
  replace(owner: string, ids: Iterable<string>): HoldingsChange;
}

/** What nobody held before, and what nobody holds any more. */
export interface HoldingsChange {
  readonly added: ReadonlySet<string>;
  readonly dropped: ReadonlySet<string>;
}

/** Makes holdings of nobody. */
export function createHoldings(): Holdings {
  const held = new Map<string, ReadonlySet<string>>();
  const owners = new Map<string, number>();
  return {
    replace(owner, ids) {
      const [before, after] = [held.get(owner) ?? new Set<string>(), new Set(ids)];
      const added = new Set<string>();
      const dropped = new Set<string>();
      for (const id of after) {
        const count = owners.get(id) ?? 0;
        if (count === 0) added.add(id);
        owners.set(id, count + 1);
      }
      for (const id of before) {
        const count = (owners.get(id) ?? 0) - 1;
        if (count > 0) owners.set(id, count);
        else {
          owners.delete(id);
          dropped.add(id);
        }
      }
      if (after.size === 0) held.delete(owner);
      else held.set(owner, after);
      return { added, dropped };
    },
  };
}
