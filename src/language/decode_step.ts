// SPDX-License-Identifier: Apache-2.0

import type { Scope } from "./compile_leaf.ts";
import {
  exactlyOne,
  type FieldRule,
  optional,
  record,
  required,
  withDefault,
} from "./decode_record.ts";
import {
  expression,
  literalText,
  type MapTemplate,
  mapTemplate,
  textTemplate,
} from "./decode_values.ts";
import {
  badValue,
  bool,
  type Decoded,
  decodeInSlices,
  type Decoder,
  type Decoding,
  filledText,
  inSlices,
  INVALID,
  list,
  oneOf,
  report,
  text,
  textThat,
  watchPart,
} from "./decoder.ts";
import type { DocumentPart } from "./document_part.ts";
import type { LogicRef, Step, StepLogic, SwitchCase } from "./definition.ts";
import { pathText } from "./document_path.ts";
import { OPEN_MAP, type Shape, shaped, shapeOf } from "./shape.ts";
import type { Slices } from "./slices.ts";
import { textAt } from "./source_node.ts";

const STEP: Scope = ["parent", "steps"];
const SWITCH: Scope = ["parent", "steps", "inputs"];
const STATE: Scope = ["value", "inputs", "steps", "parent"];

/** The kinds a step can run. */
export const LOGIC_KINDS = ["ValueFunction", "ResourceFunction", "Workflow"] as const;

/** WF-4 */
export const logicRef: Decoder<LogicRef> = record({
  kind: required(oneOf(...LOGIC_KINDS)),
  name: required(filledText),
});

const MAX_CASES = 10;
const MAX_STATE_KEYS = 10;
const MAX_CONDITION_NAME = 60;

/** WF-3 */
const label = textThat(
  (value) => /^[A-Za-z0-9_]{3,45}$/.test(value),
  (value) => `expected 3 to 45 letters, digits and underscores, found "${value}"`,
);

shaped(shortText, { type: "text", isFilled: true });

/** WF-10 */
const condition = record({
  type: required(textThat(
    (value) => /^[A-Z][a-zA-Z0-9]+$/.test(value) && value.length <= 40,
    (value) => `expected PascalCase of 2 to 40 letters and digits, found "${value}"`,
  )),
  name: required(shortText),
});

function shortText(...[part, decoding]: Parameters<Decoder<string>>) {
  const value = literalText(part, decoding);
  if (value === INVALID || (value !== "" && value.length <= MAX_CONDITION_NAME)) return value;
  return badValue(
    part,
    decoding,
    `expected 1 to ${MAX_CONDITION_NAME} characters, found ${value.length}`,
  );
}

/** WF-6: the text of a case is compared as it is, so an expression in it would never match. */
const caseText: Decoder<string> = shaped((part, decoding) => {
  const value = text(part, decoding);
  if (value === INVALID || !value.startsWith("=")) return value;
  return badValue(part, decoding, `expected literal text, found the expression "${value}"`);
}, { type: "text" });

const SWITCH_CASE = record({
  case: required(caseText),
  kind: required(oneOf(...LOGIC_KINDS)),
  name: required(filledText),
  default: withDefault(bool, false),
});

const switchCase: Decoder<SwitchCase> = shaped((part, decoding) => {
  const given = SWITCH_CASE(part, decoding);
  if (given === INVALID) return INVALID;
  const { kind, name } = given;
  watchPart(part, decoding, { type: "case", text: given.case });
  return { case: given.case, ref: { kind, name }, isDefault: given.default };
}, shapeOf(SWITCH_CASE));

const cases: Decoder<readonly SwitchCase[]> = shaped((part, decoding) => {
  const { node } = part;
  const count = node.type === "list" ? node.items.length : 1;
  if (count < 1 || count > MAX_CASES) {
    return badValue(part, decoding, `expected 1 to ${MAX_CASES} cases, found ${count}`);
  }
  const decoded = list(switchCase)(part, decoding);
  return checkCases(part, decoding) ? decoded : INVALID;
}, { type: "list", item: shapeOf(switchCase) });

function checkCases(...[part, decoding]: Parameters<Decoder<unknown>>): boolean {
  const items = part.node.type === "list" ? part.node.items : [];
  const seen = new Set<string>();
  let hasDefault = false;
  let isValid = true;
  for (const item of items) {
    const name = textAt(item, "case");
    if (name !== undefined && seen.has(name)) {
      isValid = false;
      const message = `Cannot use case "${name}" again: this switch already has it`;
      report(decoding, part, { code: "duplicate-case", message, span: item });
    }
    if (name !== undefined) seen.add(name);
    const isDefault = item.type === "map" &&
      item.entries.some(({ key, value }) =>
        key === "default" && value.type === "scalar" && value.value === true
      );
    if (isDefault && hasDefault) {
      isValid = false;
      const message = `Cannot use case "${name ?? ""}" as default: this switch already has one`;
      report(decoding, part, { code: "several-defaults", message, span: item });
    }
    hasDefault ||= isDefault;
  }
  return isValid;
}

