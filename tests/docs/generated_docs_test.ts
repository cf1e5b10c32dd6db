// SPDX-License-Identifier: Apache-2.0

import { equal } from "node:assert/strict";
import { generatePages } from "../../tools/generate_docs.ts";

for (const { path, text } of await generatePages()) {
  Deno.test(`${path} is what deno task docs makes of the source`, async () => {
    const committed = await Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
    equal(committed, text, `${path} is stale: run deno task docs`);
  });
}
