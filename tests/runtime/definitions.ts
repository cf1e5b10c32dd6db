// SPDX-License-Identifier: Apache-2.0

import {
  createBudget,
  type DefinitionKind,
  type Diagnostic,
  type JsonValue,
  type Overlay,
  type Predicate,
  type Program,
  type ResourceFunction,
  type Step,
  type Template,
  type Value,
  type ValueFunction,
  type Variables,
  type Workflow,
} from "../../src/language/mod.ts";
import { overlayLiteral } from "../../src/runtime/evaluation.ts";
import type { RunContext } from "../../src/runtime/mod.ts";
import type { Clock } from "../../src/runtime/ports.ts";

const SOURCE = { file: "test.yaml", line: 1, column: 1 };
const base = { digest: "", source: SOURCE };

/** A template without expressions. */
export function literalTemplate(constant: JsonValue): Template {
  return { constant, evaluate: () => constant, evaluateJson: () => constant };
}

/** A template that a function of the variables stands for. */
export function computed(compute: (variables: Variables) => Value): Template {
  return { evaluate: compute, evaluateJson: (variables) => compute(variables) as JsonValue };
}

/** The value of a variable, or of a member of it. */
export function variable(...path: readonly string[]): Template {
  return computed((variables) =>
    path.reduce<unknown>(
      (value, key) => (value as Record<string, unknown> | null | undefined)?.[key] ?? null,
      variables,
    ) as Value
  );
}

/** An overlay without expressions. */
export function literalOverlay(value: Record<string, JsonValue>): Overlay {
  return {
    leafPaths: Object.keys(value).map((key) => [key]),
    apply: (onto) => overlayLiteral(onto, value),
  };
}

/** A ValueFunction that returns what `compute` makes of its inputs. */
export function valueFunction(
  name: string,
  compute: (variables: Variables) => Record<string, JsonValue>,
  preconditions: readonly Predicate[] = [],
): ValueFunction {
  return {
    ...base,
    type: "ValueFunction",
    id: { kind: "ValueFunction", namespace: "default", name },
    preconditions,
    locals: [],
    return: { leafPaths: [], apply: (onto, variables) => overlayLiteral(onto, compute(variables)) },
    neededInputs: [],
  };
}

/** A predicate that fires always. */
export function always(action: Predicate["action"]): Predicate {
  return { assert: literalTemplate(false), action };
}

/** A ResourceFunction for a ConfigMap that is named by the input `name`. */
export function configMapFunction(
  name: string,
  changes: Partial<ResourceFunction> = {},
): ResourceFunction {
  return {
    ...base,
    type: "ResourceFunction",
    id: { kind: "ResourceFunction", namespace: "default", name },
    preconditions: [],
    locals: [],
    apiConfig: {
      apiVersion: "v1",
      kind: "ConfigMap",
      plural: "configmaps",
      name: variable("inputs", "name"),
      namespace: literalTemplate("ns"),
      namespaced: true,
      mode: "manage",
      owned: true,
    },
    base: { type: "resource", template: literalTemplate({ data: { k: "v" } }) },
    overlays: [],
    create: { enabled: true, delaySeconds: 30 },
    update: { type: "patch", delaySeconds: 30 },
    postconditions: [],
    neededInputs: [],
    ...changes,
  };
}

/** A step that runs one Logic. */
export function step(
  label: string,
  ref: {
    readonly type: "ValueFunction" | "ResourceFunction" | "Workflow";
    readonly id: { readonly name: string };
  },
  changes: Partial<Step> = {},
): Step {
  return {
    label,
    isConfigStep: false,
    logic: { type: "ref", ref: { kind: ref.type, name: ref.id.name } },
    inputKeys: [],
    stateKeys: [],
    dependencies: [],
    ...changes,
  };
}

/** A Workflow; its steps must be listed after what they depend on. */
export function workflow(
  name: string,
  steps: readonly Step[],
  changes: Partial<Workflow> = {},
): Workflow {
  return {
    ...base,
    type: "Workflow",
    id: { kind: "Workflow", namespace: "default", name },
    steps,
    executionOrder: steps.map((_, index) => index),
    neededInputs: [],
    stepErrors: [],
    ...changes,
  };
}

/** An error of a definition. */
export function diagnostic(message: string, changes: Partial<Diagnostic> = {}): Diagnostic {
  return { ...SOURCE, severity: "error", code: "bad-value", message, ...changes };
}

/** A Program of these definitions. */
export function programOf(...definitions: readonly Program["definitions"][number][]): Program {
  const winner = (kind: DefinitionKind, name: string) =>
    definitions.find(({ id }) => id.kind === kind && id.name === name);
  const program: Program = {
    digest: "",
    namespaces: ["default"],
    diagnostics: [],
    definitions,
    winner,
    find(kind, name) {
      const found = winner(kind, name);
      if (!found) return { type: "missing" };
      if (found.type === "Broken") {
        return {
          type: "broken",
          id: found.id,
          diagnostic: found.diagnostics[0] ?? diagnostic("?"),
        };
      }
      return { type: "ready", definition: found as never };
    },
    startingAt: () => program,
    reach: () => new Set(),
    reachDigest: () => "",
  };
  return program;
}

/** A clock that stands still: whoever sleeps waits until the signal ends it. */
export function stoppedClock(now = 0): Clock {
  return {
    now: () => now,
    sleep: (_delayMs, { signal }) =>
      new Promise((_resolve, reject) => {
        if (signal.aborted) reject(signal.reason);
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
  };
}

/** A context of a run. */
export function runContext(
  changes: Partial<RunContext> & Pick<RunContext, "program" | "cluster">,
): RunContext {
  return {
    budget: createBudget(),
    clock: stoppedClock(),
    signal: new AbortController().signal,
    ...changes,
  };
}
