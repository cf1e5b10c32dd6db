// SPDX-License-Identifier: Apache-2.0

import { nullable, record, required, withDefault } from "./decode_record.ts";
import { literalMap, warnNotEvaluated } from "./decode_values.ts";
import {
  type Decoded,
  type Decoder,
  type Decoding,
  filledText,
  INVALID,
  report,
} from "./decoder.ts";
import type { DocumentPart } from "./document_part.ts";
import type { DefinitionBase, ResourceTemplate } from "./definition.ts";
import { pathText } from "./document_path.ts";
import type { JsonObject } from "./json.ts";
import { OPEN_MAP, shaped, shapeOf } from "./shape.ts";
import { entryOf, nodeValue } from "./source_node.ts";
import { pathTo } from "./document_path.ts";

/** A literal object with non-empty `apiVersion` and `kind` (RT-1). */
const object: Decoder<JsonObject> = (part, decoding) => {
  if (part.node.type !== "map") return literalMap(part, decoding);
  const isNamed = ["apiVersion", "kind"].map((name) => {
    const entry = entryOf(part.node, name);
    if (entry === undefined) {
      const message = `Cannot read "${pathText(part.path)}": field "${name}" is required`;
      report(decoding, part, { code: "missing-field", message });
      return false;
    }
    const member = { node: entry.value, path: pathTo(part.path, name), span: entry.keySpan };
    return filledText(member, decoding) !== INVALID;
  });
  warnNotEvaluated(part, decoding);
  return isNamed.includes(false) ? INVALID : nodeValue(part.node) as JsonObject;
};

shaped(object, OPEN_MAP);

/** RT-1 and RT-2. */
const SPEC = record({
  template: required(object),
  context: nullable(withDefault(literalMap, {})),
});

/** What the `spec` of a ResourceTemplate takes. */
export const RESOURCE_TEMPLATE = shapeOf(SPEC);

/** Reads the `spec` of a ResourceTemplate (chapter 8). */
export function decodeResourceTemplate(
  base: DefinitionBase,
  spec: DocumentPart,
  decoding: Decoding,
): Decoded<ResourceTemplate> {
  const fields = SPEC(spec, decoding);
  if (fields === INVALID) return INVALID;
  return { ...base, type: "ResourceTemplate", template: fields.template };
}
