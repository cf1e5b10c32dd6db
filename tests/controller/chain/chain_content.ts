// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { functionTest, valueFunction, workflowOf } from "../definitions.ts";

export type FunctionName = "f" | "g";
export type WorkflowName = "a" | "b" | "c";
export type KindName = "Alpha" | "Beta";

export const WORKFLOWS = ["a", "b", "c"] as const;
export const KINDS = ["Alpha", "Beta"] as const;

/** A ValueFunction with its FunctionTest. */
export interface FunctionContent {
  /** `"=("` does not compile. */
  readonly value: number | "=(";
  readonly expected: number;
}

/** A Workflow by what it runs. */
export interface WorkflowContent {
  readonly kind: KindName;
  /** `nowhere` is not there: a Workflow that refers to it is not sound. */
  readonly steps: readonly (FunctionName | "nowhere")[];
}

/** All definitions of a commit: two Functions with tests, and up to three Workflows that share them. */
export interface Content {
  readonly functions: Readonly<Record<FunctionName, FunctionContent>>;
  readonly workflows: Readonly<Partial<Record<WorkflowName, WorkflowContent>>>;
}

export type Files = Readonly<Record<string, string>>;

/** What one commit does to a content. */
export type Edit =
  | {
    readonly type: "value";
    readonly of: FunctionName;
    readonly value: number | "=(";
    /** Whether the test is kept up. */
    readonly isExpected: boolean;
  }
  | { readonly type: "set"; readonly name: WorkflowName; readonly to: WorkflowContent }
  | { readonly type: "remove"; readonly name: WorkflowName }
  | {
    readonly type: "rename";
    readonly from: WorkflowName;
    readonly to: WorkflowName;
    readonly isBroken: boolean;
  }
  | { readonly type: "swap"; readonly one: WorkflowName; readonly other: WorkflowName }
  | { readonly type: "mend" };

export const FIRST: Content = {
  functions: { f: { value: 1, expected: 1 }, g: { value: 1, expected: 1 } },
  workflows: {
    a: { kind: "Alpha", steps: ["f"] },
    b: { kind: "Beta", steps: ["f", "g"] },
  },
};

const name = fc.constantFrom(...WORKFLOWS);
const functionName = fc.constantFrom("f" as const, "g" as const);
const workflowContent: fc.Arbitrary<WorkflowContent> = fc.record({
  kind: fc.constantFrom(...KINDS),
  steps: fc.constantFrom<WorkflowContent["steps"]>(["f"], ["g"], ["f", "g"], ["nowhere"]),
});

export const edits: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("value" as const),
      of: functionName,
      value: fc.constantFrom<number | "=(">(1, 2, 3, "=("),
      isExpected: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant("set" as const), name, to: workflowContent }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("remove" as const), name }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("rename" as const),
      from: name,
      to: name,
      isBroken: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("swap" as const), one: name, other: name }),
  },
  { weight: 3, arbitrary: fc.constant<Edit>({ type: "mend" }) },
);

/** The content after an edit; what it asks of a Workflow that is not there comes to nothing. */
export function edited(content: Content, edit: Edit): Content {
  const { functions, workflows } = content;
  switch (edit.type) {
    case "value": {
      const { of, value, isExpected } = edit;
      const expected = isExpected && value !== "=(" ? value : functions[of].expected;
      return { ...content, functions: { ...functions, [of]: { value, expected } } };
    }
    case "set":
      return { ...content, workflows: { ...workflows, [edit.name]: edit.to } };
    case "remove":
      return { ...content, workflows: without(workflows, edit.name) };
    case "rename": {
      const { from, to, isBroken } = edit;
      const moved = workflows[from];
      if (moved === undefined) return content;
      const successor = isBroken ? { ...moved, steps: ["nowhere" as const] } : moved;
      return { ...content, workflows: { ...without(workflows, from), [to]: successor } };
    }
    case "swap": {
      const [one, other] = [workflows[edit.one], workflows[edit.other]];
      if (one === undefined || other === undefined) return content;
      const swapped = {
        [edit.one]: { ...one, kind: other.kind },
        [edit.other]: { ...other, kind: one.kind },
      };
      return { ...content, workflows: { ...workflows, ...swapped } };
    }
    case "mend":
      return mended(content);
  }
}

function without(
  workflows: Content["workflows"],
  name: WorkflowName,
): Content["workflows"] {
  const { [name]: _, ...others } = workflows;
  return others;
}

function mended({ functions: { f, g }, workflows }: Content): Content {
  const whole = ({ value, expected }: FunctionContent): FunctionContent =>
    value === "=(" ? { value: expected, expected } : { value, expected: value };
  const sound = Object.entries(workflows).map(([own, { kind, steps }]) => [
    own,
    { kind, steps: steps.map((step) => step === "nowhere" ? "f" : step) },
  ]);
  return { functions: { f: whole(f), g: whole(g) }, workflows: Object.fromEntries(sound) };
}

/** One file per definition, so that what an overlay changes is a file. */
export function filesOf({ functions, workflows }: Content): Files {
  const files: Record<string, string> = {};
  for (const [own, { value, expected }] of Object.entries(functions)) {
    files[`${own}.k.yaml`] = valueFunction(own, value);
    files[`${own}-test.k.yaml`] = functionTest(`${own}-test`, own, expected);
  }
  for (const [own, content] of Object.entries(workflows)) {
    files[`${own}.k.yaml`] = workflowOf(
      own,
      content.kind,
      Object.fromEntries(content.steps.map((step) => [`step_${step}`, step])),
    );
  }
  return files;
}
