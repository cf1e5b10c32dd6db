// SPDX-License-Identifier: Apache-2.0

import type { Known, Operand } from "./operand.ts";

/** What has been found out of the values of a block, and what running it costs. */
interface Block {
  readonly outer: Block | undefined;
  readonly known: Map<string, Known>;
  readonly read: Map<string, Operand>;
  cost: number;
}

/**
 * The blocks of a function that is being generated. What is found out in one holds for it and for
 * those within.
 */
export interface Blocks {
  enter(): void;
  /** Leaves a block that is run or not, and tells its cost. */
  leave(): number;
  /** Leaves a block that is a part of the one around it. */
  merge(): void;
  charge(cost: number): void;
  knownOf(operand: Operand): Known;
  learn(operand: Operand, known: Known): void;
  readOf(name: string): Operand | undefined;
  remember(name: string, operand: Operand): void;
}

/** One block, which is around all others. */
export function createBlocks(): Blocks {
  let block = within(undefined);
  const leave = () => {
    const left = block;
    if (left.outer !== undefined) block = left.outer;
    return left;
  };
  return {
    enter: () => void (block = within(block)),
    leave: () => leave().cost,
    merge: () => keep(leave(), block),
    charge: (cost) => void (block.cost += cost),
    knownOf: ({ text, known }) => find(block, (at) => at.known.get(text)) ?? known,
    learn: ({ text }, known) => void block.known.set(text, known),
    readOf: (name) => find(block, (at) => at.read.get(name)),
    remember: (name, operand) => void block.read.set(name, operand),
  };
}

function within(outer: Block | undefined): Block {
  return { outer, known: new Map(), read: new Map(), cost: 0 };
}

function find<T>(from: Block, look: (block: Block) => T | undefined): T | undefined {
  for (let block: Block | undefined = from; block !== undefined; block = block.outer) {
    const found = look(block);
    if (found !== undefined) return found;
  }
  return undefined;
}

function keep({ known, read, cost }: Block, outer: Block): void {
  for (const [name, fact] of known) outer.known.set(name, fact);
  for (const [name, operand] of read) outer.read.set(name, operand);
  outer.cost += cost;
}
