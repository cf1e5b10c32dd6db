// SPDX-License-Identifier: Apache-2.0

import type { FunctionTest, Program } from "../../language/mod.ts";
import type { Abortable } from "../../runtime/ports.ts";
import type { RunTests, TestVerdict } from "./gate_faults.ts";

/** Gives the verdicts of all tests of a Program, and runs only those that may have changed. */
export type JudgeProgram = (
  program: Program,
  options: JudgeOptions,
) => Promise<readonly TestVerdict[]>;

/** How a Program is judged. */
export interface JudgeOptions extends Abortable {
  /** A revision below the one before: nothing that took too long is tried once more. */
  readonly isBelow?: boolean;
}

/** Judges of channels that may hold the same tests: what passed in one is not run in another. */
export interface TestJudges {
  /** A judge for one more channel. */
  add(): TestJudge;
}

/** The judge of one channel. */
export interface TestJudge {
  readonly judge: JudgeProgram;
  /** The channel is gone. */
  remove(): void;
}

/** Verdicts that are remembered, by the keys of the tests. */
type Known = ReadonlyMap<string, TestVerdict>;

/**
 * Remembers which tests passed: neither the test nor anything that its Function reaches is another,
 * so it passes again. Failed ones are run again, since their places move with the text; those that
 * take too long once for all channels, and at another revision once more: the machine may have been
 * busy.
 */
export function createTestJudges(runTests: RunTests): TestJudges {
  const all = new Set<() => Known>();
  return {
    add() {
      let known: Known = new Map();
      const own = () => known;
      all.add(own);
      return {
        judge: createTestJudge(runTests, {
          find(key, { isBelow = false }) {
            const found = known.get(key);
            return found?.passed || isBelow ? found : undefined;
          },
          findElsewhere: (key) => findElsewhere(all, own, key),
          keep: (fresh) => void (known = fresh),
        }),
        remove: () => void all.delete(own),
      };
    },
  };
}

function findElsewhere(
  all: ReadonlySet<() => Known>,
  own: () => Known,
  key: string,
): TestVerdict | undefined {
  for (const known of all) {
    const found = known === own ? undefined : known().get(key);
    if (found !== undefined) return found;
  }
  return undefined;
}

interface KnownVerdicts {
  find(key: string, options: JudgeOptions): TestVerdict | undefined;
  /** What another channel knows. */
  findElsewhere(key: string): TestVerdict | undefined;
  keep(known: Known): void;
}

function createTestJudge(runTests: RunTests, known: KnownVerdicts): JudgeProgram {
  return async (program, options) => {
    const keyOf = testKeys(program);
    const tests = program.definitions.filter((definition) => definition.type === "FunctionTest");
    const asked = tests.map((test) => {
      const key = keyOf(test);
      const own = known.find(key, options);
      return { test, key, own, earlier: own ?? known.findElsewhere(key) };
    });
    const due = asked.flatMap(({ test, earlier }) => earlier === undefined ? [test] : []);
    const fresh = due.length === 0 ? [] : await runTests(program, due, options);
    const freshByName = new Map(fresh.map((verdict) => [nameOf(verdict), verdict]));
    const verdicts: TestVerdict[] = [];
    const kept = new Map<string, TestVerdict>();
    for (const { test, key, own, earlier } of asked) {
      const verdict = (earlier && placed(earlier, test)) ?? freshByName.get(nameOf(test.id)) ??
        notJudged(test);
      verdicts.push(verdict);
      // Whoever learned from another that it takes too long tells nobody else.
      const isOwn = own !== undefined || earlier === undefined;
      if (verdict.passed || (verdict.isTooSlow && isOwn)) kept.set(key, verdict);
    }
    known.keep(kept);
    return verdicts;
  };
}

function nameOf(
  { namespace, name }: { readonly namespace: string; readonly name: string },
): string {
  return `${namespace}/${name}`;
}

/** Another channel may hold the same test at another place. */
function placed(verdict: TestVerdict, { source: { file, line } }: FunctionTest): TestVerdict {
  return verdict.passed ? verdict : { ...verdict, file, line };
}

/** A test nobody ran is no reason to trust what it tests. */
function notJudged(test: FunctionTest): TestVerdict {
  const { namespace, name } = test.id;
  const { file, line } = test.source;
  return {
    namespace,
    name,
    passed: false,
    reason: `FunctionTest "${name}" was not run`,
    file,
    line,
  };
}

function testKeys(program: Program): (test: FunctionTest) => string {
  const views = new Map<string, Program>();
  return (test) => {
    const { id, functionRef: { kind, name } } = test;
    const view = views.get(id.namespace) ?? program.startingAt(id.namespace);
    views.set(id.namespace, view);
    const tested = view.winner(kind, name) && view.reachDigest(kind, name);
    return testKey(test, tested ?? "missing");
  };
}

/** The key of a test that was asked for last: in most channels it is the same. */
const lastKeys = new WeakMap<FunctionTest, { readonly tested: string; readonly key: string }>();

function testKey(test: FunctionTest, tested: string): string {
  const last = lastKeys.get(test);
  if (last !== undefined && last.tested === tested) return last.key;
  const key = `${nameOf(test.id)} ${test.digest} ${tested}`;
  lastKeys.set(test, { tested, key });
  return key;
}
