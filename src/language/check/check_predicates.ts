// SPDX-License-Identifier: Apache-2.0

import { memberPart } from "../caller.ts";
import type { DocumentPart } from "../document_part.ts";
import type { TypeName } from "../expression/mod.ts";
import { pathTo } from "../document_path.ts";
import { constantOf, joinAll, type StaticType, typeOfJson } from "./static_type.ts";
import {
  type Check,
  type Need,
  type Sketch,
  type SketchExpression,
  sketchOf,
  typeOfNeeded,
  typeOfSketch,
} from "./sketch.ts";

/** EX-42: what a condition must give. */
export const BOOL: Need = { wanted: ["bool"], words: "bool" };

/** PR-6 */
const DELAY: Need = { wanted: ["int"], words: "whole seconds >= 0" };

/** PR-9: what `string()` takes. */
const TEXTUAL: readonly TypeName[] = [
  "string",
  "bool",
  "int",
  "uint",
  "double",
  "bytes",
  "timestamp",
  "duration",
];
const MESSAGE: Need = { wanted: TEXTUAL, words: "text, or what has a text" };

/** What predicates are checked with. */
export interface PredicateCheck extends Check {
  readonly sketch: SketchExpression;
  /** Whether anything comes after the whole block. */
  readonly isFollowed: boolean;
}

/**
 * Checks `preconditions` or `postconditions`.
 *
 * @returns The type of what a `defaultReturn` may end the Function with
 */
export function checkPredicates(
  block: DocumentPart | undefined,
  check: PredicateCheck,
): StaticType {
  if (block?.node.type !== "list") return [];
  const items = block.node.items.map((node, index) =>
    ({ node, path: pathTo(block.path, index), span: node }) as const
  );
  return joinAll(
    items.map((item, index) => checkPredicate(item, { isLast: index === items.length - 1 }, check)),
  );
}

const SAYING = ["skip", "depSkip", "retry", "permFail"];

function checkPredicate(
  part: DocumentPart,
  { isLast }: { readonly isLast: boolean },
  check: PredicateCheck,
): StaticType {
  const assert = sketchAt(part, ["assert"], check);
  const holds = assert ? typeOfNeeded(assert, BOOL, check) : [];
  const isOk = memberPart(part, "ok") !== undefined;
  // PR-11: after a firing `ok` the body still runs.
  const isFollowed = !isLast || check.isFollowed && !isOk;
  if (assert?.type === "expression" && constantOf(holds) === false && isFollowed) {
    check.report(assert.spot({ start: 0, end: assert.source.length }), {
      code: "always-fires",
      message: isOk
        ? "This condition is never true: the entry always passes, and none after it is checked"
        : "This condition is never true: the entry always fires, and nothing after it runs",
    });
  }
  for (const action of SAYING) {
    const message = sketchAt(part, [action, "message"], check);
    if (message) typeOfNeeded(message, MESSAGE, check);
    const delay = sketchAt(part, [action, "delay"], check);
    if (delay) checkDelay(delay, check);
  }
  const returned = memberPart(part, "defaultReturn");
  return returned ? typeOfSketch(sketchOf(returned, literally), check) : [];
}

/** Nothing in a `defaultReturn` is evaluated (PR-8). */
const literally: SketchExpression = ({ node }) => ({
  type: "typed",
  staticType: typeOfJson(node.value),
});

function checkDelay(delay: Sketch, check: Check): void {
  const value = constantOf(typeOfNeeded(delay, DELAY, check));
  if (delay.type !== "expression" || typeof value !== "number" || value >= 0) return;
  check.report(delay.spot({ start: 0, end: delay.source.length }), {
    code: "impossible-type",
    message: `Cannot use this expression: expected ${DELAY.words}, it gives ${value}`,
  });
}

function sketchAt(
  part: DocumentPart,
  path: readonly string[],
  { sketch }: PredicateCheck,
): Sketch | undefined {
  const found = path.reduce(
    (at: DocumentPart | undefined, key) => at && memberPart(at, key),
    part,
  );
  return found && sketchOf(found, sketch);
}
