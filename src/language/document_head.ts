// SPDX-License-Identifier: Apache-2.0

import { type JsonObject, type JsonValue, memberAt } from "./json.ts";
import { nodeFromValue, type SourceNode, textAt } from "./source_node.ts";
import type { SourceText } from "./source_text.ts";

/** A line at the left edge that tells what a document is called, and any other line there. */
const HEAD_LINE = /^(?:apiVersion|kind|metadata|"(?:apiVersion|kind|metadata)")[ \t]*:/;
const EDGE_LINE = /^[^\s#]/;

/** More text than this is no head. */
const MAX_HEAD = 64 * 1024;

/**
 * The lines of a document that say what it is called, for a document that is not read whole: one
 * in block style, as people write them. `undefined` when they are too many.
 */
export function headLines(text: string): string | undefined {
  const lines: string[] = [];
  let length = 0;
  let isHead = false;
  for (const [line] of text.matchAll(/[^\n]*\n?/g)) {
    if (EDGE_LINE.test(line)) isHead = HEAD_LINE.test(line);
    if (!isHead) continue;
    lines.push(line);
    length += line.length;
    if (length > MAX_HEAD) return undefined;
  }
  return lines.join("");
}

/**
 * What is kept of a document that exceeds a limit: what it is called, and nothing else. So it is
 * known which definition is broken, and the name is not looked for in another namespace (SD-13).
 */
export function headNode(
  whole: SourceNode | undefined,
  source: SourceText,
): SourceNode | undefined {
  const head = headOf((...path) => textAt(whole, ...path));
  return head && { ...nodeFromValue(head), start: 0, end: source.text.length };
}

/** The same of data that is parsed already. */
export function headOfValue(value: JsonValue): SourceNode | undefined {
  const head = headOf((...path) => {
    const found = memberAt(value, ...path);
    return typeof found === "string" ? found : undefined;
  });
  return head && nodeFromValue(head);
}

/** `undefined` where it cannot be said what the document is called. */
function headOf(textOf: (...path: string[]) => string | undefined): JsonObject | undefined {
  const [apiVersion, kind] = [textOf("apiVersion"), textOf("kind")];
  const [name, namespace] = [textOf("metadata", "name"), textOf("metadata", "namespace")];
  if (apiVersion === undefined || kind === undefined || !name) return undefined;
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  };
}
