// SPDX-License-Identifier: Apache-2.0

import type { JsonObject } from "../../language/mod.ts";

/** What a CustomResourceDefinition says. */
export interface CustomKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: "Namespaced" | "Cluster";
  readonly categories?: readonly string[];
  readonly columns: readonly PrinterColumn[];
  /** Schema of the object below `apiVersion`, `kind` and `metadata`. */
  readonly properties: JsonObject;
  readonly required?: readonly string[];
}

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: "string" | "date";
  readonly jsonPath: string;
  /** Shown with `-o wide` alone. */
  readonly isWide?: boolean;
}

const AGE: PrinterColumn = { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" };

/** The CustomResourceDefinition of a kind, with one version and a status subresource. */
export function customResourceDefinition(custom: CustomKind): JsonObject {
  const { group, version, kind, plural, scope, categories, columns, properties } = custom;
  const names = { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() };
  const schema = {
    type: "object",
    ...(custom.required === undefined ? {} : { required: custom.required }),
    properties,
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { ...names, ...(categories === undefined ? {} : { categories }) },
      scope,
      versions: [{
        name: version,
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [...columns, AGE].map(columnJson),
        schema: { openAPIV3Schema: schema },
      }],
    },
  };
}

function columnJson({ name, type, jsonPath, isWide }: PrinterColumn): JsonObject {
  return { name, type, jsonPath, ...(isWide === true ? { priority: 1 } : {}) };
}

/** Any object. */
export const OPEN_OBJECT: JsonObject = {
  type: "object",
  "x-kubernetes-preserve-unknown-fields": true,
};
