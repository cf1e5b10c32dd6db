// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import { compileProgram, readDocuments } from "../../src/language/mod.ts";
import {
  coverageLcov,
  type CoverageReport,
  coverageText,
  createCoverage,
  runFunctionTests,
} from "../../src/testing/mod.ts";

const { signal } = new AbortController();

/** What the tests in a text reach of its definitions. */
async function coverageOf(text: string): Promise<CoverageReport> {
  const coverage = createCoverage();
  const { observer, observe } = coverage;
  const program = compileProgram(readDocuments({ path: "a.k.yaml", text }), { observer });
  deepEqual(program.diagnostics.filter(({ severity }) => severity === "error"), []);
  const { tests } = await runFunctionTests(program, { signal, observe });
  deepEqual(tests.filter(({ pass }) => !pass), []);
  return coverage.report(program);
}

/** Every point with the hits of its arms, as `path type: arm=hits arm=hits`. */
function armsOf({ definitions }: CoverageReport): readonly string[] {
  return definitions.flatMap(({ points }) =>
    points.map(({ path, type, text, arms }) => {
      const what = type === "operand" || type === "condition" ? ` ${text}` : "";
      return `${path} ${type}${what}: ${arms.map(({ name, hits }) => `${name}=${hits}`).join(" ")}`;
    })
  );
}

const valueFunction = (spec: string) =>
  `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: f}
spec:
${spec.replace(/^/gm, "  ")}
`;

const test = (kind: string, spec: string) =>
  `---
apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata: {name: f}
spec:
  functionRef: {kind: ${kind}, name: f}
${spec.replace(/^/gm, "  ")}
`;

const CASES = [
  {
    name: "predicates: those that hold and those that fire",
    text: valueFunction(`preconditions:
- assert: =inputs.size > 0
  permFail: {message: ="not " + string(inputs.size)}
- assert: =inputs.size < 9
  skip: {message: large}
return: {a: 1}`) + test(
      "ValueFunction",
      `inputs: {size: 1}
testCases:
- expectReturn: {a: 1}
- inputOverrides: {size: 0}
  expectOutcome: {permFail: {message: not 0}}`,
    ),
    arms: [
      "spec.preconditions[0].assert predicate: holds=1 fires=1",
      "spec.preconditions[0].permFail.message expression: evaluated=1",
      "spec.preconditions[1].assert predicate: holds=1 fires=0",
      "spec.return literal: evaluated=1",
    ],
  },
  {
    name: "the branches of ?:, && and ||, each operand for itself",
    text: valueFunction(`return:
  a: '=inputs.x && (inputs.y || inputs.z) ? "both" : "not"'
  b: '=[1, 2].map(n, n > 1 ? n : 0)'
  c: '=true ? 1 : 2'`) + test(
      "ValueFunction",
      `inputs: {x: true, y: true, z: false}
testCases:
- expectReturn: {a: both, b: [0, 2], c: 1}`,
    ),
    arms: [
      "spec.return.a expression: evaluated=1",
      "spec.return.a condition inputs.x && (inputs.y || inputs.z): true=1 false=0",
      "spec.return.a operand inputs.x: true=1 false=0",
      "spec.return.a operand inputs.y: true=1 false=0",
      "spec.return.a operand inputs.z: true=0 false=0",
      "spec.return.b expression: evaluated=1",
      "spec.return.b condition n > 1: true=1 false=1",
      "spec.return.c expression: evaluated=1",
    ],
  },
  {
    name: "what a ResourceFunction does, its overlays and its return",
    text: `apiVersion: koreo.dev/v1beta1
kind: ResourceFunction
metadata: {name: f}
spec:
  apiConfig: {apiVersion: v1, kind: ConfigMap, name: =inputs.name, namespace: ns}
  resource: {data: {k: =inputs.k}}
  overlays:
  - skipIf: =inputs.k == "a"
    overlay: {data: {more: "1"}}
  return: {k: =resource.data.k}
${
      test(
        "ResourceFunction",
        `inputs: {name: n, k: a}
testCases:
- expectOutcome: {retry: {message: creating, delay: 0}}
- expectReturn: {k: a}
- inputOverrides: {k: b}
  expectOutcome: {retry: {message: patching, delay: 0}}`,
      )
    }`,
    arms: [
      "spec.apiConfig action: created=1 matched=1 patched=1",
      "spec.apiConfig.name expression: evaluated=3",
      "spec.resource.data.k expression: evaluated=3",
      "spec.overlays[0].skipIf skipIf: true=2 false=1",
      "spec.overlays[0].overlay literal: evaluated=1",
      "spec.return.k expression: evaluated=1",
    ],
  },
  {
    name: "what a readonly function finds",
    text: `apiVersion: koreo.dev/v1beta1
kind: ResourceFunction
metadata: {name: f}
spec:
  apiConfig: {apiVersion: v1, kind: ConfigMap, name: n, namespace: ns, readonly: true}
  resource: {}
${test("ResourceFunction", "testCases:\n- expectOutcome: {retry: {message: Waiting, delay: 30}}")}`,
    arms: ["spec.apiConfig action: missing=1 found=0"],
  },
  {
    name: "steps, cases and lists of a Workflow, its sub-Workflow apart",
    text: `${valueFunction("return: {v: =inputs.v}")}---
apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata: {name: inner}
spec:
  steps:
  - label: one
    ref: {kind: ValueFunction, name: f}
    inputs: {v: =parent.v}
---
apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata: {name: f}
spec:
  configStep:
    ref: {kind: ValueFunction, name: f}
    inputs: {v: =parent.v}
  steps:
  - label: never
    skipIf: =steps.config.v == 1
    ref: {kind: ValueFunction, name: f}
    inputs: {v: 1}
  - label: items
    forEach: {itemIn: '=[1, 2]', inputKey: v}
    refSwitch:
      switchOn: =inputs.v
      cases:
      - {case: "1", kind: ValueFunction, name: f}
      - {case: "7", kind: Workflow, name: inner, default: true}
      - {case: "9", kind: ValueFunction, name: f}
${test("Workflow", "inputs: {v: 1}\ntestCases:\n- expectOutcome: {ok: {}}")}`,
    arms: [
      "spec.return.v expression: evaluated=3",
      "spec.steps[0] step: run=1",
      "spec.steps[0].inputs.v expression: evaluated=1",
      "spec.configStep step: run=1",
      "spec.configStep.inputs.v expression: evaluated=1",
      "spec.steps[0] step: run=0",
      "spec.steps[0].skipIf skipIf: true=1 false=0",
      "spec.steps[1] step: run=2",
      "spec.steps[1].forEach.itemIn forEach: empty=0 filled=1",
      "spec.steps[1].refSwitch.switchOn expression: evaluated=2",
      "spec.steps[1].refSwitch.cases[0] case: taken=1",
      "spec.steps[1].refSwitch.cases[1] case: taken=1",
      "spec.steps[1].refSwitch.cases[2] case: taken=0",
    ],
  },
] as const;

