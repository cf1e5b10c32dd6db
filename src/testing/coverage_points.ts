// SPDX-License-Identifier: Apache-2.0

import { CelList, type EvaluationSite, type ResourceFunction } from "../language/mod.ts";
import type { RunEvent } from "../runtime/mod.ts";

/** What is counted apart. */
export type CoverageMetric = "expressions" | "branches" | "steps" | "actions";

/** All of them, in the order in which they are shown. */
export const COVERAGE_METRICS: readonly CoverageMetric[] = [
  "expressions",
  "branches",
  "steps",
  "actions",
];

/** What a point is. */
export type CoveragePointType =
  /** An expression: `evaluated`. */
  | "expression"
  /** A `return` or overlay without expressions: `evaluated`. */
  | "literal"
  /** An `assert`: `holds`, `fires`. */
  | "predicate"
  /** The condition of `a ? b : c`: `true`, `false`. */
  | "condition"
  /** An operand of `&&` or `||`: `true`, `false`. */
  | "operand"
  /** A `skipIf`: `true`, `false`. */
  | "skipIf"
  /** A `forEach`: `empty`, `filled`. */
  | "forEach"
  /** A case of a `refSwitch`: `taken`. */
  | "case"
  /** A step: `run`. */
  | "step"
  /** What a ResourceFunction finds or does: `created`, `matched`, `patched` and so on. */
  | "action";

/** One way that a run can take at a point. */
export interface CoverageArm {
  /** What it is called. */
  readonly name: string;
  /** How often it was taken. */
  readonly hits: number;
}

/** What a point is counted as. */
export const METRIC_OF: Readonly<Record<CoveragePointType, CoverageMetric>> = {
  expression: "expressions",
  literal: "expressions",
  predicate: "branches",
  condition: "branches",
  operand: "branches",
  skipIf: "branches",
  forEach: "branches",
  case: "branches",
  step: "steps",
  action: "actions",
};

/** What a site counts as, and which arm a result there takes. */
export interface PointRule {
  readonly type: CoveragePointType;
  readonly arms: readonly string[];
  /** The arm of a result; a fault or a value of a wrong type takes none of several. */
  readonly armOf: (result: unknown) => string | undefined;
}

const EVALUATED = { arms: ["evaluated"], armOf: () => "evaluated" };
const BOOL = {
  arms: ["true", "false"],
  armOf: (result: unknown) => typeof result === "boolean" ? String(result) : undefined,
};
const HOLDS = {
  arms: ["holds", "fires"],
  armOf: (result: unknown) =>
    typeof result === "boolean" ? (result ? "holds" : "fires") : undefined,
};
const ITEMS = { arms: ["empty", "filled"], armOf: itemsArm };
const TOLD_BY_EVENTS = { armOf: () => undefined };

/** The rule of a site, or `undefined` where nothing is counted. */
export function ruleOf({ type, path }: EvaluationSite): PointRule | undefined {
  switch (type) {
    case "condition":
    case "operand":
      return { type, ...BOOL };
    case "step":
      return { type, arms: ["run"], ...TOLD_BY_EVENTS };
    case "case":
      return { type, arms: ["taken"], ...TOLD_BY_EVENTS };
    case "literal":
      return LITERALS.test(path) ? { type, ...EVALUATED } : undefined;
    case "expression":
      if (/conditions\[\d+\]\.assert$/.test(path)) return { type: "predicate", ...HOLDS };
      if (SKIP_IF.test(path)) return { type: "skipIf", ...BOOL };
      if (/\.forEach\.itemIn$/.test(path)) return { type: "forEach", ...ITEMS };
      return { type, ...EVALUATED };
  }
}

/** Literal data of which it matters whether it is used. */
const LITERALS = /^spec\.(?:return|create\.overlay|overlays\[\d+\]\.overlay)$/;
const SKIP_IF = /^spec\.(?:steps|overlays)\[\d+\]\.skipIf$/;

function itemsArm(result: unknown): string | undefined {
  const items = result instanceof CelList ? result.items : result;
  if (!Array.isArray(items)) return undefined;
  return items.length === 0 ? "empty" : "filled";
}

/** The arms of what a ResourceFunction can find and do. */
export function actionArms(fn: ResourceFunction): readonly string[] {
  switch (fn.apiConfig.mode) {
    case "readonly":
      return ["missing", "found"];
    case "deleteIfExists":
      return ["absent", "deleted"];
    case "manage": {
      const missing = fn.create.enabled ? "created" : "missing";
      const { type } = fn.update;
      return type === "never" ? [missing, "matched"] : [missing, "matched", ACTIONS[type]];
    }
  }
}

const ACTIONS = { patch: "patched", recreate: "recreated" } as const;

/** What an event of a run counts as at its ResourceFunction; each arm is one of these. */
export function actionSign(event: RunEvent): string | undefined {
  if (event.type === "resource-decided") return event.action.type;
  if (event.type !== "resource-read") return undefined;
  return event.live === undefined ? "nothing there" : "something there";
}

/** The sign by which an arm of {@linkcode actionArms} is known to be taken. */
export const SIGN_OF_ARM: Readonly<Record<string, string>> = {
  created: "create",
  matched: "none",
  patched: "patch",
  recreated: "recreate",
  missing: "nothing there",
  absent: "nothing there",
  found: "something there",
  deleted: "something there",
};
