// SPDX-License-Identifier: Apache-2.0

import { Composer, type CST, type Document, Lexer, type ParsedNode, Parser, Schema } from "yaml";
import type { Finding } from "./report_diagnostic.ts";
import { createPace, type Slices } from "./slices.ts";
import { MAX_NESTING, TOO_DEEP } from "./source_document.ts";
import {
  type ComposedPieces,
  composePieces,
  composerLike,
  type FirstItems,
} from "./yaml_pieces.ts";

/** Scalars are read by the conversion, and so are tags; keys are compared there too. */
const READING = {
  schema: new Schema({ schema: "failsafe", resolveKnownTags: false }),
  uniqueKeys: false,
  prettyErrors: false,
} as const;

/** By its token the rest of a large collection is found again. */
const READING_IN_PIECES = { ...READING, keepSourceTokens: true } as const;

/** Ends the reading of a document; whoever asked for it makes findings of it. */
export class GaveUp extends RangeError {
  override readonly name = "GaveUp";
  constructor(readonly offset: number, readonly finding?: Finding) {
    super(finding?.message);
  }
}

/** Where the library says that a fault is. */
export type ErrorPlace = number | readonly [number, number, ...number[]] | {
  readonly offset: number;
  readonly source?: string;
};

/** Is told of a fault. */
export type TellFault = (
  at: ErrorPlace,
  code: string,
  message: string,
  isWarning?: boolean,
) => void;

/** Lexemes that are read in a slice. */
const LEXEMES_OF_SLICE = 2_000;

/**
 * Composes with faults told one by one: the library would make an error with a stack trace for
 * each of the hundred thousand faults of a hostile text.
 */
export function* composeDocuments(
  text: string,
  tell: TellFault,
): Slices<readonly ComposedDocument[]> {
  const isLarge = text.length > CHARACTERS_OF_PIECE;
  const reading = isLarge ? READING_IN_PIECES : READING;
  const composer = new Composer(reading);
  Reflect.set(composer, "onError", tell);
  const documents: Document.Parsed[] = [];
  const pieces = new Map<unknown, FirstItems>();
  for (const token of yield* tokensOf(text)) {
    if (token.type === "error") {
      tell(token, "UNEXPECTED_TOKEN", token.message);
      continue;
    }
    if (isLarge && token.type === "document") {
      const compose = (piece: CST.Document) => contentsOf(piece, composerLike(composer, reading));
      for (const [cut, items] of yield* composePieces(token, compose)) pieces.set(cut, items);
    }
    documents.push(...composer.next(token));
  }
  yield;
  documents.push(...composer.end());
  return documents.map(({ contents }) => ({ contents, pieces }));
}

/** With so many faults the rest of a text need not be looked at. */
const MAX_ERRORS = 100;

/** The tokens of a text. */
function* tokensOf(text: string): Slices<readonly CST.Token[]> {
  const parser = new Parser();
  const pace = createPace(LEXEMES_OF_SLICE);
  const tokens: CST.Token[] = [];
  let errors = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      tokens.push(token);
      if (token.type === "error") errors++;
    }
    if (errors > MAX_ERRORS) return tokens;
    if (parser.stack.length > MAX_NESTING + 2) throw new GaveUp(parser.offset, TOO_DEEP);
    if (pace.spend(1)) yield;
  }
  tokens.push(...parser.end());
  return tokens;
}

/** A text of this length is quick to compose. */
const CHARACTERS_OF_PIECE = 16 * 1024;

/** A document as the library has it, but for what was composed apart. */
export interface ComposedDocument extends Pick<Document.Parsed, "contents"> {
  readonly pieces: ComposedPieces;
}

function contentsOf(token: CST.Document, composer: Composer): ParsedNode | null {
  const [made] = [...composer.next(token), ...composer.end()];
  return made?.contents ?? null;
}
