// SPDX-License-Identifier: Apache-2.0

import { commitFiles, createRepository } from "../../src/adapters/git/mod.ts";
import { until } from "../until.ts";
import { type CommandEnd, koreo, ROOT, type TemporaryFiles, temporaryFiles } from "./run_koreo.ts";

/** A repository on disk, gone at the end of the scope. */
export interface TemporaryRepository extends TemporaryFiles {
  commit(files: Readonly<Record<string, string | null>>): Promise<string>;
}

/** Makes a repository with one commit on `main`. */
export async function temporaryRepository(
  files: Readonly<Record<string, string>>,
): Promise<TemporaryRepository> {
  const temporary = await temporaryFiles();
  const commit = (files: Readonly<Record<string, string | null>>) =>
    commitFiles(temporary.directory, { message: "Definitions", files });
  await createRepository(temporary.directory);
  await commit(files);
  return { ...temporary, commit };
}

/** The files of an example, below `koreo/`. */
export async function exampleFiles(example: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const directory = `${ROOT}examples/${example}`;
  for await (const { name } of Deno.readDir(directory)) {
    if (name.endsWith(".k.yaml")) {
      files[`koreo/${name}`] = await Deno.readTextFile(`${directory}/${name}`);
    }
  }
  return files;
}

/** A kubeconfig whose current context `here` leads to a server; `lost` names no cluster. */
export function kubeconfigFor(server: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "here",
    clusters: [{ name: "cluster", cluster: { server } }],
    users: [{ name: "user", user: {} }],
    contexts: [
      { name: "here", context: { cluster: "cluster", user: "user" } },
      { name: "lost", context: { cluster: "gone", user: "user" } },
    ],
  });
}

/** A port of loopback where nothing listens: what runs beside this is given none so low. */
export const CLOSED_PORT = 2;

/**
 * Runs a command that is to give up at its `--timeout`, once it has come so far that it says this
 * at its end: a slow machine gets more time.
 */
export async function givingUp(args: readonly string[], said: RegExp): Promise<CommandEnd> {
  let seconds = 2;
  return await until(`a command says ${said}`, async () => {
    const end = await koreo([...args, "--timeout", `${seconds}s`]);
    seconds *= 2;
    return said.test(end.stderr) ? end : undefined;
  });
}
