// SPDX-License-Identifier: Apache-2.0

import type { Scope } from "./compile_leaf.ts";
import {
  expectedCondition,
  expectedOutcome,
  expectedResource,
  filledExpectation,
  identifiedObject,
  identityOf,
  isAbsentEntry,
  objectIdentity,
  onlyTrue,
} from "./decode_expectations.ts";
import {
  type Fielded,
  type FieldRule,
  type Fields,
  optional,
  record,
  required,
  withDefault,
} from "./decode_record.ts";
import { literalMap, literalText, overlay } from "./decode_values.ts";
import {
  bool,
  type Decoded,
  type Decoder,
  type Decoding,
  INVALID,
  list,
  placeOf,
  report,
} from "./decoder.ts";
import type { DocumentPart } from "./document_part.ts";
import type { Assertion, LogicKind, ResourceOverlay, TestCase } from "./definition.ts";
import { pathText, pathTo } from "./document_path.ts";
import type { JsonObject } from "./json.ts";
import { OPEN_MAP, shaped, shapeOf } from "./shape.ts";
import { entryOf, textAt } from "./source_node.ts";

const CASE_HEAD = {
  label: optional(literalText),
  variant: withDefault(bool, false),
  skip: withDefault(bool, false),
  inputOverrides: optional(literalMap),
} as const satisfies Fields;

/** The assertions, in the order in which they are told. */
const ASSERTIONS = {
  expectOutcome: optional(expectedOutcome),
  expectReturn: optional(filledExpectation),
  expectResource: optional(filledExpectation),
  expectDelete: optional(bool),
  expectConditions: optional(list(expectedCondition)),
  expectState: optional(literalMap),
  expectResources: optional(list(expectedResource)),
  expectStable: optional(onlyTrue),
} as const satisfies Fields;

type AssertionName = keyof typeof ASSERTIONS;

const ASSERTIONS_OF: Readonly<Record<LogicKind, readonly AssertionName[]>> = {
  ValueFunction: ["expectReturn", "expectOutcome"],
  ResourceFunction: [
    "expectResource",
    "expectReturn",
    "expectOutcome",
    "expectDelete",
    "expectStable",
  ],
  Workflow: ["expectOutcome", "expectConditions", "expectState", "expectResources", "expectStable"],
};

const FUNCTION_FIELDS = ["currentResource", "overlayResource"] as const;
const WORKFLOW_FIELDS = ["currentResources", "overlayResources"] as const;

/** Refuses the fields of the other sort of test (FT-12, FW-13). */
export function foreignFields(names: readonly string[], kind: LogicKind): FieldRule {
  return (given, _part, decoding) => {
    const found = names.flatMap((name) => given.get(name) ?? []);
    for (const part of found) {
      report(decoding, part, {
        code: "wrong-assertion",
        message: `Cannot use "${pathText(part.path)}" in a test of a ${kind}`,
      });
    }
    return found.length === 0;
  };
}

/** FT-12: exactly one assertion; FW-12: at least one for a Workflow. */
function assertionCount(kind: LogicKind): FieldRule {
  const allowed = ASSERTIONS_OF[kind];
  return (given, part, decoding) => {
    const count = Object.keys(ASSERTIONS).filter((name) => given.has(name)).length;
    if (count === 1 || (kind === "Workflow" && count > 0)) return true;
    report(decoding, part, {
      code: "assertion-count",
      message: `Cannot run "${pathText(part.path)}": ${
        kind === "Workflow" ? "at least" : "exactly"
      } one assertion is required, found ${count}`,
      help: `assertions are ${allowed.join(", ")}`,
    });
    return false;
  };
}

/** FT-11 */
function currentResourceRule(...[given, _part, decoding]: Parameters<FieldRule>): boolean {
  const current = given.get("currentResource");
  if (current === undefined || !given.has("overlayResource")) return true;
  report(decoding, current, {
    code: "no-effect",
    message: 'Field "currentResource" has no effect beside "overlayResource"',
  });
  return true;
}

/** All fields of a case, of either sort of test; rules refuse those of the other sort. */
const caseFields = (scope: Scope) => ({
  ...CASE_HEAD,
  ...ASSERTIONS,
  currentResource: optional(literalMap),
  overlayResource: optional(overlay(scope)),
  currentResources: optional(objects),
  overlayResources: optional(list(resourceOverlay)),
});

type GivenCase = Fielded<ReturnType<typeof caseFields>>;

