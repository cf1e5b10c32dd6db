// SPDX-License-Identifier: Apache-2.0

import {
  type Decoded,
  decodeInSlices,
  type Decoder,
  type Decoding,
  inSlices,
  INVALID,
  report,
  wrongType,
} from "./decoder.ts";
import { type DocumentPart, partsOf } from "./document_part.ts";
import { didYouMean } from "./nearest_name.ts";
import { pathText } from "./document_path.ts";
import { type FieldShape, shaped, shapeOf } from "./shape.ts";
import type { Slices } from "./slices.ts";

/** A field of a map: how it is read and what holds when it is absent. */
export interface Field<T> {
  readonly decode: Decoder<T>;
  readonly isRequired: boolean;
  readonly isNullable: boolean;
  readonly absent?: T;
}

/** A field that must be there. */
export function required<T>(decode: Decoder<T>): Field<T> {
  return { decode, isRequired: true, isNullable: false };
}

/** A field that may be absent. */
export function optional<T>(decode: Decoder<T>): Field<T | undefined> {
  return { decode, isRequired: false, isNullable: false };
}

/** A field that has a default. */
export function withDefault<T>(decode: Decoder<T>, absent: T): Field<T> {
  return { decode, isRequired: false, isNullable: false, absent };
}

/** A field for which `null` means that it is absent (SD-32). */
export function nullable<T>(field: Field<T>): Field<T> {
  return { ...field, isNullable: true };
}

/** The fields of a map. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

/** What the fields of a map decode to; absent fields without default are `undefined`. */
export type Fielded<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never;
};

/** The fields that a map gives, `null` of nullable ones left out. */
export type FieldsGiven = ReadonlyMap<string, DocumentPart>;

/** A condition on which fields are given; reports and answers `false` when it does not hold. */
export type FieldRule = (given: FieldsGiven, part: DocumentPart, decoding: Decoding) => boolean;

/** A map with known fields (SD-30 to SD-32). Every fault in it is reported, not only the first. */
export function record<const F extends Fields>(
  fields: F,
  ...rules: readonly FieldRule[]
): Decoder<Fielded<F>> {
  const decode = inSlices<Fielded<F>>(function* (part, decoding) {
    if (part.node.type !== "map") return wrongType(part, decoding, "map");
    const given = yield* fieldsGiven(fields, part, decoding);
    const values: Record<string, unknown> = {};
    let isValid = true;
    for (const [name, field] of Object.entries(fields)) {
      const value = yield* decodeField(field, given.get(name), decoding);
      if (value === INVALID) isValid = false;
      values[name] = value;
      if (field.isRequired && !given.has(name)) {
        isValid = false;
        reportMissing(name, part, decoding);
      }
    }
    for (const rule of rules) isValid = rule(given, part, decoding) && isValid;
    return isValid ? values as Fielded<F> : INVALID;
  });
  const shapes = Object.entries(fields).map(([name, field]) => [name, fieldShape(field)] as const);
  return shaped(decode, { type: "map", fields: Object.fromEntries(shapes) });
}

function fieldShape({ decode, isRequired, isNullable }: Field<unknown>): FieldShape {
  return { shape: shapeOf(decode), isRequired, isNullable };
}

function* decodeField(
  field: Field<unknown>,
  part: DocumentPart | undefined,
  decoding: Decoding,
): Slices<Decoded<unknown>> {
  return part === undefined ? field.absent : yield* decodeInSlices(field.decode, part, decoding);
}

function reportMissing(name: string, part: DocumentPart, decoding: Decoding): void {
  const where = pathText(part.path);
  report(decoding, part, {
    code: "missing-field",
    message: `Cannot read "${where}": field "${name}" is required`,
  });
}

/** What a finding costs, in the characters of expressions that take as long. */
const FINDING_COST = 100;

function* fieldsGiven(
  fields: Fields,
  part: DocumentPart,
  decoding: Decoding,
): Slices<FieldsGiven> {
  const given = new Map<string, DocumentPart>();
  if (part.node.type !== "map") return given;
  for (const member of partsOf(part.node, part.path)) {
    const name = String(member.path?.key);
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) {
      reportUnknown(name, Object.keys(fields), { member, decoding });
      if (decoding.pace.spend(FINDING_COST)) yield;
    } else if (!(field.isNullable && isNull(member))) given.set(name, member);
  }
  return given;
}

function isNull({ node }: DocumentPart): boolean {
  return node.type === "scalar" && node.value === null;
}

function reportUnknown(
  name: string,
  known: readonly string[],
  { member, decoding }: { readonly member: DocumentPart; readonly decoding: Decoding },
): void {
  report(decoding, member, {
    code: "unknown-field",
    message: `Field "${name}" is not known here and has no effect`,
    help: didYouMean(name, known) ??
      (known.length === 0 ? undefined : `known: ${known.join(", ")}`),
  });
}

/** Exactly one of some fields must be given. */
export function exactlyOne(...names: readonly string[]): FieldRule {
  return (given, part, decoding) => {
    const found = names.filter((name) => given.has(name));
    if (found.length === 1) return true;
    const quoted = names.map((name) => `"${name}"`).join(", ");
    report(decoding, (found[1] === undefined ? undefined : given.get(found[1])) ?? part, {
      code: "exactly-one",
      message: found.length === 0
        ? `Cannot read "${pathText(part.path)}": exactly one of ${quoted} is required`
        : `Cannot use ${found.map((name) => `"${name}"`).join(" and ")} together: ` +
          `exactly one of ${quoted} is required`,
    });
    return false;
  };
}

/** At least one of some fields must be given. */
export function atLeastOne(...names: readonly string[]): FieldRule {
  return (given, part, decoding) => {
    if (names.some((name) => given.has(name))) return true;
    report(decoding, part, {
      code: "missing-field",
      message: `Cannot read "${pathText(part.path)}": one of ${
        names.map((name) => `"${name}"`).join(", ")
      } is required`,
    });
    return false;
  };
}