/** WF-5 */
const refSwitch = record({ switchOn: required(textTemplate(SWITCH)), cases: required(cases) });

/** WF-11 */
function state(scope: Scope): Decoder<MapTemplate> {
  const anyMap = mapTemplate(scope);
  const decode = inSlices<MapTemplate>(function* (part, decoding) {
    const decoded = yield* decodeInSlices(anyMap, part, decoding);
    if (decoded === INVALID || decoded.keys.length <= MAX_STATE_KEYS) return decoded;
    return badValue(
      part,
      decoding,
      `expected at most ${MAX_STATE_KEYS} keys, found ${decoded.keys.length}`,
    );
  });
  return shaped(decode, OPEN_MAP);
}

/** WF-3 to WF-11 */
const STEP_FIELDS = record({
  label: required(label),
  ref: optional(logicRef),
  refSwitch: optional(refSwitch),
  skipIf: optional(expression(STEP)),
  forEach: optional(record({ itemIn: required(expression(STEP)), inputKey: required(filledText) })),
  inputs: optional(mapTemplate(STEP)),
  condition: optional(condition),
  state: optional(state(STATE)),
}, exactlyOne("ref", "refSwitch"));

/** WF-20; `steps` is told as `unknown-step`, so its scope has it here. */
const CONFIG_STEP_FIELDS = record({
  label: withDefault(label, "config"),
  ref: required(logicRef),
  inputs: optional(mapTemplate(STEP)),
  condition: optional(condition),
  state: optional(state(STATE)),
  skipIf: optional(skipped),
  forEach: optional(skipped),
  refSwitch: optional(skipped),
}, configStepRule);

function skipped(): undefined {
  return undefined;
}

function configStepRule(...[given, _part, decoding]: Parameters<FieldRule>): boolean {
  const refused = ["skipIf", "forEach", "refSwitch"].flatMap((name) => given.get(name) ?? []);
  for (const part of refused) {
    report(decoding, part, {
      code: "conflict",
      message: `Cannot use "${pathText(part.path)}": a configStep does not have this field`,
      help: "make it a step",
    });
  }
  return refused.length === 0;
}

/** What an entry of `steps` and a `configStep` take. */
export const STEP_SHAPES: Readonly<Record<"step" | "configStep", Shape>> = {
  step: shapeOf(STEP_FIELDS),
  configStep: shapeOf(CONFIG_STEP_FIELDS),
};

/** A step without what follows from the other steps. */
export type LoneStep = Omit<Step, "dependencies">;

/** An entry of `steps`. */
export function* decodeStep(
  part: DocumentPart,
  decoding: Decoding,
): Slices<Decoded<LoneStep>> {
  const given = yield* decodeInSlices(STEP_FIELDS, part, decoding);
  if (given === INVALID) return INVALID;
  const logic = logicOf(given);
  watchPart(part, decoding, { type: "step", text: given.label });
  return logic === undefined ? INVALID : { ...toStep(given), isConfigStep: false, logic };
}

/** `configStep` (11.2). */
export function* decodeConfigStep(
  part: DocumentPart,
  decoding: Decoding,
): Slices<Decoded<LoneStep>> {
  const given = yield* decodeInSlices(CONFIG_STEP_FIELDS, part, decoding);
  if (given === INVALID) return INVALID;
  const { skipIf: _skipIf, forEach: _forEach, refSwitch: _refSwitch, ...own } = given;
  watchPart(part, decoding, { type: "step", text: given.label });
  return { ...toStep(own), isConfigStep: true, logic: { type: "ref", ref: given.ref } };
}

type GivenStep = Exclude<ReturnType<typeof STEP_FIELDS>, typeof INVALID>;

function logicOf({ ref, refSwitch }: GivenStep): StepLogic | undefined {
  if (ref) return { type: "ref", ref };
  return refSwitch && { type: "switch", switchOn: refSwitch.switchOn, cases: refSwitch.cases };
}

type SharedFields =
  & Pick<GivenStep, "label" | "inputs" | "condition" | "state">
  & Partial<Pick<GivenStep, "skipIf" | "forEach">>;

function toStep(given: SharedFields): Omit<LoneStep, "isConfigStep" | "logic"> {
  const { label, skipIf, forEach, inputs, condition, state } = given;
  return {
    label,
    ...(skipIf ? { skipIf } : {}),
    ...(forEach ? { forEach } : {}),
    ...(inputs ? { inputs: inputs.template } : {}),
    inputKeys: inputs?.keys ?? [],
    ...(condition ? { condition } : {}),
    ...(state && state.keys.length > 0 ? { state: state.template } : {}),
    stateKeys: state?.keys ?? [],
  };
}
