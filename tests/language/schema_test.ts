// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import type { DefinitionKind } from "../../src/language/mod.ts";
import { compiled, definition, findings, programOf } from "./definitions.ts";

const API = "apiConfig: {apiVersion: v1, kind: A, name: a, namespace: b}";
const REF = "ref: {kind: ValueFunction, name: other.v1}";
const UNKNOWN = "unknown-reference";

type Case = readonly [
  rule: string,
  kind: DefinitionKind,
  spec: string,
  expected: readonly string[],
];

/** What each text is told; `unknown-reference` is left out where it is not the point. */
const CASES: readonly Case[] = [
  [
    "VF-1 preconditions alone are enough",
    "ValueFunction",
    "preconditions: [{assert: =true, ok: {}}]",
    [],
  ],
  ["VF-3 one of preconditions and return is required", "ValueFunction", "locals: {a: 1}", [
    "missing-field spec",
  ]],
  ["VF-3 return: {} counts as given", "ValueFunction", "return: {}", []],
  ["VF-3 return must be a map", "ValueFunction", "return: =inputs.x", ["wrong-type spec.return"]],
  [
    "SD-32 null is an error where it is not allowed",
    "ValueFunction",
    "return: {x: 1}\nlocals: null",
    ["wrong-type spec.locals"],
  ],
  ["SD-31 an unknown field is a warning", "ValueFunction", "return: {x: 1}\nfoo: 1", [
    "unknown-field spec.foo",
  ]],
  [
    "SD-31 unknown fields are told at any depth",
    "ValueFunction",
    "preconditions: [{assert: =true, skip: {message: a, why: b}}]",
    [
      "unknown-field spec.preconditions[0].skip.why",
    ],
  ],
  ["PR-2 assert must begin with =", "ValueFunction", "preconditions: [{assert: 'true', ok: {}}]", [
    "bad-value spec.preconditions[0].assert",
  ]],
  ["PR-2 assert is text", "ValueFunction", "preconditions: [{assert: true, ok: {}}]", [
    "wrong-type spec.preconditions[0].assert",
  ]],
  [
    "PR-3 an entry has exactly one action",
    "ValueFunction",
    "preconditions: [{assert: =true}, {assert: =true, ok: {}, skip: {message: a}}]",
    [
      "exactly-one spec.preconditions[0]",
      "exactly-one spec.preconditions[1].skip",
    ],
  ],
  [
    "PR-6 retry needs message and delay",
    "ValueFunction",
    "preconditions: [{assert: =true, retry: {}}]",
    [
      "missing-field spec.preconditions[0].retry",
      "missing-field spec.preconditions[0].retry",
    ],
  ],
  [
    "PR-6 a delay is not negative",
    "ValueFunction",
    "preconditions: [{assert: =true, retry: {message: a, delay: -1}}]",
    [
      "bad-value spec.preconditions[0].retry.delay",
    ],
  ],
  [
    "PR-6 a delay is whole",
    "ValueFunction",
    "preconditions: [{assert: =true, retry: {message: a, delay: 1.5}}]",
    [
      "wrong-type spec.preconditions[0].retry.delay",
    ],
  ],
  [
    "PR-9 a message is text",
    "ValueFunction",
    "preconditions: [{assert: =true, skip: {message: 1}}]",
    [
      "wrong-type spec.preconditions[0].skip.message",
    ],
  ],
  [
    "VF-10 locals used as a whole within locals are a cycle",
    "ValueFunction",
    "locals: {a: =size(locals)}\nreturn: {x: 1}",
    [
      "local-cycle spec.locals.a",
    ],
  ],
  ["RT-1 template is required", "ResourceTemplate", "context: {}", ["missing-field spec"]],
  ["RT-1 a template has apiVersion and kind", "ResourceTemplate", "template: {kind: ''}", [
    "missing-field spec.template",
    "bad-value spec.template.kind",
  ]],
  [
    "RT-2 context may be null",
    "ResourceTemplate",
    "template: {apiVersion: v1, kind: A}\ncontext: null",
    [],
  ],
  ["RT-2 context is a map", "ResourceTemplate", "template: {apiVersion: v1, kind: A}\ncontext: 1", [
    "wrong-type spec.context",
  ]],
  [
    "RT-3 a template is literal",
    "ResourceTemplate",
    "template: {apiVersion: v1, kind: A, a: [{b: =x}]}",
    [
      "not-evaluated spec.template.a[0].b",
    ],
  ],
  [
    "RF-3 apiVersion and kind are required",
    "ResourceFunction",
    "apiConfig: {name: a, namespace: b}\nresource: {}",
    [
      "missing-field spec.apiConfig",
      "missing-field spec.apiConfig",
    ],
  ],
  [
    "RF-6 a namespaced kind needs a namespace",
    "ResourceFunction",
    "apiConfig: {apiVersion: v1, kind: A, name: a}\nresource: {}",
    [
      "missing-field spec.apiConfig",
    ],
  ],
  [
    "RF-6 a cluster-scoped kind needs none",
    "ResourceFunction",
    "apiConfig: {apiVersion: v1, kind: A, name: a, namespaced: false}\nresource: {}",
    [],
  ],
  ["RF-9 resource: {} is allowed", "ResourceFunction", `${API}\nresource: {}`, []],
  ["RF-9 a base is required", "ResourceFunction", API, ["exactly-one spec"]],
  [
    "RF-11 an entry is inline or a reference",
    "ResourceFunction",
    `${API}\nresource: {}\noverlays: [{skipIf: =true}]`,
    [
      "exactly-one spec.overlays[0]",
    ],
  ],
  [
    "RF-12 an inline overlay is not empty",
    "ResourceFunction",
    `${API}\nresource: {}\noverlays: [{overlay: {}}]`,
    [
      "bad-value spec.overlays[0].overlay",
    ],
  ],
  [
    "RF-12 an inline overlay takes no inputs",
    "ResourceFunction",
    `${API}\nresource: {}\noverlays: [{overlay: {a: 1}, inputs: {b: 1}}]`,
    [
      "conflict spec.overlays[0].inputs",
    ],
  ],
  [
    "RF-13 only a ValueFunction can be an overlay",
    "ResourceFunction",
    `${API}\nresource: {}\noverlays: [{overlayRef: {kind: Workflow, name: a}}]`,
    [
      "bad-value spec.overlays[0].overlayRef.kind",
    ],
  ],
  [
    "RF-17 create.overlay may be null",
    "ResourceFunction",
    `${API}\nresource: {}\ncreate: {overlay: null}`,
    [],
  ],
  [
    "RF-18 update has exactly one policy",
    "ResourceFunction",
    `${API}\nresource: {}\nupdate: {never: {}, patch: {}}`,
    [
      "exactly-one spec.update.never",
    ],
  ],
  ["RF-19 delete has exactly one policy", "ResourceFunction", `${API}\nresource: {}\ndelete: {}`, [
    "exactly-one spec.delete",
  ]],
  ["RF-21 return is a map", "ResourceFunction", `${API}\nresource: {}\nreturn: [1]`, [
    "wrong-type spec.return",
  ]],
  [
    "WF-1 crdRef needs all three fields",
    "Workflow",
    `crdRef: {kind: A}\nsteps: [{label: one, ${REF}}]`,
    [
      "missing-field spec.crdRef",
      "missing-field spec.crdRef",
    ],
  ],
  [
    "WF-1 apiGroup may be empty",
    "Workflow",
    `crdRef: {apiGroup: '', version: v1, kind: A}\nsteps: [{label: one, ${REF}}]`,
    [],
  ],
  ["WF-2 a step is required", "Workflow", "steps: []", ["missing-field spec.steps"]],
  ["WF-2 steps is a list", "Workflow", "steps: {}", ["wrong-type spec.steps"]],
  ["WF-3 a label has 3 to 45 characters", "Workflow", `steps: [{label: ab, ${REF}}]`, [
    "bad-value spec.steps[0].label",
  ]],
  ["WF-3 a label has no other characters", "Workflow", `steps: [{label: a-b, ${REF}}]`, [
    "bad-value spec.steps[0].label",
  ]],
  ["WF-4 a step has ref or refSwitch", "Workflow", "steps: [{label: one}]", [
    "exactly-one spec.steps[0]",
  ]],
  [
    "WF-6 a switch has at least one case",
    "Workflow",
    "steps: [{label: one, refSwitch: {switchOn: =1, cases: []}}]",
    [
      "bad-value spec.steps[0].refSwitch.cases",
    ],
  ],
  [
    "WF-6 a case is text",
    "Workflow",
    "steps: [{label: one, refSwitch: {switchOn: =1, cases: [{case: 1, kind: Workflow, name: a}]}}]",
    [
      "wrong-type spec.steps[0].refSwitch.cases[0].case",
    ],
  ],
  [
    "WF-6 a case is no expression",
    "Workflow",
    "steps: [{label: one, refSwitch: {switchOn: =1, cases: [{case: =a, kind: Workflow, name: a}]}}]",
    [
      "bad-value spec.steps[0].refSwitch.cases[0].case",
    ],
  ],
  [
    "WF-8 forEach needs both fields",
    "Workflow",
    `steps: [{label: one, ${REF}, forEach: {itemIn: =parent.a}}]`,
    [
      "missing-field spec.steps[0].forEach",
    ],
  ],
  [
    "X24 forEach.condition is not known",
    "Workflow",
    `steps: [{label: one, ${REF}, forEach: {itemIn: =parent.a, inputKey: k, condition: {}}}]`,
    [
      "unknown-field spec.steps[0].forEach.condition",
    ],
  ],
  [
    "WF-10 a condition needs type and name",
    "Workflow",
    `steps: [{label: one, ${REF}, condition: {type: Xy}}]`,
    [
      "missing-field spec.steps[0].condition",
    ],
  ],
  [
    "WF-11 state has at most 10 keys",
    "Workflow",
    `steps: [{label: one, ${REF}, state: {${
      Array.from({ length: 11 }, (_, n) => `k${n}: 1`).join(", ")
    }}}]`,
    ["bad-value spec.steps[0].state"],
  ],
  [
    "WF-20 configStep has no skipIf, forEach, refSwitch",
    "Workflow",
    `configStep: {${REF}, skipIf: =true, forEach: {}}`,
    [
      "conflict spec.configStep.skipIf",
      "conflict spec.configStep.forEach",
    ],
  ],
  ["WF-20 configStep needs a ref", "Workflow", "configStep: {label: abc}", [
    "missing-field spec.configStep",
  ]],
  [
    "WF-14 configStep shares its label with no step",
    "Workflow",
    `configStep: {${REF}}\nsteps: [{label: config, ${REF}}]`,
    [
      "duplicate-label spec.steps[0]",
    ],
  ],
  ["FT-1 functionRef is required", "FunctionTest", "testCases: []", ["missing-field spec"]],
  [
    "FT-4 an owner needs all fields",
    "FunctionTest",
    "functionRef: {kind: ResourceFunction, name: a}\nowner: {apiVersion: v1, kind: A, name: a, namespace: b}",
    [
      "missing-field spec.owner",
    ],
  ],
  [
    "FT-5 a test without cases is sound",
    "FunctionTest",
    "functionRef: {kind: ValueFunction, name: a}",
    [],
  ],
  [
    "FT-11 currentResource beside overlayResource has no effect",
    "FunctionTest",
    "functionRef: {kind: ResourceFunction, name: a}\ntestCases: [{currentResource: {a: 1}, overlayResource: {b: =resource.a}, expectDelete: true}]",
    [
      "no-effect spec.testCases[0].currentResource",
    ],
  ],
  [
    "EX-13 overlayResource sees the input keys",
    "FunctionTest",
    "functionRef: {kind: ResourceFunction, name: a}\ninputs: {size: 1}\ntestCases: [{inputOverrides: {more: 1}, overlayResource: {b: =size + more + resource.x + other}, expectDelete: true}]",
    [
      "undeclared-variable spec.testCases[0].overlayResource.b",
    ],
  ],
  [
    "FT-12 a ValueFunction has no expectStable",
    "FunctionTest",
    "functionRef: {kind: ValueFunction, name: a}\ntestCases: [{expectStable: true}]",
    [
      "wrong-assertion spec.testCases[0].expectStable",
    ],
  ],
  [
    "FT-15 ok: null means ok: {}",
    "FunctionTest",
    "functionRef: {kind: ValueFunction, name: a}\ntestCases: [{expectOutcome: {ok: null}}]",
    [],
  ],
  [
    "FT-15 an outcome is exactly one",
    "FunctionTest",
    "functionRef: {kind: ValueFunction, name: a}\ntestCases: [{expectOutcome: {}}]",
    [
      "exactly-one spec.testCases[0].expectOutcome",
    ],
  ],
  [
    "FT-17 expectStable is true",
    "FunctionTest",
    "functionRef: {kind: ResourceFunction, name: a}\ntestCases: [{expectStable: false}]",
    [
      "bad-value spec.testCases[0].expectStable",
    ],
  ],
  [
    "FW-2 a Workflow test has parent or inputs",
    "FunctionTest",
    "functionRef: {kind: Workflow, name: a}",
    ["exactly-one spec"],
  ],
  [
    "FW-4 identities differ",
    "FunctionTest",
    "functionRef: {kind: Workflow, name: a}\ninputs: {}\ncurrentResources: [{apiVersion: v1, kind: A, metadata: {name: x}}, {apiVersion: v1, kind: A, metadata: {name: x}}]",
    [
      "bad-value spec.currentResources[1]",
    ],
  ],
  [
    "FW-7 an overlay names its object",
    "FunctionTest",
    "functionRef: {kind: Workflow, name: a}\ninputs: {}\ntestCases: [{overlayResources: [{kind: A}], expectStable: true}]",
    [
      "missing-field spec.testCases[0].overlayResources[0]",
    ],
  ],
  [
    "FW-9 a condition has a type or is absent",
    "FunctionTest",
    "functionRef: {kind: Workflow, name: a}\ninputs: {}\ntestCases: [{expectConditions: [{status: 'True'}]}]",
    [
      "exactly-one spec.testCases[0].expectConditions[0]",
    ],
  ],
  [
    "FW-12 a case may have several assertions",
    "FunctionTest",
    "functionRef: {kind: Workflow, name: a}\ninputs: {}\ntestCases: [{expectStable: true, expectState: {}, expectOutcome: {ok: {}}}]",
    [],
  ],
  [
    "FW-13 expectReturn is not used for Workflows",
    "FunctionTest",
    "functionRef: {kind: Workflow, name: a}\ninputs: {}\ntestCases: [{expectReturn: {a: 1}}]",
    [
      "wrong-assertion spec.testCases[0].expectReturn",
    ],
  ],
];

