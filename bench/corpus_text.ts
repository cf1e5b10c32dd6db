// SPDX-License-Identifier: Apache-2.0

/** The text of one file of the corpus. */
export function corpusText(name: string): string {
  return Deno.readTextFileSync(new URL(`./corpus/${name}`, import.meta.url));
}
