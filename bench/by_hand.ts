// SPDX-License-Identifier: Apache-2.0

/** What the ValueFunctions of the corpus are given. */
export interface CorpusInputs {
  readonly name: string;
  readonly namespace: string;
  readonly replicas: number;
  readonly ports: readonly number[];
  readonly value: unknown;
}

/**
 * The ValueFunction `vf-000` of the corpus as a programmer would write it: the yardstick of the
 * ratio that holds across machines.
 */
export function valueFunctionByHand(inputs: CorpusInputs): unknown {
  if (inputs.name === undefined) return { permFail: "vf-000 needs a name" };
  if (!(inputs.replicas >= 0)) return { retry: `replicas was ${inputs.replicas}`, delay: 30 };
  const full = inputs.name + "-000";
  const ports = inputs.ports.filter((port) => port > 1024);
  const labels = { app: inputs.name, tier: "tier-0", managed: "yes" };
  return {
    name: full,
    labels: { ...labels, extra: inputs.name.toLowerCase() },
    meta: {
      namespace: inputs.namespace,
      annotations: { "koreo/idx": String(0), note: "plain text value" },
    },
    replicas: inputs.replicas * 2 + 1,
    enabled: inputs.replicas > 3 && inputs.name.startsWith("app"),
    ports: ports.map((port) => ({ port, name: "p-" + String(port) })),
    size: inputs.replicas > 10 ? "large" : inputs.replicas > 3 ? "medium" : "small",
    parts: inputs.name.split("-"),
    static: { a: 1, b: [1, 2, 3], c: { d: true } },
    value: inputs.value,
  };
}
