// SPDX-License-Identifier: Apache-2.0

/**
 * The Koreo language as a library: evaluate expressions, compile definitions, run them.
 *
 * Pure: nothing here knows a clock, a network or a file system. What a run needs of the world comes
 * through ports ({@linkcode RunContext}). Tests of definitions are in
 * `@koreo/koreo-deno/testing`, the controller in `@koreo/koreo-deno/controller`.
 *
 * @example Evaluate an expression
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { compileExpression } from "@koreo/koreo-deno";
 *
 * const expression = compileExpression("inputs.replicas * 2");
 * equal(expression.evaluate({ inputs: { replicas: 3 } }), 6);
 * ```
 *
 * @example Compile a definition and run it
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { compileProgram, createBudget, readDocuments, runValueFunction } from "@koreo/koreo-deno";
 *
 * const text = `
 * apiVersion: koreo.dev/v1beta1
 * kind: ValueFunction
 * metadata: {name: labels.v1}
 * spec:
 *   return: {app: =inputs.name}
 * `;
 * const program = compileProgram(readDocuments({ path: "labels.koreo", text }));
 * const found = program.find("ValueFunction", "labels.v1");
 * if (found.type !== "ready") throw new TypeError("Cannot find labels.v1");
 * const outcome = runValueFunction(
 *   found.definition,
 *   { inputs: { name: "shop" }, location: "example" },
 *   { budget: createBudget() },
 * );
 * deepEqual(outcome, { type: "Ok", value: { app: "shop" } });
 * ```
 *
 * @module
 */

import {
  compileExpression as compileParsed,
  createBudget,
  isFault,
  type JsonObject,
  type JsonValue,
  parseExpression,
  type Span,
  toPlain,
} from "./src/language/mod.ts";

export {
  type CompileOptions,
  compileProgram,
  createBudget,
  documentFromJson,
  readDocuments,
  renderDiagnostic,
} from "./src/language/mod.ts";
export type {
  ApiConfig,
  Assertion,
  Boxed,
  BrokenDefinition,
  Budget,
  BudgetLimits,
  CelDouble,
  CelDuration,
  CelList,
  CelMap,
  CelMapEntry,
  CelOptional,
  CelTimestamp,
  CelType,
  CelUint,
  Definition,
  DefinitionBase,
  DefinitionId,
  DefinitionKind,
  DefinitionOf,
  DepSkip,
  Diagnostic,
  EvaluationFailure,
  EvaluationObserver,
  EvaluationSite,
  ExpectedCondition,
  ExpectedOutcome,
  ExpectedResource,
  FunctionTest,
  JsonObject,
  JsonValue,
  ListNode,
  Local,
  LogicKind,
  LogicRef,
  Lookup,
  LookupKey,
  MapEntry,
  MapNode,
  NonOk,
  ObjectIdentity,
  Ok,
  Outcome,
  Overlay,
  OverlayEntry,
  PermFail,
  Predicate,
  PredicateAction,
  Program,
  ReadOptions,
  RelatedPlace,
  RenderOptions,
  ResourceFunction,
  ResourceOverlay,
  ResourceTemplate,
  Retry,
  ScalarNode,
  ScalarStyle,
  SeeResult,
  Severity,
  Skip,
  SourceDocument,
  SourceFile,
  SourceNode,
  SourcePlace,
  SourceText,
  Span,
  Step,
  StepError,
  StepLogic,
  SwitchCase,
  Template,
  TestCase,
  Unsuccessful,
  UpdatePolicy,
  Value,
  ValueFunction,
  Variables,
  WatchSite,
  Workflow,
} from "./src/language/mod.ts";
export {
  ClusterError,
  ownerOf,
  parentOf,
  runResourceFunction,
  runTrigger,
  runValueFunction,
  runWorkflow,
} from "./src/runtime/mod.ts";
export type {
  Abortable,
  Clock,
  Cluster,
  Condition,
  DeleteRequest,
  Difference,
  FailedLookup,
  KubernetesObject,
  LogicResult,
  LookupReason,
  ObjectList,
  ObjectPath,
  Owner,
  PatchRequest,
  PatchType,
  PureContext,
  ResourceAction,
  ResourceApi,
  ResourceFunctionCall,
  ResourceFunctionResult,
  ResourceId,
  ResourceIdentity,
  ResourcePath,
  ResourceType,
  RunContext,
  RunEvent,
  RunObserver,
  Selection,
  StepResult,
  SubWorkflowResult,
  TriggerCall,
  TriggerRun,
  TriggerUpdate,
  ValueFunctionCall,
  WatchEvent,
  WatchOptions,
  WorkflowCall,
  WorkflowRun,
} from "./src/runtime/mod.ts";

