// SPDX-License-Identifier: Apache-2.0

/** Ends a switch over a union: the compiler refuses the call when a case is missing. */
export function unreachable(value: never): never {
  throw new TypeError(`Cannot handle ${JSON.stringify(value)}`);
}
