// SPDX-License-Identifier: Apache-2.0

/**
 * Writes the pages that are made from tables of the source: the reference of functions and that of
 * diagnostics.
 *
 * Usage: `deno run --allow-read --allow-write --allow-env tools/generate_docs.ts`
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a tool speaks to the terminal

import { diagnosticsPage } from "./docs/diagnostics_page.ts";
import { functionReference } from "./docs/function_reference.ts";
import type { GeneratedPage } from "./docs/page.ts";

export type { GeneratedPage } from "./docs/page.ts";

/** The pages as they should be. */
export async function generatePages(): Promise<readonly GeneratedPage[]> {
  return [functionReference(), await diagnosticsPage()];
}

if (import.meta.main) {
  for (const { path, text } of await generatePages()) {
    await Deno.writeTextFile(new URL(`../${path}`, import.meta.url), text);
    console.log(path);
  }
}