for (const [name, kind, spec, expected] of CASES) {
  Deno.test(name, () => {
    const found = findings(kind, spec).filter((each) => !each.startsWith(UNKNOWN));
    deepEqual([...found].sort(), [...expected].sort());
  });
}

Deno.test("SD-30 defaults are filled in, also inside partly given maps", () => {
  const given = compiled(
    "ResourceFunction",
    `${API}\nresource: {}\ncreate: {enabled: false}\nupdate: {recreate: {}}`,
  );
  deepEqual(given.create, { enabled: false, delaySeconds: 30 });
  deepEqual(given.update, { type: "recreate", delaySeconds: 30 });
  const bare = compiled("ResourceFunction", `${API}\nresource: {}`);
  deepEqual(bare.create, { enabled: true, delaySeconds: 30 });
  deepEqual(bare.update, { type: "patch", delaySeconds: 30 });
  deepEqual([bare.apiConfig.namespaced, bare.apiConfig.owned, bare.apiConfig.mode], [
    true,
    true,
    "manage",
  ]);
  equal(bare.deletePolicy, undefined);
});

Deno.test("DG-2 all faults of a definition are told in one go", () => {
  const spec =
    "apiConfig: {apiVersion: 1, name: ''}\noverlays: [{overlay: {}}, {}]\nupdate: {patch: {delay: x}}\nfoo: 1";
  const found = findings("ResourceFunction", spec);
  equal(found.length, 9, found.join("\n"));
});

