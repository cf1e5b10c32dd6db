// SPDX-License-Identifier: Apache-2.0

import type { ValueFunction } from "./definition.ts";
import type { Budget, Value } from "./expression/mod.ts";
import { releaseText, type SharedText, shareText } from "./expression/generate/shared_text.ts";
import { type QuickFunction, quickText } from "./generate_value_function.ts";
import type { JsonObject } from "./json.ts";
import { isEmptyMap } from "./overlay_literal.ts";

/** When functions are generated, and how much of them there may be. */
export const QUICKENING = {
  /** Runs of a ValueFunction before it is generated, which takes as long as some 300 runs. */
  afterRuns: 1_000,
  /** Characters of all texts in use; the engine makes some 300 bytes of each. */
  maxLength: 100_000,
};

/** Of so many runs of a generated function … */
const WINDOW = 1_000;

/** … no more may give up, or it is dropped for good. */
const MAX_GIVEN_UP = 100;

/** A generated function and the text it is made of. */
interface Generated {
  readonly run: QuickFunction;
  readonly shared: SharedText;
}

/** How often a ValueFunction has run, and what was generated of it. */
interface Heat {
  /** Since the beginning, then since the window began. */
  runs: number;
  givenUp: number;
  generated: Generated | undefined;
  /** Whether nothing is ever generated of it (again). */
  isCold: boolean;
}

const heats = new WeakMap<ValueFunction, Heat>();

/** A definition that is no longer in use makes room for others. */
const released = new FinalizationRegistry(releaseText);

/** What a ValueFunction is called with. */
interface QuickCall {
  readonly inputs: Value;
  readonly base: JsonObject;
}

/**
 * Runs a ValueFunction that has run often by code that was generated for it.
 *
 * The closures say what a ValueFunction means; generated code only says it sooner, where all goes
 * well. `undefined`: there is none, or it has given up. Nothing was charged, and as expressions
 * change nothing, the closures can evaluate everything from the start: whatever there is to tell,
 * they tell.
 */
export function runQuickly(
  fn: ValueFunction,
  { inputs, base }: QuickCall,
  budget: Budget,
): JsonObject | undefined {
  // With a base it is an overlay, which only the closures apply.
  if (!isEmptyMap(base)) return undefined;
  const heat = heats.get(fn) ?? begin(fn);
  const generated = heat.generated ?? heated(fn, heat);
  if (generated === undefined) return undefined;
  if (++heat.runs > WINDOW) heat.runs = heat.givenUp = 0;
  const value = generated.run(inputs, base, budget);
  if (value === undefined && ++heat.givenUp > MAX_GIVEN_UP) drop(heat);
  return value;
}

/** Whether a ValueFunction is run by generated code. */
export function isQuick(fn: ValueFunction): boolean {
  return heats.get(fn)?.generated !== undefined;
}

function begin(fn: ValueFunction): Heat {
  const heat: Heat = { runs: 0, givenUp: 0, generated: undefined, isCold: false };
  heats.set(fn, heat);
  return heat;
}

/** Counts a run of the closures, and generates after the last. */
function heated(fn: ValueFunction, heat: Heat): Generated | undefined {
  if (heat.isCold || ++heat.runs <= QUICKENING.afterRuns) return undefined;
  heat.runs = 0;
  heat.generated = generate(fn);
  heat.isCold = heat.generated === undefined;
  if (heat.generated !== undefined) released.register(fn, heat.generated.shared, heat);
  return heat.generated;
}

function generate(fn: ValueFunction): Generated | undefined {
  const quick = quickText(fn);
  if (quick === undefined) return undefined;
  const { text, constants } = quick;
  const { maxLength } = QUICKENING;
  const shared = shareText(text, { constants: constants.length, maxLength });
  return shared && { run: shared.make(...constants) as QuickFunction, shared };
}

function drop(heat: Heat): void {
  if (heat.generated !== undefined) releaseText(heat.generated.shared);
  released.unregister(heat);
  heat.generated = undefined;
  heat.isCold = true;
}
