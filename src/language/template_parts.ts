// SPDX-License-Identifier: Apache-2.0

import { type Places, toFailure } from "./compile_leaf.ts";
import type { EvaluationFailure } from "./definition.ts";
import { isFailure } from "./evaluation_failure.ts";
import {
  type Budget,
  type CompiledExpression,
  EvaluationFault,
  type Value,
  type Variables,
} from "./expression/mod.ts";
import { listOf, rawOrBoxed } from "./expression/values/containers.ts";
import { isJson } from "./expression/values/value.ts";
import { copierFor, type JsonObject, jsonObject, type JsonValue } from "./json.ts";
import { isEmptyMap, mapUnder, overlayLiteral } from "./overlay_literal.ts";

/** Literal data with expressions, as a tree; what holds no expression is one constant. */
export type TemplatePart =
  | { readonly type: "constant"; readonly value: JsonValue }
  | { readonly type: "leaf"; readonly expression: CompiledExpression; readonly places: Places }
  | ListPart
  | MapPart;

/** A part of a map or list that has to be computed. */
type Step = CompiledExpression | ListPart | MapPart;

/**
 * What lists and maps have in common: a shape with the constant parts in place, and the others in
 * document order.
 *
 * Thousands of these stay in memory and are walked without end, so they are laid out to touch
 * little of it: the expressions, which many places share, lie side by side, and the places, which
 * only a failure needs, apart from them.
 */
abstract class Container<K extends string | number> {
  readonly keys: readonly K[];
  readonly steps: readonly Step[];
  private readonly places: readonly (Places | undefined)[];

  constructor(keys: readonly K[], parts: readonly TemplatePart[]) {
    const computed = parts.flatMap((part, index) =>
      part.type === "constant" ? [] : [{ part, key: keys[index] as K }]
    );
    this.keys = computed.map(({ key }) => key);
    this.steps = computed.map(({ part }) => part.type === "leaf" ? part.expression : part);
    this.places = computed.map(({ part }) => part.type === "leaf" ? part.places : undefined);
  }

  /** The failure of the step at `index`, or `undefined` when `value` is a value. */
  protected failureOf(index: number, value: object | null): EvaluationFailure | undefined {
    if (isFailure(value)) return value;
    if (!(value instanceof EvaluationFault)) return undefined;
    const { source } = this.steps[index] as CompiledExpression;
    return toFailure(value, source, this.places[index] as Places);
  }
}

/** A list that is not constant. */
export class ListPart extends Container<number> {
  /** Always `list`. */
  get type(): "list" {
    return "list";
  }
  /** All items, with `null` for those that are not constant. */
  readonly shape: readonly JsonValue[];

  constructor(parts: readonly TemplatePart[]) {
    super([...parts.keys()], parts);
    this.shape = parts.map(constantOf);
  }

  /** Evaluates leaf by leaf in document order; the first failing leaf ends it (EX-40). */
  evaluateJson(variables: Variables, budget: Budget): JsonValue | EvaluationFailure {
    const { keys, steps } = this;
    const made = this.shape.slice();
    for (let index = 0; index < steps.length; index++) {
      const value = (steps[index] as Step).evaluateJson(variables, budget);
      if (typeof value === "object") {
        const failure = this.failureOf(index, value);
        if (failure !== undefined) return failure;
      }
      made[keys[index] as number] = value as JsonValue;
    }
    return made;
  }

  /** The same with values as the expressions gave them, such as timestamps. */
  evaluate(variables: Variables, budget: Budget): Value | EvaluationFailure {
    const { keys, steps } = this;
    const made: Value[] = this.shape.slice();
    for (let index = 0; index < steps.length; index++) {
      const value = (steps[index] as Step).evaluate(variables, budget);
      if (typeof value === "object") {
        const failure = this.failureOf(index, value);
        if (failure !== undefined) return failure;
      }
      made[keys[index] as number] = value as Value;
    }
    return listOf(made);
  }
}

/** A map that is not constant. */
export class MapPart extends Container<string> {
  /** Always `map`. */
  get type(): "map" {
    return "map";
  }
  /** All keys in order, with the values of those that are constant. */
  readonly shape: JsonObject;
  private readonly copy: (shape: JsonObject) => Record<string, JsonValue>;

  constructor(keys: readonly string[], parts: readonly TemplatePart[]) {
    super(keys, parts);
    this.shape = shapeOf(keys, parts);
    this.copy = copierFor(this.shape);
  }

  /** Evaluates leaf by leaf in document order; the first failing leaf ends it (EX-40). */
  evaluateJson(variables: Variables, budget: Budget): JsonObject | EvaluationFailure {
    const { keys, steps } = this;
    // A copy of the shape has every key as its own: assigning cannot reach a prototype.
    const made = this.copy(this.shape);
    for (let index = 0; index < steps.length; index++) {
      const value = (steps[index] as Step).evaluateJson(variables, budget);
      if (typeof value === "object") {
        const failure = this.failureOf(index, value);
        if (failure !== undefined) return failure;
      }
      made[keys[index] as string] = value as JsonValue;
    }
    return made;
  }

  /**
   * Applies the map to a base as an overlay (EX-51).
   *
   * Every leaf is evaluated against the variables, which hold the unchanged base, so that the
   * order in which results are set cannot be seen (EX-52). What no leaf touches is shared with the
   * base.
   */
  applyTo(
    base: JsonObject,
    variables: Variables,
    budget: Budget,
  ): JsonObject | EvaluationFailure {
    if (isEmptyMap(base)) return this.evaluateJson(variables, budget);
    const { keys, steps } = this;
    const made: Record<string, JsonValue> = overlayLiteral(base, this.shape);
    for (let index = 0; index < steps.length; index++) {
      const key = keys[index] as string;
      const step = steps[index] as Step;
      const value = step instanceof MapPart
        ? step.applyTo(mapUnder(base, key), variables, budget)
        : step.evaluateJson(variables, budget);
      const failure = typeof value === "object" ? this.failureOf(index, value) : undefined;
      if (failure !== undefined) return failure;
      made[key] = value as JsonValue;
    }
    return made;
  }

  /** The map under `key` that is not constant, if there is one. */
  mapAt(key: string): MapPart | undefined {
    const step = this.steps[this.keys.indexOf(key)];
    return step instanceof MapPart ? step : undefined;
  }

  /** The same with values as the expressions gave them, such as timestamps. */
  evaluate(variables: Variables, budget: Budget): Value | EvaluationFailure {
    const { keys, steps } = this;
    const made: Record<string, Value> = this.copy(this.shape);
    let isRaw = true;
    for (let index = 0; index < steps.length; index++) {
      const value = (steps[index] as Step).evaluate(variables, budget);
      if (typeof value === "object") {
        const failure = this.failureOf(index, value);
        if (failure !== undefined) return failure;
      }
      isRaw &&= isJson(value as Value);
      made[keys[index] as string] = value as Value;
    }
    if (isRaw) return made as JsonObject;
    const entries = Object.entries(made).map(([key, value]) => [key, { key, value }] as const);
    return rawOrBoxed(new Map(entries));
  }
}

/** The map that `parts` give. */
export function shapeOf(keys: readonly string[], parts: readonly TemplatePart[]): JsonObject {
  return jsonObject(keys.map((key, index) => [key, constantOf(parts[index] as TemplatePart)]));
}

function constantOf(part: TemplatePart): JsonValue {
  return part.type === "constant" ? part.value : null;
}
