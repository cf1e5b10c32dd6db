// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject, member, memberAt } from "../language/mod.ts";
import type { JsonValue } from "../language/mod.ts";
import type { KubernetesObject } from "../runtime/ports.ts";
import { eventChangeFaults, eventFaults } from "./event_rules.ts";
import { EVENT_STORAGE } from "./event_versions.ts";
import { sameJson } from "./json_values.ts";
import { invalidValue, requiredValue } from "./object_names.ts";
import type { StatusCause } from "./status_error.ts";

type Faults = readonly StatusCause[];

/**
 * What is wrong with an object of a built-in kind. Only what would break the simulator itself, or
 * what clients get wrong as a matter of course, is looked at: built-in kinds have no schema here.
 */
export function contentFaults(storage: string, object: KubernetesObject): Faults {
  switch (storage) {
    case "/configmaps":
    case "/secrets":
      return ["data", "binaryData"].flatMap((field) => keyFaults(object[field], field));
    case "apiextensions.k8s.io/customresourcedefinitions":
      return definitionFaults(object);
    case EVENT_STORAGE:
      return eventFaults(object);
    default:
      return [];
  }
}

const CONFIG_KEY = /^[-._a-zA-Z0-9]{1,253}$/;
const CONFIG_KEY_MESSAGE = "a valid config key must consist of alphanumeric characters, '-', '_' " +
  "or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is " +
  "'[-._a-zA-Z0-9]+')";

function keyFaults(entries: JsonValue | undefined, field: string): Faults {
  if (!isJsonObject(entries)) return [];
  return Object.keys(entries).filter((key) => !CONFIG_KEY.test(key))
    .map((key) => invalidValue(`${field}[${key}]`, key, CONFIG_KEY_MESSAGE));
}

function definitionFaults(definition: KubernetesObject): Faults {
  const { spec } = definition;
  const name = `${String(memberAt(spec, "names", "plural"))}.${String(member(spec, "group"))}`;
  const versions = member(spec, "versions");
  const list = isJsonList(versions) ? versions : [];
  const stored = list.filter((version) => member(version, "storage") === true);
  return [
    ...(definition.metadata.name === name ? [] : [
      invalidValue(
        "metadata.name",
        definition.metadata.name,
        'must be spec.names.plural+"."+spec.group',
      ),
    ]),
    ...scopeFaults(member(spec, "scope")),
    ...list.flatMap(schemaFault),
    ...(stored.length === 1 ? [] : [
      invalidValue("spec.versions", "", "must have exactly one version marked as storage version"),
    ]),
  ];
}

function scopeFaults(scope: JsonValue | undefined): Faults {
  if (scope === "Namespaced" || scope === "Cluster") return [];
  if (scope === undefined) return [requiredValue("spec.scope")];
  return [{
    reason: "FieldValueNotSupported",
    message: `Unsupported value: ${JSON.stringify(scope)}: supported values: "Cluster", ` +
      '"Namespaced"',
    field: "spec.scope",
  }];
}

function schemaFault(version: JsonValue, index: number): Faults {
  const schema = memberAt(version, "schema", "openAPIV3Schema");
  const field = `spec.versions[${index}].schema.openAPIV3Schema`;
  if (schema === undefined) return [requiredValue(field)];
  if (member(schema, "type") === "object") return [];
  return [requiredValue(`${field}.type`, "must not be empty at the root")];
}

const IMMUTABLE: Readonly<Record<string, readonly [path: string, why: string]>> = {
  "/secrets": ["type", "field is immutable"],
  "apps/daemonsets": ["spec.selector", "field is immutable"],
  "apps/deployments": ["spec.selector", "field is immutable"],
  "apps/replicasets": ["spec.selector", "field is immutable"],
  "batch/jobs": ["spec.template", "field is immutable"],
  "rbac.authorization.k8s.io/clusterrolebindings": ["roleRef", "cannot change roleRef"],
  "rbac.authorization.k8s.io/rolebindings": ["roleRef", "cannot change roleRef"],
};

/** What is wrong with the change of an object of a built-in kind: fields that never change. */
export function changeFaults(
  storage: string,
  before: KubernetesObject,
  after: KubernetesObject,
): Faults {
  if (storage === EVENT_STORAGE) return eventChangeFaults(before, after);
  const sealed = before.immutable === true ? sealedFaults(before, after) : [];
  const [path, why] = IMMUTABLE[storage] ?? [];
  if (path === undefined || why === undefined) return sealed;
  const [old, now] = [before, after].map((object) => memberAt(object, ...path.split(".")));
  if (sameJson(old, now)) return sealed;
  const shown = typeof now === "string" ? now : JSON.stringify(now ?? null);
  const text = typeof now === "string" ? JSON.stringify(shown) : shown;
  const message = `Invalid value: ${text}: ${why}`;
  return [...sealed, { reason: "FieldValueInvalid", message, field: path }];
}

// ConfigMaps and Secrets can be made unchangeable.
function sealedFaults(before: KubernetesObject, after: KubernetesObject): Faults {
  return ["immutable", "data", "binaryData"]
    .filter((field) => !sameJson(before[field], after[field]))
    .map((field) => ({
      reason: "FieldValueForbidden",
      message: "Forbidden: field is immutable when `immutable` is set",
      field,
    }));
}
