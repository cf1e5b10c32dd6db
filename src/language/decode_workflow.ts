// SPDX-License-Identifier: Apache-2.0

import { decodeConfigStep, decodeStep, type LoneStep, STEP_SHAPES } from "./decode_step.ts";
import { optional, record, required } from "./decode_record.ts";
import { cycleText } from "./decode_values.ts";
import {
  type Decoded,
  decodeInSlices,
  type Decoder,
  type Decoding,
  filledText,
  INVALID,
  placeOf,
  report,
  text,
} from "./decoder.ts";
import type { DocumentPart } from "./document_part.ts";
import { didYouMean } from "./nearest_name.ts";
import type { DefinitionBase, Step, StepError, Workflow } from "./definition.ts";
import { orderByNeeds } from "./dependency_order.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { pathTo } from "./document_path.ts";
import { shaped, shapeOf } from "./shape.ts";
import type { Slices } from "./slices.ts";
import { entryOf, type SourceNode, textAt } from "./source_node.ts";
import { inputUseOf, type VariableUse } from "./variable_use.ts";

/** LM-11 */
const MAX_STEPS = 100;

/** WF-1; an empty `apiGroup` is the core group. */
const CRD_REF = record({
  apiGroup: required(text),
  version: required(filledText),
  kind: required(filledText),
});

shaped(leftToSteps, STEP_SHAPES.configStep);
shaped(stepList, { type: "list", item: STEP_SHAPES.step });

/** The fields of `spec`; steps are decoded one by one, so that each one's faults are known. */
const SPEC = record({
  crdRef: optional(CRD_REF),
  configStep: optional(leftToSteps),
  steps: optional(stepList),
});

function leftToSteps(): undefined {
  return undefined;
}

function stepList(...[part, decoding]: Parameters<Decoder<unknown>>): Decoded<undefined> {
  if (part.node.type === "list") return undefined;
  const message = `Cannot read "spec.steps": expected list, found ${part.node.type}`;
  report(decoding, part, { code: "wrong-type", message });
  return INVALID;
}

/** What the `spec` of a Workflow takes. */
export const WORKFLOW = shapeOf(SPEC);

/** A step as it is found: its parts, its uses of variables, and what is wrong with it. */
interface FoundStep {
  readonly part: DocumentPart;
  readonly label: string;
  readonly isConfigStep: boolean;
  readonly step: Decoded<LoneStep>;
  readonly uses: readonly VariableUse[];
}

/** A Workflow, and its errors of steps apart from those of the schema check (WF-32a). */
export interface DecodedWorkflow {
  readonly workflow: Decoded<Workflow>;
  readonly crdRef?: Exclude<Workflow["crdRef"], undefined>;
  readonly stepErrors: readonly StepError[];
}

/** Reads the `spec` of a Workflow (chapter 11). */
export function* decodeWorkflow(
  base: DefinitionBase,
  spec: DocumentPart,
  decoding: Decoding,
): Slices<DecodedWorkflow> {
  const fields = yield* decodeInSlices(SPEC, spec, decoding);
  const errors: StepError[] = [];
  const found = yield* findSteps(spec, { decoding, errors });
  yield;
  checkLabels(found, { decoding, errors });
  checkUses(found, { decoding, errors });
  const needs = found.map((each) => ({ name: each.label, needs: stepsUsed(each) }));
  const { order, cycles } = orderByNeeds(needs);
  for (const cycle of cycles) reportCycle(cycle, found, { decoding, errors });
  const crdRef = fields === INVALID ? undefined : fields.crdRef;
  const shared = { ...(crdRef ? { crdRef } : {}), stepErrors: errors };
  if (fields === INVALID || decoding.diagnostics.some(({ severity }) => severity === "error")) {
    return { workflow: INVALID, ...shared };
  }
  const steps = found.flatMap(({ step }, index) =>
    step === INVALID
      ? []
      : [{ ...step, dependencies: inListingOrder(needs[index]?.needs ?? [], found) }]
  );
  const workflow: Workflow = {
    ...base,
    type: "Workflow",
    ...shared,
    steps,
    executionOrder: order,
    neededInputs: inputUseOf(decoding.uses, "parent").needed,
  };
  return { workflow, ...shared };
}

