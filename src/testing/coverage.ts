// SPDX-License-Identifier: Apache-2.0

import {
  type Definition,
  type DefinitionId,
  definitionKey,
  type EvaluationObserver,
  type EvaluationSite,
  type Outcome,
  type Program,
  type ResourceFunction,
  type SourcePlace,
  type Workflow,
} from "../language/mod.ts";
import type { RunEvent } from "../runtime/mod.ts";
import {
  actionArms,
  actionSign,
  type CoverageArm,
  type CoveragePointType,
  type PointRule,
  ruleOf,
  SIGN_OF_ARM,
} from "./coverage_points.ts";
import { countsOf, type CoverageCounts, type CoverageTotals, totalsOf } from "./coverage_totals.ts";

/** A place in a definition where runs part, and how often each way was taken. */
export interface CoveragePoint {
  /** What it is. */
  readonly type: CoveragePointType;
  /** Where in the document: `spec.steps[2].skipIf`. */
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
  /** The source of the expression, the label of the step, the text of the case; else empty. */
  readonly text: string;
  /** Every way that can be taken. */
  readonly arms: readonly CoverageArm[];
  /** Of a step: how often it ended with which outcome. */
  readonly outcomes?: Readonly<Partial<Record<Outcome["type"], number>>>;
}

/** One definition and what the tests reached of it. */
export interface DefinitionCoverage extends CoverageTotals {
  /** Its kind. */
  readonly kind: DefinitionId["kind"];
  /** Its namespace. */
  readonly namespace: string;
  /** Its name. */
  readonly name: string;
  /** Where the document stands. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** In the order of the document. */
  readonly points: readonly CoveragePoint[];
}

/** What tests reached of a Program. */
export interface CoverageReport extends CoverageTotals {
  /** ValueFunctions, ResourceFunctions and Workflows that are not broken, in order of the files. */
  readonly definitions: readonly DefinitionCoverage[];
}

/**
 * Counts what tests reach of definitions.
 *
 * Its observer goes into `compileProgram`, its `observe` into `runFunctionTests`. A Program that is
 * compiled without one is not slowed down by any of this.
 */
export interface Coverage {
  /** For {@linkcode CompileOptions.observer}. */
  readonly observer: EvaluationObserver;
  /** Is told what happens in runs. */
  readonly observe: (event: RunEvent) => void;
  /** What has been reached of a Program since the start, or since `reset`. */
  report(program: Program): CoverageReport;
  /** Forgets what has been reached: for the next run of the tests. */
  reset(): void;
}

/** A site with the hits of its arms. */
interface WatchedSite {
  readonly site: EvaluationSite;
  readonly rule: PointRule;
  readonly hits: Map<string, number>;
}

/** What runs tell of one definition, by name of what they tell. */
type Signs = Map<string, number>;

/** Makes an empty count. */
export function createCoverage(): Coverage {
  // By place: a document that is compiled anew in its place replaces the former.
  const documents = new Map<string, WatchedSite[]>();
  const signs = new Map<string, Signs>();
  const signsOf = (id: DefinitionId): Signs => {
    const key = definitionKey(id);
    const found = signs.get(key) ?? new Map<string, number>();
    signs.set(key, found);
    return found;
  };
  return {
    observer: {
      open(_id, place) {
        const sites: WatchedSite[] = [];
        documents.set(placeKey(place), sites);
        return (site) => watchSite(site, sites);
      },
    },
    observe: (event) => observe(event, signsOf),
    report(program) {
      const definitions = program.definitions.flatMap((definition) => {
        if (!isLogic(definition)) return [];
        const sites = documents.get(placeKey(definition.source)) ?? [];
        return [definitionCoverage(definition, sites, signsOf(definition.id))];
      });
      return { ...totalsOf(definitions), definitions };
    },
    reset() {
      signs.clear();
      for (const { hits } of [...documents.values()].flat()) hits.clear();
    },
  };
}

function placeKey({ file, line, column }: SourcePlace): string {
  return `${file}:${line}:${column}`;
}

type Logic = Exclude<Definition, { readonly type: "FunctionTest" | "ResourceTemplate" }>;

function isLogic(definition: Program["definitions"][number]): definition is Logic {
  const { type } = definition;
  return type === "ValueFunction" || type === "ResourceFunction" || type === "Workflow";
}

