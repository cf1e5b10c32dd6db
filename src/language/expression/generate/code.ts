// SPDX-License-Identifier: Apache-2.0

import { createBlocks } from "./blocks.ts";
import { implies, isOperand, type Known, type Operand, testOf } from "./operand.ts";

/** The text of a function that is being generated, and the constants that it takes. */
export interface Code {
  /** The text so far. */
  readonly lines: readonly string[];
  readonly constants: readonly unknown[];
  /** How many attempts are going on, one within the other. */
  readonly depth: number;
  /** The name of a constant: it enters as a parameter, never as text. */
  constant(value: unknown): string;
  /** A name that is not in use. */
  fresh(): string;
  write(line: string): void;
  /** A new variable that holds what `text` comes to. */
  let(text: string, known: Known): Operand;
  /** A block behind `head`. What is charged in it, the line of `charge` charges when it begins. */
  block(head: string, body: () => void, charge?: (cost: number) => string): void;
  /** Takes back what `body` wrote, constants included, when it gives no operand. */
  attempt<T>(body: () => Operand | T): Operand | T;
  /** Counts a cost that is the same whenever the block in hand is run. */
  charge(cost: number): void;
  /** What is known of a value here. */
  known(operand: Operand): Known;
  /** From here on this is known of a value. */
  learn(operand: Operand, known: Known): void;
  /** What was read under this name before, or what is read now. */
  once(name: string, read: () => Operand): Operand;
}

/** What gives up: the closures evaluate everything from the start. */
export const GIVE_UP = "return;";

/** A text without lines. */
export function createCode(): Code {
  const lines: string[] = [];
  const constants = new Map<unknown, string>();
  const blocks = createBlocks();
  let names = 0;
  let depth = 0;
  const fresh = () => `v${names++}`;
  const write = (line: string) => void lines.push(line);
  return {
    lines,
    get constants() {
      return [...constants.keys()];
    },
    get depth() {
      return depth;
    },
    constant(value) {
      const name = constants.get(value) ?? `c${constants.size}`;
      constants.set(value, name);
      return name;
    },
    fresh,
    write,
    let(text, known) {
      const operand = { text: fresh(), known };
      write(`const ${operand.text} = ${text};`);
      return operand;
    },
    block(head, body, charge = (cost) => `n += ${cost};`) {
      const start = lines.push(`${head} {`);
      blocks.enter();
      body();
      const cost = blocks.leave();
      if (cost > 0) lines.splice(start, 0, charge(cost));
      write("}");
    },
    attempt(body) {
      const { length } = lines;
      const { size } = constants;
      blocks.enter();
      depth++;
      const made = body();
      depth--;
      if (isOperand(made)) {
        blocks.merge();
      } else {
        blocks.leave();
        lines.length = length;
        for (const value of [...constants.keys()].slice(size)) constants.delete(value);
      }
      return made;
    },
    charge: blocks.charge,
    known: blocks.knownOf,
    learn: blocks.learn,
    once(name, read) {
      const operand = blocks.readOf(name) ?? read();
      blocks.remember(name, operand);
      return operand;
    },
  };
}

/** Gives up unless `operand` is of this sort, where that is not known yet. */
export function guard(code: Code, operand: Operand, wanted: Exclude<Known, "json">): Operand {
  if (implies(code.known(operand), wanted)) return operand;
  code.write(`if (!(${testOf(operand.text, wanted)})) ${GIVE_UP}`);
  code.learn(operand, wanted);
  return operand;
}
