// SPDX-License-Identifier: Apache-2.0

import type { Scope } from "./compile_leaf.ts";
import { exactlyOne, optional, record, required } from "./decode_record.ts";
import { expression, literalMap, textTemplate, valueTemplate } from "./decode_values.ts";
import { type Decoder, type Decoding, INVALID, list, report, seconds } from "./decoder.ts";
import type { DocumentPart } from "./document_part.ts";
import type { Predicate, PredicateAction, Template } from "./definition.ts";
import { isExpression } from "./expression_text.ts";
import { pathText } from "./document_path.ts";
import { shaped, shapeOf } from "./shape.ts";

/** LM-14 */
const MAX_PREDICATES = 20;

/** `preconditions` or `postconditions` (chapter 6). */
export function predicates(scope: Scope): Decoder<readonly Predicate[]> {
  return list(predicate(scope), checkCount);
}

function checkCount(count: number, part: DocumentPart, decoding: Decoding): boolean {
  if (count <= MAX_PREDICATES) return true;
  report(decoding, part, {
    code: "too-many-predicates",
    message: `Cannot read "${
      pathText(part.path)
    }": ${count} entries are more than ${MAX_PREDICATES}`,
  });
  return false;
}

const ACTIONS = ["ok", "skip", "depSkip", "retry", "permFail", "defaultReturn"] as const;

function predicate(scope: Scope): Decoder<Predicate> {
  const saying = record({ message: required(textTemplate(scope)) });
  const fields = record({
    assert: required(expression(scope)),
    ok: optional(record({})),
    skip: optional(saying),
    depSkip: optional(saying),
    retry: optional(record({
      message: required(textTemplate(scope)),
      delay: required(delay(scope)),
    })),
    permFail: optional(saying),
    defaultReturn: optional(literalMap),
  }, exactlyOne(...ACTIONS));
  return shaped((part, decoding) => {
    const given = fields(part, decoding);
    if (given === INVALID) return INVALID;
    return { assert: given.assert, action: actionOf(given) };
  }, shapeOf(fields));
}

interface GivenActions {
  readonly skip?: { readonly message: Template } | undefined;
  readonly depSkip?: { readonly message: Template } | undefined;
  readonly permFail?: { readonly message: Template } | undefined;
  readonly retry?: { readonly message: Template; readonly delay: Template } | undefined;
  readonly defaultReturn?:
    | (PredicateAction & { readonly type: "defaultReturn" })["value"]
    | undefined;
}

function actionOf(
  { skip, depSkip, permFail, retry, defaultReturn }: GivenActions,
): PredicateAction {
  if (skip) return { type: "skip", message: skip.message };
  if (depSkip) return { type: "depSkip", message: depSkip.message };
  if (permFail) return { type: "permFail", message: permFail.message };
  if (retry) return { type: "retry", message: retry.message, delaySeconds: retry.delay };
  if (defaultReturn) return { type: "defaultReturn", value: defaultReturn };
  return { type: "ok" };
}

/** Whole seconds, or an expression that yields them (PR-6). */
function delay(scope: Scope): Decoder<Template> {
  const literal = valueTemplate(scope);
  return (part, decoding) => {
    const { node } = part;
    if (node.type === "scalar" && isExpression(node)) return literal(part, decoding);
    return seconds(part, decoding) === INVALID ? INVALID : literal(part, decoding);
  };
}
