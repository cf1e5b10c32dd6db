// SPDX-License-Identifier: Apache-2.0

import {
  type ApiConfig,
  type Budget,
  type PermFail,
  type Template,
  typeName,
  type Variables,
} from "../language/mod.ts";
import { evaluate, type Evaluated } from "./evaluation.ts";
import type { ResourceIdentity } from "./resource_identity.ts";

/** What names are evaluated with. */
interface NameScope {
  readonly variables: Variables;
  readonly budget: Budget;
}

/** Evaluates name and namespace of the object a ResourceFunction is about (RF-30.3). */
export function resourceName(api: ApiConfig, scope: NameScope): Evaluated<ResourceIdentity> {
  const { apiVersion, kind } = api;
  const name = nameText(api.name, "spec.apiConfig.name", scope);
  if (name.type !== "Ok") return name;
  if (name.value === undefined) return nullName();
  if (name.value === "") return wrongType("spec.apiConfig.name", "string");
  if (!api.namespaced) return { type: "Ok", value: { apiVersion, kind, name: name.value } };
  const namespace = api.namespace
    ? nameText(api.namespace, "spec.apiConfig.namespace", scope)
    : NO_TEXT;
  if (namespace.type !== "Ok") return namespace;
  if (!namespace.value) return noNamespace();
  return {
    type: "Ok",
    value: { apiVersion, kind, namespace: namespace.value, name: name.value },
  };
}

const NO_TEXT: Evaluated<string | undefined> = { type: "Ok", value: undefined };

/** A string or int as text; `undefined` for `null`. */
function nameText(
  template: Template,
  place: string,
  scope: NameScope,
): Evaluated<string | undefined> {
  const result = evaluate(template, { ...scope, place });
  if (result.type !== "Ok") return result;
  const { value } = result;
  if (value === null) return NO_TEXT;
  if (typeof value === "string") return { type: "Ok", value };
  const type = typeName(value);
  return type === "int" ? { type: "Ok", value: `${value}` } : wrongType(place, type);
}

function nullName(): PermFail {
  const message = "Could not evaluate `spec.apiConfig.name`, evaluated to `null`";
  return { type: "PermFail", message, location: "spec.apiConfig.name" };
}

function noNamespace(): PermFail {
  const message = "`namespace` is required when `spec.apiConfig.namespaced` is `true`";
  return { type: "PermFail", message, location: "spec.apiConfig.namespace" };
}

function wrongType(place: string, type: string): PermFail {
  return {
    type: "PermFail",
    message: `Invalid \`${place}\` expression type (${type})`,
    location: place,
  };
}
