// SPDX-License-Identifier: Apache-2.0

import { V8_FLAGS } from "../../bench/deployment.ts";
import { fileURLToPath } from "node:url";
import type { SourceSettings } from "../../src/adapters/git/mod.ts";
import type { ReaderAnswer } from "./hostile_reader.ts";
import { TextLineStream } from "./text_lines.ts";

const PROGRAM = fileURLToPath(new URL("./hostile_reader.ts", import.meta.url));
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SAMPLE_MS = 5;

/** A reader in a process of its own, with the git processes that it starts. */
export interface ReaderProcess extends AsyncDisposable {
  fetch(): Promise<ReaderAnswer>;
  read(): Promise<ReaderAnswer>;
  /** Highest resident memory so far: of the process, and of the largest git it started. */
  peak(): { readonly ownMiB: number; readonly gitMiB: number };
}

/** Starts a reader of a repository, with the heap of the deployment. */
export function startReader(url: string, settings: SourceSettings): ReaderProcess {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--quiet", "--no-check", ...V8_FLAGS],
      ...[PROGRAM, url, JSON.stringify(settings)],
    ],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  const answers = child.stdout.pipeThrough(new TextLineStream()).getReader();
  let [ownMiB, gitMiB] = [0, 0];
  const sampling = setInterval(() => {
    for (const pid of descendants(child.pid)) gitMiB = Math.max(gitMiB, peakMiB(pid));
  }, SAMPLE_MS);
  const ask = async (command: string): Promise<ReaderAnswer> => {
    await writer.write(new TextEncoder().encode(`${command}\n`));
    const { value } = await answers.read();
    if (value === undefined) throw new RangeError("the reader has ended");
    const answer: ReaderAnswer = JSON.parse(value);
    ownMiB = Math.max(ownMiB, answer.peakMiB);
    return answer;
  };
  return {
    fetch: () => ask("fetch"),
    read: () => ask("read"),
    peak: () => ({ ownMiB, gitMiB }),
    async [Symbol.asyncDispose]() {
      clearInterval(sampling);
      await writer.close();
      await child.status;
      await answers.cancel();
    },
  };
}

/** A process starts others from each of its threads. */
function descendants(pid: number): readonly number[] {
  try {
    const threads = [...Deno.readDirSync(`/proc/${pid}/task`)];
    const children = threads.flatMap(({ name }) =>
      Deno.readTextFileSync(`/proc/${pid}/task/${name}/children`).split(" ")
        .filter((word) => word !== "").map(Number)
    );
    return [...children, ...children.flatMap(descendants)];
  } catch {
    return []; // it has ended
  }
}

function peakMiB(pid: number): number {
  try {
    const [, kib] = /VmHWM:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`)) ?? [];
    return Math.ceil(Number(kib ?? 0) / 1024);
  } catch {
    return 0; // it has ended
  }
}
