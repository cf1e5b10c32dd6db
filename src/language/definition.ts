// SPDX-License-Identifier: Apache-2.0

import type { Diagnostic, SourcePlace } from "./diagnostic.ts";
import type { Budget, Value, Variables } from "./expression/mod.ts";
import type { JsonObject, JsonValue } from "./json.ts";

/** The kinds of `koreo.dev/v1beta1`. */
export type DefinitionKind =
  | "ValueFunction"
  | "ResourceFunction"
  | "ResourceTemplate"
  | "Workflow"
  | "FunctionTest";

/** The kinds a step can run. */
export type LogicKind = "ValueFunction" | "ResourceFunction" | "Workflow";

/** What identifies a definition (SD-10). */
export interface DefinitionId {
  /** The Koreo kind. */
  readonly kind: DefinitionKind;
  /** Its own, or the one its source is loaded for (SD-6). */
  readonly namespace: string;
  /** `metadata.name`. */
  readonly name: string;
}

/** A reference to Logic: resolved by name through the namespace priority list (SD-11). */
export interface LogicRef {
  /** What sort of Logic. */
  readonly kind: LogicKind;
  /** Its name; the namespace follows from the priority list. */
  readonly name: string;
}

/** A failed evaluation of an expression of a definition (EX-41). */
export interface EvaluationFailure {
  /** Tells it from values. */
  readonly type: "failure";
  /** Why, without a place: `no key "regoin" in inputs.spec: it has "region", "size"`. */
  readonly reason: string;
  /** Source text of the failing sub-expression; absent when no expression is at fault. */
  readonly expression?: string;
  /** Where the failing sub-expression stands. */
  readonly source?: SourcePlace;
  /** Whether a value was absent rather than wrong. */
  readonly isMissing: boolean;
}

/** Literal data with expressions at any depth, compiled once (EX-1 to EX-3, EX-50). */
export interface Template {
  /** The value when nothing in it is an expression. */
  readonly constant?: JsonValue;
  /** The expression, when the whole is a single one. */
  readonly expression?: { readonly source: string; readonly place: SourcePlace };
  /** Evaluates leaf by leaf in document order; the first failing leaf ends it (EX-40). */
  evaluate(variables: Variables, budget: Budget): Value | EvaluationFailure;
  /** The same, with the result as JSON (EX-21); fails when it cannot become JSON (EX-22). */
  evaluateJson(variables: Variables, budget: Budget): JsonValue | EvaluationFailure;
}

/** An overlay (EX-51, EX-52). */
export interface Overlay {
  /** Paths of its leaves, in document order. */
  readonly leafPaths: readonly (readonly string[])[];
  /** Applies it; `base` is not changed. */
  apply(base: JsonObject, variables: Variables, budget: Budget): JsonObject | EvaluationFailure;
}

/** What every compiled definition has. */
export interface DefinitionBase {
  /** What identifies it. */
  readonly id: DefinitionId;
  /** Hash of its content: comments, layout and file do not enter it. */
  readonly digest: string;
  /** Where the document begins. */
  readonly source: SourcePlace;
}

/** What a firing predicate does (PR-3 to PR-8). */
export type PredicateAction =
  | { readonly type: "ok" }
  | { readonly type: "skip" | "depSkip" | "permFail"; readonly message: Template }
  | { readonly type: "retry"; readonly message: Template; readonly delaySeconds: Template }
  | { readonly type: "defaultReturn"; readonly value: JsonObject };

/** One entry of `preconditions` or `postconditions` (chapter 6). */
export interface Predicate {
  /** Must hold, or the predicate fires. */
  readonly assert: Template;
  /** What happens when it fires. */
  readonly action: PredicateAction;
}

/** A local. Lists of them are in the order in which they are evaluated (VF-10). */
export interface Local {
  /** Its name: `locals.<name>`. */
  readonly name: string;
  /** Its value. */
  readonly value: Template;
}

