// SPDX-License-Identifier: Apache-2.0

import { type EvaluationFault, isFault } from "../fault.ts";
import { dateOf, daysOf } from "../time/civil_date.ts";
import { offsetSeconds } from "../time/time_zone.ts";
import { CelDuration, CelTimestamp, type Value } from "../values/value.ts";
import { type FunctionRow, row } from "./row.ts";

/** A point in time as a clock on the wall shows it. */
interface WallTime {
  readonly days: number;
  /** Seconds since midnight. */
  readonly seconds: number;
  readonly nanos: number;
}

const SECONDS_PER_DAY = 86_400;

function wallTime(time: CelTimestamp, zone: string): WallTime | EvaluationFault {
  const offset = offsetSeconds(zone, time);
  if (isFault(offset)) return offset;
  const local = time.seconds + offset;
  const days = Math.floor(local / SECONDS_PER_DAY);
  return { days, seconds: local - days * SECONDS_PER_DAY, nanos: time.nanos };
}

/** What a timestamp can be asked for. */
interface Accessor {
  readonly name: string;
  readonly doc: string;
  readonly read: (time: WallTime) => number;
  /** What the accessor gives for 2026-03-04T05:06:07.089Z, and there in Asia/Kathmandu. */
  readonly examples: readonly [utc: number, zoned: number];
}

const ACCESSORS: readonly Accessor[] = [
  {
    name: "getFullYear",
    doc: "The year.",
    read: ({ days }) => dateOf(days).year,
    examples: [2026, 2026],
  },
  {
    name: "getMonth",
    doc: "The month, counted from 0.",
    read: ({ days }) => dateOf(days).month - 1,
    examples: [2, 2],
  },
  {
    name: "getDate",
    doc: "The day of the month, counted from 1.",
    read: ({ days }) => dateOf(days).day,
    examples: [4, 4],
  },
  {
    name: "getDayOfMonth",
    doc: "The day of the month, counted from 0.",
    read: ({ days }) => dateOf(days).day - 1,
    examples: [3, 3],
  },
  {
    name: "getDayOfWeek",
    doc: "The day of the week, counted from 0 for Sunday.",
    read: ({ days }) => (((days + 4) % 7) + 7) % 7,
    examples: [3, 3],
  },
  {
    name: "getDayOfYear",
    doc: "The day of the year, counted from 0.",
    read: ({ days }) => days - daysOf({ year: dateOf(days).year, month: 1, day: 1 }),
    examples: [62, 62],
  },
  {
    name: "getHours",
    doc: "The hour of the day.",
    read: ({ seconds }) => Math.floor(seconds / 3600),
    examples: [5, 10],
  },
  {
    name: "getMinutes",
    doc: "The minute of the hour.",
    read: ({ seconds }) => Math.floor(seconds / 60) % 60,
    examples: [6, 51],
  },
  {
    name: "getSeconds",
    doc: "The second of the minute.",
    read: ({ seconds }) => seconds % 60,
    examples: [7, 7],
  },
  {
    name: "getMilliseconds",
    doc: "The milliseconds of the second.",
    read: ({ nanos }) => Math.floor(nanos / 1_000_000),
    examples: [89, 89],
  },
];

const SAMPLE = "timestamp('2026-03-04T05:06:07.089Z')";

function timestampRows({ name, doc, read, examples: [utc, zoned] }: Accessor): FunctionRow[] {
  const ask = (time: CelTimestamp, zone: string): Value | EvaluationFault => {
    const wall = wallTime(time, zone);
    return isFault(wall) ? wall : read(wall);
  };
  const common = { name, form: "method", result: "int" } as const;
  return [
    row("FN-12", {
      ...common,
      parameters: [["time", "timestamp"]],
      doc: `${doc} In UTC.`,
      example: [`${SAMPLE}.${name}()`, String(utc)],
      run: (_, time) => ask(time, "UTC"),
    }),
    row("FN-12", {
      ...common,
      parameters: [["time", "timestamp"], ["zone", "string"]],
      doc: `${doc} In a time zone: an IANA name or an offset such as -08:00.`,
      example: [`${SAMPLE}.${name}('Asia/Kathmandu')`, String(zoned)],
      run: (_, time, zone) => ask(time, zone),
    }),
  ];
}

function durationRow(
  name: string,
  doc: string,
  read: (length: CelDuration) => number,
): FunctionRow {
  const sample = new CelDuration(3730, 500_000_000);
  return row("FN-12", {
    name,
    form: "method",
    parameters: [["length", "duration"]],
    result: "int",
    doc,
    example: [`duration('3730.5s').${name}()`, String(read(sample))],
    run: (_, length) => read(length),
  });
}

/** The accessors of rule FN-12. */
export const TIME_ROWS: readonly FunctionRow[] = [
  ...ACCESSORS.flatMap(timestampRows),
  durationRow("getHours", "The whole hours of a duration.", ({ seconds }) => whole(seconds / 3600)),
  durationRow(
    "getMinutes",
    "The whole minutes of a duration.",
    ({ seconds }) => whole(seconds / 60),
  ),
  durationRow("getSeconds", "The whole seconds of a duration.", ({ seconds }) => seconds),
  durationRow(
    "getMilliseconds",
    "The milliseconds of the last, unfinished second of a duration.",
    ({ nanos }) => whole(nanos / 1_000_000),
  ),
];

/** Cuts toward zero, without a negative zero. */
function whole(n: number): number {
  return Math.trunc(n) + 0;
}
