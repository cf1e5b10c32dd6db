// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createWebhookHandler, type WebhookLimits } from "../../../src/adapters/webhook/mod.ts";
import type { Clock, LogEntry } from "../../../src/runtime/ports.ts";

const SECRET = "planted-8c1f";
const BODY = '{"ref":"refs/heads/main"}';

/** A clock that the test moves; sleepers wake when they are told to. */
function handClock(): Clock & { advance(ms: number): void } {
  let now = 1_000_000;
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  return {
    now: () => now,
    sleep: (delayMs, { signal }) =>
      new Promise((resolve, reject) => {
        sleepers.add({ at: now + delayMs, wake: resolve });
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      }),
    advance(ms) {
      now += ms;
      for (const { at, wake } of sleepers) if (at <= now) wake();
    },
  };
}

function setUp(limits: Partial<WebhookLimits> = {}) {
  const logged: LogEntry[] = [];
  const clock = handClock();
  let secrets: readonly string[] | undefined = [SECRET];
  let wakes = 0;
  const handler = createWebhookHandler({
    clock,
    limits,
    logger: { log: (entry) => void logged.push(entry) },
    secrets: () =>
      secrets === undefined ? Promise.reject(new TypeError("no file")) : Promise.resolve(secrets),
    wake: () => void wakes++,
  });
  return {
    clock,
    logged,
    wakes: () => wakes,
    setSecrets: (next: readonly string[] | undefined) => void (secrets = next),
    send: (change: Delivery = {}, sender = "192.0.2.1") => handler(requestOf(change), sender),
    sendRequest: (request: Request) => handler(request, "192.0.2.1"),
  };
}

interface Delivery {
  readonly method?: string;
  readonly body?: string;
  readonly secret?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function requestOf({ method = "POST", body = BODY, secret = SECRET, headers }: Delivery): Request {
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  return new Request("http://koreo.invalid/hooks/git", {
    method,
    headers: {
      "content-type": "application/json",
      "x-hub-signature-256": `sha256=${signature}`,
      "x-github-event": "push",
      ...headers,
    },
    ...(method === "GET" ? {} : { body }),
  });
}

Deno.test("A signed push wakes, and does nothing else", async () => {
  const { send, wakes } = setUp();
  equal((await send()).status, 202);
  equal(wakes(), 1);
});

const ANSWERS: readonly {
  readonly name: string;
  readonly delivery: Delivery;
  readonly status: number;
  readonly wakes?: number;
}[] = [
  { name: "another secret", delivery: { secret: "other" }, status: 401 },
  { name: "no signature", delivery: { headers: { "x-hub-signature-256": "" } }, status: 401 },
  { name: "GET", delivery: { method: "GET" }, status: 405 },
  { name: "PUT", delivery: { method: "PUT" }, status: 405 },
  { name: "text", delivery: { headers: { "content-type": "text/plain" } }, status: 415 },
  {
    name: "a type that only begins so",
    delivery: { headers: { "content-type": "application/jsonx" } },
    status: 415,
  },
  {
    name: "a form",
    delivery: { headers: { "content-type": "application/x-www-form-urlencoded" } },
    status: 202,
    wakes: 1,
  },
  {
    name: "JSON with a charset",
    delivery: { headers: { "content-type": "application/json; charset=utf-8" } },
    status: 202,
    wakes: 1,
  },
  { name: "a ping", delivery: { headers: { "x-github-event": "ping" } }, status: 200 },
  {
    name: "an event that moves no ref",
    delivery: { headers: { "x-github-event": "issues" } },
    status: 202,
  },
  {
    name: "a forged ping",
    delivery: { secret: "other", headers: { "x-github-event": "ping" } },
    status: 401,
  },
  { name: "an empty body", delivery: { body: "" }, status: 202, wakes: 1 },
];

for (const { name, delivery, status, wakes: expected = 0 } of ANSWERS) {
  Deno.test(`The webhook answers ${name} with ${status}`, async () => {
    const { send, wakes } = setUp();
    const answer = await send(delivery);
    equal(answer.status, status);
    equal(wakes(), expected);
    if (status === 405) equal(answer.headers.get("allow"), "POST");
    await answer.body?.cancel();
  });
}

Deno.test("The webhook says the same to every unknown sender", async () => {
  const { send } = setUp();
  const texts = await Promise.all([
    send({ secret: "other" }),
    send({ secret: SECRET.slice(1) }),
    send({ headers: { "x-hub-signature-256": "sha256=short" } }),
    send({ headers: { "x-gitlab-token": "wrong" } }),
  ].map(async (answer) => (await answer).text()));
  equal(new Set(texts).size, 1);
});

Deno.test("The webhook refuses a body beyond the limit, announced or not", async () => {
  const { send, sendRequest, wakes } = setUp({ maxBodyBytes: 100 });
  const body = "x".repeat(101);
  equal((await send({ body, headers: { "content-length": "101" } })).status, 413);
  const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => controller.enqueue(new Uint8Array(60)),
  });
  const signature = "a".repeat(64);
  const request = new Request("http://koreo.invalid/hooks/git", {
    method: "POST",
    headers: { "content-type": "application/json", "x-gitea-signature": signature },
    body: endless,
  });
  equal((await sendRequest(request)).status, 413);
  equal(wakes(), 0);
});

