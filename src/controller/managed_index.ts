// SPDX-License-Identifier: Apache-2.0

/** Which triggers care for which objects. Both are keys: equal texts mean the same. */
export interface ManagedIndex {
  /** Sets the objects of a trigger, in place of those it had. */
  set(trigger: string, objects: Iterable<string>): void;
  remove(trigger: string): void;
  triggersOf(object: string): ReadonlySet<string>;
  objectsOf(trigger: string): ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/** Makes an empty index. */
export function createManagedIndex(): ManagedIndex {
  const triggers = new Map<string, Set<string>>();
  const objects = new Map<string, ReadonlySet<string>>();

  function remove(trigger: string): void {
    for (const object of objects.get(trigger) ?? NONE) {
      const those = triggers.get(object);
      those?.delete(trigger);
      if (those?.size === 0) triggers.delete(object);
    }
    objects.delete(trigger);
  }

  return {
    set(trigger: string, wanted: Iterable<string>): void {
      remove(trigger);
      const set = new Set(wanted);
      if (set.size === 0) return;
      objects.set(trigger, set);
      for (const object of set) {
        const those = triggers.get(object) ?? new Set();
        triggers.set(object, those.add(trigger));
      }
    },
    remove,
    triggersOf: (object) => triggers.get(object) ?? NONE,
    objectsOf: (trigger) => objects.get(trigger) ?? NONE,
  };
}