/** Chapter 7. */
export interface ValueFunction extends DefinitionBase {
  /** Tells it from the other kinds. */
  readonly type: "ValueFunction";
  /** Checked first, in order. */
  readonly preconditions: readonly Predicate[];
  /** In the order in which they are evaluated. */
  readonly locals: readonly Local[];
  /** Absent when there is none or it is `{}`. */
  readonly return?: Overlay;
  /** EX-14, in order of appearance. */
  readonly neededInputs: readonly string[];
}

/** Chapter 8. */
export interface ResourceTemplate extends DefinitionBase {
  /** Tells it from the other kinds. */
  readonly type: "ResourceTemplate";
  /** The partial object, as it is written. */
  readonly template: JsonObject;
}

/** One entry of `overlays` (RF-11 to RF-15). */
export type OverlayEntry =
  & { readonly skipIf?: Template }
  & (
    | { readonly type: "inline"; readonly overlay: Overlay }
    | {
      readonly type: "reference";
      readonly name: string;
      readonly inputs?: Template;
      readonly inputKeys: readonly string[];
    }
  );

/** The object a ResourceFunction is about (RF-3 to RF-8). */
export interface ApiConfig {
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string;
  /** The Kubernetes kind. */
  readonly kind: string;
  /** Name in the API path; absent: from discovery. */
  readonly plural?: string;
  /** Name of the object. */
  readonly name: Template;
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: Template;
  /** Whether objects of the kind lie in namespaces. */
  readonly namespaced: boolean;
  /** What is done with the object. */
  readonly mode: "manage" | "readonly" | "deleteIfExists";
  /** Whether it gets an owner reference. */
  readonly owned: boolean;
}

/** What to do about differences (RF-18). */
export type UpdatePolicy =
  | { readonly type: "patch" | "recreate"; readonly delaySeconds: number }
  | { readonly type: "never" };

/** Chapter 9. */
export interface ResourceFunction extends DefinitionBase {
  /** Tells it from the other kinds. */
  readonly type: "ResourceFunction";
  /** Checked first, in order. */
  readonly preconditions: readonly Predicate[];
  /** In the order in which they are evaluated. */
  readonly locals: readonly Local[];
  /** The object it is about. */
  readonly apiConfig: ApiConfig;
  /** What the target is made from. */
  readonly base:
    | { readonly type: "resource"; readonly template: Template }
    | { readonly type: "templateRef"; readonly name: Template };
  /** Applied to the target in order. */
  readonly overlays: readonly OverlayEntry[];
  /** How a missing object is created. */
  readonly create: {
    readonly enabled: boolean;
    readonly delaySeconds: number;
    readonly overlay?: Overlay;
  };
  /** What to do about differences. */
  readonly update: UpdatePolicy;
  /** What happens to objects that are no longer produced; absent: nothing. */
  readonly deletePolicy?: "abandon" | "destroy";
  /** Checked on the live object. */
  readonly postconditions: readonly Predicate[];
  /** Absent when there is none or it is `{}`: the value is `null`. */
  readonly return?: Template;
  /** EX-14, in order of appearance. */
  readonly neededInputs: readonly string[];
}

/** One case of a `refSwitch` (WF-6). */
export interface SwitchCase {
  /** The text it stands for. */
  readonly case: string;
  /** The Logic it leads to. */
  readonly ref: LogicRef;
  /** Whether it is taken when no case matches. */
  readonly isDefault: boolean;
}

/** The Logic of a step. */
export type StepLogic =
  | { readonly type: "ref"; readonly ref: LogicRef }
  | {
    readonly type: "switch";
    readonly switchOn: Template;
    readonly cases: readonly SwitchCase[];
  };

/** One step, `configStep` included (chapter 11). */
export interface Step {
  /** Its name: `steps.<label>`. */
  readonly label: string;
  /** Whether it is the `configStep`. */
  readonly isConfigStep: boolean;
  /** What it runs. */
  readonly logic: StepLogic;
  /** Leaves the step out when true. */
  readonly skipIf?: Template;
  /** Runs the Logic per item. */
  readonly forEach?: { readonly itemIn: Template; readonly inputKey: string };
  /** Inputs of the Logic. */
  readonly inputs?: Template;
  /** Top-level keys of `inputs`. */
  readonly inputKeys: readonly string[];
  /** The condition to report. */
  readonly condition?: { readonly type: string; readonly name: string };
  /** Values to surface. */
  readonly state?: Template;
  /** Top-level keys of `state`. */
  readonly stateKeys: readonly string[];
  /** Labels of the steps it depends on, in listing order (WF-12). */
  readonly dependencies: readonly string[];
}

