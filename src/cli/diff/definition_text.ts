// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject, type JsonValue, yamlText } from "../../language/mod.ts";

/** A definition as it is compared: before, after, or both. */
export interface DocumentValues {
  readonly from?: JsonValue;
  readonly to?: JsonValue;
}

/** The same as texts. */
export interface DocumentTexts {
  readonly from?: string;
  readonly to?: string;
}

/**
 * Definitions as people read them. What the data of a Secret is stays untold where it is written
 * out in a definition; whether it changed is told.
 */
export function documentTexts({ from, to }: DocumentValues): DocumentTexts {
  const hasSecrets = speaksOfSecrets(from) || speaksOfSecrets(to);
  const shown = (value: JsonValue | undefined, other: JsonValue | undefined) =>
    value === undefined ? undefined : yamlText(hasSecrets ? withoutSecrets(value, other) : value);
  const [old, now] = [shown(from, undefined), shown(to, from)];
  return {
    ...(old === undefined ? {} : { from: old }),
    ...(now === undefined ? {} : { to: now }),
  };
}

function speaksOfSecrets(value: JsonValue | undefined): boolean {
  if (isJsonList(value)) return value.some(speaksOfSecrets);
  if (!isJsonObject(value)) return false;
  return value["kind"] === "Secret" || Object.values(value).some(speaksOfSecrets);
}

const SECRET_FIELDS: ReadonlySet<string> = new Set(["data", "stringData"]);

/** Hides literals below `data` and `stringData`; `other` is what stands in the same place before. */
function withoutSecrets(value: JsonValue, other: JsonValue | undefined): JsonValue {
  return mapped(
    value,
    other,
    (key, inner, before) =>
      SECRET_FIELDS.has(key) ? hidden(inner, before) : withoutSecrets(inner, before),
  );
}

function hidden(value: JsonValue, other: JsonValue | undefined): JsonValue {
  if (isJsonList(value) || isJsonObject(value)) {
    return mapped(value, other, (_key, inner, before) => hidden(inner, before));
  }
  if (typeof value === "string" && value.startsWith("=")) return value;
  return other === undefined || other === value ? "(hidden)" : "(hidden, changed)";
}

type MapMember = (key: string, value: JsonValue, other: JsonValue | undefined) => JsonValue;

function mapped(value: JsonValue, other: JsonValue | undefined, map: MapMember): JsonValue {
  if (isJsonList(value)) {
    const before = isJsonList(other) ? other : [];
    return value.map((item, index) => map("", item, before[index]));
  }
  if (!isJsonObject(value)) return value;
  const before = isJsonObject(other) ? other : {};
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, map(key, inner, before[key])]),
  );
}
