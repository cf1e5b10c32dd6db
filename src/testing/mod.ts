// SPDX-License-Identifier: Apache-2.0

/**
 * Runs FunctionTests, for Functions and for whole Workflows, and reports on them.
 *
 * Runs the same functions as a reconcile, against an in-memory API. Reads no files: documents and
 * Programs come as parameters.
 *
 * @module
 */

export { compareExactly } from "./exact_equality.ts";
export {
  type Difference,
  type DifferenceMap,
  type DifferencePlace,
  differencePlaces,
  type PathPart,
  renderPath,
} from "./difference.ts";
export {
  allPassed,
  type CaseReport,
  type CaseResult,
  summarize,
  type TestReport,
  type TestsReport,
} from "./test_results.ts";
export {
  type AnyFunctionTest,
  functionTestsOf,
  nameFilter,
  type RunAllOptions,
  runFunctionTest,
  runFunctionTests,
  type RunOptions,
} from "./function_tests.ts";
export { reportDot, reportPretty, type ReportStyle } from "./report_pretty.ts";
export { reportTap } from "./report_tap.ts";
export { reportJunit } from "./report_junit.ts";
export { type ReporterName, REPORTERS, reportJson } from "./report.ts";
export {
  registerFunctionTests,
  type RegisterTest,
  type StepDefinition,
  type StepRunner,
} from "./deno_test_adapter.ts";
export {
  type Coverage,
  type CoveragePoint,
  type CoverageReport,
  createCoverage,
  type DefinitionCoverage,
} from "./coverage.ts";
export { coverageLcov } from "./coverage_lcov.ts";
export type { CoverageArm, CoverageMetric, CoveragePointType } from "./coverage_points.ts";
export { coverageText } from "./coverage_text.ts";
export type { CoverageCount, CoverageCounts, CoverageTotals } from "./coverage_totals.ts";
export {
  createGateTests,
  type GateTestLimits,
  type GateTestPorts,
  gateVerdict,
} from "./gate_tests.ts";
export { type Rendered, type RenderRequest, renderWorkflow } from "./render_workflow.ts";
export { testClock } from "./test_clock.ts";
export { caseLines, countsText, placeText } from "./case_text.ts";
export { createRecordingCluster, type RecordingCluster, type Write } from "./recording_cluster.ts";
