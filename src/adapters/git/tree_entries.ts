// SPDX-License-Identifier: Apache-2.0

/** One line of a tree object. */
export interface TreeEntry {
  readonly type: "file" | "directory" | "symlink" | "submodule" | "unknown";
  readonly name: string;
  readonly id: string;
  /** Why the name cannot be trusted to mean one file everywhere; absent when it can. */
  readonly oddity?: string;
}

/** A tree object that does not have the form of one. */
export class TreeFormatError extends Error {
  override readonly name = "TreeFormatError";
}

const ID_BYTES = 20;
/** File systems take no longer ones. */
const MAX_NAME_BYTES = 255;
/** Keeps a byte order mark, which is an invisible character here. */
const NAME_DECODER = new TextDecoder("utf-8", { ignoreBOM: true });
const MODE_DECODER = new TextDecoder("latin1");

/**
 * Reads the entries of a tree object, whatever their names.
 *
 * The library refuses a whole tree for one odd name; here the entry is marked and the others count.
 *
 * @throws {TreeFormatError} If the bytes are no tree
 */
export function parseTree(bytes: Uint8Array): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  const seen = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, space);
    const next = end + 1 + ID_BYTES;
    if (space < 0 || end < 0 || next > bytes.length) {
      throw new TreeFormatError("the tree stops within an entry");
    }
    const mode = MODE_DECODER.decode(bytes.subarray(at, space));
    const named = bytes.subarray(space + 1, end);
    // Entries are kept: one name could take as much room as a million.
    const name = NAME_DECODER.decode(named.subarray(0, MAX_NAME_BYTES));
    const id = bytes.subarray(end + 1, next).toHex();
    const oddity = lengthOddity(named) ?? nameOddity(name) ?? collision(name, seen);
    entries.push({ type: typeOf(mode), name, id, ...(oddity === undefined ? {} : { oddity }) });
    at = next;
  }
  return entries;
}

function typeOf(mode: string): TreeEntry["type"] {
  switch (mode) {
    case "40000":
    case "040000":
      return "directory";
    case "100644":
    case "100755":
    case "100664":
      return "file";
    case "120000":
      return "symlink";
    case "160000":
      return "submodule";
    default:
      return "unknown";
  }
}

/** Names by which file systems and tools were tricked before; none of them is ever needed. */
const ODD_NAMES: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: /^$/, why: "the name is empty" },
  { pattern: /^\.{1,2}$/, why: "the name is not one of a file" },
  { pattern: /[/\\]/, why: "the name holds a path separator" },
  // deno-lint-ignore no-control-regex -- control characters are what it looks for
  { pattern: /[\u0000-\u001f\u007f-\u009f]/, why: "the name holds a control character" },
  { pattern: /\ufffd/, why: "the name is not UTF-8" },
  {
    pattern: /[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/,
    why: "the name holds an invisible character",
  },
  { pattern: /^(?:\.git|git~\d+)[ .]*(?::.*)?$/i, why: "the name stands for Git's own directory" },
];

/** Nearly all names there are: none of these can be odd. */
const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** Why a name of a tree is not read; `undefined` when it is an ordinary one. */
export function nameOddity(name: string): string | undefined {
  if (PLAIN_NAME.test(name)) return undefined;
  return ODD_NAMES.find(({ pattern }) => pattern.test(name))?.why;
}

function lengthOddity({ length }: Uint8Array): string | undefined {
  if (length <= MAX_NAME_BYTES) return undefined;
  return `the name has ${length} bytes, more than ${MAX_NAME_BYTES}`;
}

function collision(name: string, seen: Map<string, string>): string | undefined {
  const folded = name.normalize("NFC").toLowerCase();
  const earlier = seen.get(folded);
  if (earlier === undefined) {
    seen.set(folded, name);
    return undefined;
  }
  return earlier === name
    ? "the name occurs twice in its directory"
    : `the name equals "${earlier}" where case or Unicode form do not count`;
}
