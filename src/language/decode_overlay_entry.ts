// SPDX-License-Identifier: Apache-2.0

import { exactlyOne, type FieldRule, optional, record, required } from "./decode_record.ts";
import { expression, mapTemplate, overlay } from "./decode_values.ts";
import {
  badValue,
  decodeInSlices,
  filledText,
  inSlices,
  INVALID,
  oneOf,
  report,
} from "./decoder.ts";
import type { OverlayEntry } from "./definition.ts";
import { OPEN_MAP, shaped, shapeOf } from "./shape.ts";

/** What overlays, postconditions and the `return` of a ResourceFunction may name (EX-8, EX-9). */
export const RESOURCE = ["inputs", "locals", "resource"];

const anyOverlay = overlay(RESOURCE);

const filledOverlay = inSlices(function* (part, decoding) {
  const decoded = yield* decodeInSlices(anyOverlay, part, decoding);
  if (decoded === INVALID || !decoded.isEmpty) return decoded;
  return badValue(part, decoding, "expected at least one field, found an empty map");
});

shaped(filledOverlay, OPEN_MAP);

const OVERLAY = record(
  {
    skipIf: optional(expression(RESOURCE)),
    overlay: optional(filledOverlay),
    overlayRef: optional(
      record({ kind: required(oneOf("ValueFunction")), name: required(filledText) }),
    ),
    inputs: optional(mapTemplate(RESOURCE)),
  },
  exactlyOne("overlay", "overlayRef"),
  overlayInputsRule,
);

/** RF-12 */
function overlayInputsRule(...[given, _part, decoding]: Parameters<FieldRule>): boolean {
  const inputs = given.get("inputs");
  if (inputs === undefined || !given.has("overlay")) return true;
  report(decoding, inputs, {
    code: "conflict",
    message: 'Cannot use "inputs" beside "overlay": only an "overlayRef" takes inputs',
  });
  return false;
}

/** An entry of `overlays` (RF-11 to RF-15). */
export const overlayEntry = inSlices<OverlayEntry>(function* (part, decoding) {
  const entry = yield* decodeInSlices(OVERLAY, part, decoding);
  if (entry === INVALID) return INVALID;
  const skipIf = entry.skipIf ? { skipIf: entry.skipIf } : {};
  if (entry.overlay) return { ...skipIf, type: "inline", overlay: entry.overlay };
  const { inputs } = entry;
  return {
    ...skipIf,
    type: "reference",
    name: entry.overlayRef?.name ?? "",
    ...(inputs ? { inputs: inputs.template } : {}),
    inputKeys: inputs?.keys ?? [],
  };
});

shaped(overlayEntry, shapeOf(OVERLAY));
