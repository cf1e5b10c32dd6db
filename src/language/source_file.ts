// SPDX-License-Identifier: Apache-2.0

/** A file of definitions, as read: its bytes, or its text, or lines of its text. */
export type SourceFile =
  & { readonly path: string }
  & ({ readonly bytes: Uint8Array } | {
    readonly text: string;
    /** Where the text begins in the file, 1-based; 1 unless given. */
    readonly firstLine?: number;
  });

const DEFINITION_FILE = /\.(?:yaml|yml|koreo|k)$/;

/** Whether a file of a directory is read for definitions (SD-1). */
export function isDefinitionFile(path: string): boolean {
  return DEFINITION_FILE.test(path);
}

/** The text of a file, or where it stops being UTF-8. A byte order mark is left out. */
export type FileText =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "notText"; readonly readable: string };

/** Decodes a file as UTF-8. */
export function decodeFile(file: SourceFile): FileText {
  if ("text" in file) return { type: "text", text: file.text.replace(/^\uFEFF/, "") };
  try {
    return { type: "text", text: new TextDecoder("utf-8", { fatal: true }).decode(file.bytes) };
  } catch {
    return { type: "notText", readable: readablePart(file.bytes) };
  }
}

/** The text before the first bytes that are not UTF-8. */
function readablePart(bytes: Uint8Array): string {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isReadable(bytes.subarray(0, middle))) low = middle;
    else high = middle - 1;
  }
  return new TextDecoder("utf-8").decode(bytes.subarray(0, low), { stream: true });
}

/** Whether bytes are UTF-8, up to a character that is cut off at their end. */
function isReadable(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    // The bytes are of someone else: that they are not text is the answer, not a failure.
    return false;
  }
}
