// SPDX-License-Identifier: Apache-2.0

import { memberPart, partAt } from "../caller.ts";
import type { Decoding } from "../decoder.ts";
import type { DocumentPart } from "../document_part.ts";
import type { Step, Workflow } from "../definition.ts";
import { type DiagnosticSpot, spotAt } from "../report_diagnostic.ts";
import { pathText, pathTo } from "../document_path.ts";
import type { VariableUse } from "../variable_use.ts";
import { sketchLater } from "./kept_spot.ts";
import type { Reading } from "./return_field.ts";
import { type Sketch, type SketchExpression, sketchInSlices } from "./sketch.ts";
import type { Pace, Slices } from "../slices.ts";
import { testedIn } from "./tested_in.ts";

/** What can be said of a Workflow once the Logic of its steps is known. */
export interface WorkflowStudy {
  /** In the order of `Workflow.steps`. */
  readonly steps: readonly StepStudy[];
  /** Chains that its expressions ask for. */
  readonly tested: ReadonlySet<string>;
}

/** The fields of a step that have expressions. */
export interface StepStudy {
  readonly label: string;
  readonly isConfigStep: boolean;
  readonly skipIf?: Sketch;
  readonly itemIn?: Sketch;
  readonly inputKey?: string;
  readonly switchOn?: Sketch;
  readonly cases: readonly CaseStudy[];
  readonly inputs?: Sketch;
  readonly state?: Sketch;
  /** How this step and others read its value. */
  readonly readings: readonly Reading[];
}

/** A case of a switch, and where it stands. */
export interface CaseStudy {
  readonly text: string;
  readonly isDefault: boolean;
  readonly spot: DiagnosticSpot;
}

/** Keeps of a sound Workflow what checks need. */
export function* studyWorkflow(
  { steps }: Workflow,
  spec: DocumentPart,
  decoding: Decoding,
): Slices<WorkflowStudy> {
  const offset = steps[0]?.isConfigStep ? 1 : 0;
  const readings = readingsOf(decoding.uses);
  const sketch = sketchLater(decoding);
  const tested = testedIn(spec.node, decoding.expressions);
  yield;
  const studies: StepStudy[] = [];
  for (const [index, step] of steps.entries()) {
    const path = step.isConfigStep ? ["configStep"] : ["steps", index - offset];
    const part = partAt(spec, path);
    studies.push({
      ...yield* studyStep(step, part, { sketch, pace: decoding.pace }),
      cases: casesOf(step, part, decoding),
      readings: readings(step.label, part),
    });
  }
  return { tested, steps: studies };
}

function* studyStep(
  { label, isConfigStep, forEach }: Step,
  part: DocumentPart,
  { sketch, pace }: { readonly sketch: SketchExpression; readonly pace: Pace },
): Slices<Omit<StepStudy, "cases" | "readings">> {
  const found = function* (...path: string[]): Slices<Sketch | undefined> {
    const at = path.reduce(
      (outer: DocumentPart | undefined, key) => outer && memberPart(outer, key),
      part,
    );
    return at && (yield* sketchInSlices(at, sketch, pace));
  };
  const fields = {
    skipIf: yield* found("skipIf"),
    itemIn: yield* found("forEach", "itemIn"),
    switchOn: yield* found("refSwitch", "switchOn"),
    inputs: yield* found("inputs"),
    state: yield* found("state"),
  };
  const present = Object.entries(fields).filter(([, field]) => field !== undefined);
  return {
    label,
    isConfigStep,
    ...(forEach ? { inputKey: forEach.inputKey } : {}),
    ...Object.fromEntries(present),
  };
}

function casesOf(
  { logic }: Step,
  part: DocumentPart,
  { source }: Decoding,
): readonly CaseStudy[] {
  if (logic.type === "ref") return [];
  return logic.cases.map(({ case: text, isDefault }, index) => {
    const at = partAt(part, ["refSwitch", "cases", index, "case"]);
    const span = at.node.type === "scalar" ? at.node : at.span;
    return { text, isDefault, spot: spotAt(source, span, pathText(at.path)) };
  });
}

/** Everything that a Workflow reads of its steps' values. */
function readingsOf(
  uses: readonly VariableUse[],
): (label: string, part: DocumentPart) => readonly Reading[] {
  const byLabel = new Map<string, Reading[]>();
  const bare: Reading[] = [];
  for (const { root, path: [label, ...rest] } of uses) {
    if (root !== "steps") continue;
    if (label === undefined) bare.push([]);
    else {
      const known = byLabel.get(label);
      if (known) known.push(rest);
      else byLabel.set(label, [rest]);
    }
  }
  const values = uses.filter(({ root }) => root === "value");
  return (label, part) => {
    const own = values.filter((use) => isIn(use, part)).map(({ path }) => path);
    return [...byLabel.get(label) ?? [], ...own, ...bare];
  };
}

function isIn(use: VariableUse, { path }: DocumentPart): boolean {
  const outer = pathText(path);
  const inner = pathText(pathTo(use.part.path, ""));
  return inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);
}
