// SPDX-License-Identifier: Apache-2.0

import type { JsonObject, JsonValue } from "../../src/language/mod.ts";
import { type CaseReport, runFunctionTest } from "../../src/testing/mod.ts";
import { outcomeShape } from "./outcome_shape.ts";
import { preparedStatus } from "./prepared.ts";
import type { GoldenWorld } from "./run_case.ts";

/** The step `functionTest`. */
export async function runFunctionTestStep(
  world: GoldenWorld,
  step: JsonObject,
): Promise<JsonObject> {
  const program = world.documents.program();
  const test = program.winner("FunctionTest", String(step.name));
  if (test?.type === "Broken") {
    return { notReady: preparedStatus(program, "FunctionTest", String(step.name)) };
  }
  if (test?.type !== "FunctionTest") return { notReady: null };
  const signal = new AbortController().signal;
  const report = await runFunctionTest(program, test, { signal });
  const found = program.find(test.functionRef.kind, test.functionRef.name);
  const cases = report.cases.filter((entry) => entry.result !== "notRun");
  const isCut = cases.length < report.cases.length ||
    test.testCases.at(-1)?.isVariant === false && cases.at(-1)?.result === "fail";
  return {
    fatal: found.type !== "ready" || isCut,
    functionHealthy: found.type === "ready" ? "Ok" : "DepSkip",
    cases: cases.map(caseShape),
  };
}

/** A case as the original reports it: a skipped one passes with `Ok(null)`. */
function caseShape(entry: CaseReport): JsonObject {
  const { label, result, outcome, message = null, differences = null } = entry;
  return {
    label,
    pass: result !== "fail",
    outcome: outcomeShape(outcome ?? { type: "Ok", value: null }),
    message,
    differences: differences as JsonValue,
  };
}
