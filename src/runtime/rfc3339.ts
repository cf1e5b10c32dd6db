// SPDX-License-Identifier: Apache-2.0

const SECONDS_PER_DAY = 86_400;
/** Days of 400 years, of 100 years, and of 4 years, in the Gregorian calendar. */
const ERA = 146_097;

/** Milliseconds since 1970 as RFC 3339 in UTC with whole seconds: `2026-01-31T08:30:00Z` (ST-9). */
export function rfc3339(epochMs: number): string {
  const seconds = Math.floor(epochMs / 1000);
  const days = Math.floor(seconds / SECONDS_PER_DAY);
  const rest = seconds - days * SECONDS_PER_DAY;
  const hours = Math.floor(rest / 3600);
  const minutes = Math.floor(rest / 60) % 60;
  return `${calendarDate(days)}T${two(hours)}:${two(minutes)}:${two(rest % 60)}Z`;
}

/**
 * The date of a day counted from 1970-01-01. Years are counted from March, so that the leap day is
 * the last of its year.
 */
function calendarDate(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / ERA);
  const day = shifted - era * ERA;
  const leaps = Math.floor(day / 1460) - Math.floor(day / 36_524) + Math.floor(day / 146_096);
  const yearOfEra = Math.floor((day - leaps) / 365);
  const dayOfYear = day -
    (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const month = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * month + 2) / 5) + 1;
  const calendarMonth = month < 10 ? month + 3 : month - 9;
  const year = yearOfEra + era * 400 + (calendarMonth <= 2 ? 1 : 0);
  return `${String(year).padStart(4, "0")}-${two(calendarMonth)}-${two(dayOfMonth)}`;
}

function two(n: number): string {
  return n < 10 ? `0${n}` : `${n}`;
}
