// SPDX-License-Identifier: Apache-2.0

import { parse } from "yaml";
import {
  isJsonObject,
  type JsonObject,
  jsonObject,
  type JsonValue,
} from "../../src/language/mod.ts";

/** A case as its file says it (format: `README.md`). */
export interface GoldenCase {
  readonly name: string;
  readonly documents: readonly JsonObject[];
  readonly cluster: readonly JsonObject[];
  /** HTTP status by `VERB Kind/namespace/name`. */
  readonly apiErrors: Readonly<Record<string, number>>;
  /** What discovery answers; `null`: not served. */
  readonly plurals: Readonly<Record<string, string | null>>;
  readonly owner: { readonly namespace: string; readonly reference: JsonObject };
  readonly script: readonly JsonObject[];
  readonly expected: JsonObject;
  /** Rows of a `table-*` file. */
  readonly rows: readonly JsonObject[];
}

const DEFAULT_OWNER: GoldenCase["owner"] = {
  namespace: "test-ns",
  reference: {
    apiVersion: "example.dev/v1",
    kind: "Trigger",
    blockOwnerDeletion: true,
    controller: false,
    name: "trigger",
    uid: "owner-uid-1",
  },
};

/** Reads the text of a case file. */
export function readCase(text: string): GoldenCase {
  const root = asObject(parseYaml(text));
  return {
    name: String(root.name),
    documents: objects(root.documents),
    cluster: objects(root.cluster),
    apiErrors: asObject(root.apiErrors) as Record<string, number>,
    plurals: asObject(root.plurals) as Record<string, string | null>,
    owner: ownerOf(root.owner),
    script: objects(root.script),
    expected: asObject(root.expected),
    rows: objects(root.rows),
  };
}

/** YAML as JSON; whole numbers beyond the safe range stay exact. */
export function parseYaml(text: string): JsonValue {
  return settled(parse(text, { intAsBigInt: true, maxAliasCount: -1 }));
}

function settled(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(settled);
  if (isJsonObject(value)) {
    return jsonObject(Object.entries(value).map(([key, inner]) => [key, settled(inner)]));
  }
  return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function ownerOf(value: JsonValue | undefined): GoldenCase["owner"] {
  if (!Array.isArray(value)) return DEFAULT_OWNER;
  return { namespace: String(value[0]), reference: asObject(value[1]) };
}

/** A map, or an empty one for anything else. */
export function asObject(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** The maps of a list. */
export function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
