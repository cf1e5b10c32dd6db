// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import { resultsOf, runOneTest } from "./run_text.ts";

const DEFINITIONS = `
apiVersion: koreo.dev/v1beta1
kind: ResourceFunction
metadata: {name: service.v1}
spec:
  apiConfig: {apiVersion: v1, kind: Service, name: =inputs.name, namespace: team-a}
  resource: {spec: {port: =inputs.port}}
  create: {delay: 5}
  delete: {destroy: {}}
  postconditions:
  - assert: =has(resource.spec.clusterIP)
    retry: {message: no address yet, delay: 5}
  return: {host: =resource.spec.clusterIP}
---
apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata: {name: web.v1}
spec:
  crdRef: {apiGroup: apps.example.com, version: v1, kind: WebApp}
  steps:
  - label: service
    skipIf: =has(parent.spec.off)
    ref: {kind: ResourceFunction, name: service.v1}
    inputs: {name: =parent.metadata.name, port: =parent.spec.port}
    condition: {type: ServiceReady, name: Service}
    state: {host: =value.host}
---
`;

const PARENT = `parent:
    apiVersion: apps.example.com/v1
    kind: WebApp
    metadata: {name: shop, namespace: team-a, uid: u-1}
    spec: {port: 80}`;

function workflowTest(cases: string, subject = PARENT, definitions = DEFINITIONS): string {
  return `${definitions}
apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata: {name: web.v1}
spec:
  functionRef: {kind: Workflow, name: web.v1}
  ${subject}
  testCases:
${cases.trim().replaceAll(/^/gm, "  ")}
`;
}

const SERVICE = "{apiVersion: v1, kind: Service, metadata: {name: shop, namespace: team-a}";
const ABSENT = "absent: {apiVersion: v1, kind: Service, name: shop, namespace: team-a}";

Deno.test("FW-14 a trigger's life: created, ready, changed, no longer wanted", async () => {
  const test = await runOneTest(workflowTest(`
- label: created
  expectOutcome: {retry: {message: "creating service:team-a:shop", delay: 5}}
  expectConditions:
  - {type: ServiceReady, status: "False", reason: Wait, message: creating}
  - {type: Reconciling, status: "True"}
  - absent: Stalled
  expectState: {}
- label: waits
  expectOutcome: {retry: {message: no address, delay: 5}}
- label: ready
  overlayResources: [${SERVICE}, spec: {clusterIP: 10.0.0.8}}]
  expectOutcome: {ok: {}}
  expectState: {host: 10.0.0.8}
  expectConditions: [{type: Ready, status: "True"}, {absent: Reconciling}]
- label: another port
  inputOverrides: {spec: {port: 81}}
  expectStable: true
  expectOutcome: {ok: {}}
  expectResources:
  - apiVersion: v1
    kind: Service
    metadata:
      name: shop
      namespace: team-a
      ownerReferences:
      - {apiVersion: apps.example.com/v1, kind: WebApp, blockOwnerDeletion: true, controller: false, name: shop, uid: u-1}
    spec: {port: 81, clusterIP: 10.0.0.8}
- label: off
  inputOverrides: {spec: {off: true}}
  expectStable: true
  expectState: {}
  expectResources: [${ABSENT}]
`));
  deepEqual(test.cases.map((one) => [one.label, one.result, one.message, one.differences]), [
    ["created", "pass", undefined, undefined],
    ["waits", "pass", undefined, undefined],
    ["ready", "pass", undefined, undefined],
    ["another port", "pass", undefined, undefined],
    ["off", "pass", undefined, undefined],
  ]);
});

Deno.test("FW-14 a variant carries neither cluster nor status", async () => {
  const test = await runOneTest(workflowTest(`
- variant: true
  expectOutcome: {retry: {message: creating, delay: 0}}
- expectOutcome: {retry: {message: creating, delay: 0}}
- expectOutcome: {retry: {message: no address, delay: 0}}
`));
  deepEqual(resultsOf(test), ["pass", "pass", "pass"]);
});

