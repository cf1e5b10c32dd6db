// SPDX-License-Identifier: Apache-2.0

import { readFile, stat } from "node:fs/promises";

/** A file with a secret that cannot be used. The message names the file, never what is in it. */
export class SecretFileError extends Error {
  override readonly name = "SecretFileError";
  readonly code = "secret-file";
}

/** Certificate bundles have a few hundred kilobytes, all else far less. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads a mounted secret, anew at every call: it may have been replaced.
 *
 * @param path Where it lies
 * @param what What it holds, with the setting that names it: `the token (--git-token-file)`
 * @returns The text without the line break at its end, and without a byte order mark
 * @throws {SecretFileError} If there is none, or it is empty or too large
 */
export async function readSecretFile(path: string, what: string): Promise<string> {
  const refuse = (why: string): never => {
    throw new SecretFileError(`Cannot read ${what} from "${path}": ${why}`);
  };
  const text = await boundedText(path).catch((error: unknown) => refuse(reasonOf(error)));
  if (text === undefined) return refuse(`the file has more than ${MAX_BYTES} bytes`);
  // Editors of some systems put a mark before the first character, which nobody can see.
  const secret = text.replace(/^\ufeff/, "").replace(/[\r\n]+$/, "");
  return secret.trim() === "" ? refuse("the file is empty") : secret;
}

async function boundedText(path: string): Promise<string | undefined> {
  return (await stat(path)).size > MAX_BYTES ? undefined : await readFile(path, "utf8");
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EISDIR") return "it is a directory";
  if (code === "EACCES" || code === "EPERM") return "reading it is not permitted";
  if (error instanceof Error && error.name === "NotCapable") {
    return "Deno was not given the permission to read it (--allow-read)";
  }
  return "it cannot be read";
}
