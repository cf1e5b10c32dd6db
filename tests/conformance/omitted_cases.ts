// SPDX-License-Identifier: Apache-2.0

import type { SpecCase } from "./cel_spec_cases.ts";

const NO_CONTAINER = "EX-4 to EX-13: variables are looked up by their names alone";

/** Cases that are not meant to pass, by id, with the rule that says so. */
export const OMITTED: ReadonlyMap<string, string> = new Map([
  ["namespace/namespace/self_eval_container_lookup", NO_CONTAINER],
  ["namespace/namespace/self_eval_container_lookup_unchecked", NO_CONTAINER],
]);

/** Whether a case is about messages of protocol buffers, which Koreo does not have (EX-30). */
export function needsMessages({ expr, bindings }: SpecCase): boolean {
  return MESSAGE.test(expr) || MESSAGE.test(JSON.stringify(bindings));
}

const MESSAGE =
  /TestAllTypes|google\.protobuf\.(?!Timestamp\b|Duration\b)\w+|google\.protobuf\.\w+\s*\{|proto[23]/;