Deno.test("FW-14 a trigger that is being deleted only cleans up", async () => {
  const unowned = DEFINITIONS.replace("namespace: team-a}", "namespace: team-a, owned: false}");
  const test = await runOneTest(workflowTest(
    `
- expectOutcome: {retry: {message: creating, delay: 0}}
- inputOverrides: {metadata: {deletionTimestamp: "2026-01-01T00:00:00Z"}}
  expectStable: true
  expectResources: [${ABSENT}]
`,
    PARENT,
    unowned,
  ));
  deepEqual(test.cases.map((one) => [one.result, one.message]), [
    ["pass", undefined],
    ["pass", undefined],
  ]);
});

Deno.test("FW-15 without a uid no owner reference is set", async () => {
  const test = await runOneTest(workflowTest(
    `
- expectResources: [${SERVICE}, spec: {port: 80}}]
`,
    PARENT.replace(", uid: u-1", ""),
  ));
  deepEqual([test.cases[0]?.differences, test.pass], [undefined, true]);
});

Deno.test("FW-3 inputs run it as a sub-Workflow", async () => {
  const test = await runOneTest(workflowTest(
    `
- inputOverrides: {spec: {port: 90}}
  currentResources: [${SERVICE}, spec: {port: 90, clusterIP: 1.2.3.4}}]
  expectOutcome: {ok: {}}
  expectState: {host: 1.2.3.4}
  expectConditions: [{type: ServiceReady, status: "True"}]
`,
    "inputs: {metadata: {name: shop}, spec: {port: 80}}",
  ));
  deepEqual([test.cases[0]?.message, test.pass], [undefined, true]);
});

Deno.test("FW-6 currentResources replace the cluster, FW-7 absent takes an object out", async () => {
  const test = await runOneTest(workflowTest(`
- currentResources: [${SERVICE}, spec: {port: 80, clusterIP: 1.2.3.4}}]
  expectStable: true
  expectOutcome: {ok: {}}
- overlayResources: [{${ABSENT}}]
  expectOutcome: {retry: {message: creating, delay: 0}}
`));
  deepEqual(resultsOf(test), ["pass", "pass"]);
});

Deno.test("FW-13 overlays see the object and the parent", async () => {
  const test = await runOneTest(workflowTest(`
- currentResources: [${SERVICE}, spec: {port: 80}}]
  overlayResources:
  - ${SERVICE}, spec: {clusterIP: '=parent.metadata.name + "-" + string(resource.spec.port)'}}
  expectStable: true
  expectState: {host: shop-80}
`));
  deepEqual([test.cases[0]?.message, test.pass], [undefined, true]);
});

Deno.test("FW-7 an overlay of an object that does not exist fails the case", async () => {
  const test = await runOneTest(workflowTest(`
- overlayResources: [${SERVICE}, spec: {a: 1}}]
  expectOutcome: {ok: {}}
`));
  equal(
    test.cases[0]?.message,
    'Cannot overlay Service "team-a/shop" (v1): the cluster has no such object',
  );
});

Deno.test("FW-12 every assertion that does not hold is reported", async () => {
  const test = await runOneTest(workflowTest(`
- expectOutcome: {ok: {}}
  expectConditions:
  - {type: ServiceReady, status: "True", message: all fine}
  - {type: Nope}
  - absent: Ready
  expectState: {host: x}
  expectResources:
  - {apiVersion: v1, kind: Secret, metadata: {name: s, namespace: team-a}}
  - ${ABSENT}
`));
  const [report] = test.cases;
  deepEqual(report?.message?.split("\n"), [
    "Expected(Ok) Actual(Retry(delay=5, message=Creating Service:team-a:shop.))",
    "Condition ServiceReady: expected status '`True`' but found '`False`'",
    "Condition ServiceReady: expected message with '`all fine`' but found " +
    "'`Awaiting Service to be ready (Creating Service:team-a:shop.).`'",
    "Condition Nope: missing",
    "Condition Ready: unexpected",
    'Secret "team-a/s" (v1): missing',
    'Service "team-a/shop" (v1): unexpected',
  ]);
  deepEqual(report?.differences, { state: { host: "missing" } });
});

