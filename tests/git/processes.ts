// SPDX-License-Identifier: Apache-2.0

/** The processes of this machine whose command line has a text; those that have ended have none. */
export function processesWith(text: string): readonly number[] {
  const numbers = [...Deno.readDirSync("/proc")].map(({ name }) => Number(name));
  return numbers.filter((pid) => pid > 0 && commandLine(pid).includes(text));
}

const PATIENCE_MS = 6_000;

/** Rejects when one of the processes is still there after a while. */
export async function gone(pids: readonly number[]): Promise<void> {
  const from = performance.now();
  for (;;) {
    const left = pids.filter(isRunning);
    if (left.length === 0) return;
    if (performance.now() - from > PATIENCE_MS) {
      throw new RangeError(`still there: ${left.map((pid) => `${pid} ${commandLine(pid)}`)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
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
