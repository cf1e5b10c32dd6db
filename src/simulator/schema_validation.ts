// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject, member } from "../language/mod.ts";
import type { JsonObject, JsonValue } from "../language/mod.ts";
import { sameJson } from "./json_values.ts";
import { invalidValue, requiredValue } from "./object_names.ts";
import type { StatusCause } from "./status_error.ts";

type Faults = readonly StatusCause[];
type Check = (value: JsonValue, schema: JsonObject, path: string) => Faults;

/**
 * What an OpenAPI schema of a CustomResourceDefinition finds wrong with a value, in the words of
 * the API server. `format` and rules in CEL (`x-kubernetes-validations`) are not looked at.
 */
export function validateSchema(value: JsonValue, schema: JsonValue, path: string): Faults {
  if (!isJsonObject(schema)) return [];
  if (value === null && schema.nullable === true) return [];
  const typeFaults = checkType(value, schema, path);
  if (typeFaults.length > 0) return typeFaults;
  return CHECKS.flatMap((check) => check(value, schema, path));
}

const CHECKS: readonly Check[] = [
  checkEnum,
  checkNumber,
  checkText,
  checkList,
  checkObject,
  checkCombined,
];

const TYPE_TESTS: Readonly<Record<string, (value: JsonValue) => boolean>> = {
  object: isJsonObject,
  array: isJsonList,
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  number: (value) => typeof value === "number" || typeof value === "bigint",
  integer: isInteger,
};

function isInteger(value: JsonValue): boolean {
  return typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
}

function checkType(value: JsonValue, schema: JsonObject, path: string): Faults {
  if (schema["x-kubernetes-int-or-string"] === true) {
    return isInteger(value) || typeof value === "string" ? [] : [wrongType("integer,string")];
  }
  const { type } = schema;
  if (typeof type !== "string" || TYPE_TESTS[type]?.(value) !== false) return [];
  return [wrongType(type)];

  function wrongType(expected: string): StatusCause {
    const found = typeName(value);
    return {
      reason: "FieldValueTypeInvalid",
      message: `Invalid value: "${found}": ${path} in body must be of type ${expected}: "${found}"`,
      field: path,
    };
  }
}

function typeName(value: JsonValue): string {
  if (value === null) return "null";
  if (isJsonList(value)) return "array";
  if (isInteger(value)) return "integer";
  return typeof value;
}

function checkEnum(value: JsonValue, schema: JsonObject, path: string): Faults {
  const allowed = schema.enum;
  if (!isJsonList(allowed) || allowed.some((one) => sameJson(one, value))) return [];
  const list = allowed.map((one) => JSON.stringify(one)).join(", ");
  return [{
    reason: "FieldValueNotSupported",
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`,
    field: path,
  }];
}

function checkNumber(value: JsonValue, schema: JsonObject, path: string): Faults {
  if (typeof value !== "number" && typeof value !== "bigint") return [];
  const { minimum, maximum } = schema;
  const faults: StatusCause[] = [];
  const fault = (relation: string, limit: number) =>
    faults.push(invalidValue(path, value, `${path} in body should be ${relation} ${limit}`));
  if (typeof minimum === "number") {
    if (schema.exclusiveMinimum === true && value <= minimum) fault("greater than", minimum);
    else if (value < minimum) fault("greater than or equal to", minimum);
  }
  if (typeof maximum === "number") {
    if (schema.exclusiveMaximum === true && value >= maximum) fault("less than", maximum);
    else if (value > maximum) fault("less than or equal to", maximum);
  }
  return faults;
}

function checkText(value: JsonValue, schema: JsonObject, path: string): Faults {
  if (typeof value !== "string") return [];
  const { minLength, maxLength, pattern } = schema;
  const length = [...value].length;
  const faults: StatusCause[] = [];
  if (typeof minLength === "number" && length < minLength) {
    const why = `${path} in body should be at least ${minLength} chars long`;
    faults.push(invalidValue(path, value, why));
  }
  if (typeof maxLength === "number" && length > maxLength) {
    const message = `Too long: may not be more than ${maxLength} bytes`;
    faults.push({ reason: "FieldValueTooLong", message, field: path });
  }
  if (typeof pattern === "string" && !new RegExp(pattern, "u").test(value)) {
    faults.push(invalidValue(path, value, `${path} in body should match '${pattern}'`));
  }
  return faults;
}

function checkList(value: JsonValue, schema: JsonObject, path: string): Faults {
  if (!isJsonList(value)) return [];
  const { minItems, maxItems, items } = schema;
  const faults: StatusCause[] = [];
  if (typeof minItems === "number" && value.length < minItems) {
    const why = `${path} in body should have at least ${minItems} items`;
    faults.push(invalidValue(path, value.length, why));
  }
  if (typeof maxItems === "number" && value.length > maxItems) {
    const message = `Too many: ${value.length}: must have at most ${maxItems} items`;
    faults.push({ reason: "FieldValueTooMany", message, field: path });
  }
  if (items === undefined) return faults;
  return [
    ...faults,
    ...value.flatMap((item, index) => validateSchema(item, items, `${path}[${index}]`)),
  ];
}

function checkObject(value: JsonValue, schema: JsonObject, path: string): Faults {
  if (!isJsonObject(value)) return [];
  const below = (key: string) => path === "" ? key : `${path}.${key}`;
  const required = isJsonList(schema.required) ? schema.required.map(String) : [];
  const missing = required.filter((key) => !Object.hasOwn(value, key))
    .map((key) => requiredValue(below(key)));
  const additional = schema.additionalProperties;
  const known = Object.entries(value).flatMap(([key, entry]) =>
    validateSchema(entry, member(schema.properties, key) ?? additional ?? true, below(key))
  );
  return [...missing, ...known];
}

function checkCombined(value: JsonValue, schema: JsonObject, path: string): Faults {
  const faultsOf = (one: JsonValue) => validateSchema(value, one, path);
  const passing = (list: JsonValue | undefined) =>
    isJsonList(list) ? list.filter((one) => faultsOf(one).length === 0).length : undefined;
  const faults: StatusCause[] = [];
  const refuse = (why: string) => faults.push(invalidValue(path, "", why));
  if (passing(schema.anyOf) === 0) refuse(`${path} in body must validate at least one schema`);
  const matched = passing(schema.oneOf);
  if (matched !== undefined && matched !== 1) {
    refuse(`${path} in body must validate one and only one schema (oneOf). Found ${matched} valid`);
  }
  if (isJsonObject(schema.not) && faultsOf(schema.not).length === 0) {
    refuse(`${path} in body must not validate the schema (not)`);
  }
  const all = isJsonList(schema.allOf) ? schema.allOf.flatMap(faultsOf) : [];
  return [...faults, ...all];
}
