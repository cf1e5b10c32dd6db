// SPDX-License-Identifier: Apache-2.0

import { type EvaluationFault, fault, isFault } from "../fault.ts";
import { parseDuration } from "../time/duration.ts";
import { parseTimestamp, timestampOf } from "../time/timestamp.ts";
import { numeric } from "../values/equality.ts";
import { checkText } from "../values/measure.ts";
import { typeOf } from "../values/type_constants.ts";
import { CelUint, double, type Value } from "../values/value.ts";
import { valueText } from "../values/value_text.ts";
import { int, MAX_UINT } from "../values/whole_numbers.ts";
import { charge } from "./collections.ts";
import { type FunctionRow, type ParameterType, row } from "./row.ts";

type Result = Value | EvaluationFault;

const WHOLE_NUMBER = /^([+-]?)(\d{1,24}|0[xX][\da-fA-F]{1,20})$/;

/** The whole number in a text or number; a double loses its fraction (EX-34). */
function wholeOf(value: Value): bigint | EvaluationFault {
  if (typeof value === "string") return wholeOfText(value);
  const number = numeric(value);
  if (typeof number === "bigint") return number;
  return number !== undefined && Number.isFinite(number)
    ? BigInt(Math.trunc(number))
    : fault("overflow", "range error: the number has no whole part");
}

function wholeOfText(text: string): bigint | EvaluationFault {
  const [, sign, digits] = WHOLE_NUMBER.exec(text) ?? [];
  if (digits === undefined) return notA("whole number");
  return sign === "-" ? -BigInt(digits) : BigInt(digits);
}

/** The text itself is not told: it may be a secret. */
function notA(kind: string): EvaluationFault {
  return fault("bad-value", `the text is no ${kind}`);
}

function toInt(value: Value): Result {
  const whole = wholeOf(value);
  if (isFault(whole)) return whole;
  const result = int(whole);
  // -2^63 as a double is refused as CEL does, since it may have been rounded to that.
  return typeof numeric(value) === "number" && typeof result === "bigint" && result === -(2n ** 63n)
    ? fault("overflow", `range error: ${whole} is no 64-bit int`)
    : result;
}

function toUint(value: Value): Result {
  const whole = wholeOf(value);
  if (isFault(whole)) return whole;
  return (numeric(value) ?? 0) >= 0 && whole >= 0n && whole <= MAX_UINT
    ? new CelUint(whole)
    : fault("overflow", `range error: ${whole} is no 64-bit uint`);
}

const DOUBLE = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

const SPECIAL_DOUBLES: ReadonlyMap<string, number> = new Map([
  ["nan", NaN],
  ["inf", Infinity],
  ["infinity", Infinity],
]);

function toDouble(value: Value): Result {
  if (typeof value !== "string") return double(Number(numeric(value)));
  if (DOUBLE.test(value)) return double(Number(value));
  const sign = value.startsWith("-") ? -1 : 1;
  const special = SPECIAL_DOUBLES.get(value.replace(/^[+-]/, "").toLowerCase());
  return special === undefined ? notA("number") : double(sign * special);
}

const BOOLS: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "true", "TRUE", "True"].map((text) => [text, true] as const),
  ...["0", "f", "F", "false", "FALSE", "False"].map((text) => [text, false] as const),
]);

function toBool(text: string): Result {
  return BOOLS.get(text) ?? notA('bool: expected "true" or "false"');
}

/** How one conversion reads in the table. */
interface Conversion {
  readonly to: ParameterType;
  readonly from: readonly ParameterType[];
  readonly convert: (value: Value) => Result;
  readonly doc: string;
  readonly example: readonly [string, string];
}

/** Keeps a value that has the wanted type already. */
const same = (value: Value): Value => value;

/** An argument that the table says to be a text. */
function text(convert: (text: string) => Result): (value: Value) => Result {
  return (value) => convert(value as string);
}

