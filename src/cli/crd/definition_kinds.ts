// SPDX-License-Identifier: Apache-2.0

import { type DefinitionKind, definitionSchema, type JsonObject } from "../../language/mod.ts";
import { customResourceDefinition, OPEN_OBJECT, type PrinterColumn } from "./custom_kind.ts";

const COLUMNS: Readonly<Record<DefinitionKind, readonly PrinterColumn[]>> = {
  Workflow: [
    column("Trigger", ".spec.crdRef.kind"),
    column("Group", ".spec.crdRef.apiGroup"),
    column("Version", ".spec.crdRef.version"),
  ],
  ValueFunction: [],
  ResourceFunction: [
    column("API version", ".spec.apiConfig.apiVersion"),
    column("Kind", ".spec.apiConfig.kind"),
  ],
  ResourceTemplate: [
    column("API version", ".spec.template.apiVersion"),
    column("Kind", ".spec.template.kind"),
  ],
  FunctionTest: [
    column("Kind", ".spec.functionRef.kind"),
    column("Function", ".spec.functionRef.name"),
  ],
};

function column(name: string, jsonPath: string): PrinterColumn {
  return { name, type: "string", jsonPath };
}

/** The CustomResourceDefinitions of the five kinds of `koreo.dev/v1beta1`. */
export function definitionKinds(): readonly JsonObject[] {
  return (Object.keys(COLUMNS) as readonly DefinitionKind[]).map((kind) =>
    customResourceDefinition({
      group: "koreo.dev",
      version: "v1beta1",
      kind,
      plural: `${kind.toLowerCase()}s`,
      scope: "Namespaced",
      categories: ["koreo"],
      columns: COLUMNS[kind],
      properties: { spec: definitionSchema(kind), status: OPEN_OBJECT },
      required: ["spec"],
    })
  );
}