function watchSite(site: EvaluationSite, sites: WatchedSite[]): (result: unknown) => void {
  const rule = ruleOf(site);
  if (rule === undefined) return () => {};
  const hits = new Map<string, number>();
  sites.push({ site, rule, hits });
  return (result) => {
    const arm = rule.armOf(result);
    if (arm !== undefined) count(hits, arm);
  };
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function observe(event: RunEvent, signsOf: (id: DefinitionId) => Signs): void {
  switch (event.type) {
    case "resource-read":
    case "resource-decided": {
      const sign = actionSign(event);
      return sign === undefined ? undefined : count(signsOf(event.definition), sign);
    }
    case "logic-started": {
      const { workflow, label, switchedOn } = event;
      count(signsOf(workflow), runSign(label));
      if (switchedOn !== undefined) count(signsOf(workflow), caseSign(label, switchedOn));
      return;
    }
    case "step-ended":
      return count(signsOf(event.workflow), outcomeSign(event.label, event.outcome.type));
    default:
      return;
  }
}

const runSign = (label: string) => `run ${label}`;
const caseSign = (label: string, text: string) => `case ${label} ${text}`;
const outcomeSign = (label: string, outcome: Outcome["type"]) => `outcome ${label} ${outcome}`;

function definitionCoverage(
  definition: Logic,
  sites: readonly WatchedSite[],
  signs: Signs,
): DefinitionCoverage {
  const points = [
    ...definition.type === "ResourceFunction" ? [actionPoint(definition, sites, signs)] : [],
    ...sites.map((watched) => pointOf(watched, definition, signs)),
  ].sort((a, b) => a.line - b.line || a.column - b.column);
  const { kind, namespace, name } = definition.id;
  const { file, line } = definition.source;
  const counts: CoverageCounts = countsOf(points);
  return { kind, namespace, name, file, line, ...totalsOf([counts]), points };
}

/** Shown where the function says what its object is called. */
function actionPoint(
  fn: ResourceFunction,
  sites: readonly WatchedSite[],
  signs: Signs,
): CoveragePoint {
  const arms = actionArms(fn).map((name) => ({
    name,
    hits: signs.get(SIGN_OF_ARM[name] ?? "") ?? 0,
  }));
  const named = sites.find(({ site }) => site.path.startsWith("spec.apiConfig."));
  const { line, column } = named?.site.place ?? fn.source;
  return { type: "action", path: "spec.apiConfig", line, column, text: "", arms };
}

function pointOf({ site, rule, hits }: WatchedSite, of: Logic, signs: Signs): CoveragePoint {
  const { path, place: { line, column }, text } = site;
  const told = of.type === "Workflow" ? toldHits(site, of, signs) : undefined;
  return {
    type: rule.type,
    path,
    line,
    column,
    text,
    arms: rule.arms.map((name) => ({ name, hits: told?.hits ?? hits.get(name) ?? 0 })),
    ...told?.outcomes ? { outcomes: told.outcomes } : {},
  };
}

/** What events tell of a step or of a case. */
function toldHits(
  { type, path, text }: EvaluationSite,
  { steps }: Workflow,
  signs: Signs,
): { readonly hits: number; readonly outcomes?: CoveragePoint["outcomes"] } | undefined {
  if (type === "step") {
    return { hits: signs.get(runSign(text)) ?? 0, outcomes: outcomesOf(text, signs) };
  }
  const index = /^spec\.steps\[(\d+)\]/.exec(path)?.[1];
  if (type !== "case" || index === undefined) return undefined;
  // A configStep is the first of the steps, though it is not listed among them.
  const step = steps.filter(({ isConfigStep }) => !isConfigStep)[Number(index)];
  if (step?.logic.type !== "switch") return undefined;
  const { label, logic: { cases } } = step;
  const isDefault = cases.some((one) => one.case === text && one.isDefault);
  const prefix = caseSign(label, "");
  const hits = [...signs].filter(([sign]) => {
    if (!sign.startsWith(prefix)) return false;
    const taken = sign.slice(prefix.length);
    return taken === text || (isDefault && !cases.some((one) => one.case === taken));
  });
  return { hits: hits.reduce((sum, [, times]) => sum + times, 0) };
}

const OUTCOMES = ["Ok", "Skip", "DepSkip", "Retry", "PermFail"] as const;

function outcomesOf(label: string, signs: Signs): CoveragePoint["outcomes"] {
  const found = OUTCOMES.flatMap((outcome) => {
    const times = signs.get(outcomeSign(label, outcome));
    return times === undefined ? [] : [[outcome, times] as const];
  });
  return Object.fromEntries(found);
}
