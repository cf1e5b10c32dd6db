// SPDX-License-Identifier: Apache-2.0

import type { JsonObject, Workflow } from "../../language/mod.ts";
import { type CustomKind, customResourceDefinition, type PrinterColumn } from "./custom_kind.ts";
import { OPEN_OBJECT } from "./custom_kind.ts";

/** What of a trigger kind its Workflow does not say. */
export interface TriggerKindChoice {
  readonly plural?: string;
  readonly scope: CustomKind["scope"];
}

/**
 * The CustomResourceDefinition of the triggers of a Workflow: what a run writes to their status is
 * described, their `spec` is left open.
 */
export function triggerKind(
  { crdRef, steps }: Pick<Workflow, "steps"> & { readonly crdRef: NonNullable<Workflow["crdRef"]> },
  { plural, scope }: TriggerKindChoice,
): JsonObject {
  const { apiGroup: group, version, kind } = crdRef;
  const conditions = steps.flatMap(({ condition }) => condition?.type ?? []);
  const stateKeys = steps.flatMap((step) => step.stateKeys);
  return customResourceDefinition({
    group,
    version,
    kind,
    plural: plural ?? pluralOf(kind),
    scope,
    columns: [
      conditionColumn("Ready", "Ready", "status"),
      conditionColumn("Reason", "Ready", "reason"),
      ...[...new Set(conditions)].filter((type) => type !== "Ready")
        .map((type) => ({ ...conditionColumn(type, type, "status"), isWide: true })),
      ...[...new Set(stateKeys)].map(stateColumn),
    ],
    properties: { spec: OPEN_OBJECT, status: STATUS },
  });
}

const TEXT = { type: "string" };

/** Chapter 12: ours, and what others keep beside it. */
const STATUS: JsonObject = {
  type: "object",
  properties: {
    conditions: {
      type: "array",
      items: {
        type: "object",
        required: ["type", "status"],
        properties: {
          type: TEXT,
          status: { type: "string", enum: ["True", "False", "Unknown"] },
          reason: TEXT,
          message: TEXT,
        },
        "x-kubernetes-preserve-unknown-fields": true,
      },
    },
    observedGeneration: { type: "integer", format: "int64" },
    state: OPEN_OBJECT,
    koreo: OPEN_OBJECT,
  },
  "x-kubernetes-preserve-unknown-fields": true,
};

function conditionColumn(name: string, type: string, field: string): PrinterColumn {
  return { name, type: "string", jsonPath: `.status.conditions[?(@.type=="${type}")].${field}` };
}

/** A key as the path of a column has it; what is not a word stands in brackets. */
function stateColumn(key: string): PrinterColumn {
  const path = /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `['${key.replaceAll("'", "\\'")}']`;
  return { name: key, type: "string", jsonPath: `.status.state${path}`, isWide: true };
}

/** As English has it for most nouns. */
export function pluralOf(kind: string): string {
  const noun = kind.toLowerCase();
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}