Deno.test("FW-8 ok also requires that nothing was written", async () => {
  const never = DEFINITIONS.replace(/ {2}postconditions:[^]*? {2}return:/, "  return:")
    .replace("=resource.spec.clusterIP", "done").replace(
      "create: {delay: 5}",
      "create: {delay: 0}",
    );
  const test = await runOneTest(workflowTest(
    `
- currentResources: [${SERVICE}, spec: {port: 1}}]
  expectOutcome: {ok: {}}
`,
    PARENT,
    never,
  ));
  match(test.cases[0]?.message ?? "", /^Expected\(Ok\) Actual\(Retry/);
});

Deno.test("FW-20 two steps that fight over one object are told with its paths and values", async () => {
  const fighting = DEFINITIONS.replace("---\n\n", "---\n").replace(
    "  - label: service\n",
    `  - label: other
    ref: {kind: ResourceFunction, name: service.v1}
    inputs: {name: =parent.metadata.name, port: 9}
  - label: service\n`,
  );
  const test = await runOneTest(workflowTest(
    `
- currentResources: [${SERVICE}, spec: {port: 80, clusterIP: 1.2.3.4}}]
  expectStable: true
`,
    PARENT,
    fighting,
  ));
  const lines = test.cases[0]?.message?.split("\n") ?? [];
  match(lines[0] ?? "", /^Not stable after \d+ runs$/);
  match(lines[1] ?? "", /^Service "team-a\/shop" \(v1\): patch \d+×$/);
  match(lines[2] ?? "", /^ {2}spec\.port alternates between (80 and 9|9 and 80)$/);
});

Deno.test("FW-20 a state that never settles is told with its values", async () => {
  const counting = DEFINITIONS.replace(
    "state: {host: =value.host}",
    "state: {host: =value.host, n: '=has(parent.state.n) ? parent.state.n + 1 : 0'}",
  );
  const test = await runOneTest(workflowTest(
    `
- currentResources: [${SERVICE}, spec: {port: 80, clusterIP: 1.2.3.4}}]
  expectStable: true
`,
    PARENT,
    counting,
  ));
  const lines = test.cases[0]?.message?.split("\n") ?? [];
  equal(lines[0], "Not stable after 300 runs");
  equal(lines.at(-1), "state.n alternates between 0 and 1 and 2 and 3 and 4 and 5 and 293 more");
});

Deno.test("FW-11 the trigger itself is compared without what Koreo tells on it", async () => {
  const labelling = DEFINITIONS.replace(
    /apiConfig:.*/,
    "apiConfig: {apiVersion: apps.example.com/v1, kind: WebApp, name: =inputs.name, namespace: team-a}",
  )
    .replace("spec: {port: =inputs.port}", "metadata: {labels: {a: b}}")
    .replace("  delete: {destroy: {}}\n", "").replace(
      / {2}postconditions:[^]*? {2}return:.*/,
      "  return: {host: h}",
    );
  const test = await runOneTest(workflowTest(
    `
- expectStable: true
  expectState: {host: h}
  expectResources:
  - apiVersion: apps.example.com/v1
    kind: WebApp
    metadata: {name: shop, namespace: team-a, uid: u-1, labels: {a: b}}
    spec: {port: 80}
`,
    PARENT,
    labelling,
  ));
  deepEqual([test.cases[0]?.message, test.cases[0]?.differences], [undefined, undefined]);
});

Deno.test("FW-11 an abandoned object is compared without what clean-up has emptied", async () => {
  const definitions = DEFINITIONS.replace("destroy: {}", "abandon: {}");
  const test = await runOneTest(workflowTest(
    `
- label: created
  expectOutcome: {retry: {message: creating, delay: 0}}
- label: abandoned
  inputOverrides: {spec: {off: true}}
  expectStable: true
  expectResources:
  - ${SERVICE}, spec: {port: 80}}
`,
    PARENT,
    definitions,
  ));
  deepEqual(test.cases.map(({ result, differences }) => ({ result, differences })), [
    { result: "pass", differences: undefined },
    { result: "pass", differences: undefined },
  ]);
});
