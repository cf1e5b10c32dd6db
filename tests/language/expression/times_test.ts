// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { dateOf, daysOf } from "../../../src/language/expression/time/civil_date.ts";
import { faultOf, json } from "./evaluate.ts";

const GIVES = [
  ["string(duration('1h30m'))", "5400s"],
  ["string(duration('-1.5s'))", "-1.5s"],
  ["string(duration('1ms') + duration('1us') + duration('1ns'))", "0.001001001s"],
  ["string(duration('0'))", "0s"],
  ["string(timestamp('2024-02-29T23:59:59.5Z') + duration('1s'))", "2024-03-01T00:00:00.5Z"],
  ["string(timestamp('1969-12-31T23:59:59.25Z'))", "1969-12-31T23:59:59.25Z"],
  ["string(timestamp('2020-01-01T00:00:00Z') - timestamp('2020-01-02T00:00:00Z'))", "-86400s"],
  ["string(timestamp('2020-06-01T00:30:00-23:59'))", "2020-06-02T00:29:00Z"],
  ["int(timestamp('0001-01-01T00:00:00Z'))", -62135596800],
  ["timestamp('2026-07-01T00:30:00Z').getHours('Europe/Berlin')", 2],
  ["timestamp('2026-01-01T00:30:00Z').getHours('Europe/Berlin')", 1],
  ["timestamp('2026-01-01T00:30:00Z').getFullYear('America/New_York')", 2025],
  ["timestamp('2026-01-01T00:30:00Z').getMinutes('+05:45')", 15],
  ["timestamp('2026-01-01T00:30:00Z').getDayOfWeek()", 4],
  ["timestamp('2024-12-31T00:00:00Z').getDayOfYear()", 365],
  ["duration('-3730s').getMinutes()", -62],
  ["duration('-0.5s').getSeconds()", 0],
] as const;

for (const [source, value] of GIVES) {
  Deno.test(`FN-12 ${source}`, () => equal(json(source), value));
}

for (
  const source of [
    "timestamp('2023-02-29T00:00:00Z')",
    "timestamp('2023-02-01 00:00:00Z')",
    "timestamp('2023-02-01T24:00:00Z')",
    "timestamp('2023-02-01T00:00:00')",
    "timestamp(253402300800)",
    "timestamp(0).getHours('Mars/Olympus')",
    "timestamp(0).getHours('+24:00')",
    "duration('1d')",
    "duration('1h ')",
    "duration('h')",
    "duration('.s')",
    "duration('9999999999h')",
  ]
) {
  Deno.test(`FN-12 ${source} fails`, () => {
    equal(["bad-value", "overflow"].includes(faultOf(source).code), true);
  });
}

Deno.test("FN-12 every day has its date, and every date its day", () => {
  const days = fc.integer({ min: -719_162, max: 2_932_896 });
  fc.assert(fc.property(days, (day) => {
    const date = dateOf(day);
    equal(daysOf(date), day);
    const [next, { year, month }] = [dateOf(day + 1), date];
    const isNextDay = next.day === date.day + 1 && next.month === month && next.year === year;
    equal(isNextDay || next.day === 1, true);
  }));
});

Deno.test("FN-12 a timestamp reads back from its text", () => {
  const seconds = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 });
  fc.assert(fc.property(seconds, fc.integer({ min: 0, max: 999_999_999 }), (second, nanos) => {
    const source = `timestamp(${second}) + duration('${nanos}ns')`;
    deepEqual(json(`timestamp(string(${source})) == ${source}`), true);
  }));
});
