// SPDX-License-Identifier: Apache-2.0

/** Whether a UTF-16 unit is an ASCII digit. */
export function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}

/** Whether a UTF-16 unit is an ASCII letter or `_`. */
export function isNameStart(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90) || unit === 95;
}

/** Whether a UTF-16 unit may stand in a name. */
export function isNamePart(unit: number): boolean {
  return isNameStart(unit) || isDigit(unit);
}

/** The value of a hexadecimal digit, or -1. */
export function hexDigit(unit: number): number {
  if (isDigit(unit)) return unit - 48;
  const lower = unit | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** Whether a UTF-16 unit is white space between tokens. */
export function isSpace(unit: number): boolean {
  return unit === 32 || unit === 9 || unit === 10 || unit === 13 || unit === 12;
}