Deno.test("The webhook gives a body up that does not come", async () => {
  const { clock, sendRequest } = setUp({ maxBodyMs: 500 });
  const asked = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({ pull: () => asked.resolve() });
  const answer = sendRequest(
    new Request("http://koreo.invalid/hooks/git", {
      method: "POST",
      headers: { "content-type": "application/json", "x-gitea-signature": "a".repeat(64) },
      body,
    }),
  );
  await asked.promise;
  await Promise.resolve();
  clock.advance(501);
  equal((await answer).status, 408);
});

Deno.test("The webhook limits the rate of each sender by itself", async () => {
  const { clock, send, wakes } = setUp({ burst: 3, perSecond: 0.5 });
  const statuses = [];
  for (let count = 0; count < 4; count++) statuses.push((await send()).status);
  deepEqual(statuses, [202, 202, 202, 429]);
  const refused = await send();
  equal(refused.headers.get("retry-after"), "2");
  equal((await send({}, "192.0.2.2")).status, 202);
  clock.advance(2_000);
  equal((await send()).status, 202);
  equal((await send()).status, 429);
  equal(wakes(), 5);
});

Deno.test("A sender who knows no secret is limited like everyone", async () => {
  const { send } = setUp({ burst: 2, perSecond: 1 });
  const statuses = [];
  for (let count = 0; count < 3; count++) statuses.push((await send({ secret: "x" })).status);
  deepEqual(statuses, [401, 401, 429]);
});

Deno.test("The webhook uses the secret as it is now", async () => {
  const { send, setSecrets } = setUp();
  setSecrets(["new"]);
  equal((await send()).status, 401);
  equal((await send({ secret: "new" })).status, 202);
  setSecrets(["new", SECRET]);
  equal((await send()).status, 202);
});

Deno.test("The webhook refuses everything while there is no secret, and the log says so", async () => {
  const { send, setSecrets, logged, wakes } = setUp();
  setSecrets(undefined);
  equal((await send()).status, 503);
  deepEqual(logged.map(({ level }) => level), ["error"]);
  setSecrets([]);
  equal((await send({ secret: "" })).status, 401);
  equal(wakes(), 0);
});

Deno.test("The webhook shows its secret to nobody", async () => {
  const { send, logged } = setUp();
  const shown: string[] = [];
  for (const { delivery } of ANSWERS) {
    const answer = await send(delivery);
    shown.push(await answer.text(), JSON.stringify([...answer.headers]));
  }
  shown.push(JSON.stringify(logged));
  equal(shown.some((text) => text.includes(SECRET)), false);
  match(shown.join(), /known sender/);
});
