// SPDX-License-Identifier: Apache-2.0

import type { StatusCause } from "./status_error.ts";

interface NameRule {
  readonly pattern: RegExp;
  readonly maxLength: number;
  readonly message: string;
}

const SUBDOMAIN: NameRule = {
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  maxLength: 253,
  message: "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, " +
    "'-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', " +
    "regex used for validation is " +
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
};

const LABEL: NameRule = {
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  maxLength: 63,
  message: "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or " +
    "'-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', " +
    "regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
};

const SERVICE_LABEL: NameRule = {
  pattern: /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
  maxLength: 63,
  message: "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start " +
    "with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or " +
    "'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
};

const PATH_SEGMENT: NameRule = {
  pattern: /^(?!\.\.?$)[^/%]+$/,
  maxLength: Infinity,
  message: "may not be '.' or '..' or contain '/' or '%'",
};

const RULE_BY_STORAGE: Readonly<Record<string, NameRule>> = {
  "/namespaces": LABEL,
  "/services": SERVICE_LABEL,
  "rbac.authorization.k8s.io/clusterrolebindings": PATH_SEGMENT,
  "rbac.authorization.k8s.io/clusterroles": PATH_SEGMENT,
  "rbac.authorization.k8s.io/rolebindings": PATH_SEGMENT,
  "rbac.authorization.k8s.io/roles": PATH_SEGMENT,
};

/** What is wrong with the name of an object. */
export function nameFaults(storage: string, name: string, field: string): readonly StatusCause[] {
  const rule = RULE_BY_STORAGE[storage] ?? SUBDOMAIN;
  const faults: StatusCause[] = [];
  if (name.length > rule.maxLength) {
    faults.push(invalidValue(field, name, `must be no more than ${rule.maxLength} bytes`));
  }
  if (!rule.pattern.test(name)) faults.push(invalidValue(field, name, rule.message));
  return faults;
}

/** `Invalid value` as API validation words it. */
export function invalidValue(field: string, value: unknown, why: string): StatusCause {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return { reason: "FieldValueInvalid", message: `Invalid value: ${text}: ${why}`, field };
}

/** `Required value` as API validation words it. */
export function requiredValue(field: string, why = ""): StatusCause {
  const message = why === "" ? "Required value" : `Required value: ${why}`;
  return { reason: "FieldValueRequired", message, field };
}

const NAME_PART = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const NAME_PART_MESSAGE = "name part must consist of alphanumeric characters, '-', '_' or '.', " +
  "and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or " +
  "'123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const LABEL_VALUE_MESSAGE = "a valid label must be an empty string or consist of alphanumeric " +
  "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. " +
  "'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/** What is wrong with the key of a label, an annotation or a finalizer. */
export function qualifiedNameFaults(key: string, field: string): readonly StatusCause[] {
  const slash = key.indexOf("/");
  const prefix = key.slice(0, Math.max(0, slash));
  const name = key.slice(slash + 1);
  const faults: StatusCause[] = [];
  if (slash >= 0 && !SUBDOMAIN.pattern.test(prefix)) {
    faults.push(invalidValue(field, key, `prefix part ${SUBDOMAIN.message}`));
  }
  if (name === "") faults.push(invalidValue(field, key, "name part must be non-empty"));
  if (name.length > 63) {
    faults.push(invalidValue(field, key, "name part must be no more than 63 bytes"));
  }
  if (!NAME_PART.test(name)) faults.push(invalidValue(field, key, NAME_PART_MESSAGE));
  return faults;
}

/** What is wrong with the value of a label. */
export function labelValueFaults(value: string, field: string): readonly StatusCause[] {
  const faults: StatusCause[] = [];
  if (value.length > 63) faults.push(invalidValue(field, value, "must be no more than 63 bytes"));
  if (!LABEL_VALUE.test(value)) faults.push(invalidValue(field, value, LABEL_VALUE_MESSAGE));
  return faults;
}
