// SPDX-License-Identifier: Apache-2.0

import { stringify } from "yaml";
import type { JsonValue } from "./json.ts";

/**
 * A value as YAML that people read: block style, keys in their order, long lines unbroken.
 *
 * @returns Text that ends with a line break and reads back as the same value
 */
export function yamlText(value: JsonValue): string {
  // Words that YAML 1.1 readers, kubectl among them, take for booleans are quoted too.
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, compat: "yaml-1.1" });
}
