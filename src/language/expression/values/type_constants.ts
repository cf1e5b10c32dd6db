// SPDX-License-Identifier: Apache-2.0

import { CelType, type TypeName, typeName, type Value } from "./value.ts";

/** How CEL calls the types whose names differ from those in messages. */
const CEL_NAMES: ReadonlyMap<TypeName, string> = new Map([
  ["null", "null_type"],
  ["optional", "optional_type"],
  ["timestamp", "google.protobuf.Timestamp"],
  ["duration", "google.protobuf.Duration"],
]);

const PLAIN_NAMES = ["bool", "int", "uint", "double", "string", "bytes", "list", "map", "type"];

const TYPES: ReadonlyMap<string, CelType> = new Map(
  [...PLAIN_NAMES, ...CEL_NAMES.values()].map((name) => [name, new CelType(name)]),
);

/** The type that a name stands for where no variable has it, for example `int`. */
export function typeConstant(name: string): CelType | undefined {
  return TYPES.get(name);
}

/** `type(value)`. */
export function typeOf(value: Value): CelType {
  const name = typeName(value);
  return TYPES.get(CEL_NAMES.get(name) ?? name) ?? new CelType(name);
}
