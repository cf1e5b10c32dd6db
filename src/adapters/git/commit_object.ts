// SPDX-License-Identifier: Apache-2.0

import type { CommitId, CommitSummary } from "../../runtime/ports.ts";
import { wrongType } from "./failure.ts";

/** A commit and the tree it records. */
export interface StoredCommit extends CommitSummary {
  readonly tree: string;
}

/** Header lines of a commit or tag; a line that begins with a space continues the one before. */
export function headersOf(bytes: Uint8Array): ReadonlyMap<string, readonly string[]> {
  return headersIn(headAndBody(bytes).head);
}

function headersIn(head: string): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, string[]>();
  for (const line of head.split("\n")) {
    const space = line.indexOf(" ");
    if (space <= 0) continue;
    const key = line.slice(0, space);
    headers.set(key, [...headers.get(key) ?? [], line.slice(space + 1)]);
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
  const author = /^(.*?)\s*<[^<>]*> -?\d+ [+-]\d{4}$/.exec(headers.get("author")?.[0] ?? "")?.[1];
  const committed = /(-?\d+) [+-]\d{4}$/.exec(headers.get("committer")?.[0] ?? "")?.[1];
  return {
    id,
    tree,
    parents: headers.get("parent") ?? [],
    author: (author ?? "").slice(0, MAX_WORDS),
    subject: subjectOf(body).slice(0, MAX_WORDS),
    committedAt: Number(committed ?? 0),
  };
}

/** The first paragraph of a message as one line. */
function subjectOf(message: string): string {
  return message.trim().split(/\n\s*\n/, 1)[0]?.replace(/\s*\n\s*/g, " ") ?? "";
}
