// SPDX-License-Identifier: Apache-2.0

import { FUNCTION_TEST } from "./decode_function_test.ts";
import { RESOURCE_FUNCTION } from "./decode_resource_function.ts";
import { RESOURCE_TEMPLATE } from "./decode_resource_template.ts";
import { VALUE_FUNCTION } from "./decode_value_function.ts";
import { WORKFLOW } from "./decode_workflow.ts";
import type { DefinitionKind } from "./definition.ts";
import type { JsonObject } from "./json.ts";
import type { FieldShape, Shape } from "./shape.ts";
import { unreachable } from "./unreachable.ts";

const SPECS: Readonly<Record<DefinitionKind, Shape>> = {
  ValueFunction: VALUE_FUNCTION,
  ResourceFunction: RESOURCE_FUNCTION,
  ResourceTemplate: RESOURCE_TEMPLATE,
  Workflow: WORKFLOW,
  FunctionTest: FUNCTION_TEST,
};

/**
 * What the `spec` of a kind takes, as a structural schema of Kubernetes.
 *
 * It follows from the decoders and refuses nothing that they accept: fields that are not known keep
 * their content, since the language only warns of them (SD-31). What is a rule between fields is
 * told when the definition is compiled.
 */
export function definitionSchema(kind: DefinitionKind): JsonObject {
  return schemaOf(SPECS[kind]);
}

const ANY: JsonObject = { "x-kubernetes-preserve-unknown-fields": true };

function schemaOf(shape: Shape): JsonObject {
  switch (shape.type) {
    case "map":
      return mapSchema(shape.fields);
    case "openMap":
      return { type: "object", ...ANY };
    case "list":
      return { type: "array", items: schemaOf(shape.item) };
    case "text":
      return {
        type: "string",
        ...(shape.isFilled ? { minLength: 1 } : {}),
        ...(shape.allowed === undefined ? {} : { enum: shape.allowed }),
      };
    case "bool":
      return { type: "boolean" };
    case "seconds":
      return { type: "integer", minimum: 0 };
    case "any":
      return ANY;
    default:
      return unreachable(shape);
  }
}

function mapSchema(fields: Readonly<Record<string, FieldShape>>): JsonObject {
  const entries = Object.entries(fields);
  const required = entries.filter(([, { isRequired }]) => isRequired).map(([name]) => name);
  const properties = entries.map(([name, { shape, isNullable }]) => [
    name,
    { ...schemaOf(shape), ...(isNullable ? { nullable: true } : {}) },
  ]);
  return {
    type: "object",
    ...(required.length === 0 ? {} : { required }),
    ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
    ...ANY,
  };
}
