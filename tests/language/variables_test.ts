// SPDX-License-Identifier: Apache-2.0

/** EX-4 to EX-12: what each field sees, as told before a run and as found in one. */

import { deepEqual, equal, match } from "node:assert/strict";
import { compileProgram, type JsonObject, readDocuments } from "../../src/language/mod.ts";
import { runWorkflow, type WorkflowRun } from "../../src/runtime/mod.ts";
import { ready } from "../runtime/compiled.ts";
import { runContext } from "../runtime/definitions.ts";
import { createMemoryApi } from "../runtime/memory_api.ts";

const VARIABLES = ["inputs", "locals", "resource", "parent", "steps", "value", "template"] as const;
type Variable = typeof VARIABLES[number];

/** Definitions with a placeholder: `@bool`, `@text` or `@list` becomes an expression. */
interface Field {
  readonly rule: string;
  readonly name: string;
  readonly definitions: string;
  readonly sees: readonly Variable[];
  /** Whether the object that the ResourceFunction manages is there. */
  readonly isThere?: boolean;
}

const API = "apiConfig: {apiVersion: v1, kind: ConfigMap, name: n, namespace: ns}";
const OBJECT = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "n", namespace: "ns" } };

const valueFunction = (spec: string) => `kind: ValueFunction\nmetadata: {name: f}\nspec: {${spec}}`;
const resourceFunction = (spec: string) =>
  `kind: ResourceFunction\nmetadata: {name: f}\nspec: {${spec}}`;
const stepOf = (step: string) =>
  `${valueFunction("return: {v: 1}")}\n---\nkind: Workflow\nmetadata: {name: w}\nspec: {steps: [` +
  `{label: first, ref: {kind: ValueFunction, name: f}}, {label: tested, ${step}}]}`;
const REF = "ref: {kind: ValueFunction, name: f}";

const FIELDS: readonly Field[] = [
  {
    rule: "EX-4",
    name: "ValueFunction preconditions[].assert",
    definitions: valueFunction("preconditions: [{assert: =@bool, ok: {}}]"),
    sees: ["inputs", "resource"],
  },
  {
    rule: "EX-4",
    name: "ValueFunction preconditions[].skip.message",
    definitions: valueFunction("preconditions: [{assert: =false, skip: {message: =@text}}]"),
    sees: ["inputs", "resource"],
  },
  {
    rule: "EX-5",
    name: "ValueFunction locals",
    definitions: valueFunction("locals: {x: =@bool, other: 1}, return: {v: 1}"),
    sees: ["inputs", "locals", "resource"],
  },
  {
    rule: "EX-6",
    name: "ValueFunction return",
    definitions: valueFunction("return: {v: =@bool}"),
    sees: ["inputs", "locals", "resource"],
  },
  {
    rule: "EX-7",
    name: "ResourceFunction preconditions[].assert",
    definitions: resourceFunction(
      `${API}, resource: {}, preconditions: [{assert: =@bool, ok: {}}]`,
    ),
    sees: ["inputs"],
  },
  {
    rule: "EX-7a",
    name: "ResourceFunction locals",
    definitions: resourceFunction(`${API}, resource: {}, locals: {x: =@bool, other: 1}`),
    sees: ["inputs", "locals"],
  },
  {
    rule: "EX-7b",
    name: "apiConfig.name",
    definitions: resourceFunction(`${API.replace("name: n,", "name: =@text,")}, resource: {}`),
    sees: ["inputs", "locals"],
  },
  {
    rule: "EX-7b",
    name: "apiConfig.namespace",
    definitions: resourceFunction(`${API.replace(": ns", ": =@text")}, resource: {}`),
    sees: ["inputs", "locals"],
  },
  {
    rule: "EX-7b",
    name: "resourceTemplateRef.name",
    definitions: resourceFunction(`${API}, resourceTemplateRef: {name: =@text}`) +
      "\n---\nkind: ResourceTemplate\nmetadata: {name: n}\n" +
      "spec: {template: {apiVersion: v1, kind: ConfigMap}}",
    sees: ["inputs", "locals"],
  },
  {
    rule: "EX-7c",
    name: "resource",
    definitions: resourceFunction(`${API}, resource: {data: {x: =@text}}`),
    sees: ["inputs", "locals"],
  },
  {
    rule: "EX-8",
    name: "overlays[].skipIf",
    definitions: resourceFunction(
      `${API}, resource: {}, overlays: [{skipIf: =@bool, overlay: {a: 1}}]`,
    ),
    sees: ["inputs", "locals", "resource"],
  },
  {
    rule: "EX-8",
    name: "overlays[].overlay",
    definitions: resourceFunction(`${API}, resource: {}, overlays: [{overlay: {a: =@text}}]`),
    sees: ["inputs", "locals", "resource"],
  },
  {
    rule: "EX-8",
    name: "overlays[].inputs",
    definitions: resourceFunction(
      `${API}, resource: {}, overlays: ` +
        `[{overlayRef: {kind: ValueFunction, name: o}, inputs: {a: =@text}}]`,
    ) + "\n---\nkind: ValueFunction\nmetadata: {name: o}\nspec: {return: {b: =inputs.a}}",
    sees: ["inputs", "locals", "resource"],
  },
  {
    rule: "EX-8",
    name: "create.overlay",
    definitions: resourceFunction(`${API}, resource: {}, create: {overlay: {a: =@text}}`),
    sees: ["inputs", "locals", "resource"],
  },
  {
    rule: "EX-9",
    name: "postconditions[].assert",
    definitions: resourceFunction(
      `${API}, resource: {}, postconditions: [{assert: =@bool, ok: {}}]`,
    ),
    sees: ["inputs", "locals", "resource"],
    isThere: true,
  },
  {
    rule: "EX-9",
    name: "ResourceFunction return",
    definitions: resourceFunction(`${API}, resource: {}, return: {a: =@text}`),
    sees: ["inputs", "locals", "resource"],
    isThere: true,
  },
  {
    rule: "EX-10",
    name: "steps[].skipIf",
    definitions: stepOf(`${REF}, skipIf: =@bool`),
    sees: ["parent", "steps"],
  },
  {
    rule: "EX-10",
    name: "steps[].forEach.itemIn",
    definitions: stepOf(`${REF}, forEach: {itemIn: =@list, inputKey: item}`),
    sees: ["parent", "steps"],
  },
  {
    rule: "EX-10",
    name: "steps[].inputs",
    definitions: stepOf(`${REF}, inputs: {a: =@text}`),
    sees: ["parent", "steps"],
  },
  {
    rule: "EX-11",
    name: "steps[].refSwitch.switchOn",
    definitions: stepOf(
      "refSwitch: {switchOn: =@text, cases: [{case: n, kind: ValueFunction, name: f}]}",
    ),
    sees: ["inputs", "parent", "steps"],
  },
  {
    rule: "EX-12",
    name: "steps[].state",
    definitions: stepOf(`${REF}, state: {a: =@text}`),
    sees: ["inputs", "parent", "steps", "value"],
  },
];