/** A step that cannot run, and why (WF-32a). */
export interface StepError {
  /** Absent when the Workflow has no step at all (WF-32b). */
  readonly label?: string;
  /** Whether the step is the `configStep`. */
  readonly isConfigStep: boolean;
  /** The message of the outcome. */
  readonly message: string;
  /** The diagnostic it comes from. */
  readonly diagnostic: Diagnostic;
}

/** Chapter 11. */
export interface Workflow extends DefinitionBase {
  /** Tells it from the other kinds. */
  readonly type: "Workflow";
  /** Kind of the triggers; absent: runs only as sub-Workflow or by annotation. */
  readonly crdRef?: {
    readonly apiGroup: string;
    readonly version: string;
    readonly kind: string;
  };
  /** In listing order, `configStep` first. */
  readonly steps: readonly Step[];
  /** Indexes of `steps` in execution order (WF-13). */
  readonly executionOrder: readonly number[];
  /** Names `x` of `parent.x` (EX-14). */
  readonly neededInputs: readonly string[];
  /** Errors of its steps other than those of the schema check. */
  readonly stepErrors: readonly StepError[];
}

/** Which outcome a test expects (FT-15). */
export type ExpectedOutcome =
  | { readonly type: "Ok" }
  | { readonly type: "Skip" | "DepSkip" | "PermFail"; readonly message: string }
  | { readonly type: "Retry"; readonly message: string; readonly delaySeconds: number };

/** Names an object in tests of Workflows. */
export interface ObjectIdentity {
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string;
  /** The Kubernetes kind. */
  readonly kind: string;
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string;
  /** Name of the object. */
  readonly name: string;
}

/** An entry of `overlayResources` (FW-7). */
export type ResourceOverlay =
  | { readonly type: "overlay"; readonly identity: ObjectIdentity; readonly overlay: Overlay }
  | { readonly type: "absent"; readonly identity: ObjectIdentity };

/** An entry of `expectConditions` (FW-9). */
export type ExpectedCondition =
  | {
    readonly type: "condition";
    readonly condition: string;
    readonly status?: string;
    readonly reason?: string;
    readonly message?: string;
  }
  | { readonly type: "absent"; readonly condition: string };

/** An entry of `expectResources` (FW-11). */
export type ExpectedResource =
  | { readonly type: "object"; readonly object: JsonObject }
  | { readonly type: "absent"; readonly identity: ObjectIdentity };

/** One assertion of a test case (FT-12, FW-12). */
export type Assertion =
  | { readonly type: "resource"; readonly object: JsonObject }
  | { readonly type: "return"; readonly value: JsonObject }
  | { readonly type: "outcome"; readonly outcome: ExpectedOutcome }
  | { readonly type: "delete"; readonly expected: boolean }
  | { readonly type: "stable" }
  | { readonly type: "conditions"; readonly conditions: readonly ExpectedCondition[] }
  | { readonly type: "state"; readonly state: JsonObject }
  | { readonly type: "resources"; readonly resources: readonly ExpectedResource[] };

/** One case of a FunctionTest (FT-6 to FT-17, FW-5 to FW-12). */
export interface TestCase {
  /** As reports show it. */
  readonly label: string;
  /** Where the case stands. */
  readonly source: SourcePlace;
  /** Whether nothing is carried forward. */
  readonly isVariant: boolean;
  /** Whether it is not run. */
  readonly isSkipped: boolean;
  /** Merged onto the carried inputs, or onto the parent. */
  readonly inputOverrides?: JsonObject;
  /** Replaces the object. */
  readonly currentResource?: JsonObject;
  /** Applied to the carried object. */
  readonly overlayResource?: Overlay;
  /** Replaces the contents of the cluster. */
  readonly currentResources?: readonly JsonObject[];
  /** Applied to objects of the cluster. */
  readonly overlayResources?: readonly ResourceOverlay[];
  /** Exactly one, or for a Workflow at least one. */
  readonly assertions: readonly Assertion[];
}

