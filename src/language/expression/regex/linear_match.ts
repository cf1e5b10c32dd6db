// SPDX-License-Identifier: Apache-2.0

import { isAtPlace } from "./place.ts";
import type { Instruction, Program } from "./program.ts";

/** Counts steps down; below zero there is no answer. */
export interface StepCounter {
  left: number;
}

/** Answers whether some part of a text matches. */
export type Matcher = (text: string, counter: StepCounter) => boolean;

/** Instructions that wait for the next character. */
interface Threads {
  readonly list: Int32Array;
  size: number;
}

/** The state of a match, kept from one to the next so that none has to allocate it. */
interface Machine {
  readonly instructions: readonly Instruction[];
  readonly stack: Int32Array;
  /** In which turn an instruction was last reached: no turn reaches one twice. */
  readonly reached: Float64Array;
  turn: number;
  /** The characters around the present place; -1 at the ends of the text. */
  before: number;
  after: number;
}

/**
 * Matches a program without look-around.
 *
 * All ways through the program are followed at once (K. Thompson, "Regular expression search
 * algorithm"): the work grows with the length of the text times that of the program, whatever the
 * pattern.
 */
export function createLinearMatcher({ instructions, start, isAnchored }: Program): Matcher {
  const size = instructions.length;
  const machine: Machine = {
    instructions,
    stack: new Int32Array(2 * size + 1),
    reached: new Float64Array(size),
    turn: 0,
    before: -1,
    after: -1,
  };
  let waiting: Threads = { list: new Int32Array(size), size: 0 };
  let next: Threads = { list: new Int32Array(size), size: 0 };
  return (text, counter) => {
    machine.after = codePointAt(text, 0);
    machine.before = -1;
    begin(machine, waiting);
    if (follow(machine, waiting, start)) return true;
    for (let at = 0; at < text.length;) {
      at += machine.after > 0xffff ? 2 : 1;
      machine.before = machine.after;
      machine.after = codePointAt(text, at);
      begin(machine, next);
      counter.left -= waiting.size + 1;
      if (counter.left < 0) return false;
      if (consume(machine, waiting, next)) return true;
      if (!isAnchored && follow(machine, next, start)) return true;
      if (isAnchored && next.size === 0) return false;
      [waiting, next] = [next, waiting];
    }
    return false;
  };
}

function codePointAt(text: string, at: number): number {
  return text.codePointAt(at) ?? -1;
}

function begin(machine: Machine, threads: Threads): void {
  machine.turn++;
  threads.size = 0;
}

/** Lets all threads consume the character before the present place; true when one matches. */
function consume(machine: Machine, waiting: Threads, next: Threads): boolean {
  const { instructions, before } = machine;
  for (let index = 0; index < waiting.size; index++) {
    const instruction = instructions[waiting.list[index] as number] as Instruction;
    if (instruction.type !== "character" || !instruction.test(before)) continue;
    if (follow(machine, next, instruction.next)) return true;
  }
  return false;
}

/** Adds all that can be reached from `from` without a character; true when that is the match. */
function follow(machine: Machine, threads: Threads, from: number): boolean {
  const { instructions, stack, reached, turn } = machine;
  let top = 0;
  stack[top++] = from;
  while (top > 0) {
    const at = stack[--top] as number;
    if (reached[at] === turn) continue;
    reached[at] = turn;
    const instruction = instructions[at] as Instruction;
    switch (instruction.type) {
      case "match":
        return true;
      case "character":
        threads.list[threads.size++] = at;
        break;
      case "place":
        if (isAtPlace(instruction.place, machine.before, machine.after)) {
          stack[top++] = instruction.next;
        }
        break;
      case "begin":
        stack[top++] = instruction.next;
        break;
      case "split":
      case "again":
        stack[top++] = instruction.other;
        stack[top++] = instruction.next;
        break;
      case "look":
        throw new TypeError("Cannot match look-around in linear time");
    }
  }
  return false;
}
