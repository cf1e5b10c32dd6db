// SPDX-License-Identifier: Apache-2.0

import { compileLeaf, type Scope } from "./compile_leaf.ts";
import { isExpression } from "./expression_text.ts";
import {
  badValue,
  type Decoded,
  type Decoder,
  type Decoding,
  inSlices,
  INVALID,
  mapNode,
  placeOf,
  report,
  text,
  watchPart,
} from "./decoder.ts";
import { type DocumentPart, partsOf } from "./document_part.ts";
import { didYouMean } from "./nearest_name.ts";
import type { Local, Overlay, Template } from "./definition.ts";
import { orderByNeeds } from "./dependency_order.ts";
import { pathText, pathTo } from "./document_path.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import { OPEN_MAP, shaped } from "./shape.ts";
import type { Slices } from "./slices.ts";
import { entryOf, nodeValue, type SourceNode } from "./source_node.ts";
import { compileOverlay } from "./overlay.ts";
import {
  compilePart,
  compileScalar,
  costOf,
  createTemplate,
  type TemplatePart,
} from "./template.ts";
import { WatchedOverlay, WatchedTemplate } from "./watch_expression.ts";

/** A map expression with the keys that the definition gives. */
export interface MapTemplate {
  readonly template: Template;
  readonly keys: readonly string[];
}

/** A map of literals and expressions (EX-50). */
export function mapTemplate(scope: Scope): Decoder<MapTemplate> {
  const decode = inSlices<MapTemplate>(function* (part, decoding) {
    const node = mapNode(part, decoding);
    if (node === INVALID) return INVALID;
    const compiled = yield* compilePart(part, scope, decoding);
    if (compiled === INVALID) return INVALID;
    const see = isLiteralMap(compiled) && watchPart(part, decoding, { type: "literal" });
    const template = createTemplate(compiled);
    return {
      template: see ? new WatchedTemplate(template.constant ?? null, see) : template,
      keys: node.entries.map(({ key }) => key),
    };
  });
  return shaped(decode, OPEN_MAP);
}

/** An overlay (EX-51). */
export function overlay(scope: Scope): Decoder<Overlay & { readonly isEmpty: boolean }> {
  const decode = inSlices<Overlay & { readonly isEmpty: boolean }>(function* (part, decoding) {
    const node = mapNode(part, decoding);
    if (node === INVALID) return INVALID;
    const compiled = yield* compileOverlay({ ...part, node }, scope, decoding);
    if (compiled === INVALID || compiled.isEmpty || !compiled.isLiteral) return compiled;
    const see = watchPart(part, decoding, { type: "literal" });
    return see ? new WatchedOverlay(compiled, see) : compiled;
  });
  return shaped(decode, OPEN_MAP);
}

/** Whether there is data, and nothing in it is an expression. */
function isLiteralMap(part: TemplatePart): boolean {
  return part.type === "constant" && isJsonObject(part.value) && Object.keys(part.value).length > 0;
}

/** Text that may be an expression. */
export function textTemplate(scope: Scope): Decoder<Template> {
  return shaped((part, decoding) => {
    const { node } = part;
    if (text(part, decoding) === INVALID || node.type !== "scalar") return INVALID;
    const compiled = compileScalar({ ...part, node }, scope, decoding);
    return compiled === INVALID ? INVALID : createTemplate(compiled);
  }, { type: "text" });
}

/** An expression: text that begins with `=` (SD-33). */
export function expression(scope: Scope): Decoder<Template> {
  return shaped((part, decoding) => {
    const value = text(part, decoding);
    if (value === INVALID) return INVALID;
    const { node } = part;
    if (node.type !== "scalar" || !isExpression(node)) {
      return badValue(
        part,
        decoding,
        `expected an expression, found "${value}"`,
        "begin it with =",
      );
    }
    const leaf = compileLeaf({ ...part, node }, scope, decoding);
    return leaf ? createTemplate({ type: "leaf", ...leaf }) : INVALID;
  }, { type: "text", isFilled: true });
}

/** A value whose type a later rule decides, literal or expression. */
export function valueTemplate(scope: Scope): Decoder<Template> {
  return inSlices(function* (part, decoding) {
    const compiled = yield* compilePart(part, scope, decoding);
    return compiled === INVALID ? INVALID : createTemplate(compiled);
  });
}

/** A map of literals; text that looks like an expression is told. */
export function literalMap(
  part: DocumentPart,
  decoding: Decoding,
): Decoded<JsonObject> {
  const node = mapNode(part, decoding);
  if (node === INVALID) return INVALID;
  warnNotEvaluated(part, decoding);
  return nodeValue(node) as JsonObject;
}

/** Literal text. */
export function literalText(
  part: DocumentPart,
  decoding: Decoding,
): Decoded<string> {
  const value = text(part, decoding);
  if (value !== INVALID) warnNotEvaluated(part, decoding);
  return value;
}