/** The decoder of the cases of one kind of test; `inputKeys` are variables of overlays (EX-13). */
export function testCase(kind: LogicKind, inputKeys: readonly string[]): Decoder<TestCase> {
  const wrongAssertions = Object.keys(ASSERTIONS)
    .filter((name) => !ASSERTIONS_OF[kind].some((allowed) => allowed === name));
  const fields = record(
    caseFields(["resource", "template", "inputs", ...inputKeys]),
    foreignFields(kind === "Workflow" ? FUNCTION_FIELDS : WORKFLOW_FIELDS, kind),
    foreignFields(wrongAssertions, kind),
    assertionCount(kind),
    currentResourceRule,
  );
  return shaped((part, decoding) => {
    const given = fields(part, decoding);
    return given === INVALID ? INVALID : toTestCase(given, part, decoding);
  }, shapeOf(fields));
}

function toTestCase(given: GivenCase, part: DocumentPart, decoding: Decoding): TestCase {
  const { inputOverrides, currentResource, overlayResource, currentResources } = given;
  const { overlayResources } = given;
  return {
    label: caseLabel(part),
    source: placeOf(part, decoding),
    isVariant: given.variant,
    isSkipped: given.skip,
    ...(inputOverrides ? { inputOverrides } : {}),
    ...(currentResource && Object.keys(currentResource).length > 0 ? { currentResource } : {}),
    ...(overlayResource ? { overlayResource } : {}),
    ...(currentResources ? { currentResources } : {}),
    ...(overlayResources ? { overlayResources } : {}),
    assertions: assertionsOf(given),
  };
}

/** FT-6 */
export function caseLabel({ node, path }: DocumentPart): string {
  const number = typeof path?.key === "number" ? path.key + 1 : 1;
  const label = textAt(node, "label") ?? `Test Case ${number}`;
  const variant = entryOf(node, "variant")?.value;
  const isVariant = variant?.type === "scalar" && variant.value === true;
  return isVariant && !label.toLowerCase().includes("variant") ? `[variant] ${label}` : label;
}

function assertionsOf(given: GivenCase): readonly Assertion[] {
  const { expectOutcome, expectReturn, expectResource, expectDelete, expectStable } = given;
  const { expectConditions, expectState, expectResources } = given;
  return [
    ...(expectOutcome ? [{ type: "outcome", outcome: expectOutcome } as const] : []),
    ...(expectReturn ? [{ type: "return", value: expectReturn } as const] : []),
    ...(expectResource ? [{ type: "resource", object: expectResource } as const] : []),
    ...(expectDelete !== undefined ? [{ type: "delete", expected: expectDelete } as const] : []),
    ...(expectConditions ? [{ type: "conditions", conditions: expectConditions } as const] : []),
    ...(expectState ? [{ type: "state", state: expectState } as const] : []),
    ...(expectResources ? [{ type: "resources", resources: expectResources } as const] : []),
    ...(expectStable ? [{ type: "stable" } as const] : []),
  ];
}

shaped(objects, { type: "list", item: OPEN_MAP });

/** Objects of a cluster: each with an identity of its own (FW-4, FW-6). */
export function objects(part: DocumentPart, decoding: Decoding): Decoded<readonly JsonObject[]> {
  const decoded = list(identifiedObject)(part, decoding);
  if (decoded === INVALID) return INVALID;
  const seen = new Set<string>();
  let isValid = true;
  for (const [index, object] of decoded.entries()) {
    const identity = JSON.stringify(identityOf(object));
    if (seen.has(identity)) {
      isValid = false;
      const item = part.node.type === "list" ? part.node.items[index] : undefined;
      report(decoding, { ...part, path: pathTo(part.path, index), span: item ?? part.span }, {
        code: "bad-value",
        message: "Cannot use an object again: the list already has one of this identity",
      });
    }
    seen.add(identity);
  }
  return isValid ? decoded : INVALID;
}

const ABSENT = record({ absent: required(objectIdentity) });
const OVERLAY_SCOPE = ["resource", "template", "parent"];

/** FW-7 */
const resourceOverlay: Decoder<ResourceOverlay> = shaped((part, decoding) => {
  if (isAbsentEntry(part)) {
    const given = ABSENT(part, decoding);
    return given === INVALID ? INVALID : { type: "absent", identity: given.absent };
  }
  const compiled = overlay(OVERLAY_SCOPE)(part, decoding);
  const named = {
    apiVersion: textAt(part.node, "apiVersion"),
    kind: textAt(part.node, "kind"),
    name: textAt(part.node, "metadata", "name"),
  };
  const { apiVersion, kind, name } = named;
  if (compiled === INVALID) return INVALID;
  if (!apiVersion || !kind || !name) {
    report(decoding, part, {
      code: "missing-field",
      message: `Cannot read "${pathText(part.path)}": "apiVersion", "kind" and "metadata.name" ` +
        "are required",
    });
    return INVALID;
  }
  const namespace = textAt(part.node, "metadata", "namespace");
  const identity = { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
  return { type: "overlay", identity, overlay: compiled };
}, OPEN_MAP);
