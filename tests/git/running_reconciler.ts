// SPDX-License-Identifier: Apache-2.0

import { main } from "../../src/cli/main.ts";
import { until } from "../until.ts";

/** A line of the log. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** `koreo reconcile` in this process, on a cluster in memory. */
export interface RunningReconciler extends AsyncDisposable {
  /** Everything it has said, standard output and error. */
  said(): string;
  /** The first line, from the one after the last found on, whose message matches. */
  untilLogged(pattern: RegExp): Promise<LogLine>;
  /** Its exit code, when it ends by itself. */
  readonly done: Promise<number>;
  /** Ends it as SIGTERM does and gives the exit code. */
  end(): Promise<number>;
}

/** Starts it; log lines of every level are kept. */
export function runReconciler(args: readonly string[]): RunningReconciler {
  const ending = new AbortController();
  let [said, from] = ["", 0];
  const say = (text: string): void => {
    said += text;
  };
  const done = main(
    ["reconcile", "--cluster", "embedded", "--log-format", "json", "--log-level", "debug", ...args],
    { stdout: say, stderr: say, colour: false, signal: ending.signal },
  );
  const end = (): Promise<number> => {
    ending.abort(new DOMException("The process was asked to end", "AbortError"));
    return done;
  };
  const find = (pattern: RegExp): LogLine | undefined => {
    const lines = said.split("\n").slice(0, -1);
    for (let at = from; at < lines.length; at++) {
      const line = lines[at]?.startsWith("{") ? JSON.parse(lines[at] ?? "") : undefined;
      if (line === undefined || !pattern.test(line.message)) continue;
      from = at + 1;
      return line;
    }
    return undefined;
  };
  return {
    said: () => said,
    done,
    end,
    async untilLogged(pattern) {
      let code: number | undefined;
      done.then((ended) => code = ended, () => code = -1);
      const line = await until(`${pattern} is logged`, () => find(pattern) ?? code)
        .catch(() => undefined);
      if (typeof line === "object") return line;
      throw new RangeError(`Nothing like ${pattern} was logged (exit code ${code}):\n${said}`);
    },
    [Symbol.asyncDispose]: async () => void await end(),
  };
}

/** Definitions that pass their own test, of which one gives `value`. */
export function definitions(value: number): Record<string, string> {
  return {
    "koreo/number.k.yaml": `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: number}
spec:
  return: {value: ${value}}
---
apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata: {name: number}
spec:
  functionRef: {kind: ValueFunction, name: number}
  testCases:
  - label: gives its number
    expectReturn: {value: ${value}}
---
apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata: {name: numbers}
spec:
  crdRef: {apiGroup: example.com, version: v1, kind: Number}
  steps:
  - label: number
    ref: {kind: ValueFunction, name: number}
`,
  };
}
