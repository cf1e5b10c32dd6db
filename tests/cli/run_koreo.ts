// SPDX-License-Identifier: Apache-2.0

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { main } from "../../src/cli/main.ts";
import { PATIENCE_MS } from "../until.ts";

/** Root of the project. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What a command line came to. */
export interface CommandEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process. */
export function koreo(args: readonly string[]): Promise<CommandEnd> {
  return run(args, { signal: new AbortController().signal });
}

/**
 * Runs a command line in this process until standard error, or output, matches, then asks it to end
 * as SIGTERM does. Each pattern is waited for in turn, with patience anew; `then` may change the
 * world before the next, until its signal says that the command ends.
 */
export async function koreoUntil(
  args: readonly string[],
  steps: readonly {
    readonly pattern: RegExp;
    readonly then?: (match: RegExpExecArray, signal: AbortSignal) => Promise<unknown>;
  }[],
  stream: "stdout" | "stderr" = "stderr",
): Promise<CommandEnd> {
  const ending = new AbortController();
  const { signal } = ending;
  const waiting = [...steps];
  let [from, doing] = [0, Promise.resolve<unknown>(undefined)];
  let patience = setTimeout(() => ending.abort(), PATIENCE_MS);
  const waitAnew = (): void => {
    clearTimeout(patience);
    patience = setTimeout(() => ending.abort(), PATIENCE_MS);
  };
  const look = (soFar: string): void => {
    const [step] = waiting;
    const match = step?.pattern.exec(soFar.slice(from));
    if (step === undefined || match === undefined || match === null) return;
    waiting.shift();
    from = soFar.length;
    waitAnew();
    doing = doing.then(() => step.then?.(match, signal)).then(waitAnew);
    const isLast = waiting.length === 0;
    // A step that fails is told below, once the command has come to its end.
    doing.then(() => isLast && ending.abort(), () => ending.abort());
  };
  const end = await run(args, { signal, [stream]: look }).finally(() => clearTimeout(patience));
  await doing.finally(() => clearTimeout(patience));
  if (waiting.length === 0) return end;
  throw new RangeError(`Nothing like ${waiting[0]?.pattern} was said:\n${end[stream]}`);
}

/** How a command is asked to end, and who hears what it has said so far. */
interface Listening {
  readonly signal: AbortSignal;
  stdout?(soFar: string): void;
  stderr?(soFar: string): void;
}

async function run(args: readonly string[], listening: Listening): Promise<CommandEnd> {
  let [stdout, stderr] = ["", ""];
  const code = await main(args, {
    stdout(text) {
      stdout += text;
      listening.stdout?.(stdout);
    },
    stderr(text) {
      stderr += text;
      listening.stderr?.(stderr);
    },
    colour: false,
    signal: listening.signal,
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
