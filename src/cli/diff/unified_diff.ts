// SPDX-License-Identifier: Apache-2.0

import { createTwoFilesPatch, OMIT_HEADERS } from "diff";

/** Lines around a change that are shown. */
const CONTEXT = 3;
/** Lines that may differ before a text counts as another one altogether: comparing costs time. */
const MAX_EDITS = 2_000;

/**
 * The changes between two texts in unified format, without the two lines of head.
 *
 * @returns Hunks; the empty text for equal texts
 */
export function unifiedDiff(from: string, to: string): string {
  if (from === to) return "";
  const patch = createTwoFilesPatch("", "", from, to, undefined, undefined, {
    context: CONTEXT,
    maxEditLength: MAX_EDITS,
    headerOptions: OMIT_HEADERS,
  });
  return patch ?? replaced(from, to);
}

function replaced(from: string, to: string): string {
  const [old, now] = [from, to].map((text) => text.replace(/\n$/, "").split("\n"));
  const lines = [
    ...(old ?? []).map((line) => `-${line}`),
    ...(now ?? []).map((line) => `+${line}`),
  ];
  return `@@ -1,${old?.length} +1,${now?.length} @@\n${lines.join("\n")}\n`;
}
