// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject, member, memberAt } from "../language/mod.ts";
import type { JsonObject, JsonValue } from "../language/mod.ts";
import { sameJson } from "./json_values.ts";
import {
  invalidValue,
  labelValueFaults,
  nameFaults,
  qualifiedNameFaults,
  requiredValue,
} from "./object_names.ts";
import type { StatusCause } from "./status_error.ts";

/** A field of an object and the form it must have to be read at all. */
type FieldForm = readonly [
  path: string,
  form: "text" | "texts" | "texts in Base64" | "list of texts" | "list of objects",
];

const METADATA_FORMS: readonly FieldForm[] = [
  ["metadata.name", "text"],
  ["metadata.generateName", "text"],
  ["metadata.namespace", "text"],
  ["metadata.labels", "texts"],
  ["metadata.annotations", "texts"],
  ["metadata.finalizers", "list of texts"],
  ["metadata.ownerReferences", "list of objects"],
];

const FORMS_BY_STORAGE: Readonly<Record<string, readonly FieldForm[]>> = {
  "/configmaps": [["data", "texts"], ["binaryData", "texts"]],
  "/secrets": [["data", "texts in Base64"], ["stringData", "texts"]],
};

/** The first field that cannot be read, when there is one: a request is malformed, not invalid. */
export function unreadableField(storage: string, object: JsonObject): string | undefined {
  const forms = [...METADATA_FORMS, ...(FORMS_BY_STORAGE[storage] ?? [])];
  return forms.find(([path, form]) => {
    const value = memberAt(object, ...path.split("."));
    return value !== undefined && value !== null && !FORM_TESTS[form](value);
  })?.[0];
}

const FORM_TESTS: Readonly<Record<FieldForm[1], (value: JsonValue) => boolean>> = {
  text: (value) => typeof value === "string",
  texts: (value) => isJsonObject(value) && Object.values(value).every(isTextOrNull),
  "texts in Base64": (value) => isJsonObject(value) && Object.values(value).every(isBase64),
  "list of texts": (value) => isJsonList(value) && value.every(isTextOrNull),
  "list of objects": (value) => isJsonList(value) && value.every(isJsonObject),
};

function isBase64(value: JsonValue): boolean {
  return value === null || (typeof value === "string" && BASE64.test(value));
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function isTextOrNull(value: JsonValue): boolean {
  return typeof value === "string" || value === null;
}

const MAX_ANNOTATION_BYTES = 262_144;
const STANDARD_FINALIZERS = new Set(["orphan", "foregroundDeletion", "kubernetes"]);

/** What is wrong with the metadata of an object to be created. */
export function createFaults(storage: string, metadata: JsonObject): readonly StatusCause[] {
  const { name, generateName } = metadata;
  const generateFaults = typeof generateName === "string" && generateName !== ""
    ? nameFaults(storage, generateName.replace(/-$/, "a"), "metadata.generateName")
    : [];
  const nameAndGenerate = typeof name === "string" && name !== ""
    ? [...generateFaults, ...nameFaults(storage, name, "metadata.name")]
    : [requiredValue("metadata.name", "name or generateName is required")];
  return [...nameAndGenerate, ...mapFaults(metadata), ...listFaults(metadata)];
}

const IMMUTABLE = ["uid", "creationTimestamp", "deletionTimestamp"];

/** What is wrong with changed metadata, given the metadata before. */
export function updateFaults(before: JsonObject, after: JsonObject): readonly StatusCause[] {
  const changed = IMMUTABLE.filter((key) =>
    member(after, key) !== undefined && !sameJson(before[key], after[key])
  ).map((key) => invalidValue(`metadata.${key}`, after[key], "field is immutable"));
  return [...changed, ...mapFaults(after), ...listFaults(after), ...finalizerFaults(before, after)];
}

function finalizerFaults(before: JsonObject, after: JsonObject): readonly StatusCause[] {
  if (before.deletionTimestamp === undefined) return [];
  const old = finalizersOf(before);
  const added = finalizersOf(after).filter((finalizer) => !old.includes(finalizer));
  if (added.length === 0) return [];
  const list = added.map((finalizer) => JSON.stringify(finalizer)).join(", ");
  return [{
    reason: "FieldValueForbidden",
    message: "Forbidden: no new finalizers can be added if the object is being deleted, found " +
      `new finalizers []string{${list}}`,
    field: "metadata.finalizers",
  }];
}

/** The finalizers of an object's metadata. */
export function finalizersOf(metadata: JsonObject): readonly string[] {
  const { finalizers } = metadata;
  return isJsonList(finalizers) ? finalizers.filter((one) => typeof one === "string") : [];
}

function mapFaults(metadata: JsonObject): readonly StatusCause[] {
  const labels = textEntries(metadata.labels);
  const annotations = textEntries(metadata.annotations);
  const bytes = annotations.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  return [
    ...labels.flatMap(([key, value]) => [
      ...qualifiedNameFaults(key, "metadata.labels"),
      ...labelValueFaults(value, "metadata.labels"),
    ]),
    ...annotations.flatMap(([key]) =>
      qualifiedNameFaults(key.toLowerCase(), "metadata.annotations")
        .map((fault) => ({ ...fault, message: fault.message.replace(key.toLowerCase(), key) }))
    ),
    ...(bytes > MAX_ANNOTATION_BYTES ? [tooLong("metadata.annotations")] : []),
  ];
}

function tooLong(field: string): StatusCause {
  const message = `Too long: may not be more than ${MAX_ANNOTATION_BYTES} bytes`;
  return { reason: "FieldValueTooLong", message, field };
}

function listFaults(metadata: JsonObject): readonly StatusCause[] {
  const references = isJsonList(metadata.ownerReferences) ? metadata.ownerReferences : [];
  return [
    ...references.flatMap(ownerFaults),
    ...controllerFaults(references),
    ...finalizersOf(metadata).flatMap((finalizer, index) => {
      const field = `metadata.finalizers[${index}]`;
      const faults = qualifiedNameFaults(finalizer, field);
      if (faults.length > 0 || finalizer.includes("/") || STANDARD_FINALIZERS.has(finalizer)) {
        return faults;
      }
      const why = "name is neither a standard finalizer name nor is it fully qualified";
      return [invalidValue(field, finalizer, why)];
    }),
  ];
}

const OWNER_FIELDS = [
  ["apiVersion", "version must not be empty"],
  ["kind", "must not be empty"],
  ["name", "must not be empty"],
  ["uid", "must not be empty"],
] as const;

function ownerFaults(reference: JsonValue): readonly StatusCause[] {
  return OWNER_FIELDS.filter(([key]) => !member(reference, key))
    .map(([key, why]) => invalidValue(`metadata.ownerReferences.${key}`, "", why));
}

function controllerFaults(references: readonly JsonValue[]): readonly StatusCause[] {
  const controllers = references.filter((one) => member(one, "controller") === true);
  if (controllers.length < 2) return [];
  const [first, second] = controllers.map((one) =>
    `${String(member(one, "kind"))}/${String(member(one, "name"))}`
  );
  return [invalidValue(
    "metadata.ownerReferences",
    "array",
    'Only one reference can have Controller set to true. Found "true" in references for ' +
      `${first} and ${second}`,
  )];
}

function textEntries(value: JsonValue | undefined): readonly (readonly [string, string])[] {
  if (!isJsonObject(value)) return [];
  return Object.entries(value).map(([key, entry]) => [key, String(entry)] as const);
}
