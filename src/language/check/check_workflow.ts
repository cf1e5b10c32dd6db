// SPDX-License-Identifier: Apache-2.0

import type { Diagnostic } from "../diagnostic.ts";
import { createEffort } from "./inference.ts";
import { BOOL } from "./check_predicates.ts";
import { named } from "./crossing.ts";
import { type Check, type Need, reportOnce, typeOfNeeded, typeOfSketch } from "./sketch.ts";
import {
  closedMap,
  constantOf,
  join,
  joinAll,
  type KnownType,
  listType,
  mapType,
  scalar,
  type StaticType,
  typeText,
  UNKNOWN,
  variablesMap,
} from "./static_type.ts";
import type { CaseStudy, StepStudy, WorkflowStudy } from "./workflow_study.ts";

/** WF-40 */
const ITEMS: Need = { wanted: ["list"], words: "list" };

/** WF-46 */
const SWITCH: Need = { wanted: ["string", "int", "bool"], words: "string, int or bool" };

/**
 * Checks the expressions of a Workflow against what its steps return.
 *
 * @param returned What the Logic of each step returns
 */
export function checkWorkflow(
  { steps, tested }: WorkflowStudy,
  returned: readonly StaticType[],
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const values = steps.map((step, index) => valueOf(step, returned[index] ?? UNKNOWN));
  const fields = new Map<string, StaticType>(
    steps.map(({ label }, index) => [label, values[index] ?? UNKNOWN] as const),
  );
  const check: Check = {
    tested,
    variables: new Map([["steps", variablesMap(fields)]]),
    report: reportOnce(found),
    effort: createEffort(),
  };
  for (const [index, step] of steps.entries()) checkStep(step, values[index] ?? UNKNOWN, check);
  return found;
}

/** WF-44: an item that is skipped is `null` in the list. */
function valueOf({ inputKey }: StepStudy, returned: StaticType): StaticType {
  return inputKey === undefined ? returned : listType(join(returned, scalar("null")));
}

function checkStep(step: StepStudy, value: StaticType, check: Check): void {
  if (step.skipIf) {
    const isSkipped = constantOf(typeOfNeeded(step.skipIf, BOOL, check)) === true;
    if (isSkipped && step.skipIf.type === "expression") {
      check.report(step.skipIf.spot({ start: 0, end: step.skipIf.source.length }), {
        code: "unreachable-step",
        message: `This condition is always true: step "${step.label}" never runs`,
      });
    }
  }
  const items = step.itemIn ? typeOfNeeded(step.itemIn, ITEMS, check) : UNKNOWN;
  const given = step.inputs ? named(typeOfSketch(step.inputs, check)) : closedMap([]);
  // WF-21: a configStep gets the trigger besides.
  const inputs = step.isConfigStep ? withField(given, "parent", UNKNOWN) : given;
  checkSwitch(step, withVariables(check, { inputs: withItem(inputs, step, items) }));
  if (step.state) typeOfSketch(step.state, withVariables(check, { inputs, value }));
}

function withVariables(check: Check, more: Readonly<Record<string, StaticType>>): Check {
  return { ...check, variables: new Map([...check.variables, ...Object.entries(more)]) };
}

/** EX-11: the inputs with the item of the `forEach`. */
function withItem(inputs: StaticType, { inputKey }: StepStudy, items: StaticType): StaticType {
  if (inputKey === undefined) return inputs;
  const item = items === UNKNOWN
    ? UNKNOWN
    : joinAll(items.flatMap((each) => each.type === "list" ? [each.item] : []));
  return withField(inputs, inputKey, item);
}

function withField(map: StaticType, key: string, type: StaticType): StaticType {
  const [known] = map === UNKNOWN ? [] : map;
  return known?.type === "map" ? mapType(new Map([...known.fields, [key, type]])) : UNKNOWN;
}

function checkSwitch({ switchOn, cases }: StepStudy, check: Check): void {
  if (switchOn === undefined) return;
  const type = typeOfNeeded(switchOn, SWITCH, check);
  const isLiteral = switchOn.type !== "expression";
  if (type === UNKNOWN || type.length === 0) return;
  const unreachable = cases.filter((each) => !isReachable(each, { type, cases }));
  for (const { text, spot } of unreachable) {
    check.report(spot, {
      code: "unreachable-case",
      message: `Case "${text}" is never taken: ${isLiteral ? "the switch" : "the expression"} ${
        switchText(type)
      }`,
    });
  }
}

interface Switch {
  readonly type: readonly KnownType[];
  readonly cases: readonly CaseStudy[];
}

function isReachable({ text, isDefault }: CaseStudy, { type, cases }: Switch): boolean {
  if (type.some((known) => canMatch(known, text))) return true;
  if (!isDefault) return false;
  const texts = type.map(textsOf);
  const isComplete = texts.every((all) => all?.every((each) => cases.some((c) => c.text === each)));
  return !isComplete;
}

function canMatch(known: KnownType, text: string): boolean {
  const texts = textsOf(known);
  if (texts !== undefined) return texts.includes(text);
  if (known.type !== "scalar") return false;
  return known.name === "string" || known.name === "int" && /^(?:0|-?[1-9]\d*)$/.test(text);
}

/** The texts that a value can have, where they can be told. */
function textsOf(known: KnownType): readonly string[] | undefined {
  if (known.type !== "scalar") return [];
  if (known.constants) return known.constants.map(String);
  if (known.name === "bool") return ["true", "false"];
  return known.name === "string" || known.name === "int" ? undefined : [];
}

function switchText(type: readonly KnownType[]): string {
  const texts = type.map(textsOf);
  const all = texts.flatMap((each) => each ?? []);
  const isComplete = texts.every((each) => each !== undefined);
  if (!isComplete || all.length === 0) return `gives ${typeText(type)}`;
  return `is always ${all.map((each) => `"${each}"`).join(" or ")}`;
}

/** The type of a value of Logic as another definition sees it. */
export function stateType(keys: readonly string[]): StaticType {
  return mapType(new Map(keys.map((key) => [key, UNKNOWN] as const)));
}
