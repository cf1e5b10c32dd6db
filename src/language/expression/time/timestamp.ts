// SPDX-License-Identifier: Apache-2.0

import { type EvaluationFault, fault } from "../fault.ts";
import { CelTimestamp } from "../values/value.ts";
import { dateOf, daysOf, isDate } from "./civil_date.ts";

const SECONDS_PER_DAY = 86_400;

/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z. */
const MIN_SECONDS = -62_135_596_800;
const MAX_SECONDS = 253_402_300_799;

/** A timestamp; a fault outside the years 1 to 9999. */
export function timestampOf(seconds: number, nanos: number): CelTimestamp | EvaluationFault {
  return seconds >= MIN_SECONDS && seconds <= MAX_SECONDS
    ? new CelTimestamp(seconds, nanos)
    : fault("overflow", "range error: a timestamp is from the year 1 to the year 9999");
}

const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** Reads RFC 3339 text. */
export function parseTimestamp(text: string): CelTimestamp | EvaluationFault {
  const match = RFC_3339.exec(text);
  if (match === null) return noTimestamp();
  const [, year, month, day, hour, minute, second, fraction, sign, zoneHour, zoneMinute] = match;
  const date = { year: Number(year), month: Number(month), day: Number(day) };
  const time = { hour: Number(hour), minute: Number(minute), second: Number(second) };
  const zone = { hour: Number(zoneHour ?? 0), minute: Number(zoneMinute ?? 0), second: 0 };
  if (!isDate(date) || !isTime(time) || !isTime(zone)) return noTimestamp();
  const offset = (sign === "-" ? -1 : 1) * secondsOf(zone);
  const seconds = daysOf(date) * SECONDS_PER_DAY + secondsOf(time) - offset;
  return timestampOf(seconds, Number((fraction ?? "").slice(0, 9).padEnd(9, "0")));
}

interface TimeOfDay {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

function isTime({ hour, minute, second }: TimeOfDay): boolean {
  return hour < 24 && minute < 60 && second < 60;
}

function secondsOf({ hour, minute, second }: TimeOfDay): number {
  return hour * 3600 + minute * 60 + second;
}

function noTimestamp(): EvaluationFault {
  return fault("bad-value", 'the text is no timestamp: expected "2026-01-31T12:00:00Z"');
}

/** RFC 3339 text in UTC, with as many digits of the second as needed. */
export function timestampText({ seconds, nanos }: CelTimestamp): string {
  const days = Math.floor(seconds / SECONDS_PER_DAY);
  const { year, month, day } = dateOf(days);
  const rest = seconds - days * SECONDS_PER_DAY;
  const time = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60].map(two).join(":");
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T${time}${
    fractionText(nanos)
  }Z`;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}

/** `.5` for half a second in nanoseconds, nothing for none. */
export function fractionText(nanos: number): string {
  if (nanos === 0) return "";
  const digits = String(nanos).padStart(9, "0");
  let length = 9;
  while (digits[length - 1] === "0") length--;
  return `.${digits.slice(0, length)}`;
}
