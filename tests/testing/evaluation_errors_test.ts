// SPDX-License-Identifier: Apache-2.0

/** EX-41 from the expression to the report: where it stands, why it failed, and nothing secret. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type JsonObject, type Outcome, outcomeText } from "../../src/language/mod.ts";
import { reportDot, reportJson, reportPretty, reportTap } from "../../src/testing/mod.ts";
import { runDefinitions } from "../runtime/run_definitions.ts";
import { runText } from "./run_text.ts";

const HEAD = (kind: string, name: string) =>
  `apiVersion: koreo.dev/v1beta1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec:\n`;

/** A definition with a marked place: `@` stands before the failing part and is taken out. */
interface Failing {
  readonly name: string;
  readonly text: string;
  readonly reason: string;
  readonly kind?: "Workflow";
}

const RESOURCE = `  apiConfig: {apiVersion: v1, kind: ConfigMap, name: obj, namespace: ns}\n`;

const FAILING: readonly Failing[] = [
  {
    name: "in a plain scalar",
    text: `${HEAD("ValueFunction", "f")}  return:\n    a: 1\n    b: =1 + @inputs.spec.regoin\n`,
    reason: 'no key "regoin" in inputs.spec: it has "region", "size"',
  },
  {
    name: "in a folded scalar",
    text: `${HEAD("ValueFunction", "f")}  return:\n    b: >-\n      =inputs.spec.size == 1\n` +
      `      ? @inputs.spec.regoin\n      : 2\n`,
    reason: 'no key "regoin" in inputs.spec: it has "region", "size"',
  },
  {
    name: "in a literal scalar behind a comment",
    text: `${HEAD("ValueFunction", "f")}  return:\n    b: |\n      =// sum\n      1 +\n` +
      `        @int(inputs.spec.region)\n`,
    reason: "the text is no whole number",
  },
  {
    name: "in a quoted scalar",
    text: `${
      HEAD("ValueFunction", "f")
    }  locals: {a: "=\\"x\\" + @inputs.gone"}\n  return: {b: 1}\n`,
    reason: 'no key "gone" in inputs: it has "spec"',
  },
  {
    name: "in a precondition",
    text: `${HEAD("ValueFunction", "f")}  preconditions:\n  - assert: =@inputs.spec.sizes > 1\n` +
      `    ok: {}\n`,
    reason: 'no key "sizes" in inputs.spec: it has "region", "size"',
  },
  {
    name: "in an overlay",
    text: `${HEAD("ResourceFunction", "f")}${RESOURCE}  resource: {}\n  overlays:\n  - overlay:\n` +
      `      data:\n        k: =@inputs.spec.size + 'x'\n`,
    reason: "no such overload: int + string",
  },
  {
    name: "in the inputs of a step",
    kind: "Workflow",
    text:
      `${
        HEAD("Workflow", "f")
      }  steps:\n  - label: one\n    ref: {kind: ValueFunction, name: g}\n` +
      `    inputs:\n      v: =@parent.spec.regoin\n---\n${
        HEAD("ValueFunction", "g")
      }  return: {a: 1}\n`,
    reason: 'no key "regoin" in parent.spec: it has "region", "size"',
  },
  {
    name: "in the Logic of a sub-Workflow",
    kind: "Workflow",
    text: `${HEAD("Workflow", "f")}  steps:\n  - {label: one, ref: {kind: Workflow, name: sub}}\n` +
      `---\n${
        HEAD("Workflow", "sub")
      }  steps:\n  - {label: two, ref: {kind: ValueFunction, name: g}}\n` +
      `---\n${HEAD("ValueFunction", "g")}  return:\n    a: =@1 / 0\n`,
    reason: "division by zero",
  },
];

/** The text without its mark, and the place of the mark. */
function marked(text: string): { readonly text: string; readonly place: string } {
  const before = text.slice(0, text.indexOf("@"));
  const line = before.split("\n").length;
  const column = before.length - before.lastIndexOf("\n");
  return { text: text.replace("@", ""), place: `test.koreo:${line}:${column}` };
}

function testOf(kind: string): string {
  const spec = "spec: {region: eu, size: 1}";
  const given = kind === "Workflow"
    ? `parent: {apiVersion: v1, kind: T, metadata: {name: t}, ${spec}}`
    : `inputs: {${spec}}`;
  return `---\n${HEAD("FunctionTest", "t")}  functionRef: {kind: ${kind}, name: f}\n` +
    `  ${given}\n  testCases:\n  - expectOutcome: {ok: {}}\n`;
}

