// SPDX-License-Identifier: Apache-2.0

import { memberPart } from "../caller.ts";
import type { Decoding } from "../decoder.ts";
import { type DocumentPart, partsOf } from "../document_part.ts";
import type { ResourceFunction, ValueFunction } from "../definition.ts";
import { pathTo } from "../document_path.ts";
import { asJson, named } from "./crossing.ts";
import type { Slices } from "../slices.ts";
import { createEffort } from "./inference.ts";
import { BOOL, checkPredicates, type PredicateCheck } from "./check_predicates.ts";
import { type ReturnField, returnFields } from "./return_field.ts";
import {
  type Need,
  reportOnce,
  sketchInSlices,
  sketchNow,
  sketchOf,
  typeInSlices,
  typeOfNeeded,
} from "./sketch.ts";
import {
  constantOf,
  joinAll,
  scalar,
  type StaticType,
  UNKNOWN,
  variablesMap,
} from "./static_type.ts";
import { testedIn } from "./tested_in.ts";

/** What callers can know of a Function. */
export interface ReturnStudy {
  /** The type of its value when it is `Ok`. */
  readonly returns: StaticType;
  readonly fields: readonly ReturnField[];
}

/** Checks the expressions of a sound Function against each other. */
export function* studyFunction(
  definition: ValueFunction | ResourceFunction,
  spec: DocumentPart,
  decoding: Decoding,
): Slices<ReturnStudy> {
  const check = createCheck(spec, decoding);
  yield;
  const body = memberPart(spec, "return");
  const isResource = definition.type === "ResourceFunction";
  const isFollowed = isResource || body !== undefined;
  const early = checkPredicates(memberPart(spec, "preconditions"), { ...check, isFollowed });
  const inner = yield* withLocals(definition, spec, { check, decoding });
  if (isResource) yield* checkResourceFields(spec, inner, decoding);
  const late = checkPredicates(memberPart(spec, "postconditions"), {
    ...inner,
    isFollowed: body !== undefined,
  });
  const isEmpty = body === undefined || body.node.type === "map" && body.node.entries.length === 0;
  const value = isEmpty ? scalar("null") : yield* typeOfField(body, inner, decoding);
  yield;
  return {
    returns: named(asJson(joinAll([value, early, late]))),
    fields: yield* returnFields(body, decoding),
  };
}

function createCheck(spec: DocumentPart, decoding: Decoding): PredicateCheck {
  return {
    variables: new Map(),
    tested: testedIn(spec.node, decoding.expressions),
    report: reportOnce(decoding.diagnostics),
    effort: createEffort(),
    sketch: sketchNow(decoding),
    isFollowed: false,
  };
}

/** The check of what sees the locals, which are checked themselves in the order they need. */
function* withLocals(
  { locals }: ValueFunction | ResourceFunction,
  spec: DocumentPart,
  { check, decoding }: { readonly check: PredicateCheck; readonly decoding: Decoding },
): Slices<PredicateCheck> {
  const part = memberPart(spec, "locals");
  const parts = new Map(
    part?.node.type === "map"
      ? partsOf(part.node, part.path).map((local) => [local.path?.key, local] as const)
      : [],
  );
  // A local that does not exist has a code of its own, so that the map is open here.
  const fields = new Map<string, StaticType>();
  const variables = new Map([...check.variables, ["locals", variablesMap(fields)] as const]);
  const inner = { ...check, variables };
  for (const { name } of locals) {
    const local = parts.get(name);
    const type = local ? named(yield* typeOfField(local, inner, decoding)) : UNKNOWN;
    fields.set(name, type);
    if (decoding.pace.spend(CHECK_COST)) yield;
  }
  return inner;
}

/** RF-30.3 */
const NAME: Need = { wanted: ["string", "int"], words: "string or int" };

/** RF-33 */
const TEMPLATE_NAME: Need = { wanted: ["string"], words: "string" };

/** What a local costs, in the characters of expressions that take as long. */
const CHECK_COST = 30;

/** The type of a field that may be large; what its expressions can never do is reported. */
function* typeOfField(
  part: DocumentPart,
  check: PredicateCheck,
  { pace }: Decoding,
): Slices<StaticType> {
  return yield* typeInSlices(yield* sketchInSlices(part, check.sketch, pace), check, pace);
}

function* checkResourceFields(
  spec: DocumentPart,
  check: PredicateCheck,
  decoding: Decoding,
): Slices<void> {
  const needed = [
    [["apiConfig", "name"], NAME],
    [["apiConfig", "namespace"], NAME],
    [["resourceTemplateRef", "name"], TEMPLATE_NAME],
  ] as const;
  for (const [[first, second], need] of needed) {
    const outer = memberPart(spec, first);
    const part = outer && memberPart(outer, second);
    if (part) typeOfNeeded(sketchOf(part, check.sketch), need, check);
  }
  const create = memberPart(spec, "create");
  for (const part of [memberPart(spec, "resource"), create && memberPart(create, "overlay")]) {
    if (part) yield* typeOfField(part, check, decoding);
  }
  yield* checkOverlays(memberPart(spec, "overlays"), check, decoding);
}

function* checkOverlays(
  overlays: DocumentPart | undefined,
  check: PredicateCheck,
  decoding: Decoding,
): Slices<void> {
  if (overlays?.node.type !== "list") return;
  for (const [index, node] of overlays.node.items.entries()) {
    const entry = { node, path: pathTo(overlays.path, index), span: node };
    for (const name of ["overlay", "inputs"]) {
      const part = memberPart(entry, name);
      if (part) yield* typeOfField(part, check, decoding);
    }
    const skipIf = memberPart(entry, "skipIf");
    if (skipIf) checkSkip(skipIf, check);
  }
}

function checkSkip(part: DocumentPart, check: PredicateCheck): void {
  const skipIf = sketchOf(part, check.sketch);
  const value = constantOf(typeOfNeeded(skipIf, BOOL, check));
  if (skipIf.type !== "expression" || value !== true) return;
  check.report(skipIf.spot({ start: 0, end: skipIf.source.length }), {
    code: "unreachable-overlay",
    message: "This condition is always true: the overlay is never applied",
  });
}
