// SPDX-License-Identifier: Apache-2.0

import type { SourceSettings } from "../adapters/git/mod.ts";
import type { FeedMessage, FeedSeed } from "../controller/mod.ts";
import type { LogEntry } from "../runtime/ports.ts";
import type { Configuration } from "./configuration.ts";
import type { ClusterPlace } from "./open_cluster.ts";

/** What the Worker that follows repositories is started with. Plain data. */
export interface FeedStart {
  readonly configuration: Configuration;
  /** How repositories are read, and where credentials are. */
  readonly git?: SourceSettings;
  /** Where the cluster is that holds definitions. */
  readonly cluster?: ClusterPlace;
  /** Names of channels over which an earlier Worker broke down: all others come before them. */
  readonly last?: readonly string[];
}

/** Programs and documents, cut into pieces that are quick to receive. */
export type Content = Pick<FeedSeed, "programs" | "documents">;

/** A seed whose content was sent before, with that of others. */
export type SeedHead = Omit<FeedSeed, "programs" | "documents"> & {
  /** Ids of its Programs. */
  readonly programs: readonly string[];
};

/** What the Worker is told. */
export type ToFeedWorker =
  | { readonly type: "content"; readonly content: Content }
  /** Of what it begins with, once the content of all that is there. */
  | { readonly type: "seed"; readonly seed: SeedHead }
  | { readonly type: "run" }
  | { readonly type: "goBack"; readonly seed: SeedHead }
  | { readonly type: "wake" }
  /** The message or the piece before was dealt with. */
  | { readonly type: "received" }
  | { readonly type: "stop" };

/** What the Worker tells: pieces and messages one by one, each after the one before was received. */
export type FromFeedWorker =
  | { readonly type: "content"; readonly content: Content }
  /** Without its content, which was sent before. */
  | { readonly type: "message"; readonly message: FeedMessage }
  | { readonly type: "log"; readonly entry: LogEntry }
  /** Its event loop goes on. */
  | { readonly type: "alive" }
  | { readonly type: "outOfMemory" }
  | { readonly type: "failed"; readonly reason: string };

/** A piece has so many characters, or is a single document or Program. */
const PIECE_LENGTH = 128 * 1024;

/** Cuts content into pieces, each of which takes no more than a few milliseconds to receive. */
export function* piecesOf({ programs, documents }: Content): Generator<Content> {
  for (const program of programs) yield { programs: [program], documents: [] };
  let piece: Content["documents"][number][] = [];
  let length = 0;
  for (const document of documents) {
    piece.push(document);
    length += document.text.length;
    if (length < PIECE_LENGTH) continue;
    yield { programs: [], documents: piece };
    [piece, length] = [[], 0];
  }
  if (piece.length > 0) yield { programs: [], documents: piece };
}

/** Puts pieces together again. */
export interface ContentPool {
  add(piece: Content): void;
  /** Everything that was added since the last time. */
  take(): Content;
}

/** Makes an empty pool. */
export function createContentPool(): ContentPool {
  let pieces: Content[] = [];
  return {
    add: (piece) => void pieces.push(piece),
    take() {
      const taken = pieces;
      pieces = [];
      return {
        programs: taken.flatMap(({ programs }) => programs),
        documents: taken.flatMap(({ documents }) => documents),
      };
    },
  };
}

/**
 * A seed with its part of some content.
 *
 * @throws {TypeError} If some of it is missing: a gate that went on from the rest would take what
 * runs for what was never good
 */
export function wholeSeed({ programs: ids, ...seed }: SeedHead, content: Content): FeedSeed {
  const programs = content.programs.filter(({ id }) => ids.includes(id));
  const used = new Set(
    programs.flatMap(({ documents, tests = [] }) => [...documents, ...tests]),
  );
  const documents = content.documents.filter(({ id }) => used.has(id));
  if (programs.length === ids.length && documents.length === used.size) {
    return { ...seed, programs, documents };
  }
  throw new TypeError(
    `Cannot go on with channel "${seed.channel}": what is in force did not arrive`,
  );
}

/** The content of several seeds in pieces, each part of it once. */
export function* seedPieces(seeds: readonly FeedSeed[]): Generator<Content> {
  const sent = new Set<string>();
  const isNew = ({ id }: { readonly id: string }): boolean => sent.size < sent.add(id).size;
  for (const { programs, documents } of seeds) {
    yield* piecesOf({ programs: programs.filter(isNew), documents: documents.filter(isNew) });
  }
}

/** A seed without its content. */
export function seedHead({ programs, documents: _, ...seed }: FeedSeed): SeedHead {
  return { ...seed, programs: programs.map(({ id }) => id) };
}
