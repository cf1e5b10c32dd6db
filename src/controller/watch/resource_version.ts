// SPDX-License-Identifier: Apache-2.0

const DIGITS = /^(0|[1-9][0-9]*)$/;

/**
 * Whether `version` is older than `known`, both of one kind and server.
 *
 * Kubernetes promises that they compare as whole numbers. What is no number is never older: then
 * whatever comes last counts.
 */
export function isOlderVersion(version: string, known: string): boolean {
  if (!DIGITS.test(version) || !DIGITS.test(known)) return false;
  if (version.length !== known.length) return version.length < known.length;
  return version < known;
}
