// SPDX-License-Identifier: Apache-2.0

import { memberPart, partAt } from "../caller.ts";
import type { Decoding, DocumentPart } from "../decoder.ts";
import type { Step, Workflow } from "../definition.ts";
import { type DiagnosticSpot, spotAt } from "../report_diagnostic.ts";
import { pathText, pathTo } from "../document_path.ts";
import type { VariableUse } from "../variable_use.ts";
import { sketchLater } from "./kept_spot.ts";
import type { Reading } from "./return_field.ts";
import { type Sketch, type SketchExpression, sketchOf } from "./sketch.ts";
import { testedIn } from "./tested_chains.ts";

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
export function studyWorkflow(
  { steps }: Workflow,
  spec: DocumentPart,
  decoding: Decoding,
): WorkflowStudy {
  const offset = steps[0]?.isConfigStep ? 1 : 0;
  const readings = readingsOf(decoding.uses);
  const sketch = sketchLater(decoding);
  return {
    tested: testedIn(spec.node, decoding.expressions),
    steps: steps.map((step, index) => {
      const path = step.isConfigStep ? ["configStep"] : ["steps", index - offset];
      const part = partAt(spec, path);
      return {
        ...studyStep(step, part, sketch),
        cases: casesOf(step, part, decoding),
        readings: readings(step.label, part),
      };
    }),
  };
}

function studyStep(
  { label, isConfigStep, forEach }: Step,
  part: DocumentPart,
  sketch: SketchExpression,
): Omit<StepStudy, "cases" | "readings"> {
  const found = (...path: string[]) => {
    const at = path.reduce(
      (outer: DocumentPart | undefined, key) => outer && memberPart(outer, key),
      part,
    );
    return at && sketchOf(at, sketch);
  };
  const fields = {
    skipIf: found("skipIf"),
    itemIn: found("forEach", "itemIn"),
    switchOn: found("refSwitch", "switchOn"),
    inputs: found("inputs"),
    state: found("state"),
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
    else byLabel.set(label, [...byLabel.get(label) ?? [], rest]);
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
