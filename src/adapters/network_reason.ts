// SPDX-License-Identifier: Apache-2.0

/** What went wrong on the wire, without URLs and without ports that differ at every attempt. */
export function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return "the connection failed";
  if (error.cause instanceof Error) return networkReason(error.cause);
  return error.message
    .replace(/^error sending request .*?: client error \(\w+\): /, "")
    .replace(/ \(os error \d+\)/, "")
    .replace(/^tcp connect error: /, "");
}