const CONVERSIONS: readonly Conversion[] = [
  {
    to: "int",
    from: ["int", "uint", "double", "string"],
    convert: toInt,
    doc: "A whole number from a number, cut toward zero, or from decimal or hexadecimal text.",
    example: ["int('0x1F')", "31"],
  },
  {
    to: "int",
    from: ["timestamp"],
    convert: (value) => (value as { readonly seconds: number } & Value).seconds as number,
    doc: "The seconds since 1970-01-01T00:00:00Z.",
    example: ["int(timestamp('1970-01-01T00:01:00Z'))", "60"],
  },
  {
    to: "uint",
    from: ["int", "uint", "double", "string"],
    convert: toUint,
    doc: "An unsigned whole number from a number, cut toward zero, or from text.",
    example: ["uint(5)", "5u"],
  },
  {
    to: "double",
    from: ["int", "uint", "double", "string"],
    convert: toDouble,
    doc: "A double from a number or from text.",
    example: ["double('1.5')", "1.5"],
  },
  {
    to: "bool",
    from: ["bool"],
    convert: same,
    doc: "The same bool.",
    example: ["bool(true)", "true"],
  },
  {
    to: "bool",
    from: ["string"],
    convert: text(toBool),
    doc: "A bool from a text such as `true`, `False`, `1` or `f`.",
    example: ["bool('true')", "true"],
  },
  {
    to: "bytes",
    from: ["bytes"],
    convert: same,
    doc: "The same bytes.",
    example: ["bytes(b'a')", "b'a'"],
  },
  {
    to: "bytes",
    from: ["string"],
    convert: text((value) => new TextEncoder().encode(value)),
    doc: "The bytes of a text in UTF-8.",
    example: ["bytes('é')", "b'\\303\\251'"],
  },
  {
    to: "timestamp",
    from: ["timestamp"],
    convert: same,
    doc: "The same timestamp.",
    example: ["timestamp(timestamp(0)) == timestamp(0)", "true"],
  },
  {
    to: "timestamp",
    from: ["string"],
    convert: text(parseTimestamp),
    doc: "A timestamp from RFC 3339 text.",
    example: ["string(timestamp('2026-01-31T12:00:00+02:00'))", "'2026-01-31T10:00:00Z'"],
  },
  {
    to: "timestamp",
    from: ["int"],
    convert: (value) => timestampOf(Number(value), 0),
    doc: "A timestamp from the seconds since 1970-01-01T00:00:00Z.",
    example: ["string(timestamp(60))", "'1970-01-01T00:01:00Z'"],
  },
  {
    to: "duration",
    from: ["duration"],
    convert: same,
    doc: "The same duration.",
    example: ["duration(duration('1s')) == duration('1s')", "true"],
  },
  {
    to: "duration",
    from: ["string"],
    convert: text(parseDuration),
    doc: "A duration from text with the units h, m, s, ms, us and ns.",
    example: ["string(duration('1h30m'))", "'5400s'"],
  },
  {
    to: "type",
    from: ["any"],
    convert: typeOf,
    doc: "The type of a value.",
    example: ["type(1) == int", "true"],
  },
];

/** Rule FN-12. */
export const CONVERSION_ROWS: readonly FunctionRow[] = [
  ...CONVERSIONS.flatMap(({ to, from, convert, doc, example }) =>
    from.map((type) =>
      row("FN-12", {
        name: to,
        form: "function",
        parameters: [["value", type]],
        result: to,
        doc,
        example,
        run: (budget, value) => {
          if (typeof value === "string") charge(budget, value.length);
          return convert(value);
        },
      })
    )
  ),
  row("FN-12", {
    name: "string",
    form: "function",
    parameters: [["value", "any"]],
    result: "string",
    doc: "The text of a bool, number, text, UTF-8 bytes, timestamp or duration.",
    example: ["string(2.5)", "'2.5'"],
    run: (budget, value) => {
      const made = valueText(value);
      return isFault(made) ? made : checkText(made, budget);
    },
  }),
  row("FN-12", {
    name: "dyn",
    form: "function",
    parameters: [["value", "any"]],
    result: "any",
    doc: "The same value: all types are dynamic here.",
    example: ["dyn(1)", "1"],
    run: (_, value) => value,
  }),
];
