// SPDX-License-Identifier: Apache-2.0

/** Rules of chapters 14 and 15, each by a FunctionTest that must pass and one that must not. */

import { deepEqual, equal, match } from "node:assert/strict";
import { checkFunctionAssertion } from "../../src/testing/function_assertions.ts";
import { resultsOf, runOneTest } from "./run_text.ts";

const VALUE_FUNCTION = `
apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: f}
spec:
  preconditions:
  - assert: =!has(inputs.wait)
    retry: {message: wait, delay: 3}
  return: {a: =inputs.a, b: =inputs.m.b, c: =inputs.m.c, base: '=has(resource.spec)'}
---
`;

const RESOURCE_FUNCTION = `
apiVersion: koreo.dev/v1beta1
kind: ResourceFunction
metadata: {name: f}
spec:
  apiConfig: {apiVersion: v1, kind: ConfigMap, name: n, namespace: ns}
  resource: {data: {k: =inputs.k}}
  update: {=update}
  return: {k: =resource.data.k}
---
`;

const WORKFLOW = `
apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata: {name: f}
spec:
  steps:
  - label: value
    ref: {kind: ValueFunction, name: v}
    inputs: {a: =parent.spec.a, b: =parent.spec.b}
    state: {a: =value.a, deep: '={"b": value.b}'}
---
apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: v}
spec:
  preconditions: [{assert: =inputs.a != 0, skip: {message: zero}}]
  return: {a: =inputs.a, b: =inputs.b}
---
`;

const SUBJECTS = {
  ValueFunction: { text: VALUE_FUNCTION, given: "inputs: {a: 1, m: {b: 2, c: 3}}" },
  ResourceFunction: { text: RESOURCE_FUNCTION, given: "inputs: {k: x}" },
  Workflow: {
    text: WORKFLOW,
    given:
      "parent: {apiVersion: e.dev/v1, kind: T, metadata: {name: t, namespace: ns}, spec: {a: 1, b: 2}}",
  },
};

interface Row {
  readonly name: string;
  readonly kind: keyof typeof SUBJECTS;
  readonly cases: string;
  readonly results: string;
  readonly given?: string;
  readonly update?: string;
  readonly message?: RegExp;
}

const CONFIG_MAP = (data: string) =>
  `{apiVersion: v1, kind: ConfigMap, metadata: {name: n, namespace: ns}, data: ${data}}`;
const SOLD = CONFIG_MAP("{k: x, other: kept}");