interface Faults {
  readonly decoding: Decoding;
  readonly errors: StepError[];
}

/** Reports a finding that is an error of a step. */
function reportStep(
  { label, isConfigStep, part }: Pick<FoundStep, "label" | "isConfigStep" | "part">,
  finding: Parameters<typeof report>[2] & { readonly outcome?: string },
  { decoding, errors }: Faults,
): void {
  report(decoding, part, finding);
  const diagnostic = decoding.diagnostics.at(-1);
  if (diagnostic === undefined) return;
  errors.push({ label, isConfigStep, message: finding.outcome ?? diagnostic.message, diagnostic });
}

function* findSteps(spec: DocumentPart, faults: Faults): Slices<readonly FoundStep[]> {
  const { decoding } = faults;
  const config = entryOf(spec.node, "configStep");
  const listed = entryOf(spec.node, "steps");
  const items = listed?.value.type === "list" ? listed.value.items : [];
  const total = items.length + (config ? 1 : 0);
  const stepsPath = pathTo(spec.path, "steps");
  const stepsPart = listed ? { node: listed.value, path: stepsPath, span: listed.keySpan } : spec;
  if (total === 0 && (listed === undefined || listed.value.type === "list")) {
    reportNoSteps(stepsPart, faults);
  }
  if (total > MAX_STEPS) {
    const message = `Cannot read "spec.steps": ${total} steps are more than ${MAX_STEPS}`;
    report(decoding, stepsPart, { code: "too-many-steps", message });
    return [];
  }
  const configPart = config &&
    { node: config.value, path: pathTo(spec.path, "configStep"), span: config.keySpan };
  const found: FoundStep[] = [];
  if (configPart) found.push(yield* findStep(configPart, true, faults));
  for (const [index, node] of items.entries()) {
    const part = { node, path: pathTo(stepsPath, index), span: node };
    found.push(yield* findStep(part, false, faults));
  }
  return found;
}

/** WF-32b: a Workflow without any step is told in the words of a run. */
function reportNoSteps(part: DocumentPart, { decoding, errors }: Faults): void {
  const message = "No steps specified Workflow at least one step in 'spec.steps' is required.";
  report(decoding, part, {
    code: "missing-field",
    message: 'Cannot read "spec.steps": at least one step is required',
  });
  const diagnostic = decoding.diagnostics.at(-1);
  if (diagnostic) errors.push({ isConfigStep: false, message, diagnostic });
}

const SYNTAX_CODES = ["expression-syntax", "expression-too-long", "expression-too-deep"];

function* findStep(
  part: DocumentPart,
  isConfigStep: boolean,
  faults: Faults,
): Slices<FoundStep> {
  const { decoding, errors } = faults;
  const [usesBefore, faultsBefore] = [decoding.uses.length, decoding.diagnostics.length];
  const step = isConfigStep
    ? yield* decodeConfigStep(part, decoding)
    : yield* decodeStep(part, decoding);
  const label = textAt(part.node, "label") ?? (isConfigStep ? "config" : "");
  for (const diagnostic of decoding.diagnostics.slice(faultsBefore)) {
    if (!SYNTAX_CODES.includes(diagnostic.code)) continue;
    errors.push({ label, isConfigStep, message: diagnostic.message, diagnostic });
  }
  return { part, label, isConfigStep, step, uses: decoding.uses.slice(usesBefore) };
}

