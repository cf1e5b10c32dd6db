// SPDX-License-Identifier: Apache-2.0

import { type EvaluationFault, fault, isFault } from "../fault.ts";
import type { CelTimestamp } from "../values/value.ts";

const FIXED_OFFSET = /^([+-]?)(\d\d):(\d\d)$/;

/**
 * Seconds by which a zone is ahead of UTC at that time.
 *
 * A zone is an offset such as `-08:00` or a name of the IANA database, which the runtime brings
 * along; the empty name is UTC.
 */
export function offsetSeconds(zone: string, time: CelTimestamp): number | EvaluationFault {
  if (zone === "UTC" || zone === "") return 0;
  const fixed = FIXED_OFFSET.exec(zone);
  if (fixed === null) return namedOffset(zone, time);
  const [, sign, hours, minutes] = fixed;
  if (Number(hours) > 23 || Number(minutes) > 59) return noZone();
  return (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}

/** Making a formatter takes long, so the last ones are kept. */
const formatters = new Map<string, Intl.DateTimeFormat | EvaluationFault>();
const MAX_FORMATTERS = 64;

function formatterOf(zone: string): Intl.DateTimeFormat | EvaluationFault {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  if (formatters.size >= MAX_FORMATTERS) formatters.clear();
  const made = createFormatter(zone);
  formatters.set(zone, made);
  return made;
}

function createFormatter(timeZone: string): Intl.DateTimeFormat | EvaluationFault {
  if (timeZone.length > 64) return noZone();
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  } catch {
    // The constructor throws a RangeError for a name that is no zone, and for nothing else here.
    return noZone();
  }
}

/** The only part of the text that changes with the zone: `GMT`, `GMT-05:00` or `GMT-00:01:15`. */
const OFFSET_NAME = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?/;

function namedOffset(zone: string, time: CelTimestamp): number | EvaluationFault {
  const formatter = formatterOf(zone);
  if (isFault(formatter)) return formatter;
  const match = OFFSET_NAME.exec(formatter.format(time.seconds * 1000));
  if (match === null) return noZone();
  const [, sign, hours = 0, minutes = 0, seconds = 0] = match;
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === "-" ? -size : size;
}

function noZone(): EvaluationFault {
  return fault(
    "bad-value",
    'the text is no time zone: expected a form like "Europe/Berlin" or "+02:00"',
  );
}
