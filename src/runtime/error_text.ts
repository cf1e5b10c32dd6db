// SPDX-License-Identifier: Apache-2.0

/** What an error says; of something else that was thrown, its text. Never throws for an `Error`. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
