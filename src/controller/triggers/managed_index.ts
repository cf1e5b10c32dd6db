// SPDX-License-Identifier: Apache-2.0

/** Which triggers care for which objects. Both are keys: equal texts mean the same. */
export interface ManagedIndex {
  /** Sets the objects of a trigger, in place of those it had. */
  set(trigger: string, objects: Iterable<string>): void;
  add(trigger: string, object: string): void;
  remove(trigger: string): void;
  triggersOf(object: string): ReadonlySet<string>;
  objectsOf(trigger: string): ReadonlySet<string>;
  /** All objects that some trigger cares for. */
  objects(): Iterable<string>;
  /** How many objects some trigger cares for. */
  readonly size: number;
}

const NONE: ReadonlySet<string> = new Set();

/** Makes an empty index. */
export function createManagedIndex(): ManagedIndex {
  const triggers = new Map<string, Set<string>>();
  const objects = new Map<string, Set<string>>();

  function remove(trigger: string): void {
    for (const object of objects.get(trigger) ?? NONE) {
      const those = triggers.get(object);
      those?.delete(trigger);
      if (those?.size === 0) triggers.delete(object);
    }
    objects.delete(trigger);
  }

  function add(trigger: string, object: string): void {
    objects.set(trigger, (objects.get(trigger) ?? new Set()).add(object));
    triggers.set(object, (triggers.get(object) ?? new Set()).add(trigger));
  }

  return {
    set(trigger: string, wanted: Iterable<string>): void {
      remove(trigger);
      for (const object of wanted) add(trigger, object);
    },
    add,
    remove,
    triggersOf: (object) => triggers.get(object) ?? NONE,
    objectsOf: (trigger) => objects.get(trigger) ?? NONE,
    objects: () => triggers.keys(),
    get size(): number {
      return triggers.size;
    },
  };
}
