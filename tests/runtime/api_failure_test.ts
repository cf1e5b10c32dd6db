// SPDX-License-Identifier: Apache-2.0

import { deepEqual } from "node:assert/strict";
import type { NonOk } from "../../src/language/mod.ts";
import { apiFailure, type ApiRequest, ClusterError } from "../../src/runtime/mod.ts";
import type { ClusterErrorDetails } from "../../src/runtime/ports.ts";

const OBJECT = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  plural: "deployments",
  namespace: "ns",
  name: "n",
};
const CONFIG = { apiVersion: "v1", kind: "Namespace", plural: "namespaces", name: "n" };
const NAMED = { kind: "deployments", name: "n" };

interface Case {
  readonly rule: string;
  readonly verb: ApiRequest["verb"];
  readonly resource?: ApiRequest["resource"];
  readonly code?: ClusterError["code"];
  readonly details: ClusterErrorDetails;
  readonly expected: NonOk | undefined;
}

const at = "spec.place";
const retry = (delaySeconds: number, message: string, location = at): NonOk => ({
  type: "Retry",
  delaySeconds,
  message,
  location,
});

const CASES: readonly Case[] = [
  {
    rule: "RF-72",
    verb: "create",
    details: { status: 404, subject: { kind: "namespaces", name: "ns" } },
    expected: retry(30, "Namespace `ns` not found. Waiting..."),
  },
  {
    rule: "RF-72",
    verb: "create",
    details: { status: 403, causes: ["NamespaceTerminating"] },
    expected: retry(30, "Namespace `ns` is being terminated."),
  },
  {
    rule: "RF-73",
    verb: "get",
    details: { status: 404 },
    expected: retry(60, "`apps/v1` `Deployment` is not served by the cluster."),
  },
  {
    rule: "RF-73",
    verb: "create",
    details: { status: 404 },
    expected: retry(60, "`apps/v1` `Deployment` is not served by the cluster."),
  },
  {
    rule: "RF-74",
    verb: "patch",
    details: { status: 404, subject: NAMED },
    expected: retry(7, "Deployment:ns:n disappeared while patching."),
  },
  { rule: "RF-74", verb: "delete", details: { status: 404, subject: NAMED }, expected: undefined },
  {
    rule: "RF-75",
    verb: "create",
    details: { status: 409 },
    expected: retry(
      7,
      "Waiting on competing creation of Deployment:ns:n.",
      "spec.place(contention)",
    ),
  },
  {
    rule: "RF-76",
    verb: "patch",
    details: { status: 409 },
    expected: retry(7, "Conflict patching Deployment:ns:n: text"),
  },
  {
    rule: "RF-76",
    verb: "delete",
    details: { status: 409 },
    expected: retry(7, "Conflict deleting Deployment:ns:n: text"),
  },
  {
    rule: "RF-77",
    verb: "create",
    details: { status: 503 },
    expected: retry(30, "ServerError creating Deployment:ns:n. (503 text)"),
  },
  {
    rule: "RF-77",
    verb: "patch",
    details: { status: 429, retryAfterSeconds: 90 },
    expected: retry(90, "ServerError patching Deployment:ns:n. (429 text)"),
  },
  {
    rule: "RF-77",
    verb: "delete",
    details: { status: 500, retryAfterSeconds: 5 },
    expected: retry(30, "ServerError deleting Deployment:ns:n. (500 text)"),
  },
  {
    rule: "RF-77",
    verb: "get",
    code: "timeout",
    details: {},
    expected: retry(30, "ServerError loading Deployment n. (text)"),
  },
  {
    rule: "RF-77",
    verb: "create",
    code: "unreachable",
    details: {},
    expected: retry(30, "ServerError creating Deployment:ns:n. (text)"),
  },
  {
    rule: "RF-78",
    verb: "patch",
    details: { status: 403 },
    expected: retry(
      60,
      "Not allowed to patch deployments.apps in namespace ns (text). " +
        "Missing permission: verb `patch` on `deployments` in API group `apps`.",
    ),
  },
  {
    rule: "RF-78",
    verb: "get",
    resource: CONFIG,
    details: { status: 401 },
    expected: retry(
      60,
      'Not allowed to get namespaces."" (text). ' +
        'Missing permission: verb `get` on `namespaces` in API group `""`.',
    ),
  },
  {
    rule: "RF-79",
    verb: "create",
    details: { status: 422 },
    expected: { type: "PermFail", message: "Error creating Deployment:ns:n: text", location: at },
  },
  {
    rule: "RF-79",
    verb: "delete",
    details: { status: 410 },
    expected: { type: "PermFail", message: "Error deleting Deployment:ns:n: text", location: at },
  },
];

for (const { rule, verb, resource = OBJECT, code = "refused", details, expected } of CASES) {
  Deno.test(`${rule} ${verb} answered with ${code} ${JSON.stringify(details)}`, () => {
    const error = new ClusterError(code, "text", details);
    deepEqual(apiFailure(error, { verb, resource, location: at, delaySeconds: 7 }), expected);
  });
}