/** Chapters 14 and 15. */
export interface FunctionTest extends DefinitionBase {
  /** Tells it from the other kinds. */
  readonly type: "FunctionTest";
  /** What it tests. */
  readonly functionRef: LogicRef;
  /** Base inputs. */
  readonly inputs: JsonObject;
  /** The object at the start. */
  readonly currentResource?: JsonObject;
  /** The trigger that owner references name; absent: none are ever set. */
  readonly owner?: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
  };
  /** For a Workflow: the trigger; without it `inputs` run it as a sub-Workflow. */
  readonly parent?: JsonObject;
  /** Contents of the cluster at the start. */
  readonly currentResources: readonly JsonObject[];
  /** In the order in which they run. */
  readonly testCases: readonly TestCase[];
}

/** A compiled definition. */
export type Definition =
  | ValueFunction
  | ResourceFunction
  | ResourceTemplate
  | Workflow
  | FunctionTest;

/** The compiled form of each kind. */
export interface DefinitionOf {
  /** Chapter 7. */
  readonly ValueFunction: ValueFunction;
  /** Chapter 9. */
  readonly ResourceFunction: ResourceFunction;
  /** Chapter 8. */
  readonly ResourceTemplate: ResourceTemplate;
  /** Chapter 11. */
  readonly Workflow: Workflow;
  /** Chapters 14 and 15. */
  readonly FunctionTest: FunctionTest;
}

/** What a name leads to (DG-6, SD-13). */
export type Lookup<T> =
  | { readonly type: "ready"; readonly definition: T }
  | { readonly type: "broken"; readonly id: DefinitionId; readonly diagnostic: Diagnostic }
  | { readonly type: "missing" };

/** Where a broken definition stands, what it is called as far as known, and its faults. */
export interface BrokenDefinition {
  /** Tells it from definitions that can be used. */
  readonly type: "Broken";
  /** What it is called, as far as known. */
  readonly id: DefinitionId;
  /** Hash of its content. */
  readonly digest: string;
  /** Where the document begins. */
  readonly source: SourcePlace;
  /** Its faults, and what else is to be said of it. */
  readonly diagnostics: readonly Diagnostic[];
  /**
   * What can still be said of a broken Workflow: its step errors (WF-32a), and its trigger kind
   * so that triggers can be told.
   */
  readonly workflow?: Pick<Workflow, "crdRef" | "stepErrors">;
  /** What can still be said of a broken FunctionTest: what it tests and its case labels. */
  readonly test?: {
    readonly functionRef?: LogicRef;
    readonly cases: readonly { readonly label: string; readonly source: SourcePlace }[];
  };
}

/**
 * All definitions of a set, compiled, with one namespace priority list. Immutable: a reconcile
 * uses one Program from its start to its end.
 */
export interface Program {
  /** Hash over the digests of all definitions and the list. */
  readonly digest: string;
  /** The namespace priority list, highest first; never empty. */
  readonly namespaces: readonly string[];
  /** Every diagnostic, sorted by file, line and column. */
  readonly diagnostics: readonly Diagnostic[];
  /** Every definition that could be identified, ready or broken, in order of the files. */
  readonly definitions: readonly (Definition | BrokenDefinition)[];
  /** What a name leads to, through the priority list. */
  find<K extends DefinitionKind>(kind: K, name: string): Lookup<DefinitionOf[K]>;
  /** The definition that wins the name, ready or not; `undefined` when there is none. */
  winner(kind: DefinitionKind, name: string): Definition | BrokenDefinition | undefined;
  /** The same definitions with `namespace` at the head of the list (SD-15). */
  startingAt(namespace: string): Program;
  /** Keys `Kind/namespace/name` of all that a definition reaches, itself included. */
  reach(kind: DefinitionKind, name: string): ReadonlySet<string>;
  /** Hash over the digests of all that a definition reaches: equal hash, equal behaviour. */
  reachDigest(kind: DefinitionKind, name: string): string;
}
