// SPDX-License-Identifier: Apache-2.0

import { TransportError } from "./failure.ts";
import type { GitFiles } from "./git_files.ts";
import { inflatePart } from "./pack_entry.ts";

/** Compressed bytes that hold the header of whatever zlib wrote. */
const START_BYTES = 512;
/** The type and the size, before the content: `blob 12` and a zero. */
const HEADER = /^[a-z]+ (\d{1,15})\0/;

/**
 * How large an object is that has a file of its own, read from the beginning of that file.
 *
 * @returns Bytes of its content; `undefined` when there is no such file
 * @throws {TransportError} `broken-transfer` if the file does not say
 */
export async function looseSize(
  files: GitFiles,
  gitdir: string,
  id: string,
): Promise<number | undefined> {
  const path = `${gitdir}/objects/${id.slice(0, 2)}/${id.slice(2)}`;
  const start = await files.readStart(path, START_BYTES);
  if (start === undefined) return undefined;
  const [, size] = HEADER.exec(new TextDecoder("latin1").decode(inflatePart(start))) ?? [];
  if (size !== undefined) return Number(size);
  throw new TransportError("broken-transfer", `object ${id} does not say how large it is`);
}
