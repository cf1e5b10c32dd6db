// SPDX-License-Identifier: Apache-2.0

import { type JsonObject, type JsonValue, setOwn } from "../../json.ts";
import { type EvaluationFault, fault, isFault } from "../fault.ts";
import { durationText } from "../time/duration.ts";
import { timestampText } from "../time/timestamp.ts";
import { toBase64 } from "./base64.ts";
import {
  CelDouble,
  CelDuration,
  CelList,
  CelMap,
  CelTimestamp,
  CelUint,
  isJson,
  typeName,
  type Value,
} from "./value.ts";

/**
 * A value as JSON (EX-21), or a fault for what cannot become JSON (EX-22).
 *
 * Costs nothing when the value is JSON already, whatever its size: it is handed back as it is. The
 * fault has no place: its caller knows one, see `EvaluationFault.at`.
 */
export function toJson(value: Value): JsonValue | EvaluationFault {
  return convert(value, uintToJson);
}

/** The same for who shows a result and makes nothing of it: a `uint` is exact whatever its size. */
export function toPlain(value: Value): JsonValue | EvaluationFault {
  return convert(value, plainUint);
}

/** What becomes of a `uint`. */
type ConvertUint = (value: bigint) => JsonValue;

function convert(value: Value, ofUint: ConvertUint): JsonValue | EvaluationFault {
  if (isJson(value)) return value;
  if (value instanceof CelList) return listToJson(value, ofUint);
  if (value instanceof CelMap) return mapToJson(value, ofUint);
  if (value instanceof CelDouble) return value.value + 0;
  if (value instanceof CelUint) return ofUint(value.value);
  if (value instanceof CelTimestamp) return timestampText(value);
  if (value instanceof CelDuration) return durationText(value);
  if (value instanceof Uint8Array) return toBase64(value);
  return fault("not-json", `${nameOf(value)} cannot become JSON`);
}

function nameOf(value: Value): string {
  if (typeof value === "number") return Number.isNaN(value) ? "NaN" : "an infinite double";
  return typeName(value) === "optional"
    ? "an optional value that was not unwrapped"
    : `a ${typeName(value)}`;
}

/** Beyond 64 bits signed, a whole JSON number is a double (EX-20). */
function uintToJson(value: bigint): JsonValue {
  const small = Number(value);
  return Number.isSafeInteger(small) || value >= 2n ** 63n ? small : value;
}

function plainUint(value: bigint): JsonValue {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

function listToJson(
  { items }: CelList,
  ofUint: ConvertUint,
): readonly JsonValue[] | EvaluationFault {
  const list: JsonValue[] = [];
  for (const item of items) {
    const json = convert(item, ofUint);
    if (isFault(json)) return json;
    list.push(json);
  }
  return list;
}

function mapToJson(
  { entries }: CelMap,
  ofUint: ConvertUint,
): JsonObject | EvaluationFault {
  const map: Record<string, JsonValue> = {};
  for (const [key, { value }] of entries) {
    const json = convert(value, ofUint);
    if (isFault(json)) return json;
    setOwn(map, String(key), json);
  }
  return map;
}
