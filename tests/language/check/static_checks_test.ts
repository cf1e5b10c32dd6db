// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import {
  compileProgram,
  type Program,
  readDocuments,
  type SourceDocument,
} from "../../../src/language/mod.ts";
import { definition, programOf } from "../definitions.ts";

/** `code path` of what is found, the texts given one after the other. */
function found(...texts: readonly string[]): readonly string[] {
  return programOf(...texts).diagnostics.map(({ code, path }) => `${code} ${path}`);
}

const vf = (name: string, spec: string) => definition("ValueFunction", name, spec);
const workflow = (spec: string, name = "w.v1") => definition("Workflow", name, spec);
const reading = (label: string) => `state: {all: =steps.${label}}`;

/** What is found in the border between a Workflow and what it runs. */
const BORDERS: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  [
    "a ref gives what its Function needs",
    [
      workflow("steps: [{label: one, ref: {kind: ValueFunction, name: a.v1}, inputs: {b: 1}}]"),
      vf("a.v1", "preconditions: [{assert: =inputs.a, ok: {}}]"),
    ],
    ["missing-input spec.steps[0].inputs", "extra-input spec.steps[0].inputs.b"],
  ],
  [
    "the inputKey of a forEach counts as given",
    [
      workflow(
        "steps: [{label: one, ref: {kind: ValueFunction, name: a.v1}, forEach: {itemIn: =parent.l, inputKey: a}}]",
      ),
      vf("a.v1", "preconditions: [{assert: =inputs.a, ok: {}}]"),
    ],
    [],
  ],
  [
    "an overlayRef gives what its Function needs",
    [
      definition(
        "ResourceFunction",
        "r.v1",
        "apiConfig: {apiVersion: v1, kind: A, name: one, namespace: s}\nresource: {}\noverlays: [{overlayRef: {kind: ValueFunction, name: a.v1}, inputs: {b: 1}}]",
      ),
      vf("a.v1", "return: {x: =inputs.a}"),
    ],
    ["missing-input spec.overlays[0].inputs", "extra-input spec.overlays[0].inputs.b"],
  ],
  [
    "a sub-Workflow gets what it reads of parent",
    [
      workflow("steps: [{label: one, ref: {kind: Workflow, name: sub.v1}, inputs: {b: 1}}]"),
      workflow(
        "steps: [{label: one, ref: {kind: ValueFunction, name: a.v1}, inputs: {a: =parent.a}}]",
        "sub.v1",
      ),
      vf("a.v1", "preconditions: [{assert: =inputs.a, ok: {}}]"),
    ],
    ["missing-input spec.steps[0].inputs", "extra-input spec.steps[0].inputs.b"],
  ],
  [
    "every case of a switch is asked",
    [
      workflow(
        `steps:
- label: one
  refSwitch:
    switchOn: =parent.x
    cases: [{case: a, kind: ValueFunction, name: a.v1}, {case: b, kind: ValueFunction, name: b.v1}]
- label: two
  ref: {kind: ValueFunction, name: a.v1}
  inputs: {a: =steps.one.both, c: =steps.one.onlyA, d: =steps.one.none}`,
      ),
      vf("a.v1", "return: {both: 1, onlyA: 1}"),
      vf("b.v1", "return: {both: 1, a: =inputs.a}"),
    ],
    [
      "missing-input spec.steps[0].refSwitch.cases[0].name",
      "extra-input spec.steps[1].inputs.a",
      "extra-input spec.steps[1].inputs.c",
      "extra-input spec.steps[1].inputs.d",
      "unknown-return-field spec.steps[1].inputs.d",
      "unread-field spec.return.a",
    ],
  ],
  [
    "what a forEach gives is a list",
    [
      workflow(
        `steps:
- label: many
  ref: {kind: ValueFunction, name: a.v1}
  forEach: {itemIn: =parent.l, inputKey: i}
  state: {all: "=value.map(v, v.x)", wrong: =value.x}`,
      ),
      vf("a.v1", "return: {x: =inputs.i}"),
    ],
    ["unknown-return-field spec.steps[0].state.wrong"],
  ],
  [
    "a switch and a state see the inputs of their step",
    [
      workflow(
        `steps:
- label: one
  refSwitch: {switchOn: =inputs.engin, cases: [{case: a, kind: ValueFunction, name: a.v1}]}
  inputs: {engine: =parent.engine}
  state: {engine: =inputs.engine, wrong: =inputs.engin, all: =value}`,
      ),
      vf("a.v1", "return: {x: =inputs.engine}"),
    ],
    [
      "unknown-key spec.steps[0].refSwitch.switchOn",
      "unknown-key spec.steps[0].state.wrong",
    ],
  ],
  [
    "the item of a forEach is known in the switch of its step",
    [
      workflow(
        `steps:
- label: one
  forEach: {itemIn: "=[{'engine': parent.engine}]", inputKey: cache}
  refSwitch: {switchOn: =inputs.cache.engin, cases: [{case: a, kind: ValueFunction, name: a.v1}]}
  state: {all: =value}`,
      ),
      vf("a.v1", "return: {x: =inputs.cache}"),
    ],
    ["unknown-key spec.steps[0].refSwitch.switchOn"],
  ],
  [
    "the state of a configStep sees the trigger in its inputs",
    [
      workflow(
        "configStep: {ref: {kind: ValueFunction, name: a.v1}, inputs: {x: 1}, state: {a: =inputs.parent.spec, b: =value, c: =inputs.xx}}",
      ),
      vf("a.v1", "return: {x: =inputs.x, parent: =inputs.parent}"),
    ],
    ["unknown-key spec.configStep.state.c"],
  ],
  [
    "a broken or missing Function leaves everything open",
    [
      workflow(
        `steps:
- {label: one, ref: {kind: ValueFunction, name: gone.v1}}
- {label: two, ref: {kind: ValueFunction, name: a.v1}, inputs: {x: =steps.one.anything}, state: {a: =value.b}}`,
      ),
      vf("a.v1", "return: {x: =inputs.x +}"),
    ],
    [
      "unknown-reference spec.steps[0].ref.name",
      "broken-reference spec.steps[1].ref.name",
      "expression-syntax spec.return.x",
    ],
  ],
  [
    "a field that a defaultReturn gives may be read",
    [
      workflow(
        `steps:
- {label: one, ref: {kind: ValueFunction, name: a.v1}, state: {x: =value.x, y2: =value.fallback}}`,
      ),
      vf(
        "a.v1",
        "preconditions: [{assert: =inputs.?x.hasValue(), defaultReturn: {fallback: 1}}]\nreturn: {x: 1}",
      ),
    ],
    [],
  ],
  [
    "a setting that is false keeps its steps reachable",
    [
      workflow(
        `steps:
- {label: one, ref: {kind: ValueFunction, name: a.v1}}
- {label: two, skipIf: =!steps.one.enabled, ref: {kind: ValueFunction, name: a.v1}, ${
          reading("one")
        }}`,
      ),
      vf(
        "a.v1",
        "locals: {debug: false}\npreconditions: [{assert: =inputs.?x.orValue(true), ok: {}}]\nreturn: {enabled: =locals.debug}",
      ),
    ],
    [],
  ],
];