Deno.test("FT-6 labels are numbered, and variants are marked unless they say so", () => {
  const { testCases } = compiled(
    "FunctionTest",
    `functionRef: {kind: ValueFunction, name: a}
testCases:
- expectOutcome: {ok: {}}
- {label: big, variant: true, expectOutcome: {ok: {}}}
- {label: a Variant, variant: true, expectOutcome: {ok: {}}}
- {variant: true, expectOutcome: {ok: {}}}`,
  );
  deepEqual(testCases.map(({ label }) => label), [
    "Test Case 1",
    "[variant] big",
    "a Variant",
    "[variant] Test Case 4",
  ]);
});

Deno.test("FT-10 an empty currentResource is ignored", () => {
  const { testCases } = compiled(
    "FunctionTest",
    `functionRef: {kind: ValueFunction, name: a}
testCases: [{currentResource: {}, expectOutcome: {ok: {}}}]`,
  );
  ok(!Object.hasOwn(testCases[0] ?? {}, "currentResource"));
});

Deno.test("WF-12 WF-13 a step waits for the steps its fields name, listed in any order", () => {
  const workflow = compiled(
    "Workflow",
    `steps:
- {label: last, ${REF}, inputs: {a: '=steps["mid"].x', b: =steps.first.y}}
- {label: mid, ${REF}, skipIf: =steps.first.off, state: {s: =steps.other.z}}
- {label: first, ${REF}}
- {label: other, ${REF}}`,
  );
  deepEqual(workflow.steps.map(({ dependencies }) => dependencies), [
    ["mid", "first"],
    ["first", "other"],
    [],
    [],
  ]);
  deepEqual(workflow.executionOrder, [2, 3, 1, 0]);
});

