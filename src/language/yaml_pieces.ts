// SPDX-License-Identifier: Apache-2.0

import { Composer, type CST, isCollection, type Node, type ParsedNode } from "yaml";
import type { Slices } from "./slices.ts";

/** What is composed at once: so many tokens take about a millisecond. */
const TOKENS_OF_PIECE = 2_000;

type BlockToken = CST.BlockMap | CST.BlockSequence;
type BlockItem = BlockToken["items"][number];

/** The first items of a collection, which were composed apart from it. */
export interface FirstItems {
  /** Where the collection begins. */
  readonly start: number;
  readonly items: readonly unknown[];
}

/** The first items of the large collections of a document, by the token that holds the last ones. */
export type ComposedPieces = ReadonlyMap<unknown, FirstItems>;

/** Composes a token as a document of its own. */
export type ComposePiece = (token: CST.Document) => ParsedNode | null;

/**
 * Composes the first items of large block collections of a document, piece by piece; the tokens of
 * these collections keep only their last items, and with them the place where the collection ends.
 *
 * The library composes a document in one go: most of a second where it is as large as it may be.
 * Nothing of one item of a block collection depends on another but where the one before it ended.
 */
export function* composePieces(
  { value }: CST.Document,
  compose: ComposePiece,
  size = TOKENS_OF_PIECE,
): Slices<ComposedPieces> {
  const cuts: Cut[] = [];
  if (value !== undefined) cutToken(value, size, cuts);
  const composed = new Map<unknown, FirstItems>();
  yield;
  for (const { token, pieces } of cuts) {
    const start = token.offset;
    const items: unknown[] = [];
    for (const piece of pieces) {
      const { offset } = token;
      // The items of a map come from a map, and those of a list from a list.
      const part = { ...token, items: piece } as BlockToken;
      const made = compose({ type: "document", offset, start: [], value: part });
      if (made?.range) token.offset = made.range[1];
      if (isCollection(made)) items.push(...made.items);
      yield;
    }
    composed.set(token, { start, items });
  }
  return composed;
}

/** A composer for pieces of what another one composes, which goes on undisturbed. */
export function composerLike(
  composer: Composer,
  options: ConstructorParameters<typeof Composer>[0],
): Composer {
  const copy = new Composer(options);
  const directives: { clone(): unknown } = Reflect.get(composer, "directives");
  Reflect.set(copy, "directives", directives.clone());
  Reflect.set(copy, "onError", Reflect.get(composer, "onError"));
  return copy;
}

/** The first items of a composed collection, if it was large. */
export function firstItemsOf(
  node: Pick<Node, "srcToken">,
  pieces: ComposedPieces,
): FirstItems | undefined {
  return node.srcToken === undefined ? undefined : pieces.get(node.srcToken);
}

/** A collection whose last items alone are left in its token. */
interface Cut {
  readonly token: BlockToken;
  readonly pieces: readonly BlockItem[][];
}

/**
 * Cuts the collections of a token, inner ones first.
 *
 * @returns How many tokens are left
 */
function cutToken(token: CST.Token, size: number, cuts: Cut[]): number {
  if (token.type !== "block-map" && token.type !== "block-seq") return sizeOf(token);
  const pieces: BlockItem[][] = [];
  let piece: BlockItem[] = [];
  let held = 0;
  for (const item of token.items) {
    const key = "key" in item && item.key ? sizeOf(item.key) : 0;
    const own = 1 + key + (isRead(item) ? cutToken(item.value, size, cuts) : 0);
    if (piece.length > 0 && held + own > size) {
      pieces.push(piece);
      [piece, held] = [[], 0];
    }
    piece.push(item);
    held += own;
  }
  if (pieces.length > 0) {
    token.items = piece as typeof token.items;
    cuts.push({ token, pieces });
  }
  return held;
}

/** Whether an item has a value: the library passes over one of a map that no colon stands before. */
function isRead(item: BlockItem): item is BlockItem & { readonly value: CST.Token } {
  if (!item.value) return false;
  return !("key" in item) || item.sep?.some(({ type }) => type === "map-value-ind") === true;
}

function sizeOf(token: CST.Token): number {
  if (!("items" in token)) return 1;
  let size = 1;
  for (const item of token.items) {
    size += 1 + ("key" in item && item.key ? sizeOf(item.key) : 0);
    if (item.value) size += sizeOf(item.value);
  }
  return size;
}