const ROWS: readonly Row[] = [
  {
    name: "FT-2 inputs are literal, and those of the first case",
    kind: "ValueFunction",
    given: "inputs: {a: =1 + 1, m: {b: 2, c: 3}}",
    cases: "- expectReturn: {a: '=1 + 1', b: 2, c: 3, base: false}",
    results: "pass",
  },
  {
    name: "FT-2 without inputs there are none",
    kind: "ValueFunction",
    given: "inputs: {}",
    cases: "- expectOutcome: {permFail: {message: a}}",
    results: "pass",
  },
  {
    name: "FT-3 X18 currentResource is what is in the cluster, for a ValueFunction the base",
    kind: "ValueFunction",
    given: `inputs: {a: 1, m: {b: 2, c: 3}}\n  currentResource: {spec: {z: 1}}`,
    cases: "- expectReturn: {spec: {z: 1}, a: 1, b: 2, c: 3, base: true}",
    results: "pass",
  },
  {
    name: "FT-3 currentResource is literal",
    kind: "ResourceFunction",
    given: `inputs: {k: =1 + 1}\n  currentResource: ${CONFIG_MAP("{k: =1 + 1}")}`,
    cases: "- expectReturn: {k: =1 + 1}",
    results: "pass",
  },
  {
    name: "FT-7 a variant carries neither its inputs nor its object forward",
    kind: "ResourceFunction",
    cases: `
- {variant: true, inputOverrides: {k: y}, expectResource: ${CONFIG_MAP("{k: y}")}}
- {expectResource: ${CONFIG_MAP("{k: x}")}}
- {expectReturn: {k: x}}`,
    results: "pass pass pass",
  },
  {
    name: "FT-9 inputOverrides are merged onto the inputs, literally, and carried",
    kind: "ValueFunction",
    cases: `
- {inputOverrides: {m: {b: =9}}, expectReturn: {a: 1, b: =9, c: 3, base: false}}
- {inputOverrides: {a: 4}, expectReturn: {a: 4, b: =9, c: 3, base: false}}`,
    results: "pass pass",
  },
  {
    name: "FT-13 expectResource is literal and compared whole",
    kind: "ResourceFunction",
    given: "inputs: {k: =1}",
    cases: `
- {variant: true, expectResource: ${CONFIG_MAP("{k: =1}")}}
- {variant: true, expectResource: ${CONFIG_MAP("{}")}}
- {variant: true, expectResource: ${CONFIG_MAP("{k: =1, more: 1}")}}`,
    results: "pass fail fail",
  },
  {
    name: "FT-14 expectReturn is literal and compared whole",
    kind: "ValueFunction",
    given: "inputs: {a: =1, m: {b: 2, c: 3}}",
    cases: `
- {variant: true, expectReturn: {a: =1, b: 2, c: 3, base: false}}
- {variant: true, expectReturn: {a: =1, b: 2, c: 3}}
- {variant: true, expectReturn: {a: 1, b: 2, c: 3, base: false}}`,
    results: "pass fail fail",
  },
  {
    name: "FT-16 FT-44 expectDelete looks at the deletion and not at the outcome",
    kind: "ResourceFunction",
    update: "recreate: {delay: 1}",
    given: `inputs: {k: new}\n  currentResource: ${SOLD}`,
    cases: `
- {variant: true, expectDelete: true}
- {variant: true, expectDelete: false}
- {variant: true, inputOverrides: {k: x}, expectDelete: false}
- {variant: true, inputOverrides: {k: x}, expectDelete: true}`,
    results: "pass fail pass fail",
  },
  {
    name: "FT-21 the first case starts with inputs and currentResource of the test",
    kind: "ResourceFunction",
    given: `inputs: {k: x}\n  currentResource: ${SOLD}`,
    cases: "- expectReturn: {k: x}",
    results: "pass",
  },
  {
    name: "FT-43 D18c ok requires that nothing was written",
    kind: "ResourceFunction",
    given: `inputs: {k: x}\n  currentResource: ${SOLD}`,
    cases: `
- {variant: true, expectOutcome: {ok: {}}}
- {variant: true, inputOverrides: {k: y}, expectOutcome: {ok: {}}}`,
    results: "pass fail",
  },
  {
    name: "D18b FT-22 cases after a failure are reported as not run",
    kind: "ValueFunction",
    cases: `
- {expectOutcome: {ok: {}}}
- {expectOutcome: {skip: {message: ''}}}
- {expectOutcome: {ok: {}}}
- {skip: true, expectOutcome: {ok: {}}}`,
    results: "pass fail notRun notRun",
  },
  {
    name: "D18d FT-23 fields that nobody applied survive a later patch in the carried object",
    kind: "ResourceFunction",
    given: `inputs: {k: x}\n  currentResource: ${SOLD}`,
    cases: `
- {inputOverrides: {k: y}, expectOutcome: {retry: {message: patching, delay: 0}}}
- {overlayResource: {seen: =resource.data.other}, expectReturn: {k: y}}`,
    results: "pass pass",
  },
  {
    name: "D18f owner references appear only with an owner",
    kind: "ResourceFunction",
    given: "inputs: {k: x}\n  owner: {apiVersion: v1, kind: T, name: t, namespace: ns, uid: u}",
    cases: `
- {variant: true, expectResource: ${CONFIG_MAP("{k: x}")}}
- variant: true
  expectResource:
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: n
      namespace: ns
      ownerReferences:
      - {apiVersion: v1, kind: T, blockOwnerDeletion: true, controller: false, name: t, uid: u}
    data: {k: x}`,
    results: "fail pass",
  },
  {
    name: "X15 overlayResource without an object fails a variant, and no more",
    kind: "ResourceFunction",
    cases: `
- {variant: true, overlayResource: {a: 1}, expectOutcome: {ok: {}}}
- {expectResource: ${CONFIG_MAP("{k: x}")}}`,
    results: "fail pass",
    message: /Can not overlay until the full resource exists/,
  },
  {
    name: "E3 expectStable finds the state that no run changes",
    kind: "ResourceFunction",
    cases: "- {expectStable: true}\n- {expectReturn: {k: x}}",
    results: "pass pass",
  },
  {
    name: "FW-1 E2 a whole Workflow is run with the Logic it refers to",
    kind: "Workflow",
    cases: "- expectOutcome: {ok: {}}\n  expectConditions: [{type: Ready, status: 'True'}]",
    results: "pass",
  },
  {
    name: "FW-1 what chapter 14 says of cases holds for Workflows",
    kind: "Workflow",
    cases: `
- {variant: true, expectOutcome: {skip: {message: zero}}}
- {skip: true, expectOutcome: {skip: {message: zero}}}
- {inputOverrides: {spec: {a: 0}}, expectOutcome: {skip: {message: zero}}}
- {expectOutcome: {ok: {}}}
- {expectOutcome: {ok: {}}}`,
    results: "fail skipped pass fail notRun",
  },
  {
    name: "FW-5 inputOverrides are merged onto the parent, and carried",
    kind: "Workflow",
    cases: `
- {inputOverrides: {spec: {a: 5}}, expectState: {a: 5, deep: {b: 2}}}
- {inputOverrides: {spec: {b: 6}}, expectState: {a: 5, deep: {b: 6}}}`,
    results: "pass pass",
  },
  {
    name: "FW-5 inputOverrides are merged onto the inputs of a sub-Workflow",
    kind: "Workflow",
    given: "inputs: {spec: {a: 1, b: 2}}",
    cases: "- {inputOverrides: {spec: {a: 5}}, expectState: {a: 5, deep: {b: 2}}}",
    results: "pass",
  },
  {
    name: "FW-10 expectState is the whole state, exactly",
    kind: "Workflow",
    cases: `
- {variant: true, expectState: {a: 1, deep: {b: 2}}}
- {variant: true, expectState: {a: 1}}
- {variant: true, expectState: {a: 1, deep: {}}}
- {variant: true, expectState: {}}
- {variant: true, inputOverrides: {spec: {a: 0}}, expectState: {}}`,
    results: "pass fail fail fail pass",
  },
];

