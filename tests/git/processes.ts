// SPDX-License-Identifier: Apache-2.0

import { until } from "../until.ts";

/** The processes of this machine whose command line has a text; those that have ended have none. */
export function processesWith(text: string): readonly number[] {
  const numbers = [...Deno.readDirSync("/proc")].map(({ name }) => Number(name));
  return numbers.filter((pid) => pid > 0 && commandLine(pid).includes(text));
}

/** Rejects when one of the processes is still there after a while. */
export async function gone(pids: readonly number[]): Promise<void> {
  const left = () => pids.filter(isRunning).map((pid) => `${pid} ${commandLine(pid)}`);
  await until("processes are gone", () => left().length === 0).catch(() => {
    throw new RangeError(`still there: ${left()}`);
  });
}

function isRunning(pid: number): boolean {
  try {
    return !/ [ZX] /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}

function commandLine(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`);
  } catch {
    return ""; // it has ended
  }
}