Deno.test("WF-20 configStep is the first step and is called config", () => {
  const workflow = compiled(
    "Workflow",
    `steps: [{label: one, ${REF}, inputs: {a: =steps.config.x}}]
configStep: {${REF}, inputs: {b: =parent.spec}}`,
  );
  deepEqual(workflow.steps.map(({ label, isConfigStep }) => [label, isConfigStep]), [
    ["config", true],
    ["one", false],
  ]);
});

const BROKEN_WORKFLOWS: readonly (readonly [string, string, readonly string[]])[] = [
  ["WF-32a an unknown step", `steps: [{label: one, ${REF}, inputs: {a: =steps.zzz}}]`, [
    'one: Cannot use step "zzz": no step has this label',
  ]],
  ["WF-32a a duplicate label", `steps: [{label: one, ${REF}}, {label: one, ${REF}}]`, [
    "one: Duplicate step-label (one) can not prepare Workflow.",
  ]],
  ["WF-32b no step", "steps: []", [
    "undefined: No steps specified Workflow at least one step in 'spec.steps' is required.",
  ]],
];

for (const [name, spec, expected] of BROKEN_WORKFLOWS) {
  Deno.test(`${name} is told of a Workflow that cannot run`, () => {
    const broken = programOf(
      definition("Workflow", "a.v1", `crdRef: {apiGroup: g, version: v1, kind: K}\n${spec}`),
    )
      .winner("Workflow", "a.v1");
    ok(broken?.type === "Broken");
    deepEqual(
      broken.workflow?.stepErrors.map(({ label, message }) => `${label}: ${message}`),
      expected,
    );
    deepEqual(broken.workflow?.crdRef, { apiGroup: "g", version: "v1", kind: "K" });
  });
}

