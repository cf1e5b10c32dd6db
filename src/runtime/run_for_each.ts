// SPDX-License-Identifier: Apache-2.0

import {
  combineOutcomes,
  type JsonValue,
  type Outcome,
  type PermFail,
  type Step,
  typeName,
  type Value,
} from "../language/mod.ts";
import { evaluate } from "./evaluation.ts";
import { internalFailure } from "./internal_failure.ts";
import { runLogic } from "./run_logic.ts";
import type { Pending } from "./pending.ts";
import { type LogicRecord, newLogicRecord, type StepRecord } from "./step_record.ts";
import { listItems, withEntry } from "./value_entry.ts";
import type { LogicCall } from "./workflow_scope.ts";

/** LM-10. */
const MAX_ITEMS = 1000;
const DEFAULT_CONCURRENCY = 10;

/** Runs the Logic of a step once per item (11.4). */
export function runForEach(
  record: StepRecord,
  call: LogicCall,
  forEach: NonNullable<Step["forEach"]>,
): Pending {
  const { step: { step: { label } }, variables, location, scope: { run } } = call;
  const place = `${label}.forEach.itemIn`;
  const result = evaluate(forEach.itemIn, { variables, budget: run.budget, place });
  if (result.type !== "Ok") {
    record.outcome = result;
    return undefined;
  }
  const values = listItems(result.value);
  if (!values || values.length > MAX_ITEMS) {
    record.outcome = unusable(result.value, values?.length, location);
    return undefined;
  }
  if (values.length === 0) {
    record.outcome = { type: "Ok", value: [] };
    return undefined;
  }
  const items = values.map(newLogicRecord);
  record.items = items;
  const pending = runBounded(
    items.length,
    run.forEachConcurrency ?? DEFAULT_CONCURRENCY,
    (index) =>
      runItem(items[index] as LogicRecord, {
        ...call,
        inputs: withEntry(call.inputs, forEach.inputKey, values[index] as Value),
        location: `${location}[${index}]`,
      }, index),
  );
  if (pending) return pending.then(() => void (record.outcome ??= itemsOutcome(items)));
  record.outcome = itemsOutcome(items);
  return undefined;
}

/** WF-40, LM-10. */
function unusable(value: Value, count: number | undefined, location: string): PermFail {
  const place = `Step \`${location}.forEach.itemIn\``;
  const message = count === undefined
    ? `${place} must be a list-type, received ${typeName(value)}.`
    : `too-many-items: ${place} has ${count} items, at most ${MAX_ITEMS} are allowed.`;
  return { type: "PermFail", message, location };
}

/** The outcome of a `forEach` whose items all have one (WF-43, WF-44). */
export function itemsOutcome(items: readonly LogicRecord[]): Outcome {
  const outcomes = items.flatMap((item) => item.outcome ?? []);
  const failed = outcomes.filter(({ type }) => type === "Retry" || type === "PermFail");
  if (failed.length > 0) return combineOutcomes(failed);
  const values = outcomes.map((outcome): JsonValue => outcome.type === "Ok" ? outcome.value : null);
  return { type: "Ok", value: values };
}

/** An item that fails unexpectedly ends alone (WF-36). */
function runItem(record: LogicRecord, call: LogicCall, index: number): Pending {
  const fail = (error: unknown) => {
    record.outcome ??= internalFailure(error, `${call.step.step.label}-${index}`, call.scope);
  };
  try {
    return runLogic(record, call)?.catch(fail);
  } catch (error) {
    return void fail(error);
  }
}

/** Starts `count` tasks in order, at most `limit` at the same time. */
function runBounded(count: number, limit: number, start: (index: number) => Pending): Pending {
  let next = 0;
  const lane = (): Pending => {
    while (next < count) {
      const pending = start(next++);
      if (pending) return pending.then(lane);
    }
    return undefined;
  };
  const lanes: Promise<void>[] = [];
  while (next < count && lanes.length < limit) {
    const pending = lane();
    if (pending) lanes.push(pending);
  }
  return lanes.length === 0 ? undefined : Promise.all(lanes).then(() => {});
}
