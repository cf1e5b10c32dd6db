// SPDX-License-Identifier: Apache-2.0

import type { DefinitionId } from "./definition.ts";

const keys = new WeakMap<DefinitionId, string>();

/**
 * The key of a definition: `Kind/namespace/name`.
 *
 * Each Program that shares a definition asks for it again: made once, its hash is known.
 */
export function definitionKey(id: DefinitionId): string {
  const known = keys.get(id);
  if (known !== undefined) return known;
  const key = `${id.kind}/${id.namespace}/${id.name}`;
  keys.set(id, key);
  return key;
}
