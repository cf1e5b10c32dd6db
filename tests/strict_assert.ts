// SPDX-License-Identifier: Apache-2.0

/**
 * Stands in for `node:assert/strict` (see `imports` in deno.json): what Deno exports under that name
 * compares loosely where it is imported by name, so that `deepEqual([1], ["1"])` passes.
 */

export {
  AssertionError,
  deepStrictEqual as deepEqual,
  doesNotMatch,
  doesNotReject,
  doesNotThrow,
  fail,
  match,
  notDeepStrictEqual as notDeepEqual,
  notStrictEqual as notEqual,
  ok,
  rejects,
  strictEqual as equal,
  throws,
} from "node:assert";
