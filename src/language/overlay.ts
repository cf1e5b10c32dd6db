// SPDX-License-Identifier: Apache-2.0

import type { Scope } from "./compile_leaf.ts";
import { type Decoded, type Decoding, type DocumentPart, INVALID, partsOf } from "./decoder.ts";
import type { EvaluationFailure, Overlay } from "./definition.ts";
import { isFailure } from "./evaluation_failure.ts";
import type { Budget, Variables } from "./expression/mod.ts";
import { isJsonObject, type JsonObject, type JsonValue, setOwn } from "./json.ts";
import type { MapNode } from "./source_node.ts";
import { compilePart, evaluateJsonPart, type TemplatePart } from "./template.ts";

/** One key of an overlay: a leaf that replaces, or a map that descends (EX-51). */
type OverlayMember =
  | { readonly type: "leaf"; readonly key: string; readonly part: TemplatePart }
  | { readonly type: "descend"; readonly key: string; readonly members: readonly OverlayMember[] };

/** Compiles an overlay. */
export function compileOverlay(
  part: DocumentPart & { readonly node: MapNode },
  scope: Scope,
  decoding: Decoding,
): Decoded<Overlay> {
  const members = compileMembers(part, scope, decoding);
  return members === INVALID ? INVALID : createOverlay(members);
}

function compileMembers(
  { node, path }: DocumentPart & { readonly node: MapNode },
  scope: Scope,
  decoding: Decoding,
): Decoded<readonly OverlayMember[]> {
  const members = partsOf(node, path).map((part, index): Decoded<OverlayMember> => {
    const key = node.entries[index]?.key ?? "";
    if (part.node.type === "map" && part.node.entries.length > 0) {
      const inner = compileMembers({ ...part, node: part.node }, scope, decoding);
      return inner === INVALID ? INVALID : { type: "descend", key, members: inner };
    }
    const made = compilePart(part, scope, decoding);
    return made === INVALID ? INVALID : { type: "leaf", key, part: made };
  });
  return members.includes(INVALID) ? INVALID : members as readonly OverlayMember[];
}

function createOverlay(members: readonly OverlayMember[]): Overlay {
  const leafPaths = pathsOf(members);
  return {
    leafPaths,
    apply: (base, variables, budget) => applyMembers(members, base, { variables, budget }),
  };
}

function pathsOf(members: readonly OverlayMember[]): readonly (readonly string[])[] {
  return members.flatMap((member) =>
    member.type === "leaf"
      ? [[member.key]]
      : pathsOf(member.members).map((path) => [member.key, ...path])
  );
}

interface Evaluation {
  readonly variables: Variables;
  readonly budget: Budget;
}

/**
 * Every leaf is evaluated against the variables, which hold the unchanged base, so that the order
 * in which results are set cannot be seen (EX-52). What no leaf touches is shared with the base.
 */
function applyMembers(
  members: readonly OverlayMember[],
  base: JsonObject,
  evaluation: Evaluation,
): JsonObject | EvaluationFailure {
  const made: Record<string, JsonValue> = { ...base };
  for (const member of members) {
    const value = member.type === "leaf"
      ? evaluateJsonPart(member.part, evaluation.variables, evaluation.budget)
      : applyMembers(member.members, mapUnder(base, member.key), evaluation);
    if (isFailure(value)) return value;
    setOwn(made, member.key, value);
  }
  return made;
}

const EMPTY: JsonObject = {};

function mapUnder(base: JsonObject, key: string): JsonObject {
  const present = Object.hasOwn(base, key) ? base[key] : undefined;
  return isJsonObject(present) ? present : EMPTY;
}
