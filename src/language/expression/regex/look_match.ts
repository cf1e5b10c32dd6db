// SPDX-License-Identifier: Apache-2.0

import type { Matcher, StepCounter } from "./linear_match.ts";
import { isAtPlace } from "./place.ts";
import type { Instruction, Program } from "./program.ts";

/** A text as code points. */
type Text = readonly number[];

/** A way not taken yet, or the value that a loop had before the way now left. */
type Choice =
  | { readonly type: "way"; readonly instruction: number; readonly at: number }
  | { readonly type: "restore"; readonly loop: number; readonly began: number };

/**
 * Matches a program with look-around, which cannot be done by following all ways at once.
 *
 * Ways are tried one after the other, each step is counted, and the counter ends a match that takes
 * too long (LM-16).
 */
export function createLookMatcher(program: Program): Matcher {
  return (text, counter) => {
    const characters = Array.from(text, (character) => character.codePointAt(0) ?? 0);
    const last = program.isAnchored ? 0 : characters.length;
    for (let at = 0; at <= last && counter.left >= 0; at++) {
      if (matchesAt(program, { text: characters, at }, counter)) return true;
    }
    return false;
  };
}

/** Whether the program matches from `at` on. */
function matchesAt(
  program: Program,
  { text, at: start }: { readonly text: Text; readonly at: number },
  counter: StepCounter,
): boolean {
  const began = new Array<number>(program.loops).fill(-1);
  const choices: Choice[] = [{ type: "way", instruction: program.start, at: start }];
  for (let choice = choices.pop(); choice !== undefined; choice = choices.pop()) {
    if (choice.type === "restore") began[choice.loop] = choice.began;
    else if (follow(program, { text, began, choices, ...choice }, counter)) return true;
    if (counter.left < 0) return false;
  }
  return false;
}

/** One way through a program. */
interface Way {
  readonly text: Text;
  /** Where the present round of each loop began. */
  readonly began: number[];
  readonly choices: Choice[];
  readonly instruction: number;
  readonly at: number;
}

/** Follows a way to its end; true when that is the match. */
function follow(program: Program, way: Way, counter: StepCounter): boolean {
  const { text, began, choices } = way;
  let { instruction: index, at } = way;
  while (--counter.left >= 0) {
    const instruction = program.instructions[index] as Instruction;
    if (instruction.type === "match") return true;
    if (!mayPass(instruction, { text, at }, counter)) return false;
    index = instruction.next;
    switch (instruction.type) {
      case "character":
        at += instruction.isBackward ? -1 : 1;
        break;
      case "split":
        choices.push({ type: "way", instruction: instruction.other, at });
        break;
      case "begin":
        choices.push({
          type: "restore",
          loop: instruction.loop,
          began: began[instruction.loop] ?? -1,
        });
        began[instruction.loop] = at;
        break;
      case "again":
        // A round that consumed nothing would go on for ever.
        if (began[instruction.loop] === at) index = instruction.other;
        break;
    }
  }
  return false;
}

/** Whether what an instruction asks for is there. */
function mayPass(
  instruction: Instruction,
  { text, at }: { readonly text: Text; readonly at: number },
  counter: StepCounter,
): boolean {
  switch (instruction.type) {
    case "character": {
      const character = text[instruction.isBackward ? at - 1 : at];
      return character !== undefined && instruction.test(character);
    }
    case "place":
      return isAtPlace(instruction.place, text[at - 1] ?? -1, text[at] ?? -1);
    case "look":
      return matchesAt(instruction.program, { text, at }, counter) !== instruction.isNegative;
    default:
      return true;
  }
}
