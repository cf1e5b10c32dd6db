// SPDX-License-Identifier: Apache-2.0

import type { RunTests, TestVerdict } from "../controller/mod.ts";
import type { FunctionTest, Program } from "../language/mod.ts";
import type { Abortable, Clock, YieldNow } from "../runtime/ports.ts";
import { caseLines } from "./case_text.ts";
import { runFunctionTest } from "./function_tests.ts";
import type { TestReport } from "./test_results.ts";

/** How long tests may run before a revision is decided on, in milliseconds. */
export interface GateTestLimits {
  /** One FunctionTest. */
  readonly maxTestMs: number;
  /** All tests of a revision that are due, one after the other. */
  readonly maxAllMs: number;
}

/** What the tests of the gate are run with. */
export interface GateTestPorts {
  /** What the limits are measured by. */
  readonly clock: Pick<Clock, "now">;
  /** Lets others have their turn: thousands of cases must not look like a thread that hangs. */
  readonly yieldNow: YieldNow;
  /** Default: 10 s for one test, 120 s for all. */
  readonly limits?: Partial<GateTestLimits>;
}

const DEFAULT_LIMITS: GateTestLimits = { maxTestMs: 10_000, maxAllMs: 120_000 };
/** So long nobody else has a turn. */
const TURN_MS = 20;

/**
 * Runs FunctionTests for the gate: one verdict per test, with the first failing case.
 *
 * A test that runs too long fails, and none begins after all of them have run too long: whoever
 * commits must not keep other revisions from being decided on.
 *
 * @returns Runs tests in the order given; rejects with the reason of the signal
 */
export function createGateTests({ clock, yieldNow, limits }: GateTestPorts): RunTests {
  const { maxTestMs, maxAllMs } = { ...DEFAULT_LIMITS, ...limits };
  let turnEnds = clock.now() + TURN_MS;

  async function verdictOf(program: Program, test: FunctionTest, timed: Timed) {
    const over = new AbortController();
    const look = () => {
      if (timed.signal.aborted) over.abort(timed.signal.reason);
      else if (clock.now() >= timed.endsAt) {
        over.abort(new DOMException("Too long", "TimeoutError"));
      }
    };
    const beforeCase = async () => {
      if (clock.now() >= turnEnds) {
        await yieldNow();
        turnEnds = clock.now() + TURN_MS;
      }
      look();
      over.signal.throwIfAborted();
    };
    try {
      const watched = { signal: over.signal, observe: look, beforeCase };
      return gateVerdict(await runFunctionTest(program, test, watched));
    } catch (error) {
      timed.signal.throwIfAborted();
      if (!over.signal.aborted) throw error;
      return tooSlow(test, timed.reason);
    }
  }

  return async (program, tests, { signal }) => {
    const allEnd = clock.now() + maxAllMs;
    const ofAll = `the tests of the revision together take longer than ${maxAllMs / 1_000} s`;
    const ofOne = `it takes longer than ${maxTestMs / 1_000} s`;
    const verdicts: TestVerdict[] = [];
    for (const test of tests) {
      const endsAt = clock.now() + maxTestMs;
      const timed = endsAt < allEnd
        ? { signal, endsAt, reason: ofOne }
        : { signal, endsAt: allEnd, reason: ofAll };
      verdicts.push(await verdictOf(program, test, timed));
    }
    return verdicts;
  };
}

interface Timed extends Abortable {
  readonly endsAt: number;
  /** What is told when that is too early. */
  readonly reason: string;
}

function tooSlow({ id: { namespace, name }, source }: FunctionTest, why: string): TestVerdict {
  const reason = `FunctionTest "${name}" was given up: ${why}`;
  const { file, line } = source;
  return { namespace, name, passed: false, isTooSlow: true, reason, file, line };
}

/** A thousand items may each have their error: the reason goes into logs, conditions and Events. */
const MAX_REASON = 1_000;

function shortened(reason: string): string {
  return reason.length <= MAX_REASON ? reason : `${reason.slice(0, MAX_REASON - 1)}…`;
}

/** What the gate needs to know of a test's report. */
export function gateVerdict(report: TestReport): TestVerdict {
  const { namespace, name, pass } = report;
  if (pass) return { namespace, name, passed: true };
  const failed = report.cases.find((entry) => entry.result === "fail");
  const [firstLine = "FunctionTest failed"] = failed ? caseLines(failed) : [];
  return {
    namespace,
    name,
    passed: false,
    reason: shortened(report.message ?? firstLine),
    file: failed?.file ?? report.file,
    line: failed?.line ?? report.line,
    ...failed === undefined ? {} : { case: failed.label },
  };
}
