// SPDX-License-Identifier: Apache-2.0

import { type CrdRef, crdRefKey } from "../channels/channels.ts";

/** A Workflow as far as it says whose triggers it is for. */
interface BoundWorkflow {
  readonly crdRef?: CrdRef;
  /** Absent where it never was in force, and is not about to be. */
  readonly inForce?: object;
}

/**
 * Names of Workflows that may only move together.
 *
 * Where a Workflow goes away or changes its trigger kind, all Workflows that have or had one of
 * these kinds form a group; groups that share a Workflow are one.
 */
export function boundGroups(
  before: ReadonlyMap<string, BoundWorkflow>,
  offered: ReadonlyMap<string, BoundWorkflow>,
): readonly (readonly string[])[] {
  const kinds = new Map<string, readonly string[]>();
  const moving = new Set<string>();
  for (const name of [...new Set([...before.keys(), ...offered.keys()])].sort()) {
    const old = kindOf(before.get(name));
    const next = kindOf(offered.get(name));
    kinds.set(name, [...new Set([old, next].filter((kind) => kind !== undefined))]);
    if (old !== undefined && old !== next) kinds.get(name)?.forEach((kind) => moving.add(kind));
  }
  const bound = [...kinds].filter(([, own]) => own.some((kind) => moving.has(kind)));
  return mergeGroups(bound.map(([name, own]) => ({
    names: [name],
    kinds: own.filter((kind) => moving.has(kind)),
  })));
}

function kindOf({ crdRef, inForce }: BoundWorkflow = {}): string | undefined {
  return inForce && crdRef && crdRefKey(crdRef);
}

interface Group {
  readonly names: readonly string[];
  readonly kinds: readonly string[];
}

function mergeGroups(groups: readonly Group[]): readonly (readonly string[])[] {
  let merged: readonly Group[] = [];
  for (const group of groups) {
    const touches = (other: Group) => other.kinds.some((kind) => group.kinds.includes(kind));
    const touching = merged.filter(touches);
    merged = [...merged.filter((other) => !touches(other)), {
      names: [...touching.flatMap(({ names }) => names), ...group.names],
      kinds: [...touching.flatMap(({ kinds }) => kinds), ...group.kinds],
    }];
  }
  return merged.map(({ names }) => names);
}