for (const { name, text, reason, kind } of FAILING) {
  Deno.test(`EX-41 a failing expression ${name} is told with its place in every report`, async () => {
    const { text: definitions, place } = marked(text);
    const tested = kind ?? (text.includes("kind: Resource") ? "ResourceFunction" : "ValueFunction");
    const report = await runText(`${definitions}${testOf(tested)}`);
    const [failed] = report.tests.flatMap(({ cases }) => cases);
    equal(failed?.result, "fail");
    ok(failed?.actual?.includes(reason), `${failed?.actual}`);
    for (const write of [reportPretty, reportDot, reportTap]) {
      ok(write(report).includes(place), `${place} is not in\n${write(report)}`);
    }
    const { tests } = JSON.parse(reportJson(report));
    const { file, line, column } = tests[0].cases[0].source;
    equal(`${file}:${line}:${column}`, place);
  });
}

Deno.test("a case that passes tells no place, nor one whose outcome has none", async () => {
  const text =
    `${HEAD("ValueFunction", "f")}  return: {a: =inputs.a}\n---\n${
      HEAD("FunctionTest", "t")
    }  functionRef: {kind: ValueFunction, name: f}\n  inputs: {}\n  testCases:\n` +
    `  - {variant: true, expectOutcome: {permFail: {message: no key}}}\n` +
    `  - {inputOverrides: {a: 1}, expectReturn: {a: 2}}\n`;
  const { tests } = JSON.parse(reportJson(await runText(text)));
  deepEqual(tests[0].cases.map((one: JsonObject) => [one.result, one.source]), [
    ["pass", undefined],
    ["fail", undefined],
  ]);
});

// --- "not there yet" and "wrong"

const KINDS: readonly (readonly [expression: string, missing: boolean])[] = [
  ["inputs.gone", true],
  ["inputs.l[3]", true],
  ["inputs.none.x", true],
  ["nothing", true],
  ["optional.none().value()", true],
  ["1 / 0", false],
  ["1 + 'x'", false],
  ["int('x')", false],
  ["inputs.l.x", false],
  ["nothing(1)", false],
];

for (const [expression, missing] of KINDS) {
  Deno.test(`${expression} is ${missing ? "not there yet" : "wrong"}, up to the outcome`, async () => {
    const { workflow } = await runDefinitions(
      `kind: ValueFunction\nmetadata: {name: f}\nspec: {return: {a: "=${expression}"}}`,
      { inputs: { l: [1], none: null } },
    );
    const outcome = workflow.steps.get("call")?.outcome as Outcome & { readonly cause?: string };
    equal(outcome.type, "PermFail");
    equal(outcome.cause, missing ? "missing" : "wrong");
  });
}

// --- never Secret data

const PASSWORD = "hunter2-0123456789";
const SECRET = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "obj", namespace: "ns" },
  data: { password: PASSWORD },
};

const LEAKS = [
  "resource.data.passwrd",
  "resource.data[resource.data.password]",
  "int(resource.data.password)",
  "b64decode(resource.data.password + '$')",
  "from_json(resource.data.password)",
  "timestamp(resource.data.password)",
  "resource.data.password.x",
  "resource.data.password + 1",
  "{resource.data.password: 1, resource.data.password: 2}",
  "[resource.data.password].min() + 1",
  "'x'.matches(resource.data.password + '(')",
  "resource.data",
];

for (const expression of LEAKS) {
  Deno.test(`EX-41 ${expression} of a Secret fails without its data`, async () => {
    for (
      const field of [
        `return: {a: "=${expression}"}`,
        `return: {"a": 1}, locals: {}, postconditions: [{assert: "=${expression}", ok: {}}]`,
      ]
    ) {
      const { workflow } = await runDefinitions(
        "kind: ResourceFunction\nmetadata: {name: f}\nspec: {apiConfig: " +
          `{apiVersion: v1, kind: Secret, name: obj, namespace: ns, readonly: true}, resource: {}, ${field}}`,
        { objects: [SECRET] },
      );
      const { outcome, conditions } = workflow;
      if (outcome.type === "Ok") continue;
      equal(outcome.type, "PermFail");
      match(String(outcome.message), /^Error evaluating|Expected|assert|must/);
      const told = [outcomeText(outcome), JSON.stringify(conditions)].join();
      ok(!told.includes(PASSWORD), told);
    }
  });
}
