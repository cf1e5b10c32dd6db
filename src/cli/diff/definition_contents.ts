// SPDX-License-Identifier: Apache-2.0

import type { ReadChannel, ReadDefinition } from "../../controller/mod.ts";
import {
  type DefinitionKind,
  documentValue,
  isJsonList,
  isJsonObject,
  type JsonObject,
  jsonObject,
  type JsonValue,
  member,
  type Program,
} from "../../language/mod.ts";
import { exactJson } from "../command.ts";

/** How definitions of two sides are compared. */
export interface DefinitionContents {
  isSame(key: string, from: ReadDefinition, to: ReadDefinition): boolean;
  /** What is shown of a definition; `undefined` when it cannot be read. */
  shown(key: string, definition: ReadDefinition): JsonValue | undefined;
}

/** Of one source: as they stand there. */
export const AS_WRITTEN: DefinitionContents = {
  isSame: (_key, from, to) => from.content === to.content,
  shown: (_key, { document }) => documentValue(document),
};

/**
 * Of two sources, one of which may be a cluster: an API server notes the namespace where a file
 * leaves it to the channel, sorts keys, and keeps metadata that defines nothing.
 */
export const AS_MEANT: DefinitionContents = {
  isSame: (key, from, to) =>
    from.content === to.content || exactJson(meant(key, from)) === exactJson(meant(key, to)),
  shown: meant,
};

function meant(key: string, { document }: ReadDefinition): JsonValue | undefined {
  const value = documentValue(document);
  const [kind = "", namespace = "", name = ""] = key.split("/");
  const spec = member(value, "spec");
  const { apiVersion = "" } = document;
  const head: JsonObject = { apiVersion, kind, metadata: { name, namespace } };
  return value && { ...head, ...(spec === undefined ? {} : { spec: sorted(spec) }) };
}

function sorted(value: JsonValue): JsonValue {
  if (isJsonList(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const keys = Object.keys(value).sort();
  return jsonObject(keys.map((key) => [key, sorted(value[key] ?? null)] as const));
}

/** Keys `Kind/namespace/name` of the definitions that are not the same on both sides. */
export function differingKeys(
  from: ReadChannel,
  to: ReadChannel,
  contents: DefinitionContents,
): ReadonlySet<string> {
  const keys = new Set([...from.held.keys(), ...to.held.keys()]);
  return new Set([...keys].filter((key) => {
    const [before, after] = [from.held.get(key), to.held.get(key)];
    return before === undefined || after === undefined || !contents.isSame(key, before, after);
  }));
}

/**
 * What differs in all that a name reaches on either side: definitions that are not the same, and
 * those that only one side reaches. Nothing: it behaves the same.
 */
export function reachedDifferences(
  [from, to]: readonly [Program, Program],
  { kind, name }: { readonly kind: DefinitionKind; readonly name: string },
  differing: ReadonlySet<string>,
): readonly string[] {
  const [reached, reaches] = [from.reach(kind, name), to.reach(kind, name)];
  return [...reached.union(reaches)].filter((key) =>
    differing.has(key) || reached.has(key) !== reaches.has(key)
  ).sort();
}
