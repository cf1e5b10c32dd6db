// SPDX-License-Identifier: Apache-2.0

import { main } from "../../src/cli/main.ts";
import { type Row, row } from "../row.ts";
import type { ReloadingProcess } from "./reloading_process.ts";

/** A channel whose last revision is taken back again and again. */
export interface RolledBack {
  readonly channel: string;
  /** Puts one commit more in force; its id. */
  readonly advance: () => Promise<string>;
  readonly kubeconfig: string;
}

/** Milliseconds from the command, of each time. */
export interface RollBackTimes {
  /** Until the revision before is in force. */
  readonly inForce: readonly number[];
  /** Until the command ends. */
  readonly told: readonly number[];
}

/** Takes back what was put in force last, as a user does, `times` times. */
export async function rollBack(
  reconciler: ReloadingProcess,
  { channel, advance, kubeconfig }: RolledBack,
  times: number,
): Promise<RollBackTimes> {
  const before = await advance();
  const [inForce, told]: [number[], number[]] = [[], []];
  for (let time = 0; time < times; time++) {
    await advance();
    const started = performance.now();
    const [back, ended] = await Promise.all([
      reconciler.untilInForceAgain(channel, before),
      koreo(["rollback", channel, "--kubeconfig", kubeconfig]).then(() => performance.now()),
    ]);
    inForce.push(back - started);
    told.push(ended - started);
  }
  return { inForce, told };
}

async function koreo(args: readonly string[]): Promise<void> {
  let said = "";
  const say = (text: string): void => void (said += text);
  const { signal } = new AbortController();
  const code = await main(args, { stdout: say, stderr: say, colour: false, signal });
  if (code !== 0) throw new RangeError(`koreo ${args.join(" ")} ended with ${code}: ${said}`);
}

/** The longest of both. */
export function rollBackRows({ inForce, told }: RollBackTimes): readonly Row[] {
  const longest = (work: string, times: readonly number[], budget?: number): Row =>
    row({
      work: `${work}, longest of ${times.length}`,
      figure: Math.max(...times) / 1_000,
      unit: "s",
      bound: "at most",
      ...(budget === undefined ? {} : { budget }),
    });
  return [
    longest("koreo rollback → the revision before is in force", inForce, 1),
    longest("koreo rollback → the command has ended", told),
  ];
}
