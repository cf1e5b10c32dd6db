// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { refusal } from "../../../src/adapters/kubernetes/cluster_failure.ts";
import { networkReason } from "../../../src/adapters/network_reason.ts";
import type { ClusterError } from "../../../src/runtime/ports.ts";

const ATTEMPT = { doing: 'get configmaps "a/b"', server: "https://127.0.0.1:6443" };

interface Answer {
  readonly status: number;
  readonly statusText?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

function refused(answer: Answer, attempt: Parameters<typeof refusal>[0] = ATTEMPT): ClusterError {
  return refusal(attempt, {
    status: answer.status,
    statusText: answer.statusText ?? "",
    headers: new Headers(answer.headers),
    body: typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body ?? ""),
  });
}

function facts({ code, status, reason, subject, retryAfterSeconds, message }: ClusterError) {
  return { code, status, reason, subject, retryAfterSeconds, message };
}

Deno.test("refusal() takes everything from the Status", () => {
  const body = {
    kind: "Status",
    message: 'configmaps "b" not found',
    reason: "NotFound",
    details: { kind: "configmaps", name: "b" },
    code: 404,
  };
  deepEqual(facts(refused({ status: 404, body })), {
    code: "refused",
    status: 404,
    reason: "NotFound",
    subject: { kind: "configmaps", name: "b" },
    retryAfterSeconds: undefined,
    message: 'configmaps "b" not found',
  });
});

Deno.test("refusal() of a kind that is not served has no subject", () => {
  const body = { kind: "Status", message: "the server could not find it", details: {}, code: 404 };
  equal(refused({ status: 404, body }).subject, undefined);
});

Deno.test("refusal() says that credentials are not accepted, and by whom", () => {
  const status = { kind: "Status", message: "Unauthorized", code: 401 };
  const error = refused({ status: 401, statusText: "Unauthorized", body: status });
  deepEqual([error.code, error.status], ["refused", 401]);
  equal(
    error.message,
    `Cannot ${ATTEMPT.doing} at ${ATTEMPT.server}: HTTP 401 Unauthorized: ` +
      "the server does not accept these credentials",
  );
});

Deno.test("refusal() says the status line when the answer is a page", () => {
  const error = refused({ status: 502, statusText: "Bad Gateway", body: "<html>nginx</html>" });
  deepEqual(facts(error), {
    code: "refused",
    status: 502,
    reason: undefined,
    subject: undefined,
    retryAfterSeconds: undefined,
    message: 'Cannot get configmaps "a/b" at https://127.0.0.1:6443: HTTP 502 Bad Gateway',
  });
});

const TOO_MANY = { kind: "Status", message: "too many requests", code: 429 };
const RETRY_AFTER_CASES:
  readonly (Answer & { readonly name: string; readonly seconds?: number })[] = [
    {
      name: "the header",
      status: 429,
      headers: { "retry-after": "7" },
      body: TOO_MANY,
      seconds: 7,
    },
    {
      name: "the details when there is no header",
      status: 429,
      body: { ...TOO_MANY, details: { retryAfterSeconds: 3 } },
      seconds: 3,
    },
    { name: "a page's header", status: 503, headers: { "retry-after": "1" }, body: "", seconds: 1 },
    { name: "nothing when nothing is said", status: 429, body: TOO_MANY },
    {
      name: "nothing from a date",
      status: 503,
      headers: { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" },
    },
  ];

for (const { name, seconds, ...answer } of RETRY_AFTER_CASES) {
  Deno.test(`refusal() reads when to try again from ${name}`, () => {
    equal(refused(answer).retryAfterSeconds, seconds);
  });
}

Deno.test("refusal() of a Secret quotes no value", () => {
  const body = {
    kind: "Status",
    message: ' "" is invalid: patch: Invalid value: "{\\"data\\":{\\"a\\":\\"cGFzcw==\\"}}": no',
    code: 422,
  };
  const error = refused({ status: 422, body }, { ...ATTEMPT, isSecret: true });
  equal(error.message, ' "" is invalid: patch: Invalid value: (hidden): no');
  equal(refused({ status: 422, body }).message.includes("cGFzcw=="), true);
});

const NETWORK_CASES = [
  {
    message: "error sending request for url (https://u:p@h:1/x): client error (Connect): " +
      "tcp connect error: Connection refused (os error 111)",
    expected: "Connection refused",
  },
  {
    message: "error sending request from 127.0.0.1:60046 for http://127.0.0.1:3/x (127.0.0.1:3): " +
      "client error (SendRequest): connection closed before message completed",
    expected: "connection closed before message completed",
  },
  {
    message: "error reading a body from connection",
    expected: "error reading a body from connection",
  },
] as const;

for (const { message, expected } of NETWORK_CASES) {
  Deno.test(`networkReason() says "${expected}" and no address`, () => {
    equal(networkReason(new TypeError("fetch failed", { cause: new Error(message) })), expected);
  });
}
