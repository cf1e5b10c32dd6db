// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject } from "../../language/mod.ts";
import type { JsonObject, JsonValue } from "../../language/mod.ts";
import type { KubernetesObject } from "../../runtime/ports.ts";
import type { ServedResource } from "../served_resource.ts";
import { ageSince } from "./age.ts";
import { AGE, builtInColumns, type Column } from "./table_columns.ts";
import { readJsonPath } from "./json_path.ts";

/** How much of each object a table carries beside its cells. */
export type IncludedObject = "None" | "Metadata" | "Object";

/** What a table needs to know beside the objects. */
export interface TableContext {
  readonly resource: ServedResource;
  readonly nowMs: number;
  readonly include: IncludedObject;
}

/** The table that `kubectl get` prints. */
export function renderTable(
  objects: readonly KubernetesObject[],
  metadata: JsonObject,
  context: TableContext,
): JsonObject {
  const columns = columnsOf(context.resource);
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: columns.map(({ name, type, format = "", priority = 0 }) => ({
      name,
      type,
      format,
      description: "",
      priority,
    })),
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object, context.nowMs)),
      ...includedObject(object, context.include),
    })),
  };
}

function includedObject(object: KubernetesObject, include: IncludedObject): JsonObject {
  switch (include) {
    case "None":
      return {};
    case "Object":
      return { object };
    case "Metadata":
      return { object: partialMetadata(object) };
  }
}

/** An object reduced to its metadata, in the form of its own that the API has for it. */
export function partialMetadata({ metadata }: KubernetesObject): KubernetesObject {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
}

const NAME: Column = {
  name: "Name",
  type: "string",
  format: "name",
  cell: (object) => object.metadata.name ?? "",
};

function columnsOf(resource: ServedResource): readonly Column[] {
  const { custom } = resource;
  if (custom === undefined) return [NAME, ...builtInColumns(resource.storage) ?? [AGE]];
  if (custom.columns.length === 0) return [NAME, AGE];
  return [
    NAME,
    ...custom.columns.map(({ name, type, jsonPath, priority }): Column => ({
      name,
      type: type === "date" ? "string" : type,
      priority,
      cell: (object, nowMs) => customCell(type, readJsonPath(object, jsonPath), nowMs),
    })),
  ];
}

function customCell(type: string, value: JsonValue | undefined, nowMs: number): JsonValue {
  if (value === undefined || value === null) return null;
  if (type === "date") return ageSince(value, nowMs);
  return isJsonList(value) || isJsonObject(value) ? JSON.stringify(value) : value;
}
