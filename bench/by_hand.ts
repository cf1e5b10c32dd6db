// SPDX-License-Identifier: Apache-2.0

import { isJsonList, type JsonObject, type JsonValue, type Outcome } from "../src/language/mod.ts";

/**
 * The ValueFunction `vf-000` of the corpus as a programmer would write it who has to keep what the
 * language promises: the yardstick of the ratio that holds across machines.
 *
 * It takes JSON of any sort and never throws; checks the preconditions first, then each value as it
 * is used, in the order of the definition; gives an outcome that names its place; shares nothing
 * that it could change. It counts no cost, measures nothing that it makes, and calls nothing that
 * is written for more than this one function.
 */
export function valueFunctionByHand(inputs: JsonObject): Outcome {
  const { name, namespace, replicas, ports, value } = inputs;
  if (name === undefined) return permFail("preconditions", "vf-000 needs a name");
  if (typeof replicas !== "number") return wrong("preconditions", "inputs.replicas", "a number");
  if (replicas < 0) {
    const location = "bench:spec.preconditions";
    return { type: "Retry", message: `replicas was ${replicas}`, location, delaySeconds: 30 };
  }
  if (typeof name !== "string") return wrong("locals", "inputs.name", "a string");
  const full = name + "-000";
  if (!isJsonList(ports)) return wrong("locals", "inputs.ports", "a list");
  if (!ports.every(isNumber)) return wrong("locals", "inputs.ports", "a list of numbers");
  const open = ports.filter((port) => port > 1024);
  const labels = { app: name, tier: "tier-0", managed: "yes" };
  if (namespace === undefined) return wrong("return", "inputs.namespace", "a value");
  if (!Number.isSafeInteger(replicas * 2 + 1) || !Number.isSafeInteger(replicas)) {
    return wrong("return", "inputs.replicas", "a whole number that can be doubled");
  }
  if (value === undefined) return wrong("return", "inputs.value", "a value");
  return {
    type: "Ok",
    value: {
      name: full,
      labels: { ...labels, extra: name.toLowerCase() },
      meta: {
        namespace,
        annotations: { "koreo/idx": String(0), note: "plain text value" },
      },
      replicas: replicas * 2 + 1,
      enabled: replicas > 3 && name.startsWith("app"),
      ports: open.map((port) => ({ port, name: "p-" + String(port) })),
      size: replicas > 10 ? "large" : replicas > 3 ? "medium" : "small",
      parts: name.split("-"),
      static: { a: 1, b: [1, 2, 3], c: { d: true } },
      value,
    },
  };
}

function isNumber(value: JsonValue): value is number {
  return typeof value === "number";
}

function permFail(part: string, message: string): Outcome {
  return { type: "PermFail", message, location: `bench:spec.${part}` };
}

function wrong(part: string, place: string, expected: string): Outcome {
  return permFail(part, `Error evaluating \`bench:spec.${part}\` ${place} is not ${expected}`);
}
