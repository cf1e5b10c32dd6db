// SPDX-License-Identifier: Apache-2.0

/**
 * The beginning of a text on one line. It may come from whoever writes triggers or definitions: it
 * begins no line of its own in a log or a record, and says nothing to a terminal.
 */
export function oneLine(text: string, maxLength: number): string {
  return text.replace(/[\s\p{Cc}]+/gu, " ").trim().slice(0, maxLength);
}
