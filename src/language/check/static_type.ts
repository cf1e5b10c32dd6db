// SPDX-License-Identifier: Apache-2.0

import type { TypeName } from "../expression/mod.ts";
import type { JsonValue } from "../json.ts";
import { typeName } from "../expression/values/value.ts";

/** A value that an expression is known to have. */
export type Constant = string | number | bigint | boolean;

/** The types without parts. */
export type ScalarName = Exclude<TypeName, "list" | "map">;

/** One possible type of a value. */
export type KnownType =
  | {
    readonly type: "scalar";
    readonly name: ScalarName;
    /** All values it can have; absent: any. */
    readonly constants?: readonly Constant[];
  }
  | { readonly type: "list"; readonly item: StaticType; readonly nodes: number }
  | MapType;

/** A map by its keys. */
export interface MapType {
  readonly type: "map";
  /** The keys it can have, with the types of what they lead to. */
  readonly fields: ReadonlyMap<string, StaticType>;
  /** Whether it may have further keys. */
  readonly isOpen: boolean;
  readonly nodes: number;
}

/**
 * What is known of a value before anything runs: nothing, or every type it can have, each name
 * once. No options at all is the item of an empty list.
 *
 * Unknown is always a right answer: checks report what no known option allows, and nothing else.
 */
export type StaticType = "unknown" | readonly KnownType[];

/** Larger types are not followed. Types share parts, so what is walked is counted, not stored. */
const MAX_NODES = 1_000;

/** More values than these make no set. */
const MAX_CONSTANTS = 10;

/** Nothing is known. */
export const UNKNOWN = "unknown";

/** A scalar, perhaps one of some values. */
export function scalar(name: ScalarName, ...constants: readonly Constant[]): StaticType {
  if (constants.length > 0) return [{ type: "scalar", name, constants }];
  const known = scalars.get(name) ?? [{ type: "scalar", name }];
  scalars.set(name, known);
  return known;
}

/** There are few and they are everywhere: each is made once. */
const scalars = new Map<ScalarName, StaticType>();

/** A list of one type of item. */
export function listType(item: StaticType): StaticType {
  const nodes = 1 + nodesOf(item);
  return nodes > MAX_NODES ? UNKNOWN : [{ type: "list", item, nodes }];
}

/** A map of these fields, and of others when it is open. */
export function mapType(fields: ReadonlyMap<string, StaticType>, isOpen = false): StaticType {
  let nodes = 1;
  for (const type of fields.values()) nodes += 1 + nodesOf(type);
  return nodes > MAX_NODES ? UNKNOWN : [{ type: "map", fields, isOpen, nodes }];
}

/** A map with these keys and no others. */
export function closedMap(entries: Iterable<readonly [string, StaticType]>): StaticType {
  return mapType(new Map(entries));
}

/**
 * The map of the variables of a definition, which may grow while it is used. It is as large as can
 * be, so that no other type is made of it.
 */
export function variablesMap(fields: ReadonlyMap<string, StaticType>): StaticType {
  return [{ type: "map", fields, isOpen: true, nodes: MAX_NODES }];
}

/** A map of which nothing more is known. */
export const ANY_MAP: StaticType = mapType(new Map(), true);

/** A list of which nothing more is known. */
export const ANY_LIST: StaticType = listType(UNKNOWN);

/** How much there is to walk in a type. */
export function nodesOf(type: StaticType): number {
  if (type === UNKNOWN) return 1;
  return type.reduce((sum, known) => sum + (known.type === "scalar" ? 1 : known.nodes), 0);
}

/** The type of a value as a definition or an expression writes it. */
export function typeOfJson(value: JsonValue): StaticType {
  if (Array.isArray(value)) return listType(joinAll(value.map(typeOfJson)));
  if (typeof value === "object" && value !== null) {
    return closedMap(Object.entries(value).map(([key, member]) => [key, typeOfJson(member)]));
  }
  const name = typeName(value) as ScalarName;
  return value === null || typeof value === "object"
    ? scalar(name)
    : scalar(name, value as Constant);
}

/** The type of what is one or the other. */
export function join(a: StaticType, b: StaticType): StaticType {
  if (a === b) return a;
  if (a === UNKNOWN || b === UNKNOWN) return UNKNOWN;
  const joined = new Map(a.map((known) => [nameOf(known), known] as const));
  for (const known of b) {
    const present = joined.get(nameOf(known));
    const both = present === undefined ? [known] : joinKnown(present, known);
    if (both === UNKNOWN) return UNKNOWN;
    for (const each of both) joined.set(nameOf(each), each);
  }
  const types = [...joined.values()];
  return nodesOf(types) > MAX_NODES ? UNKNOWN : types;
}

/** More lists and maps than these are not compared with each other. */
const MAX_JOINED = 30;

/** The type of what is any of several. */
export function joinAll(types: readonly StaticType[]): StaticType {
  const different = [...new Set(types)];
  const parted = different.filter((type) => nodesOf(type) > 1);
  return parted.length > MAX_JOINED ? UNKNOWN : different.reduce(join, []);
}

function joinKnown(a: KnownType, b: KnownType): StaticType {
  if (a === b) return [a];
  if (a.type === "list" && b.type === "list") return listType(join(a.item, b.item));
  if (a.type === "map" && b.type === "map") return joinMaps(a, b);
  if (a.type !== "scalar" || b.type !== "scalar") return UNKNOWN;
  const constants = a.constants && b.constants && [...new Set([...a.constants, ...b.constants])];
  const isSmall = constants !== undefined && constants.length <= MAX_CONSTANTS;
  return isSmall ? scalar(a.name, ...constants) : scalar(a.name);
}

function joinMaps(a: MapType, b: MapType): StaticType {
  const fields = new Map<string, StaticType>();
  for (const key of new Set([...a.fields.keys(), ...b.fields.keys()])) {
    const inA = a.fields.get(key) ?? (a.isOpen ? UNKNOWN : []);
    const inB = b.fields.get(key) ?? (b.isOpen ? UNKNOWN : []);
    fields.set(key, join(inA, inB));
  }
  return mapType(fields, a.isOpen || b.isOpen);
}

/** The name of a type in messages. */
export function nameOf(known: KnownType): TypeName {
  return known.type === "scalar" ? known.name : known.type;
}

/** The names of the types a value can have; `undefined`: anything. */
export function namesOf(type: StaticType): readonly TypeName[] | undefined {
  return type === UNKNOWN || type.length === 0 ? undefined : type.map(nameOf);
}

/** A type in words: `string or null`. */
export function typeText(type: StaticType): string {
  return namesOf(type)?.join(" or ") ?? "anything";
}

/** The only value something can have. */
export function constantOf(type: StaticType): Constant | null | undefined {
  if (type === UNKNOWN || type.length !== 1) return undefined;
  const [known] = type;
  if (known?.type !== "scalar") return undefined;
  if (known.name === "null") return null;
  return known.constants?.length === 1 ? known.constants[0] : undefined;
}