Deno.test("TR-14 a Workflow that fails the schema check has no step errors to run into", () => {
  const broken = programOf(
    definition(
      "Workflow",
      "a.v1",
      `steps: [{label: one}, {label: two, ${REF}, inputs: {a: =steps.x}}]`,
    ),
  )
    .winner("Workflow", "a.v1");
  ok(broken?.type === "Broken");
  deepEqual(broken.workflow?.stepErrors, []);
});

Deno.test("FT-18 a broken FunctionTest still tells what it tests and its cases", () => {
  const broken = programOf(
    definition(
      "FunctionTest",
      "t.v1",
      `functionRef: {kind: ValueFunction, name: a.v1}
testCases:
- label: one
- {label: two, variant: true, expectReturn: {a: 1}}`,
    ),
  ).winner("FunctionTest", "t.v1");
  ok(broken?.type === "Broken");
  deepEqual(broken.test?.functionRef, { kind: "ValueFunction", name: "a.v1" });
  deepEqual(broken.test?.cases.map(({ label, source }) => [label, source.line]), [
    ["one", 7],
    ["[variant] two", 8],
  ]);
});

const NEEDS: readonly (readonly [string, string, readonly string[]])[] = [
  ["members and constant indexes", "return: {a: =inputs.x.y, b: '=inputs[\"z\"]'}", ["x", "z"]],
  ["each once, in order of appearance", "return: {a: =inputs.b, c: =inputs.a + inputs.b}", [
    "b",
    "a",
  ]],
  [
    "not what has() tests anywhere",
    "return: {a: '=has(inputs.x) ? inputs.x : 1', b: =inputs.x}",
    [],
  ],
  ["not what has() tests below", "return: {a: =has(inputs.x.y), b: =inputs.x}", []],
  ["not what is read with the optional syntax only", "return: {a: =inputs.?x.orValue(1)}", []],
  ["but what is also read plainly", "return: {a: =inputs.?x.orValue(1), b: =inputs.x}", ["x"]],
  [
    "not what a macro hides",
    "return: {a: '=[1].map(inputs, inputs.x)', b: '=inputs.l.map(i, i.q)'}",
    ["l"],
  ],
  [
    "of locals and preconditions too",
    "preconditions: [{assert: =inputs.p, ok: {}}]\nlocals: {a: =inputs.l}\nreturn: {b: 1}",
    ["p", "l"],
  ],
];

for (const [name, spec, expected] of NEEDS) {
  Deno.test(`EX-14 needed inputs are ${name}`, () => {
    deepEqual(compiled("ValueFunction", spec).neededInputs, expected);
  });
}
