// SPDX-License-Identifier: Apache-2.0

import { compileLeaf, placeAt, type Places, type Scope, toFailure } from "./compile_leaf.ts";
import { isExpression } from "./expression_text.ts";
import { type Decoded, type Decoding, INVALID, PART_COST } from "./decoder.ts";
import { type DocumentPart, partsOf } from "./document_part.ts";
import type { EvaluationFailure, Template } from "./definition.ts";
import { pathTo } from "./document_path.ts";
import {
  type Budget,
  type CompiledExpression,
  isFault,
  type Value,
  type Variables,
} from "./expression/mod.ts";
import type { JsonValue } from "./json.ts";
import type { Slices } from "./slices.ts";
import type { ScalarNode, SourceNode } from "./source_node.ts";
import { ListPart, MapPart, shapeOf, type TemplatePart } from "./template_parts.ts";

export type { TemplatePart };

/** Compiles literal data with expressions at any depth (EX-1 to EX-3). */
export function* compilePart(
  part: DocumentPart,
  scope: Scope,
  decoding: Decoding,
): Slices<Decoded<TemplatePart>> {
  const { node, path } = part;
  switch (node.type) {
    case "scalar":
      return compileScalar({ ...part, node }, scope, decoding);
    case "list": {
      const members = node.items.map((item, index) => (
        { node: item, path: pathTo(path, index), span: item }
      ));
      const items = yield* compileMembers(members, scope, decoding);
      return items.includes(INVALID) ? INVALID : listPart(items as TemplatePart[]);
    }
    case "map": {
      const values = yield* compileMembers(partsOf(node, path), scope, decoding);
      if (values.includes(INVALID)) return INVALID;
      return mapPart(node.entries.map(({ key }) => key), values as TemplatePart[]);
    }
  }
}

/** Compiles a scalar: a constant, or one expression. */
export function compileScalar(
  part: DocumentPart & { readonly node: ScalarNode },
  scope: Scope,
  decoding: Decoding,
): Decoded<TemplatePart> {
  const { node } = part;
  if (!isExpression(node)) return { type: "constant", value: node.value };
  const leaf = compileLeaf({ ...part, node }, scope, decoding);
  return leaf ? { type: "leaf", ...leaf } : INVALID;
}

function* compileMembers(
  members: readonly DocumentPart[],
  scope: Scope,
  decoding: Decoding,
): Slices<readonly Decoded<TemplatePart>[]> {
  const made: Decoded<TemplatePart>[] = [];
  for (const member of members) {
    const { node } = member;
    if (node.type === "scalar") made.push(compileScalar({ ...member, node }, scope, decoding));
    else made.push(yield* compilePart(member, scope, decoding));
    if (decoding.pace.spend(costOf(node))) yield;
  }
  return made;
}

/** What compiling a part costs besides its members, in characters of expressions. */
export function costOf(node: SourceNode): number {
  return PART_COST + (node.type === "scalar" && isExpression(node) ? node.value.length : 0);
}

function listPart(items: readonly TemplatePart[]): TemplatePart {
  const constants = items.flatMap((item) => item.type === "constant" ? [item.value] : []);
  return constants.length === items.length
    ? { type: "constant", value: constants }
    : new ListPart(items);
}

function mapPart(keys: readonly string[], parts: readonly TemplatePart[]): TemplatePart {
  return parts.every(({ type }) => type === "constant")
    ? { type: "constant", value: shapeOf(keys, parts) }
    : new MapPart(keys, parts);
}

/** A template that is evaluated as a whole. */
export function createTemplate(part: TemplatePart): Template {
  switch (part.type) {
    case "constant":
      return new ConstantTemplate(part.value);
    case "leaf":
      return new LeafTemplate(part.expression, part.places);
    case "list":
    case "map":
      return part;
  }
}

/** What a template is made of; `undefined` for one that tells when it is used. */
export function partOfTemplate(template: Template): TemplatePart | undefined {
  if (template instanceof ConstantTemplate) return { type: "constant", value: template.constant };
  if (template instanceof LeafTemplate) {
    return { type: "leaf", expression: template.leaf, places: template.places };
  }
  return template instanceof MapPart || template instanceof ListPart ? template : undefined;
}

/** Without any expression. */
class ConstantTemplate implements Template {
  constructor(readonly constant: JsonValue) {}

  evaluate(): JsonValue {
    return this.constant;
  }

  evaluateJson(): JsonValue {
    return this.constant;
  }
}

/** A single expression. */
class LeafTemplate implements Template {
  constructor(readonly leaf: CompiledExpression, readonly places: Places) {}

  get expression(): Exclude<Template["expression"], undefined> {
    return { source: this.leaf.source, place: placeAt(this.places, 0) };
  }

  evaluate(variables: Variables, budget: Budget): Value | EvaluationFailure {
    const value = this.leaf.evaluate(variables, budget);
    return isFault(value) ? toFailure(value, this.leaf.source, this.places) : value;
  }

  evaluateJson(variables: Variables, budget: Budget): JsonValue | EvaluationFailure {
    const value = this.leaf.evaluateJson(variables, budget);
    return isFault(value) ? toFailure(value, this.leaf.source, this.places) : value;
  }
}