for (const { name, text, arms } of CASES) {
  Deno.test(`coverage counts ${name}`, async () => deepEqual(armsOf(await coverageOf(text)), arms));
}

Deno.test("coverage tells how steps ended", async () => {
  const { definitions } = await coverageOf(CASES[4].text);
  const outcomes = definitions.flatMap(({ points }) =>
    points.flatMap((point) => point.outcomes ?? [])
  );
  deepEqual(outcomes, [{ Ok: 1 }, { Ok: 1 }, { Skip: 1 }, { Ok: 1 }]);
});

Deno.test("coverage adds up by metric, and rounds down", async () => {
  const { percent, covered, total, expressions, branches, steps, actions } = await coverageOf(
    CASES[4].text,
  );
  deepEqual({ percent, covered, total, expressions, branches, steps, actions }, {
    percent: 73.3,
    covered: 11,
    total: 15,
    expressions: { covered: 4, total: 4 },
    branches: { covered: 4, total: 7 },
    steps: { covered: 3, total: 4 },
    actions: { covered: 0, total: 0 },
  });
});

Deno.test("coverage as text tells what no test reached, and no more than that", async () => {
  equal(
    coverageText(await coverageOf(CASES[1].text)),
    `coverage                 expressions  branches  steps  actions      all
ValueFunction default/f          3/3      5/10      -        -   61.5 %
  a.k.yaml:6:10 spec.return.a never false: inputs.x && (inputs.y || inputs.z)
  a.k.yaml:6:10 spec.return.a never false: inputs.x
  a.k.yaml:6:23 spec.return.a never false: inputs.y
  a.k.yaml:6:35 spec.return.a never true, never false: inputs.z
all                              3/3      5/10      -        -   61.5 %
`,
  );
});

Deno.test("coverage as an lcov tracefile has functions, branches and lines", async () => {
  equal(
    coverageLcov(await coverageOf(CASES[0].text)),
    `TN:
SF:a.k.yaml
FN:1,ValueFunction default/f
FNDA:2,ValueFunction default/f
FNF:1
FNH:1
BRDA:6,0,0,1
BRDA:6,0,1,1
BRDA:8,1,0,1
BRDA:8,1,1,0
BRF:4
BRH:3
DA:6,2
DA:7,1
DA:8,1
DA:10,1
LF:4
LH:4
end_of_record
`,
  );
});

Deno.test("coverage of a definition that no test reaches is zero, not absent", async () => {
  const { definitions } = await coverageOf(valueFunction("return: {v: =inputs.v}"));
  deepEqual(definitions.map(({ name, percent }) => [name, percent]), [["f", 0]]);
});

Deno.test("coverage begins anew, and a document that is compiled again replaces the former", async () => {
  const coverage = createCoverage();
  const { observer, observe } = coverage;
  const read = (text: string) => readDocuments({ path: "a.k.yaml", text });
  const tests = test("ValueFunction", "testCases:\n- expectOutcome: {ok: {}}");
  const first = compileProgram(read(valueFunction("return: {v: =1 + 1}") + tests), { observer });
  await runFunctionTests(first, { signal, observe });
  equal(coverage.report(first).percent, 100);
  coverage.reset();
  equal(coverage.report(first).percent, 0);
  const second = compileProgram(read(valueFunction("return: {v: =1 + 2}") + tests), {
    observer,
    previous: first,
  });
  await runFunctionTests(second, { signal, observe });
  const [point] = coverage.report(second).definitions[0]?.points ?? [];
  deepEqual(point?.arms, [{ name: "evaluated", hits: 1 }]);
});

Deno.test("a Program without an observer has nothing to tell: expressions are shared as ever", async () => {
  const text = `${valueFunction("return: {v: =inputs.v}")}---\n${
    valueFunction("return: {v: =inputs.v}").replace("name: f", "name: g")
  }`;
  const leaves = (program: ReturnType<typeof compileProgram>) =>
    program.definitions.map((definition) =>
      definition.type === "ValueFunction" && definition.return &&
      (definition.return as unknown as { part: { steps: readonly unknown[] } }).part.steps[0]
    );
  const [one, other] = leaves(compileProgram(readDocuments({ path: "a.k.yaml", text })));
  ok(one);
  equal(one, other);
  equal((one as object).constructor.name, "Expression");
  await Promise.resolve();
});
