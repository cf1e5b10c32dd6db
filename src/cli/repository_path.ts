// SPDX-License-Identifier: Apache-2.0

import { UsageError } from "./command_io.ts";

/**
 * A directory inside a repository as its trees name it: `""` for the root, no slash at either end.
 *
 * @param name What it is called in the message
 * @throws {UsageError} If it leads out of the repository
 */
export function repositoryPath(text: string, name = "--path"): string {
  const parts = text.split("/").filter((part) => part !== "" && part !== ".");
  if (!parts.includes("..")) return parts.join("/");
  throw new UsageError(
    `Cannot use "${text}" for ${name}: expected a directory inside the repository`,
  );
}