const EXPRESSIONS = {
  bool: (read: string) => `size([${read}]) == 1`,
  text: (read: string) => `size([${read}]) == 1 ? "n" : "m"`,
  list: (read: string) => `[${read}]`,
};

/** The definitions with an expression that reads the variable. */
function filled(field: Field, variable: Variable): string {
  const read = readingOf(field, variable);
  return field.definitions.replaceAll(
    /=@(\w+)/g,
    (_, form: keyof typeof EXPRESSIONS) => `'=${EXPRESSIONS[form](read)}'`,
  );
}

/** Within `locals` the other ones are seen; `steps` holds the steps that are named. */
function readingOf(field: Field, variable: Variable): string {
  if (variable === "locals" && field.name.endsWith(" locals")) return "locals.other";
  return variable === "steps" ? "steps.first" : variable;
}

const WORKFLOW =
  `kind: Workflow\nmetadata: {name: w}\nspec: {steps: [{label: tested, ${REF}, inputs: {i: 1}}]}`;

function compiledField(field: Field, variable: Variable) {
  const text = filled(field, variable);
  const whole = text.includes("kind: Workflow")
    ? text
    : `${text}\n---\n${WORKFLOW.replaceAll("ValueFunction", functionKind(text))}`;
  const documents = whole.split("\n---\n").map((one) => `apiVersion: koreo.dev/v1beta1\n${one}`);
  return compileProgram(readDocuments({ path: "a.koreo", text: documents.join("\n---\n") }));
}

function functionKind(text: string): string {
  return text.startsWith("kind: ResourceFunction") ? "ResourceFunction" : "ValueFunction";
}

function isToldUndeclared(field: Field, variable: Variable): boolean {
  const told = ["undeclared-variable", "unknown-step"];
  return compiledField(field, variable).diagnostics.some(({ code }) => told.includes(code));
}

async function run(field: Field, variable: Variable): Promise<WorkflowRun> {
  const program = compiledField(field, variable);
  const cluster = createMemoryApi(field.isThere ? [OBJECT] : []);
  const parent: JsonObject = { metadata: { name: "t" } };
  return await runWorkflow(
    ready(program, "Workflow", "w"),
    { parent },
    runContext({ program, cluster }),
  );
}

/** What the tested step said about a variable it does not know. */
async function failureOf(field: Field, variable: Variable): Promise<string | undefined> {
  const { steps, stateErrors } = await run(field, variable);
  const outcome = steps.get("tested")?.outcome;
  const texts = [stateErrors["tested"], outcome?.type === "PermFail" ? outcome.message : undefined];
  return texts.find((text) => text !== undefined);
}

for (const field of FIELDS) {
  Deno.test(`${field.rule} ${field.name} sees ${field.sees.join(", ")} and nothing else`, async () => {
    const told = VARIABLES.filter((variable) => !isToldUndeclared(field, variable));
    deepEqual(told.sort(), [...field.sees].sort());
    for (const variable of VARIABLES) {
      const failure = await failureOf(field, variable);
      if (field.sees.includes(variable)) equal(failure, undefined, variable);
      else match(String(failure), new RegExp(`variable "${variable}"`), variable);
    }
  });
}
