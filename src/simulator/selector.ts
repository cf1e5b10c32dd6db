// SPDX-License-Identifier: Apache-2.0

import { memberAt } from "../language/mod.ts";
import type { JsonValue } from "../language/mod.ts";
import type { KubernetesObject, Selection } from "../runtime/ports.ts";
import type { ServedResource } from "./served_resource.ts";
import { badRequest } from "./status_error.ts";

/** Says whether an object is selected. */
export type ObjectFilter = (object: KubernetesObject) => boolean;

/** The filter of a selection's labels and fields; `undefined` when it takes everything. */
export function selectionFilter(
  resource: ServedResource,
  selection: Pick<Selection, "labelSelector" | "fieldSelector">,
): ObjectFilter | undefined {
  const filters = [
    ...labelFilters(selection.labelSelector ?? ""),
    ...fieldFilters(resource, selection.fieldSelector ?? ""),
  ];
  if (filters.length === 0) return undefined;
  return (object) => filters.every((filter) => filter(object));
}

const LABEL_KEY =
  /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

function labelFilters(selector: string): readonly ObjectFilter[] {
  return splitTerms(selector).map((term) => labelFilter(term, selector));
}

function labelFilter(term: string, selector: string): ObjectFilter {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(term);
  if (set !== null) {
    const values = (set[3] ?? "").split(",").map((value) => value.trim());
    return setFilter(checkedKey(set[1], selector), values, set[2] === "in");
  }
  const equality = /^([^=!\s]+)\s*(==|=|!=)\s*([^=!\s]*)$/.exec(term);
  if (equality !== null) {
    return setFilter(checkedKey(equality[1], selector), [equality[3] ?? ""], equality[2] !== "!=");
  }
  const absent = /^!\s*(.+)$/.exec(term);
  const key = checkedKey(absent?.[1] ?? term, selector);
  return (object) => (labelOf(object, key) === undefined) === (absent !== null);
}

// A label that is missing is "not in" every set (k8s.io/apimachinery labels.Requirement).
function setFilter(key: string, values: readonly string[], isIn: boolean): ObjectFilter {
  const wanted = new Set(values);
  return (object) => {
    const value = labelOf(object, key);
    return value === undefined ? !isIn : wanted.has(value) === isIn;
  };
}

function checkedKey(key: string | undefined, selector: string): string {
  if (key !== undefined && LABEL_KEY.test(key)) return key;
  throw badRequest(`unable to parse requirement: found '${selector}', expected: a label selector`);
}

function labelOf(object: KubernetesObject, key: string): string | undefined {
  const value = memberAt(object, "metadata", "labels", key);
  return typeof value === "string" ? value : undefined;
}

/** Splits at commas that stand outside of parentheses. */
function splitTerms(selector: string): readonly string[] {
  return selector.split(/,(?![^(]*\))/).map((term) => term.trim()).filter((term) => term !== "");
}

const COMMON_FIELDS = ["metadata.name", "metadata.namespace"];

const FIELDS_BY_STORAGE: Readonly<Record<string, readonly string[]>> = {
  "/events": [
    ...["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"]
      .map((key) => `involvedObject.${key}`),
    "reason",
    "reportingComponent",
    "source",
    "type",
  ],
  "/pods": [
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.nominatedNodeName",
  ],
  "/secrets": ["type"],
  "/namespaces": ["status.phase"],
  "/nodes": ["spec.unschedulable"],
  "/services": ["spec.clusterIP", "spec.type"],
  "batch/jobs": ["status.successful"],
};

function fieldFilters(resource: ServedResource, selector: string): readonly ObjectFilter[] {
  return selector.split(",").map((term) => term.trim()).filter((term) => term !== "")
    .map((term) => fieldFilter(resource, term));
}

function fieldFilter(resource: ServedResource, term: string): ObjectFilter {
  const match = /^(.+?)(==|!=|=)(.*)$/.exec(term);
  if (match === null) {
    throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
  }
  const [, path = "", operator, wanted] = match;
  const known = [
    ...COMMON_FIELDS,
    ...(FIELDS_BY_STORAGE[resource.storage] ?? []),
    ...(resource.custom?.selectableFields ?? []),
  ];
  if (!known.includes(path)) throw badRequest(`field label not supported: ${path}`);
  const keys = path === "source" ? ["source", "component"] : path.split(".");
  return (object) => (fieldText(memberAt(object, ...keys)) === wanted) === (operator !== "!=");
}

function fieldText(value: JsonValue | undefined): string {
  return value === undefined || value === null ? "" : String(value);
}
