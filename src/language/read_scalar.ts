// SPDX-License-Identifier: Apache-2.0

import type { Finding } from "./report_diagnostic.ts";
import type { ScalarNode, ScalarStyle } from "./source_node.ts";

/** What the tags of the core schema begin with. */
export const CORE_TAG = "tag:yaml.org,2002:";

/** The tags that a scalar may have. */
export const SCALAR_TAGS: readonly string[] = ["null", "bool", "int", "float", "str"]
  .map((name) => CORE_TAG + name);

/** What the core schema makes of a plain scalar. */
export type ScalarReading =
  | { readonly type: "value"; readonly value: ScalarNode["value"] }
  | { readonly type: "unsupported" };

const NULLS = /^(?:null|Null|NULL|~)?$/;
const BOOLEANS = /^(?:true|True|TRUE|false|False|FALSE)$/;
const INTEGER = /^[-+]?\d+$/;
const RADIX_INTEGER = /^0(?:o[0-7]+|x[\da-fA-F]+)$/;
const DECIMAL = /^([-+]?)(\d*)(?:\.(\d*))?(?:[eE]([-+]?\d+))?$/;
const NOT_FINITE = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/** First characters of everything that is not simply text. */
const SPECIAL_START = /^[-+.\d~nNtTfFyYoO]/;

/** A tag decides over the style; without one only plain scalars are more than text (SD-3). */
export function readScalar(
  text: string,
  style: ScalarStyle,
  tag: string | undefined,
): ScalarReading {
  if (tag === undefined && style === "plain") return readPlainScalar(text);
  if (tag === undefined || tag === "!" || tag === `${CORE_TAG}str`) {
    return { type: "value", value: text };
  }
  const reading = readPlainScalar(text);
  const isFit = reading.type === "value" && isOfTag(reading.value, tag);
  return isFit ? reading : { type: "unsupported" };
}

function isOfTag(value: ScalarNode["value"], tag: string): boolean {
  switch (tag.slice(CORE_TAG.length)) {
    case "null":
      return value === null;
    case "bool":
      return typeof value === "boolean";
    case "int":
      return typeof value === "bigint" || Number.isInteger(value);
    default:
      return typeof value === "bigint" || typeof value === "number";
  }
}

/** Reads a plain scalar by the YAML 1.2 core schema, numbers by EX-20. */
function readPlainScalar(text: string): ScalarReading {
  if (text !== "" && !SPECIAL_START.test(text)) return { type: "value", value: text };
  if (NULLS.test(text)) return { type: "value", value: null };
  if (BOOLEANS.test(text)) return { type: "value", value: text.toLowerCase() === "true" };
  if (NOT_FINITE.test(text)) return { type: "unsupported" };
  const number = readNumber(text);
  if (number === undefined) return { type: "value", value: text };
  const isFinite = typeof number === "bigint" || Number.isFinite(number);
  return isFinite ? { type: "value", value: number } : { type: "unsupported" };
}

function readNumber(text: string): number | bigint | undefined {
  if (INTEGER.test(text)) {
    const value = Number(text);
    return Number.isSafeInteger(value) ? value + 0 : wholeNumber(BigInt(text.replace(/^\+/, "")));
  }
  if (RADIX_INTEGER.test(text)) return wholeNumber(BigInt(text));
  const parts = DECIMAL.exec(text);
  if (!parts || !/\d/.test((parts[2] ?? "") + (parts[3] ?? ""))) return undefined;
  return exactWhole(parts) ?? Number(text) + 0;
}

/** A whole number as the language holds it: exact within 64 bits, beyond that a double. */
function wholeNumber(value: bigint): number | bigint {
  if (BigInt.asIntN(64, value) !== value) return Number(value);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** More digits than this make no whole number of 64 bits. */
const MAX_DIGITS = 40;

/** The exact value of a decimal without a fractional part, such as `1.50e2`. */
function exactWhole(parts: RegExpExecArray): number | bigint | undefined {
  const [, sign = "", whole = "", fraction = "", exponentText = "0"] = parts;
  const exponent = Number(exponentText);
  const digits = (whole + fraction).replace(/^0+/, "");
  if (digits === "") return 0;
  const shift = exponent - fraction.length;
  if (digits.length > MAX_DIGITS || Math.abs(shift) > MAX_DIGITS) return undefined;
  const kept = shift >= 0 ? digits + "0".repeat(shift) : digits.slice(0, shift) || "0";
  const dropped = shift >= 0 ? "" : digits.slice(shift);
  if (/[1-9]/.test(dropped) || digits.length + shift < 0) return undefined;
  const made = wholeNumber(BigInt(sign === "-" ? `-${kept}` : kept));
  return typeof made === "number" && !Number.isSafeInteger(made) ? undefined : made;
}

const AMBIGUOUS = [
  /^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF)$/,
  /^[-+]?0\d+$/,
  /^[-+]?0[bo][01_]+$/,
  /^0o[0-7]+$/,
  /^[-+]?\d[\d_]*_[\d_]*(?:\.[\d_]*)?$/,
  /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/,
];

/** Whether other readers used with Kubernetes take a plain scalar for something else (SD-4). */
export function isAmbiguousScalar(text: string): boolean {
  return SPECIAL_START.test(text) && AMBIGUOUS.some((pattern) => pattern.test(text));
}

/** What is said of such a scalar, which is read as `value` here. */
export function ambiguousFinding(text: string, value: ScalarNode["value"]): Finding {
  const isText = typeof value === "string";
  return {
    code: "ambiguous-scalar",
    message: `Plain ${text} is the ${isText ? `text "${value}"` : `number ${value}`} here, ` +
      "but something else to other YAML readers",
    help: isText ? `quote it: "${text}"` : `quote it: "${text}", or write ${value}`,
  };
}