for (const [name, texts, expected] of BORDERS) {
  Deno.test(`DG ${name}`, () => deepEqual(found(...texts), expected));
}

/** What is found in one Function. */
const PLACES: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "nothing follows the only predicate of a Function without return",
    "preconditions: [{assert: =false, permFail: {message: paused}}]",
    [],
  ],
  [
    "a predicate that always fires is told once",
    "preconditions: [{assert: =false, ok: {}}, {assert: =1 == 2, skip: {message: a}}]\nreturn: {x: 1}",
    ["always-fires spec.preconditions[0].assert", "always-fires spec.preconditions[1].assert"],
  ],
  [
    "an ok that fires at the end keeps nothing from running",
    "preconditions: [{assert: =false, ok: {}}]\nreturn: {x: 1}",
    [],
  ],
  [
    "a delay that is negative is never taken",
    "preconditions: [{assert: =inputs.x, retry: {message: a, delay: =-5}}]",
    ["impossible-type spec.preconditions[0].retry.delay"],
  ],
  [
    "expressions in a defaultReturn are text",
    "preconditions: [{assert: =inputs.x, defaultReturn: {a: =1 + true}}]",
    ["not-evaluated spec.preconditions[0].defaultReturn.a"],
  ],
  [
    "an aliased expression is told once",
    "return: {a: &a [\"=1 + 'a'\"], b: *a}",
    ["impossible-operation spec.return.a[0]"],
  ],
];

for (const [name, spec, expected] of PLACES) {
  Deno.test(`DG ${name}`, () => deepEqual(found(vf("a.v1", spec)), expected));
}

const CALLED = "return: {name: =inputs.name}";

function documents(spec: string): readonly SourceDocument[] {
  const texts = [
    vf("a.v1", spec),
    workflow(
      "steps: [{label: one, ref: {kind: ValueFunction, name: a.v1}, inputs: {name: 1}, state: {n: =value.name}}]",
    ),
  ];
  return texts.flatMap((text, index) => readDocuments({ path: `${index}.yaml`, text }));
}

/** The diagnostic of a Workflow, which is the same object as long as nothing it looks at changes. */
function told(program: Program) {
  return program.diagnostics.find(({ code }) => code === "unknown-return-field");
}

Deno.test("SD-20 a Workflow is checked again when what its steps run changes, and only then", () => {
  const wrong = "return: {nmae: =inputs.name}";
  const first = compileProgram(documents(wrong));
  const other = [
    ...documents(wrong),
    ...readDocuments({ path: "o.yaml", text: vf("o.v1", CALLED) }),
  ];
  const second = compileProgram(other, { previous: first });
  equal(told(second), told(first));
  const mended = compileProgram(documents(CALLED), { previous: second });
  equal(told(mended), undefined);
  deepEqual(told(compileProgram(documents(wrong), { previous: mended })), told(first));
});

Deno.test("DG unread-field says nothing while a Workflow is broken that may read the field", () => {
  const fn = vf("a.v1", "return: {x: 1, z: 2}");
  const step = "{label: one, ref: {kind: ValueFunction, name: a.v1}}";
  const sound = workflow(`steps: [${step}]`);
  const broken = (inputs: string) =>
    workflow(
      `steps:\n- ${step}\n- {label: two, ref: {kind: ValueFunction, name: a.v1}, inputs: ${inputs}}`,
      "other.v1",
    );
  deepEqual(found(sound, fn), ["unread-field spec.return.x", "unread-field spec.return.z"]);
  deepEqual(found(sound, fn, broken("{a: =steps.none.x}")), [
    "unknown-step spec.steps[1].inputs.a",
  ]);
});
