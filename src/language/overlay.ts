// SPDX-License-Identifier: Apache-2.0

import type { Scope } from "./compile_leaf.ts";
import { type Decoded, type Decoding, INVALID } from "./decoder.ts";
import type { DocumentPart } from "./document_part.ts";
import type { EvaluationFailure, Overlay } from "./definition.ts";
import type { Budget, Variables } from "./expression/mod.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import { isEmptyMap, mapUnder, overlayLiteral } from "./overlay_literal.ts";
import type { Slices } from "./slices.ts";
import type { MapNode } from "./source_node.ts";
import { compilePart } from "./template.ts";
import { MapPart } from "./template_parts.ts";

/** An overlay, and what it is made of. */
export interface CompiledOverlay extends Overlay {
  readonly isEmpty: boolean;
  /** Whether nothing in it is an expression. */
  readonly isLiteral: boolean;
}

/** Compiles an overlay. */
export function* compileOverlay(
  part: DocumentPart & { readonly node: MapNode },
  scope: Scope,
  decoding: Decoding,
): Slices<Decoded<CompiledOverlay>> {
  const made = yield* compilePart(part, scope, decoding);
  if (made === INVALID) return INVALID;
  if (made instanceof MapPart) return new ComputedOverlay(made);
  // A map without expressions is constant.
  const literal = made.type === "constant" && isJsonObject(made.value) ? made.value : {};
  return new LiteralOverlay(literal);
}

/** An overlay without expressions. */
class LiteralOverlay implements CompiledOverlay {
  private paths: Overlay["leafPaths"] | undefined;

  constructor(private readonly literal: JsonObject) {}

  get isEmpty(): boolean {
    return isEmptyMap(this.literal);
  }

  get isLiteral(): boolean {
    return true;
  }

  get leafPaths(): Overlay["leafPaths"] {
    return this.paths ??= pathsOf(this.literal);
  }

  apply(base: JsonObject): JsonObject {
    return overlayLiteral(base, this.literal);
  }
}

/** An overlay of which at least one leaf is an expression. */
class ComputedOverlay implements CompiledOverlay {
  private paths: Overlay["leafPaths"] | undefined;

  constructor(readonly part: MapPart) {}

  get isEmpty(): boolean {
    return false;
  }

  get isLiteral(): boolean {
    return false;
  }

  get leafPaths(): Overlay["leafPaths"] {
    return this.paths ??= pathsOf(this.part);
  }

  apply(
    base: JsonObject,
    variables: Variables,
    budget: Budget,
  ): JsonObject | EvaluationFailure {
    return this.part.applyTo(base, variables, budget);
  }
}

/** What an overlay computes; `undefined` for one that computes nothing, or is watched. */
export function computedPartOf(overlay: Overlay): MapPart | undefined {
  return overlay instanceof ComputedOverlay ? overlay.part : undefined;
}

/** The paths of the leaves: what an overlay replaces instead of descending into it. */
function pathsOf(map: JsonObject | MapPart): Overlay["leafPaths"] {
  const shape = map instanceof MapPart ? map.shape : map;
  return Object.keys(shape).flatMap((key) => {
    const inner = (map instanceof MapPart ? map.mapAt(key) : undefined) ?? mapUnder(shape, key);
    const paths = pathsOf(inner);
    return paths.length === 0 ? [[key]] : paths.map((path) => [key, ...path]);
  });
}