shaped(literalMap, OPEN_MAP);
shaped(literalText, { type: "text" });

/** Reports every text below a literal that begins with `=`. */
export function warnNotEvaluated(part: DocumentPart, decoding: Decoding): void {
  const { node } = part;
  if (node.type === "map") {
    return partsOf(node, part.path).forEach((member) => warnNotEvaluated(member, decoding));
  }
  if (node.type === "list") {
    return node.items.forEach((item, index) =>
      warnNotEvaluated({ node: item, path: pathTo(part.path, index), span: item }, decoding)
    );
  }
  if (typeof node.value !== "string" || !node.value.startsWith("=")) return;
  report(decoding, part, {
    code: "not-evaluated",
    message: `Text "${shortened(node.value)}" is not evaluated: this place takes literals only`,
    span: node,
  });
}

function shortened(value: string): string {
  return value.length <= 40 ? value : `${value.slice(0, 39)}…`;
}

/** Locals in the order in which they are evaluated (VF-10). */
export function locals(scope: Scope): Decoder<readonly Local[]> {
  const decode = inSlices<readonly Local[]>(function* (part, decoding) {
    const node = mapNode(part, decoding);
    if (node === INVALID) return INVALID;
    const found: FoundLocal[] = [];
    for (const member of partsOf(node, part.path)) {
      found.push(yield* decodeLocal(member, String(member.path?.key), { scope, decoding }));
      if (decoding.pace.spend(costOf(member.node))) yield;
    }
    yield;
    const { order, cycles } = orderByNeeds(found);
    for (const cycle of cycles) reportLocalCycle(cycle, found, decoding);
    if (cycles.length > 0 || found.some(({ value }) => value === undefined)) return INVALID;
    return order.flatMap((index) => toLocal(found[index]));
  });
  return shaped(decode, OPEN_MAP);
}

interface FoundLocal {
  readonly name: string;
  readonly part: DocumentPart;
  readonly value?: Template;
  readonly needs: readonly string[];
}

interface LocalsContext {
  readonly scope: Scope;
  readonly decoding: Decoding;
}

function* decodeLocal(
  part: DocumentPart,
  name: string,
  { scope, decoding }: LocalsContext,
): Slices<FoundLocal> {
  const before = decoding.uses.length;
  const compiled = yield* compilePart(part, scope, decoding);
  const uses = decoding.uses.slice(before).filter(({ root }) => root === "locals");
  // `locals` as a whole holds every local, this one included.
  const needs = uses.map((use) => use.name ?? name);
  return {
    name,
    part,
    needs,
    ...(compiled === INVALID ? {} : { value: createTemplate(compiled) }),
  };
}

function toLocal(found: FoundLocal | undefined): Local[] {
  return found?.value ? [{ name: found.name, value: found.value }] : [];
}

function reportLocalCycle(
  cycle: readonly string[],
  found: readonly FoundLocal[],
  decoding: Decoding,
): void {
  const inCycle = new Set(cycle);
  const members = found.filter(({ name }) => inCycle.has(name));
  const [first] = members;
  if (first === undefined) return;
  report(decoding, first.part, {
    code: "local-cycle",
    message: `Cannot evaluate local "${first.name}": it needs itself: ${cycleText(cycle)}`,
    help: "inside locals use only locals.<name> of locals that do not need this one",
    related: members.slice(1, MAX_NAMED).map(({ name, part }) => ({
      ...placeOf(part, decoding),
      message: `local "${name}" is part of the cycle`,
    })),
  });
}

/** So many members of a cycle are told. */
const MAX_NAMED = 10;

/** A cycle in words: `a -> b -> a`. */
export function cycleText(cycle: readonly string[]): string {
  const shown = cycle.length <= MAX_NAMED
    ? cycle
    : [...cycle.slice(0, MAX_NAMED - 2), "…", ...cycle.slice(-1)];
  return shown.join(" -> ");
}

/** Reports `locals.x` where there is no local `x`. */
export function* checkLocalNames(spec: SourceNode, decoding: Decoding): Slices<void> {
  const node = entryOf(spec, "locals")?.value;
  const names = node?.type === "map" ? node.entries.map(({ key }) => key) : [];
  const known = new Set(names);
  for (const { root, name, span, part } of decoding.uses) {
    if (root !== "locals" || name === undefined || known.has(name)) continue;
    report(decoding, part, {
      code: "unknown-local",
      message: `Cannot use local "${name}" in "${pathText(part.path)}": there is none of this name`,
      help: didYouMean(name, names),
      span,
    });
    if (decoding.pace.spend(PROPOSAL_COST)) yield;
  }
}

/** What comparing a name with all others costs, in the characters of expressions. */
const PROPOSAL_COST = 500;
