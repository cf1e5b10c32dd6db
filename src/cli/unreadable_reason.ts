// SPDX-License-Identifier: Apache-2.0

/** Why a file that a user named could not be read, in words that follow `Cannot read …: `. */
export function unreadableReason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.IsADirectory) return "it is a directory";
  if (error instanceof Deno.errors.PermissionDenied) return "reading it is not permitted";
  if (error instanceof Deno.errors.NotCapable) {
    return "Deno was not given the permission to read it (--allow-read)";
  }
  return String(error);
}