function checkLabels(found: readonly FoundStep[], faults: Faults): void {
  const seen = new Map<string, FoundStep>();
  for (const each of found) {
    const first = seen.get(each.label);
    if (first === undefined || each.label === "") {
      seen.set(each.label, each);
      continue;
    }
    reportStep(each, {
      code: "duplicate-label",
      message: `Cannot use label "${each.label}" again: another step already has it`,
      outcome: `Duplicate step-label (${each.label}) can not prepare Workflow.`,
      span: entryOf(each.part.node, "label")?.value ?? each.part.span,
      related: [{ ...placeOf(first.part, faults.decoding), message: "the first step with it" }],
    }, faults);
  }
}

function stepUses({ uses }: FoundStep): readonly VariableUse[] {
  return uses.filter(({ root }) => root === "steps");
}

function stepsUsed(found: FoundStep): readonly string[] {
  return [...new Set(stepUses(found).flatMap(({ name }) => name ?? []))];
}

function inListingOrder(
  labels: readonly string[],
  found: readonly FoundStep[],
): Step["dependencies"] {
  return found.map(({ label }) => label).filter((label) => labels.includes(label));
}

/** WF-12, WF-14, WF-21 */
function checkUses(found: readonly FoundStep[], faults: Faults): void {
  const labels = found.map(({ label }) => label).filter((label) => label !== "");
  for (const each of found) {
    for (const { name, span, part } of stepUses(each)) {
      const place = { ...each, part };
      if (each.isConfigStep) {
        const message = `Cannot use step "${name ?? "steps"}": a configStep runs before the steps`;
        reportStep(place, { code: "unknown-step", message, span }, faults);
      } else if (name === undefined) {
        report(faults.decoding, part, {
          code: "bare-steps",
          message: 'Variable "steps" is used as a whole: this adds no dependency',
          help: "use steps.<label>",
          span,
        });
      } else if (!labels.includes(name)) {
        const others = labels.filter((label) => label !== each.label);
        reportStep(place, {
          code: "unknown-step",
          message: `Cannot use step "${name}": no step has this label`,
          help: didYouMean(name, others) ?? otherSteps(others),
          span,
        }, faults);
      }
    }
  }
}

const MAX_NAMED_STEPS = 8;

function otherSteps(labels: readonly string[]): string | undefined {
  if (labels.length === 0) return "there is no other step";
  const named = labels.slice(0, MAX_NAMED_STEPS).map((label) => `"${label}"`).join(", ");
  return `other steps are ${named}${labels.length > MAX_NAMED_STEPS ? ", …" : ""}`;
}

function reportCycle(cycle: readonly string[], found: readonly FoundStep[], faults: Faults): void {
  const first = found.find(({ label }) => label === cycle[0]);
  if (first === undefined || first.isConfigStep) return;
  const use = stepUses(first).find(({ name }) => name === cycle[1]);
  const others = found.filter(({ label }) => label !== cycle[0] && cycle.includes(label));
  reportStep({ ...first, part: use?.part ?? first.part }, {
    code: "step-cycle",
    message: `Cannot order step "${first.label}": it needs itself: ${cycleText(cycle)}`,
    span: use?.span ?? first.part.span,
    related: others.map(({ label, part }) => ({
      ...placeOf(part, faults.decoding),
      message: `step "${label}" is part of the cycle`,
    })),
  }, faults);
}

/** Whether all errors of a Workflow are errors of steps: only then a run can tell them (WF-30). */
export function onlyStepErrors(
  diagnostics: readonly Diagnostic[],
  stepErrors: readonly StepError[],
): boolean {
  const ofSteps = new Set(stepErrors.map(({ diagnostic }) => diagnostic));
  return diagnostics.every((each) => each.severity !== "error" || ofSteps.has(each));
}

/** The trigger kind of a Workflow that is otherwise broken, if it can be read. */
export function readCrdRef(spec: SourceNode | undefined): Workflow["crdRef"] {
  const crdRef = entryOf(spec, "crdRef")?.value;
  const [apiGroup, version, kind] = ["apiGroup", "version", "kind"]
    .map((name) => textAt(crdRef, name));
  if (apiGroup === undefined || !version || !kind) return undefined;
  return { apiGroup, version, kind };
}
