// SPDX-License-Identifier: Apache-2.0

import { equal, notEqual, ok } from "node:assert/strict";
import { readCase } from "./case_file.ts";
import { changedResult, readDeviations } from "./deviations.ts";
import { mismatch } from "./matchers.ts";
import { runCase } from "./run_case.ts";
import { caseFiles } from "./run_cases.ts";

const CASES = new URL("cases/", import.meta.url);
const deviations = readDeviations(
  await Deno.readTextFile(new URL("deviations.yaml", import.meta.url)),
);
const names = caseFiles(CASES).map((file) => file.replace(/\.yaml$/, ""));

for (const name of names) {
  const deviation = deviations.get(name);
  const title = deviation
    ? `golden ${name} deviates as ${deviation.rules.join(", ")} say`
    : `golden ${name} gives what was recorded`;
  Deno.test(title, async () => {
    const text = await Deno.readTextFile(new URL(`${name}.yaml`, CASES));
    const { expected, actual } = await runCase(readCase(text));
    if (!deviation) return equal(mismatch(expected, actual), undefined);
    notEqual(mismatch(expected, actual), undefined, "agrees: take it off deviations.yaml");
    equal(mismatch(changedResult(expected, deviation.changes), actual), undefined);
  });
}

Deno.test("every listed deviation is of a case that exists", () => {
  for (const name of deviations.keys()) ok(names.includes(name), `no case "${name}"`);
});

Deno.test("every deviation names rows and rules of the language", async () => {
  const language = await Deno.readTextFile(new URL("../../docs/LANGUAGE.md", import.meta.url));
  for (const [name, { rules }] of deviations) {
    for (const rule of rules) ok(language.includes(`**${rule}**`), `${name}: no rule ${rule}`);
  }
});
