// SPDX-License-Identifier: Apache-2.0

import { commitFiles, createRepository } from "../../adapters/git/mod.ts";

/** The repository that the demo makes and commits to, as a team would. */
export interface DemoRepository {
  readonly directory: string;
  /** Replaces text in files and commits; returns the first digits of the commit. */
  change(message: string, edits: Readonly<Record<string, Edit>>): Promise<string>;
}

/** The new content of a file from its present one. */
export type Edit = (content: string) => string;

/** Makes a repository from an example, with one commit. */
export async function createDemoRepository(
  directory: string,
  example: URL,
): Promise<DemoRepository> {
  await createRepository(directory, { branch: "main" });
  const files: Record<string, string> = {};
  for await (const entry of Deno.readDir(example)) {
    if (!entry.isFile) continue;
    files[`koreo/${entry.name}`] = await Deno.readTextFile(new URL(entry.name, example));
  }
  await commitFiles(directory, { message: "The WebApp of our platform", files });
  return {
    directory,
    async change(message, edits) {
      const changed: Record<string, string> = {};
      for (const [name, edit] of Object.entries(edits)) {
        const path = `koreo/${name}`;
        changed[path] = edit(await Deno.readTextFile(`${directory}/${path}`));
      }
      return (await commitFiles(directory, { message, files: changed })).slice(0, 8);
    },
  };
}

/** An edit that replaces the first occurrence of a text which must be there. */
export function replacing(before: string, after: string): Edit {
  return (content) => {
    if (!content.includes(before)) throw new RangeError(`Cannot find "${before}" in the example`);
    return content.replace(before, () => after);
  };
}
