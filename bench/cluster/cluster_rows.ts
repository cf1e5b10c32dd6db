// SPDX-License-Identifier: Apache-2.0

import { type Row, row } from "../row.ts";
import type { BareRound } from "./bare_client.ts";
import { MANAGED_KINDS } from "./definitions.ts";
import type { Memory } from "./process_figures.ts";
import { type RequestCounts, total } from "./request_counts.ts";
import type { SettledRestart } from "./settled_restart.ts";

/** All that was measured on a cluster. */
export interface ClusterMeasured {
  readonly triggers: number;
  /** Kinds that the reconciler watches, the triggers' included. */
  readonly kinds: number;
  readonly atOnce: number;
  /** When each object was seen, in milliseconds. */
  readonly times: readonly number[];
  /** Seconds of CPU: until the first object; of both sides, from there to the last one. */
  readonly cpu: { readonly start: number; readonly reconciler: number; readonly server: number };
  /** From the start of the process until all triggers are ready. */
  readonly seconds: number;
  readonly requests: RequestCounts;
  readonly memory: Memory;
  /** Milliseconds, sorted. */
  readonly drift: readonly number[];
  readonly restart: SettledRestart;
  /** Before and after the reconciler: other work on the machine comes and goes. */
  readonly bare: readonly BareRound[];
  /** Takes what is told besides the rows. */
  readonly tell: (line: string) => void;
}

const MEBIBYTE = 2 ** 20;

/** The rows of the bench. */
export function clusterRows(measured: ClusterMeasured): readonly Row[] {
  tellMore(measured);
  return [...coldRows(measured), ...driftRows(measured), ...restartRows(measured)];
}

interface Sums {
  readonly objects: number;
  /** Objects a second, of the reconciler and of the bare client. */
  readonly rate: number;
  readonly bareRate: number;
  /** Milliseconds of CPU for an object of the bare client. */
  readonly bareClient: number;
  readonly bareServer: number;
}

function sumsOf({ triggers, times, bare }: ClusterMeasured): Sums {
  const objects = triggers * MANAGED_KINDS.length;
  const sum = (figure: (round: BareRound) => number) =>
    bare.reduce((total, round) => total + figure(round), 0);
  const bareObjects = objects * bare.length;
  return {
    objects,
    rate: objects / ((times.at(-1) ?? 0) - (times[0] ?? 0)) * 1_000,
    bareRate: bareObjects / sum(({ seconds }) => seconds),
    bareClient: sum(({ clientCpu }) => clientCpu) / bareObjects * 1_000,
    bareServer: sum(({ serverCpu }) => serverCpu) / bareObjects * 1_000,
  };
}

function tellMore(measured: ClusterMeasured): void {
  const { triggers, atOnce, cpu, seconds, requests, memory, tell } = measured;
  const { objects, rate, bareRate, bareClient, bareServer } = sumsOf(measured);
  const each = (cpuSeconds: number) => (cpuSeconds / objects * 1_000).toFixed(2);
  tell(`bare client, ${atOnce} in flight: ${bareRate.toFixed(0)} objects/s`);
  tell(`reconciler, first to last of ${objects} objects: ${rate.toFixed(0)} objects/s`);
  tell(`start of the process to all ${triggers} triggers ready: ${seconds.toFixed(1)} s`);
  tell(`CPU until the first object: ${cpu.start.toFixed(2)} s`);
  tell(
    `CPU for each object: reconciler ${each(cpu.reconciler)} ms and API server ` +
      `${each(cpu.server)} ms; bare client ${bareClient.toFixed(2)} ms and API server ` +
      `${bareServer.toFixed(2)} ms`,
  );
  tell(`requests: ${countsText(requests)}`);
  tell(`requests of a restart: ${countsText(measured.restart.requests)}`);
  tell(`memory at its peak: ${(memory.peak / MEBIBYTE).toFixed(0)} MiB\n`);
}

function countsText(requests: RequestCounts): string {
  return [...requests].map(([verb, count]) => `${count} ${verb}`).join(", ") || "none";
}

function coldRows(measured: ClusterMeasured): readonly Row[] {
  const { triggers, requests, memory, cpu } = measured;
  const { objects, rate, bareRate, bareClient, bareServer } = sumsOf(measured);
  const each = (cpu.reconciler + cpu.server) / objects * 1_000;
  const work = `${triggers} triggers × ${MANAGED_KINDS.length} objects, cold`;
  return [
    row({
      work: `${work}: share of a bare client's rate`,
      figure: rate / bareRate * 100,
      unit: "%",
      budget: 60,
      bound: "at least",
      original: "9 %",
    }),
    row({
      // What the rates come to on a machine with nothing else to do, whatever they are on this one.
      work: `${work}: the same by CPU of both sides`,
      figure: (bareClient + bareServer) / each * 100,
      unit: "%",
      bound: "at least",
    }),
    row({
      work: `${work}: CPU of the reconciler per object`,
      figure: cpu.reconciler / objects * 1_000,
      unit: "ms",
      bound: "at most",
    }),
    row({
      work: `${work}: requests per trigger`,
      figure: total(requests) / triggers,
      unit: "",
      budget: 8,
      bound: "at most",
      original: "14",
    }),
    row({
      work: `${work}: resident memory`,
      figure: memory.resident / MEBIBYTE,
      unit: "MiB",
      budget: 256,
      bound: "at most",
    }),
  ];
}

function driftRows({ drift }: ClusterMeasured): readonly Row[] {
  return [50, 99].map((percent) =>
    row({
      work: `managed object deleted → created again, p${percent}`,
      figure: (drift[Math.ceil(drift.length * percent / 100) - 1] ?? NaN) / 1_000,
      unit: "s",
      budget: 0.2,
      bound: "at most",
      original: "up to 20 min",
    })
  );
}

function restartRows({ triggers, kinds, restart }: ClusterMeasured): readonly Row[] {
  const { seconds, requests, idle } = restart;
  const lists = requests.get("LIST") ?? 0;
  const work = `restart with ${triggers} settled triggers`;
  return [
    row({
      work: `${work}: requests per watched kind`,
      figure: lists / kinds,
      unit: "",
      budget: 10,
      bound: "at most",
    }),
    row({
      work: `${work}: requests for single objects`,
      figure: total(requests) - lists,
      unit: "",
      budget: 0,
      bound: "at most",
      original: "5 per trigger",
    }),
    row({
      work: `${work}: until all were run`,
      figure: seconds,
      unit: "s",
      budget: 5,
      bound: "at most",
      original: "52",
    }),
    row({
      work: `idle with ${triggers} triggers: requests besides watches`,
      figure: total(idle.requests),
      unit: "",
      budget: 0,
      bound: "at most",
    }),
    row({
      work: `idle with ${triggers} triggers: share of a core`,
      figure: idle.cpuShare * 100,
      unit: "%",
      budget: 5,
      bound: "at most",
    }),
  ];
}
