// SPDX-License-Identifier: Apache-2.0

/**
 * Measures the language and its runtime on the corpus and prints each figure beside its budget
 * (docs/ARCHITECTURE.md section 8). `-o json` prints the rows as JSON; `--check` fails when a
 * budget does not hold.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a tool speaks to the terminal

import { parseArgs } from "node:util";
import { type Row, rowText } from "./row.ts";
import { compileRows } from "./compile_rows.ts";
import { recordRows } from "./record_rows.ts";
import { runRows } from "./run_rows.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    output: { type: "string", short: "o", default: "text" },
    check: { type: "boolean", default: false },
  },
});

const rows: Row[] = [];
for await (const row of allRows()) {
  rows.push(row);
  if (values.output === "text") console.log(rowText(row));
}
if (values.output === "json") console.log(JSON.stringify(rows, undefined, 2));
const judged = rows.filter(({ holds }) => holds !== undefined);
const missed = judged.filter(({ holds }) => !holds);
if (values.output === "text") {
  console.log(`\n${judged.length - missed.length} of ${judged.length} budgets hold`);
}
if (values.check && missed.length > 0) Deno.exitCode = 1;

async function* allRows(): AsyncGenerator<Row> {
  yield* compileRows();
  yield* runRows();
  yield* recordRows();
}
