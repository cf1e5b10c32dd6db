// SPDX-License-Identifier: Apache-2.0

import { mergeMaps } from "../../merge.ts";
import type { Budget } from "../budget.ts";
import type { EvaluationFault } from "../fault.ts";
import { entriesOf, isMap, lookupKey, type MapValue, rawOrBoxed, sizeOfMap } from "./containers.ts";
import { countMade } from "./measure.ts";
import { CelMap, type CelMapEntry, type LookupKey } from "./value.ts";

/** The deep merge of two maps of any sort (FN-25), charged and limited. */
export function mergeValues(
  base: MapValue,
  over: MapValue,
  budget: Budget,
): MapValue | EvaluationFault {
  // What is read, and about as much that is produced.
  budget.left -= ((sizeOfMap(base) + sizeOfMap(over)) / 5) | 0;
  const made = merged(base, over);
  return countMade(made, budget) ?? made;
}

function merged(base: MapValue, over: MapValue): MapValue {
  if (!(base instanceof CelMap) && !(over instanceof CelMap)) return mergeMaps(base, over);
  const held = new Map<LookupKey, CelMapEntry>();
  for (const entry of entriesOf(base)) held.set(lookupKey(entry.key) ?? "", entry);
  for (const { key, value } of entriesOf(over)) {
    const lookup = lookupKey(key) ?? "";
    const present = held.get(lookup)?.value;
    const isDeep = present !== undefined && isMap(present) && isMap(value);
    held.set(lookup, { key, value: isDeep ? merged(present, value) : value });
  }
  return rawOrBoxed(held);
}
