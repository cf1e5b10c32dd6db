// SPDX-License-Identifier: Apache-2.0

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { main } from "../../src/cli/main.ts";

/** Root of the project. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What a command line came to. */
export interface CommandEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process. */
export async function koreo(
  args: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Promise<CommandEnd> {
  let [stdout, stderr] = ["", ""];
  const code = await main(args, {
    stdout: (text) => void (stdout += text),
    stderr: (text) => void (stderr += text),
    colour: false,
    signal,
  });
  return { code, stdout, stderr };
}

/** How a process is started. */
export interface SpawnOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command line in a process of its own, as a user does. */
export async function spawnKoreo(
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<CommandEnd> {
  const { code, stdout, stderr } = await koreoProcess(args, options).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, stdout: out ?? "", stderr: err ?? "" };
}

/** The process of a command line, its output piped. */
export function koreoProcess(args: readonly string[], options: SpawnOptions = {}): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${ROOT}cli.ts`, ...args],
    cwd: options.cwd ?? ROOT,
    env: { NO_COLOR: "1", ...options.env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** A directory with files, gone at the end of the scope. */
export interface TemporaryFiles extends AsyncDisposable {
  readonly directory: string;
}

/** Writes files to a new directory. */
export async function temporaryFiles(
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<TemporaryFiles> {
  const directory = await Deno.makeTempDir({ prefix: "koreo-cli-" });
  for (const [name, content] of Object.entries(files)) {
    const path = `${directory}/${name}`;
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeFile(
      path,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
  }
  return {
    directory,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}
