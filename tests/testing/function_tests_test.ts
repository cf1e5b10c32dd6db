// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { runFunctionTests } from "../../src/testing/mod.ts";
import { programOf, resultsOf, runOneTest, runText } from "./run_text.ts";

const VALUE_FUNCTION = `
apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: f}
spec:
  preconditions:
  - assert: =!has(inputs.skip)
    skip: {message: Skipped It}
  return: {v: =inputs.v, base: =resource}
`;

const CONFIG_MAP = `
apiVersion: koreo.dev/v1beta1
kind: ResourceFunction
metadata: {name: f}
spec:
  apiConfig: {apiVersion: v1, kind: ConfigMap, name: =inputs.name, namespace: ns}
  resource: {data: {k: =inputs.v}}
  create: {delay: 7}
  return: {k: =resource.data.k}
`;

function valueTest(cases: string, spec = ""): string {
  return `${VALUE_FUNCTION}---${testOf("ValueFunction", cases, `inputs: {v: 1}\n${spec}`)}`;
}

function resourceTest(cases: string, spec = ""): string {
  const inputs = "inputs: {v: x, name: n}";
  return `${CONFIG_MAP}---${testOf("ResourceFunction", cases, `${inputs}\n${spec}`)}`;
}

function testOf(kind: string, cases: string, spec: string): string {
  const indented = (text: string, by: string) => text.trim().replaceAll(/^/gm, by);
  return `
apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata: {name: t}
spec:
  functionRef: {kind: ${kind}, name: f}
${indented(spec, "  ")}
  testCases:
${indented(cases, "  ")}
`;
}

const object = (data: string, rest = "") =>
  `{apiVersion: v1, kind: ConfigMap, metadata: {name: n, namespace: ns}, data: ${data}${rest}}`;

Deno.test("FT-5 a test without cases passes", async () => {
  const test = await runOneTest(
    valueTest("- expectOutcome: {ok: {}}").replace(/testCases:[^]*/, "testCases: []"),
  );
  deepEqual([test.pass, test.cases], [true, []]);
});

Deno.test("FT-8 a skipped case changes nothing and passes", async () => {
  const test = await runOneTest(valueTest(`
- skip: true
  inputOverrides: {v: 2}
  expectReturn: {v: 99}
- expectReturn: {v: 1, base: {}}
`));
  deepEqual(resultsOf(test), ["skipped", "pass"]);
  deepEqual([test.pass, test.cases[0]?.message], [true, "user skipped"]);
});

Deno.test("FT-18 a missing Function fails the test, and no case is run", async () => {
  const test = await runOneTest(
    testOf("ValueFunction", "- {label: a, expectOutcome: {ok: {}}}", "inputs: {}"),
  );
  equal(
    test.message,
    "ValueFunction (f) not found or not ready, FunctionTest 't' must wait. Not found",
  );
  deepEqual([test.pass, resultsOf(test)], [false, ["notRun"]]);
});

Deno.test("FT-18 a broken Function fails the test with its first fault and its place", async () => {
  const test = await runOneTest(
    valueTest("- expectOutcome: {ok: {}}").replace("=inputs.v", "=1 +"),
  );
  match(test.message ?? "", /must wait\. test\.koreo:9:\d+ error expression-syntax: /);
  deepEqual(resultsOf(test), ["notRun"]);
});

Deno.test("a broken FunctionTest fails with its cases not run", async () => {
  const test = await runOneTest(valueTest("- label: nothing to check"));
  match(test.message ?? "", /error assertion-count/);
  deepEqual([test.pass, resultsOf(test)], [false, ["notRun"]]);
  deepEqual(test.functionRef, { kind: "ValueFunction", name: "f" });
});

Deno.test("FT-20 inputs and object are carried, a variant's are not", async () => {
  const test = await runOneTest(resourceTest(`
- inputOverrides: {v: a}
  expectResource: ${object("{k: a}")}
- inputOverrides: {v: b}
  variant: true
  expectOutcome: {retry: {message: patching, delay: 0}}
- expectReturn: {k: a}
`));
  deepEqual(resultsOf(test), ["pass", "pass", "pass"]);
});

Deno.test("FT-20 an overlay needs an object", async () => {
  const test = await runOneTest(resourceTest(`
- overlayResource: {data: {k: y}}
  expectOutcome: {ok: {}}
`));
  equal(
    test.cases[0]?.message,
    "Can not overlay until the full resource exists. " +
      "Try setting `currentResource` or reordering test cases.",
  );
});