function textOf({ kind, cases, given, update = "patch: {delay: 1}" }: Row): string {
  const subject = SUBJECTS[kind];
  return `${subject.text.replace("=update", update)}
apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata: {name: t}
spec:
  functionRef: {kind: ${kind}, name: f}
  ${given ?? subject.given}
  testCases:
${cases.trim().replaceAll(/^/gm, "  ")}
`;
}

for (const row of ROWS) {
  Deno.test(row.name, async () => {
    const test = await runOneTest(textOf(row));
    const messages = test.cases.map(({ message }) => message ?? "");
    deepEqual(resultsOf(test), row.results.split(" "), `${test.message} ${messages.join("; ")}`);
    equal(test.pass, !row.results.includes("fail"));
    if (row.message) match(messages.join(), row.message);
  });
}

Deno.test("FT-41 FT-43 neither a return nor ok passes beside a write, whatever the outcome", () => {
  const resource = { apiVersion: "v1", kind: "ConfigMap", name: "n", namespace: "ns" };
  const run = {
    outcome: { type: "Ok", value: { a: 1 } },
    writes: [{ type: "delete", resource }],
  } as const;
  const still = { ...run, writes: [] };
  for (
    const assertion of [
      { type: "return", value: { a: 1 } },
      { type: "outcome", outcome: { type: "Ok" } },
    ] as const
  ) {
    const { pass, message } = checkFunctionAssertion(assertion, run);
    deepEqual([pass, message], [false, `Resource changes attempted: delete ConfigMap "ns/n" (v1)`]);
    equal(checkFunctionAssertion(assertion, still).pass, true);
  }
});
