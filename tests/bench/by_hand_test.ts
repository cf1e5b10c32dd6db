// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import { valueFunctionByHand } from "../../bench/by_hand.ts";
import { corpusObject, corpusProgram } from "../../bench/corpus.ts";
import { createBudget, type JsonObject, type Outcome } from "../../src/language/mod.ts";
import { runValueFunction } from "../../src/runtime/mod.ts";

const found = corpusProgram().find("ValueFunction", "vf-000");
ok(found.type === "ready");
const fn = found.definition;

function run(inputs: JsonObject): Outcome {
  return runValueFunction(fn, { inputs, location: "bench" }, { budget: createBudget() });
}

const inputs = corpusObject("inputs.yaml");
const { name: _name, ...withoutName } = inputs;
const { value: _value, ...withoutValue } = inputs;
const { namespace: _namespace, ...withoutNamespace } = inputs;

const VALUES = [
  ["the inputs of the corpus", inputs],
  ["no ports", { ...inputs, ports: [] }],
  ["many replicas", { ...inputs, replicas: 11 }],
  ["no replicas", { ...inputs, replicas: 0 }],
  ["an empty name", { ...inputs, name: "" }],
  ["a port with a fraction", { ...inputs, ports: [2000.5] }],
  ["null as the value", { ...inputs, value: null }],
] as const;

for (const [what, given] of VALUES) {
  Deno.test(`valueFunctionByHand() gives what the ValueFunction gives for ${what}`, () => {
    const outcome = run(given);
    equal(outcome.type, "Ok");
    deepEqual(valueFunctionByHand(given), outcome);
  });
}

const FAULTS = [
  ["no name", withoutName],
  ["no value", withoutValue],
  ["no namespace", withoutNamespace],
  ["nothing", {}],
  ["a name that is no text", { ...inputs, name: 1 }],
  ["negative replicas", { ...inputs, replicas: -1 }],
  ["half a replica", { ...inputs, replicas: 2.5 }],
  ["replicas as text", { ...inputs, replicas: "5" }],
  ["ports that are no list", { ...inputs, ports: "80" }],
  ["a port as text", { ...inputs, ports: [80, "x"] }],
] as const;

for (const [what, given] of FAULTS) {
  Deno.test(`valueFunctionByHand() ends where the ValueFunction ends for ${what}`, () => {
    const { type, location } = run(given) as Exclude<Outcome, { type: "Ok" }>;
    const byHand = valueFunctionByHand(given) as Exclude<Outcome, { type: "Ok" }>;
    deepEqual([byHand.type, byHand.location], [type, location]);
    ok(type !== ("Ok" as string));
  });
}
