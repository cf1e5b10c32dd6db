// SPDX-License-Identifier: Apache-2.0

import type { JsonValue, Template } from "../../src/language/mod.ts";

/** A template without expressions. */
export function literalTemplate(constant: JsonValue): Template {
  return { constant, evaluate: () => constant, evaluateJson: () => constant };
}
