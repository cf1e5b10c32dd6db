// SPDX-License-Identifier: Apache-2.0

import type { CommitId, CommitSummary } from "../../runtime/ports.ts";
import { wrongType } from "./failure.ts";

/** A commit and the tree it records. */
export interface StoredCommit extends CommitSummary {
  readonly tree: string;
}

/** Header lines of a commit or tag; a line that begins with a space continues the one before. */
export function headersOf(bytes: Uint8Array): ReadonlyMap<string, readonly string[]> {
  return headersIn(headAndBody(bytes.subarray(0, MAX_SUMMARY_BYTES)).head);
}

function headersIn(head: string): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, string[]>();
  for (const line of head.split("\n")) {
    const space = line.indexOf(" ");
    if (space <= 0) continue;
    const key = line.slice(0, space);
    const value = line.slice(space + 1);
    const known = headers.get(key);
    if (known === undefined) headers.set(key, [value]);
    else known.push(value);
  }
  return headers;
}

function headAndBody(bytes: Uint8Array): { readonly head: string; readonly body: string } {
  const text = new TextDecoder().decode(bytes);
  const gap = text.indexOf("\n\n");
  return gap < 0 ? { head: text, body: "" } : { head: text.slice(0, gap), body: text.slice(gap) };
}

/** Beyond it there may be more of a message, which nobody is told. */
const MAX_SUMMARY_BYTES = 1024 * 1024;
const MAX_WORDS = 500;
/** Of a message so much is looked at for its first paragraph, and of a line for its time. */
const MAX_PARAGRAPH = 4_096;
const MAX_TIME = 64;

/**
 * Reads what a commit says of itself.
 *
 * @throws {TransportError} `broken-transfer` if it names no tree
 */
export function parseCommit(id: CommitId, content: Uint8Array): StoredCommit {
  const { head, body } = headAndBody(content.subarray(0, MAX_SUMMARY_BYTES));
  const headers = headersIn(head);
  const tree = headers.get("tree")?.[0];
  if (tree === undefined) throw wrongType(id, "a commit with a tree");
  const committer = headers.get("committer")?.[0] ?? "";
  const committed = /(-?\d+) [+-]\d{4}$/.exec(committer.slice(-MAX_TIME))?.[1];
  return {
    id,
    tree: ownText(tree),
    parents: headers.get("parent")?.map(ownText) ?? [],
    author: ownText(authorOf(headers.get("author")?.[0] ?? "")),
    subject: ownText(subjectOf(body)),
    committedAt: Number(committed ?? 0),
  };
}

/** A part of a text keeps all of it in memory; one of its own does not, and commits are kept. */
function ownText(part: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(part));
}

function authorOf(line: string): string {
  const address = / ?<[^<>]*> -?\d+ [+-]\d{4}$/.exec(line);
  return address === null ? "" : line.slice(0, address.index).trimEnd().slice(0, MAX_WORDS);
}

/** The first paragraph of a message as one line. */
function subjectOf(message: string): string {
  const start = message.trim().slice(0, MAX_PARAGRAPH);
  const paragraph = start.split(/\n\s*\n/, 1)[0] ?? "";
  return paragraph.trimEnd().replace(/\s*\n\s*/g, " ").slice(0, MAX_WORDS);
}
