// SPDX-License-Identifier: Apache-2.0

import type { Budget } from "../budget.ts";
import { type EvaluationFault, fault } from "../fault.ts";
import { createLinearMatcher, type Matcher } from "./linear_match.ts";
import { createLookMatcher } from "./look_match.ts";
import { parsePattern } from "./parse_pattern.ts";
import { PatternSyntaxError } from "./pattern.ts";
import { compileProgram } from "./program.ts";

/** A pattern ready to be matched, or why it is none. */
type Prepared =
  | { readonly type: "linear" | "look"; readonly matcher: Matcher }
  | { readonly type: "bad"; readonly problem: string };

/** Patterns are mostly constants, so the last ones are kept. */
const prepared = new Map<string, Prepared>();
const MAX_PREPARED = 500;

/** The longest pattern that is kept. */
const MAX_KEPT_LENGTH = 1000;

function prepare(pattern: string): Prepared {
  const known = prepared.get(pattern);
  if (known !== undefined) return known;
  const made = create(pattern);
  if (pattern.length > MAX_KEPT_LENGTH) return made;
  if (prepared.size >= MAX_PREPARED) prepared.clear();
  prepared.set(pattern, made);
  return made;
}

function create(pattern: string): Prepared {
  try {
    const program = compileProgram(parsePattern(pattern));
    return program.hasLook
      ? { type: "look", matcher: createLookMatcher(program) }
      : { type: "linear", matcher: createLinearMatcher(program) };
  } catch (error) {
    if (error instanceof PatternSyntaxError) return { type: "bad", problem: error.message };
    throw error;
  }
}

/** Why a text is no pattern; `undefined` when it is one. */
export function patternProblem(pattern: string): string | undefined {
  const { type, ...rest } = prepare(pattern);
  return type === "bad" && "problem" in rest ? rest.problem : undefined;
}

/** How many steps of the linear matcher, which are short, one cost unit pays for. */
const LINEAR_STEPS_PER_UNIT = 50;

/**
 * Whether some part of `text` matches `pattern` (FN-8).
 *
 * Charges one unit for ten characters of the text and for each step of a match with look-around;
 * steps without it are cheaper. A match that would cost more than is left ends with a fault (LM-16).
 */
export function matches(
  text: string,
  pattern: string,
  budget: Budget,
): boolean | EvaluationFault {
  const ready = prepare(pattern);
  if (ready.type === "bad") {
    return fault("bad-pattern", `Cannot match the pattern: ${ready.problem}`);
  }
  budget.left -= (text.length / 10) | 0;
  const stepsPerUnit = ready.type === "linear" ? LINEAR_STEPS_PER_UNIT : 1;
  const available = Math.max(0, budget.left) * stepsPerUnit;
  const counter = { left: available };
  const result = ready.matcher(text, counter);
  budget.left -= Math.floor((available - counter.left) / stepsPerUnit);
  return counter.left < 0
    ? fault(
      "pattern-too-costly",
      "pattern-too-costly: the match needs more than the remaining cost",
    )
    : result;
}
