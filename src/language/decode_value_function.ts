// SPDX-License-Identifier: Apache-2.0

import { predicates } from "./decode_predicates.ts";
import { atLeastOne, optional, record, withDefault } from "./decode_record.ts";
import { checkLocalNames, locals, overlay } from "./decode_values.ts";
import { type Decoded, decodeInSlices, type Decoding, INVALID } from "./decoder.ts";
import type { DocumentPart } from "./document_part.ts";
import type { DefinitionBase, ValueFunction } from "./definition.ts";
import { shapeOf } from "./shape.ts";
import type { Slices } from "./slices.ts";
import { inputUseOf } from "./variable_use.ts";

/** VF-1 to VF-3, variables by EX-4 to EX-6. */
const SPEC = record({
  preconditions: withDefault(predicates(["inputs", "resource"]), []),
  locals: withDefault(locals(["inputs", "resource", "locals"]), []),
  return: optional(overlay(["inputs", "locals", "resource"])),
}, atLeastOne("preconditions", "return"));

/** What the `spec` of a ValueFunction takes. */
export const VALUE_FUNCTION = shapeOf(SPEC);

/** Reads the `spec` of a ValueFunction (chapter 7). */
export function* decodeValueFunction(
  base: DefinitionBase,
  spec: DocumentPart,
  decoding: Decoding,
): Slices<Decoded<ValueFunction>> {
  const fields = yield* decodeInSlices(SPEC, spec, decoding);
  yield* checkLocalNames(spec.node, decoding);
  if (fields === INVALID) return INVALID;
  return {
    ...base,
    type: "ValueFunction",
    preconditions: fields.preconditions,
    locals: fields.locals,
    ...(fields.return && !fields.return.isEmpty ? { return: fields.return } : {}),
    neededInputs: inputUseOf(decoding.uses, "inputs").needed,
  };
}
