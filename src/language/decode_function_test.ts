// SPDX-License-Identifier: Apache-2.0

import {
  exactlyOne,
  type FieldRule,
  type FieldsGiven,
  optional,
  record,
  required,
  withDefault,
} from "./decode_record.ts";
import { logicRef } from "./decode_step.ts";
import { caseLabel, foreignFields, objects, testCase } from "./decode_test_case.ts";
import { literalMap } from "./decode_values.ts";
import {
  type Decoded,
  type Decoding,
  filledText,
  INVALID,
  list,
  placeOf,
  report,
} from "./decoder.ts";
import type { DocumentPart } from "./document_part.ts";
import type {
  BrokenDefinition,
  DefinitionBase,
  FunctionTest,
  LogicKind,
  LogicRef,
} from "./definition.ts";
import { pathTo } from "./document_path.ts";
import { shapeOf } from "./shape.ts";
import { entryOf, type SourceNode, textAt } from "./source_node.ts";

/** LM-12 */
const MAX_CASES = 200;

/** FT-4 */
const OWNER = record({
  apiVersion: required(filledText),
  kind: required(filledText),
  name: required(filledText),
  namespace: required(filledText),
  uid: required(filledText),
});

const FUNCTION_SPEC_FIELDS = ["currentResource", "owner"] as const;
const WORKFLOW_SPEC_FIELDS = ["parent", "currentResources"] as const;

/** LM-12 */
function checkCaseCount(count: number, part: DocumentPart, decoding: Decoding): boolean {
  if (count <= MAX_CASES) return true;
  report(decoding, part, {
    code: "too-many-test-cases",
    message: `Cannot read "spec.testCases": ${count} cases are more than ${MAX_CASES}`,
  });
  return false;
}

/** FW-2 and FW-3 */
function parentRule(...[given, part, decoding]: Parameters<FieldRule>): boolean {
  return exactlyOne("parent", "inputs")(given, part, decoding);
}

function specFields(kind: LogicKind, inputKeys: readonly string[]) {
  const isWorkflow = kind === "Workflow";
  return record(
    {
      functionRef: required(logicRef),
      inputs: withDefault(literalMap, {}),
      currentResource: optional(literalMap),
      owner: optional(OWNER),
      parent: optional(literalMap),
      currentResources: withDefault(objects, []),
      testCases: withDefault(list(testCase(kind, inputKeys), checkCaseCount), []),
    },
    foreignFields(isWorkflow ? FUNCTION_SPEC_FIELDS : WORKFLOW_SPEC_FIELDS, kind),
    isWorkflow ? parentRule : (_given: FieldsGiven) => true,
  );
}

/** What the `spec` of a FunctionTest takes, whichever sort it is. */
export const FUNCTION_TEST = shapeOf(specFields("ResourceFunction", []));

/** Reads the `spec` of a FunctionTest (chapters 14 and 15). */
export function decodeFunctionTest(
  base: DefinitionBase,
  spec: DocumentPart,
  decoding: Decoding,
): Decoded<FunctionTest> {
  const kind = textAt(spec.node, "functionRef", "kind");
  const known: LogicKind = kind === "ValueFunction" || kind === "Workflow"
    ? kind
    : "ResourceFunction";
  const fields = specFields(known, inputKeysOf(spec.node))(spec, decoding);
  if (fields === INVALID) return INVALID;
  const { functionRef, inputs, currentResource, owner, parent, currentResources } = fields;
  return {
    ...base,
    type: "FunctionTest",
    functionRef,
    inputs,
    ...(currentResource && Object.keys(currentResource).length > 0 ? { currentResource } : {}),
    ...(owner ? { owner } : {}),
    ...(parent ? { parent } : {}),
    currentResources,
    testCases: fields.testCases,
  };
}

/** The top-level input keys of a test and all its cases. */
function inputKeysOf(spec: SourceNode): readonly string[] {
  const cases = entryOf(spec, "testCases")?.value;
  const maps = [
    entryOf(spec, "inputs")?.value,
    ...(cases?.type === "list"
      ? cases.items.map((item) => entryOf(item, "inputOverrides")?.value)
      : []),
  ];
  const keys = maps.flatMap((map) => map?.type === "map" ? map.entries.map(({ key }) => key) : []);
  return [...new Set(keys)];
}

/** What can still be said of a broken FunctionTest. */
export function describeBrokenTest(
  spec: DocumentPart,
  decoding: Decoding,
): Exclude<BrokenDefinition["test"], undefined> {
  const functionRef = readLogicRef(entryOf(spec.node, "functionRef")?.value);
  const cases = entryOf(spec.node, "testCases")?.value;
  const path = pathTo(spec.path, "testCases");
  return {
    ...(functionRef ? { functionRef } : {}),
    cases: (cases?.type === "list" ? cases.items : []).map((node, index) => {
      const part = { node, path: pathTo(path, index), span: node };
      return { label: caseLabel(part), source: placeOf(part, decoding) };
    }),
  };
}

function readLogicRef(node: SourceNode | undefined): LogicRef | undefined {
  const [kind, name] = [textAt(node, "kind"), textAt(node, "name")];
  const isLogic = kind === "ValueFunction" || kind === "ResourceFunction" || kind === "Workflow";
  return isLogic && name ? { kind, name } : undefined;
}