/**
 * An expression that cannot be read, or whose evaluation failed.
 *
 * @example Where the fault is
 * ```ts
 * import { deepEqual, throws } from "node:assert/strict";
 * import { compileExpression, ExpressionError } from "@koreo/koreo-deno";
 *
 * throws(() => compileExpression("1 +"), ExpressionError);
 * const { span } = (() => {
 *   try {
 *     return compileExpression("inputs.size + 1").evaluate({ inputs: {} }) as never;
 *   } catch (error) {
 *     return error as ExpressionError;
 *   }
 * })();
 * deepEqual(span, { start: 0, end: 11 });
 * ```
 */
export class ExpressionError extends Error {
  /** Always `ExpressionError`. */
  override readonly name = "ExpressionError";

  /**
   * Makes the error of a fault.
   *
   * @param code What kind of fault it is: kebab-case, permanent, for example `missing-key`
   * @param message Why, in words
   * @param span The part of the source at fault
   */
  constructor(
    /** What kind of fault it is: kebab-case, permanent, for example `missing-key`. */
    readonly code: string,
    message: string,
    /** The part of the source at fault. */
    readonly span: Span,
  ) {
    super(message);
  }
}

/** An expression that is ready to be evaluated any number of times. */
export interface Expression {
  /** The source it was compiled from. */
  readonly source: string;
  /**
   * Evaluates the expression.
   *
   * @param variables Plain JSON values by name; `bigint` for whole numbers outside the safe range,
   * which are exact up to 64 bits signed (EX-20)
   * @returns A plain value of the same sorts; it may share parts with the variables
   * @throws {ExpressionError} If the evaluation fails, or gives what cannot become JSON
   * @throws {TypeError} If a variable is not a plain JSON value
   */
  evaluate(variables: Readonly<Record<string, unknown>>): unknown;
}

/**
 * Compiles an expression (LANGUAGE.md chapters 3 and 4).
 *
 * Every evaluation has a cost limit of its own (LM-7), so that no expression runs for ever.
 *
 * @param source The expression, without a leading `=`
 * @returns The compiled expression; it holds nothing of a former evaluation
 * @throws {ExpressionError} If the source cannot be read
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { compileExpression } from "@koreo/koreo-deno";
 *
 * const names = compileExpression("inputs.apps.map(app, app.name.lower())");
 * deepEqual(names.evaluate({ inputs: { apps: [{ name: "Shop" }] } }), ["shop"]);
 * ```
 */
export function compileExpression(source: string): Expression {
  const parsed = parseExpression(source);
  if (parsed.type === "failed") {
    const [first] = parsed.faults;
    throw first
      ? new ExpressionError(first.code, first.message, first.span)
      : new ExpressionError("expression-syntax", "Cannot read the expression", {
        start: 0,
        end: source.length,
      });
  }
  const compiled = compileParsed(parsed.expression, source);
  return {
    source,
    evaluate(variables) {
      const value = compiled.evaluate(plainVariables(variables), createBudget());
      const json = isFault(value) ? value : toPlain(value);
      if (!isFault(json)) return json;
      const span = json.span.start < 0 ? { start: 0, end: source.length } : json.span;
      throw new ExpressionError(json.code, json.reason, span);
    },
  };
}

/** Deeper values are refused: a value that contains itself has no end (LM-4). */
const MAX_DEPTH = 100;

function plainVariables(variables: Readonly<Record<string, unknown>>): JsonObject {
  for (const name of Object.keys(variables)) {
    if (variables[name] !== undefined) requirePlain(variables[name], name, 0);
  }
  return withNumbersOfJson(variables as JsonObject) as JsonObject;
}

/**
 * The numbers as they are in JSON that is read (EX-20): a bigint only for an `int` beyond the safe
 * range. What holds no other is handed back as it is.
 */
function withNumbersOfJson(value: JsonValue): JsonValue {
  if (typeof value === "bigint") {
    const small = Number(value);
    return Number.isSafeInteger(small) || BigInt.asIntN(64, value) !== value ? small : value;
  }
  if (Array.isArray(value)) {
    const items = value.map(withNumbersOfJson);
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, member]) =>
    [key, withNumbersOfJson(member)] as const
  );
  const isSame = entries.every(([key, member]) => member === (value as JsonObject)[key]);
  return isSame ? value : Object.fromEntries(entries);
}

function requirePlain(value: unknown, path: string, depth: number): asserts value is JsonValue {
  if (depth > MAX_DEPTH) {
    throw new TypeError(`Cannot use variable "${path}": it has more than ${MAX_DEPTH} levels`);
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) requirePlain(item, `${path}[${index}]`, depth + 1);
  } else if (isPlainObject(value)) {
    for (const key of Object.keys(value)) requirePlain(value[key], `${path}.${key}`, depth + 1);
  } else if (!isScalar(value)) {
    throw new TypeError(`Cannot use variable "${path}": expected JSON, found ${describe(value)}`);
  }
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value === "string" || typeof value === "boolean" ||
    typeof value === "bigint" || typeof value === "number" && Number.isFinite(value);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  return typeof value === "object" ? Object.prototype.toString.call(value) : String(value);
}
