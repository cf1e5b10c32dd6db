// SPDX-License-Identifier: Apache-2.0

import {
  isJsonList,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from "../../src/language/mod.ts";
import { asObject, parseYaml } from "./case_file.ts";

/** A case whose recorded result the language changes on purpose. */
export interface Deviation {
  /** Rows of LANGUAGE.md chapter 17, or the exact rules that say so. */
  readonly rules: readonly string[];
  /** The new values, by path into the recorded result. */
  readonly changes: JsonObject;
}

/** Reads `deviations.yaml`: deviations by the name of their case. */
export function readDeviations(text: string): ReadonlyMap<string, Deviation> {
  const entries = Object.entries(asObject(parseYaml(text)));
  return new Map(entries.map(([name, entry]) => [name, deviationOf(name, asObject(entry))]));
}

function deviationOf(name: string, entry: JsonObject): Deviation {
  const rules = isJsonList(entry.rules) ? entry.rules.map(String) : [];
  const changes = asObject(entry.changes);
  if (rules.length === 0 || Object.keys(changes).length === 0) {
    throw new TypeError(`Cannot read deviation "${name}": it needs rules and changes`);
  }
  return { rules, changes };
}

/** The recorded result with the new values in it; `{$absent: true}` takes a key or item away. */
export function changedResult(expected: JsonValue, changes: JsonObject): JsonValue {
  return Object.entries(changes).reduce(
    (result, [path, value]) => withValueAt(result, parsePath(path), value),
    expected,
  );
}

type Part = string | number;

/** The parts of `script[0].conditions["a.b"].status`. */
export function parsePath(path: string): readonly Part[] {
  const parts = [...path.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g)];
  return parts.map(([, index, quoted, key]) =>
    index !== undefined ? Number(index) : quoted !== undefined ? JSON.parse(`"${quoted}"`) : key
  );
}

function withValueAt(target: JsonValue, path: readonly Part[], value: JsonValue): JsonValue {
  const [part, ...rest] = path;
  if (part === undefined) return value;
  const isRemoval = rest.length === 0 && isJsonObject(value) && value.$absent === true;
  if (typeof part === "number") {
    const list = isJsonList(target) ? target : [];
    if (isRemoval) return list.toSpliced(part, 1);
    return list.toSpliced(part, 1, withValueAt(list[part] ?? null, rest, value));
  }
  const { [part]: before = null, ...others } = asObject(target);
  if (isRemoval) return others;
  return { ...asObject(target), [part]: withValueAt(before, rest, value) };
}