Deno.test("FT-20 an overlay that cannot be evaluated fails the case", async () => {
  const test = await runOneTest(resourceTest(`
- currentResource: ${object("{k: x}")}
  expectReturn: {k: x}
- label: bad overlay
  variant: true
  overlayResource: {data: {k: =resource.data.nope}}
  expectReturn: {k: x}
`));
  deepEqual(resultsOf(test), ["pass", "fail"]);
  match(
    test.cases[1]?.message ?? "",
    /^Could not run test case due to resource overlay error: \(Permanent Failure \(message=Error evaluating `\[variant\] bad overlay:overlayResource` /,
  );
});

Deno.test("EX-13 an overlay sees resource, template, inputs and every input", async () => {
  const test = await runOneTest(resourceTest(
    `
- overlayResource:
    data: {k: =v, a: =resource.data.k, b: =template.data.k, c: =inputs.name, d: =name}
  expectReturn: {k: x}
- overlayResource: {data: {k: '=resource.data.a + resource.data.b + resource.data.c'}}
  inputOverrides: {v: oldoldn}
  expectReturn: {k: oldoldn}
`,
    `currentResource: ${object("{k: old}")}`,
  ));
  deepEqual(resultsOf(test), ["pass", "pass"]);
});

Deno.test("FT-10 an empty currentResource is ignored, another one replaces the object", async () => {
  const test = await runOneTest(resourceTest(
    `
- currentResource: {}
  expectReturn: {k: x}
- currentResource: ${object("{k: q}")}
  expectOutcome: {retry: {message: patching, delay: 0}}
`,
    `currentResource: ${object("{k: x}")}`,
  ));
  deepEqual(resultsOf(test), ["pass", "pass"]);
});

Deno.test("FT-22 after a failing case the rest is not run, after a failing variant it is", async () => {
  const test = await runOneTest(valueTest(`
- variant: true
  expectReturn: {v: 2}
- expectReturn: {v: 1, base: {}}
- expectReturn: {v: 3, base: {}}
- expectReturn: {v: 1, base: {}}
`));
  deepEqual(resultsOf(test), ["fail", "pass", "fail", "notRun"]);
  equal(test.pass, false);
});

Deno.test("FT-23 a patch is carried merged, with what the object had besides", async () => {
  const test = await runOneTest(resourceTest(
    `
- expectOutcome: {retry: {message: patching, delay: 0}}
- overlayResource: {data: {k: '=resource.data.more + resource.status.s'}}
  inputOverrides: {v: mup}
  expectReturn: {k: mup}
`,
    `currentResource: ${object("{k: old, more: m}", ", status: {s: up}")}`,
  ));
  deepEqual(resultsOf(test), ["pass", "pass"]);
});

Deno.test("FT-23 after a deletion there is no object, and the next case creates it", async () => {
  const test = await runOneTest(
    resourceTest(
      `
- expectDelete: true
- expectDelete: false
- expectReturn: {k: x}
`,
      `currentResource: ${object("{k: old}")}`,
    ).replace("  create: {delay: 7}", "  update: {recreate: {}}"),
  );
  deepEqual(resultsOf(test), ["pass", "pass", "pass"]);
  deepEqual(test.cases.map((one) => one.message), [
    "Delete called",
    "Delete not called.",
    undefined,
  ]);
});

Deno.test("FT-24 a report has label, place, expected and actual outcome", async () => {
  const test = await runOneTest(valueTest("- {label: two, expectReturn: {v: 2, base: {}}}"));
  const { outcome: _outcome, ...report } = test.cases[0] ?? {};
  deepEqual(report, {
    label: "two",
    result: "fail",
    file: "test.koreo",
    line: 18,
    differences: { v: "expected '`2`' but found '`1`'" },
    expected: 'Ok(data={"v": 2, "base": {}})',
    actual: 'Ok(data={"v": 1, "base": {}})',
  });
});

Deno.test("FT-27 the object is the base of a ValueFunction", async () => {
  const test = await runOneTest(valueTest(
    "- expectReturn: {v: 1, kept: true, base: {kept: true}}",
    "currentResource: {kept: true}",
  ));
  deepEqual(resultsOf(test), ["pass"]);
});

Deno.test("FT-30 a failing case names the object it was asked for and the one it has", async () => {
  const test = await runOneTest(resourceTest(
    "- expectReturn: {k: x}",
    `currentResource: ${object("{k: x}").replace("name: n", "name: other")}`,
  ));
  match(
    test.cases[0]?.message ?? "",
    /\nThe Function asked for ConfigMap "ns\/n" \(v1\), the object of the test is ConfigMap "ns\/other" \(v1\)$/,
  );
});

const OWNER =
  "owner: {apiVersion: example.dev/v1, kind: Trigger, name: t, namespace: ns, uid: uid-1}";

Deno.test("FT-32 owner references are set with an owner", async () => {
  const reference =
    "{apiVersion: example.dev/v1, kind: Trigger, blockOwnerDeletion: true, controller: false, name: t, uid: uid-1}";
  const owned = object("{k: x}").replace(
    "namespace: ns}",
    `namespace: ns, ownerReferences: [${reference}]}`,
  );
  deepEqual(resultsOf(await runOneTest(resourceTest(`- expectResource: ${owned}`, OWNER))), [
    "pass",
  ]);
});

Deno.test("FT-32 owner references are not set without an owner", async () => {
  const test = await runOneTest(resourceTest(`- expectResource: ${object("{k: x}")}`));
  deepEqual(resultsOf(test), ["pass"]);
});

interface Failure {
  readonly name: string;
  readonly given: string;
  readonly object?: string;
  readonly message?: string;
  readonly differences?: unknown;
}

const FAILURES: readonly Failure[] = [
  {
    name: "FT-40 reports that nothing was changed",
    given: `- expectResource: ${object("{k: x}")}`,
    object: object("{k: x}"),
    message: "No resource changes attempted: unexpected Ok result",
  },
  {
    name: "FT-40 compares whole top-level keys of the patched object",
    given: `- expectResource: ${object("{k: x, more: m}")}`,
    object: object("{k: old, more: m}"),
    differences: { data: { more: "missing" } },
  },
  {
    name: "FT-41 reports an outcome that is not Ok",
    given: "- expectReturn: {k: x}",
    message: "Non-Ok return value (Retry(delay=7, message=Creating ConfigMap:ns:n.))",
  },
  {
    name: "FT-42 reports another outcome",
    given: "- expectOutcome: {ok: {}}",
    message: "Expected(Ok) Actual(Retry(delay=7, message=Creating ConfigMap:ns:n.))",
  },
  {
    name: "FT-44 reports that nothing was deleted",
    given: "- expectDelete: true",
    message: "Delete not called.",
  },
];

for (const { name, given, object: current, message, differences } of FAILURES) {
  Deno.test(name, async () => {
    const spec = current ? `currentResource: ${current}` : "";
    const test = await runOneTest(resourceTest(given, spec));
    equal(test.cases[0]?.result, "fail");
    deepEqual(
      [test.cases[0]?.message, test.cases[0]?.differences],
      [message, differences],
    );
  });
}

Deno.test("FT-40 leaves out removals, and the annotation of Koreo", async () => {
  const withRemoved = CONFIG_MAP.replace("{k: =inputs.v}", "{k: =inputs.v, gone: =inputs.gone}")
    .replace(
      "  create:",
      "  overlays:\n  - skipIf: =!inputs.gone\n    overlay: {data: {gone: old}}\n  create:",
    )
    .replace(", gone: =inputs.gone}", "}");
  const test = await runOneTest(
    `${withRemoved}---${
      testOf(
        "ResourceFunction",
        `
- expectResource: ${object("{k: x, gone: old}")}
- inputOverrides: {gone: false}
  expectResource: ${object("{k: x}")}
- expectReturn: {k: x}
`,
        "inputs: {v: x, name: n, gone: true}",
      )
    }`,
  );
  deepEqual(resultsOf(test), ["pass", "pass", "pass"]);
});

Deno.test("FT-45 runs until nothing is written and carries that state", async () => {
  const test = await runOneTest(resourceTest(`
- expectStable: true
- expectReturn: {k: x}
`));
  deepEqual(resultsOf(test), ["pass", "pass"]);
});

Deno.test("FT-45 an update loop fails with the path and the values it alternates between", async () => {
  const looping = CONFIG_MAP.replace(
    "  create: {delay: 7}",
    "  create: {overlay: {data: {k: z}}}\n  update: {recreate: {}}",
  );
  const test = await runOneTest(
    `${looping}---${testOf("ResourceFunction", "- expectStable: true", "inputs: {v: x, name: n}")}`,
  );
  deepEqual(test.cases[0]?.message?.split("\n"), [
    "Not stable after 6 writes",
    'ConfigMap "ns/n" (v1): create 3×, recreate 3×',
    '  data.k alternates between "z" and "x"',
  ]);
});

Deno.test("SD-15 a test looks first in its own namespace", async () => {
  const inTeam = (text: string) =>
    text.replaceAll(/metadata: \{name: (\w+)\}/g, "metadata: {name: $1, namespace: team}");
  const shared = VALUE_FUNCTION.replace("v: =inputs.v", "v: 99");
  const report = await runText(
    `${shared}---${inTeam(VALUE_FUNCTION)}---${
      inTeam(testOf("ValueFunction", "- expectReturn: {v: 1, base: {}}", "inputs: {v: 1}"))
    }`,
  );
  deepEqual([report.passed, report.failed], [1, 0]);
});

const NAMES: readonly (readonly [filter: string, count: number])[] = [
  ["default/t", 1],
  ["/^default.t$/", 1],
  ["/T$/i", 1],
  ["other", 0],
];

for (const [filter, count] of NAMES) {
  Deno.test(`a filter ${filter} selects ${count} of the tests`, async () => {
    const report = await runText(valueTest("- expectOutcome: {ok: {}}"), filter);
    equal(report.tests.length, count);
  });
}

Deno.test("a run that is aborted rejects with the reason", async () => {
  const reason = new TypeError("enough");
  const program = programOf(valueTest("- expectOutcome: {ok: {}}"));
  await rejects(runFunctionTests(program, { signal: AbortSignal.abort(reason) }), reason);
});
