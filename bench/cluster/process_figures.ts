// SPDX-License-Identifier: Apache-2.0

/** Bytes that a process holds. */
export interface Memory {
  readonly resident: number;
  /** The most it ever held. */
  readonly peak: number;
}

/** Reads the memory of a process. */
export function memoryOf(pid: number): Memory {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) * 1_024;
  return { resident: bytes("VmRSS"), peak: bytes("VmHWM") };
}

/** Seconds of CPU that a process has used; the kernel counts hundredths. */
export function cpuSecondsOf(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13)
    .map(Number);
  return (user + system) / 100;
}
