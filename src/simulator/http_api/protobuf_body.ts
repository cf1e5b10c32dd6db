// SPDX-License-Identifier: Apache-2.0

import { jsonObject, setOwn } from "../../language/mod.ts";
import type { JsonObject, JsonValue } from "../../language/mod.ts";
import { unsupportedMediaType } from "../status_error.ts";

/** Media type in which kubectl sends what `kubectl create namespace` and its like make. */
export const PROTOBUF = "application/vnd.kubernetes.protobuf";

/** How a field is read: a scalar, a message, or a map from texts. */
type FieldReader =
  | "text"
  | "texts"
  | "flag"
  | "ignored"
  | { readonly map: "text" | "bytes" }
  | { readonly message: Fields };

/** The fields of a message by their number in k8s.io/api/core/v1/generated.proto. */
type Fields = Readonly<Record<number, readonly [name: string, reader: FieldReader]>>;

const METADATA: Fields = {
  1: ["name", "text"],
  2: ["generateName", "text"],
  3: ["namespace", "text"],
  // Clients write all of these, and nothing into them: they are the server's.
  4: ["selfLink", "ignored"],
  5: ["uid", "ignored"],
  6: ["resourceVersion", "ignored"],
  7: ["generation", "ignored"],
  8: ["creationTimestamp", "ignored"],
  11: ["labels", { map: "text" }],
  12: ["annotations", { map: "text" }],
  14: ["finalizers", "texts"],
};

const metadata: readonly [string, FieldReader] = ["metadata", { message: METADATA }];

const KINDS: Readonly<Record<string, Fields>> = {
  "v1 Namespace": {
    1: metadata,
    2: ["spec", { message: { 1: ["finalizers", "texts"] } }],
    3: ["status", { message: { 1: ["phase", "text"] } }],
  },
  "v1 ConfigMap": {
    1: metadata,
    2: ["data", { map: "text" }],
    3: ["binaryData", { map: "bytes" }],
    4: ["immutable", "flag"],
  },
  "v1 Secret": {
    1: metadata,
    2: ["data", { map: "bytes" }],
    3: ["type", "text"],
    4: ["stringData", { map: "text" }],
    5: ["immutable", "flag"],
  },
  "v1 ServiceAccount": { 1: metadata, 4: ["automountServiceAccountToken", "flag"] },
};

const TYPE: Fields = { 1: ["apiVersion", "text"], 2: ["kind", "text"] };
const MAGIC = [0x6b, 0x38, 0x73, 0x00];

/**
 * Reads an object in Kubernetes' protobuf form, of the few kinds that kubectl makes itself.
 *
 * @throws {StatusError} 415 for every other kind, and for a field that is not known
 */
export function readProtobuf(bytes: Uint8Array): JsonObject {
  if (!MAGIC.every((byte, index) => bytes[index] === byte)) throw unreadable();
  let type: JsonObject = {};
  let raw = new Uint8Array();
  for (const field of fieldsOf(bytes.subarray(MAGIC.length))) {
    if (field.number === 1) type = readMessage(payload(field), TYPE);
    if (field.number === 2) raw = new Uint8Array(payload(field));
  }
  const fields = KINDS[`${String(type.apiVersion)} ${String(type.kind)}`];
  if (fields === undefined) throw unreadable();
  return { ...type, ...readMessage(raw, fields) };
}

function unreadable(): Error {
  return unsupportedMediaType(["application/json"]);
}

function readMessage(bytes: Uint8Array, fields: Fields): JsonObject {
  const message: Record<string, JsonValue> = {};
  for (const field of fieldsOf(bytes)) {
    const [name, reader] = fields[field.number] ?? [];
    if (name === undefined || reader === undefined) throw unreadable();
    if (reader === "ignored") continue;
    const value = readField(field, reader, message[name]);
    if (value !== "") setOwn(message, name, value);
  }
  return message;
}

function readField(
  field: Field,
  reader: Exclude<FieldReader, "ignored">,
  before: JsonValue | undefined,
): JsonValue {
  if (reader === "text") return readText(payload(field));
  if (reader === "flag") return field.value === 1;
  if (reader === "texts") {
    return [...(Array.isArray(before) ? before : []), readText(payload(field))];
  }
  if ("message" in reader) return readMessage(payload(field), reader.message);
  const held = typeof before === "object" && before !== null ? Object.entries(before) : [];
  return jsonObject([...held, readEntry(payload(field), reader.map)]);
}

function readEntry(bytes: Uint8Array, form: "text" | "bytes"): readonly [string, JsonValue] {
  const parts = new Map([...fieldsOf(bytes)].map((field) => [field.number, payload(field)]));
  const value = parts.get(2) ?? new Uint8Array();
  return [
    readText(parts.get(1) ?? new Uint8Array()),
    form === "text" ? readText(value) : btoa(String.fromCharCode(...value)),
  ];
}

function readText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

interface Field {
  readonly number: number;
  /** The number itself, or the bytes of a text, a message or a map's entry. */
  readonly value: number | Uint8Array;
}

function payload({ value }: Field): Uint8Array {
  if (typeof value === "number") throw unreadable();
  return value;
}

const VARINT = 0;
const LENGTH_DELIMITED = 2;

function* fieldsOf(bytes: Uint8Array): Generator<Field, void> {
  let offset = 0;
  const readVarint = () => {
    let value = 0;
    for (let factor = 1; factor < 2 ** 49; factor *= 128) {
      const byte = bytes[offset++];
      if (byte === undefined) throw unreadable();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw unreadable();
  };
  while (offset < bytes.length) {
    const tag = readVarint();
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    const value = readVarint();
    if (wireType === VARINT) yield { number, value };
    else if (wireType === LENGTH_DELIMITED && offset + value <= bytes.length) {
      yield { number, value: bytes.subarray(offset, offset += value) };
    } else throw unreadable();
  }
}
