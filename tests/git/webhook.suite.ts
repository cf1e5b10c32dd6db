// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { createHmac } from "node:crypto";
import { until } from "../until.ts";
import { definitions, type RunningReconciler, runReconciler } from "./running_reconciler.ts";
import { makeServedFixture, type ServedFixture } from "./served_fixture.ts";

const SECRET = "planted-webhook-6e2b";
const BODY = JSON.stringify({ ref: "refs/heads/main", after: "not believed" });
/** Far longer than anything is waited for here: what comes earlier came by the webhook. */
const INTERVAL = "10m";

interface Live extends AsyncDisposable {
  readonly fixture: ServedFixture;
  readonly reconciler: RunningReconciler;
  readonly url: string;
  readonly secretFile: string;
}

async function goLive(fixture: ServedFixture): Promise<Live> {
  const directory = await Deno.makeTempDir();
  const secretFile = `${directory}/secret`;
  await Deno.writeTextFile(secretFile, `${SECRET}\n`);
  const reconciler = runReconciler([
    ...["--repo", fixture.url, "--path", "koreo", "--interval", INTERVAL],
    ...["--listen", "127.0.0.1:0", "--webhook-secret-file", secretFile],
  ]);
  const { url } = await reconciler.untilLogged(/^Listening$/);
  return {
    fixture,
    reconciler,
    url: String(url),
    secretFile,
    async [Symbol.asyncDispose]() {
      await reconciler.end();
      await fixture[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

const mac = (secret: string) => createHmac("sha256", secret).update(BODY).digest("hex");

const SENDERS: Readonly<Record<string, (secret: string) => Record<string, string>>> = {
  GitHub: (secret) => ({
    "x-github-event": "push",
    "x-hub-signature-256": `sha256=${mac(secret)}`,
  }),
  GitLab: (secret) => ({ "x-gitlab-event": "Push Hook", "x-gitlab-token": secret }),
  Gitea: (secret) => ({ "x-gitea-event": "push", "x-gitea-signature": mac(secret) }),
  Forgejo: (secret) => ({ "x-forgejo-event": "push", "x-forgejo-signature": mac(secret) }),
  Bitbucket: (secret) => ({
    "x-event-key": "repo:push",
    "x-hub-signature": `sha256=${mac(secret)}`,
  }),
};

async function deliver(url: string, headers: Record<string, string>): Promise<number> {
  const answer = await fetch(`${url}/hooks/git`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: BODY,
  });
  equal((await answer.text()).includes(SECRET), false);
  return answer.status;
}

async function status(url: string, path: string): Promise<number> {
  const answer = await fetch(`${url}${path}`);
  await answer.body?.cancel();
  return answer.status;
}

Deno.test("A push and a signed delivery are in force long before the interval is over", async () => {
  const fixture = await makeServedFixture();
  await fixture.commit("main", { files: definitions(0) });
  await using live = await goLive(fixture);
  const { reconciler, url } = live;
  await reconciler.untilLogged(/^Put /);
  let value = 0;
  for (const [sender, forge] of Object.entries(SENDERS)) {
    const id = await fixture.commit("main", { files: definitions(++value) });
    equal(await deliver(url, forge(SECRET)), 202, sender);
    const { revision } = await reconciler.untilLogged(/^Put /);
    equal(revision, `main@sha1:${id}`, sender);
  }
  equal(reconciler.said().includes(SECRET), false);
});

Deno.test("A forged delivery causes no fetch, and the secret is used as it is now", async () => {
  const fixture = await makeServedFixture();
  await fixture.commit("main", { files: definitions(0) });
  await using live = await goLive(fixture);
  await live.reconciler.untilLogged(/^Put /);
  fixture.server.forgetRequests();
  for (const forge of Object.values(SENDERS)) equal(await deliver(live.url, forge("guess")), 401);
  equal(await deliver(live.url, {}), 401);
  deepEqual(fixture.server.requests, []);
  await Deno.writeTextFile(live.secretFile, "rotated");
  const id = await fixture.commit("main", { files: definitions(1) });
  equal(await deliver(live.url, SENDERS["GitHub"]?.(SECRET) ?? {}), 401);
  equal(await deliver(live.url, SENDERS["GitHub"]?.("rotated") ?? {}), 202);
  equal((await live.reconciler.untilLogged(/^Put /))["revision"], `main@sha1:${id}`);
});

Deno.test("It is healthy at once, and ready with the first revision", async () => {
  await using live = await goLive(await makeServedFixture());
  const { fixture, reconciler, url } = live;
  await reconciler.untilLogged(/the repository has no branches/);
  deepEqual([await status(url, "/healthz"), await status(url, "/readyz")], [200, 503]);
  await fixture.commit("main", { files: definitions(1) });
  equal(await deliver(url, SENDERS["Gitea"]?.(SECRET) ?? {}), 202);
  await reconciler.untilLogged(/^Put /);
  await until("it is ready", async () => await status(url, "/readyz") === 200);
  equal(await status(url, "/metrics-not-here"), 404);
  equal(await reconciler.end(), 0);
});

Deno.test("Metrics say what is in force, how Git fares and what tests were run; no secret is among them", async () => {
  await using live = await goLive(await makeServedFixture());
  const { fixture, reconciler, url } = live;
  const id = await fixture.commit("main", { files: definitions(1) });
  equal(await deliver(url, SENDERS["Gitea"]?.(SECRET) ?? {}), 202);
  await reconciler.untilLogged(/^Put /);
  const page = async () => await (await fetch(`${url}/metrics`)).text();
  const inForce = `koreo_channel_revision_info{channel="stable",revision="main@sha1:${id}"} 1`;
  let text = "";
  // The line of the log comes first; then the report of the poll, and the first requests.
  for (
    const expected of [
      new RegExp(RegExp.escape(inForce)),
      /\nkoreo_source_polls_total\{source="[^"]+",result="ok"\} [1-9]/,
      /\nkoreo_source_last_success_timestamp_seconds\{source="[^"]+"\} 1[0-9]{9}/,
      /\nkoreo_gate_duration_seconds_count 1\n/,
      /\nkoreo_event_loop_delay_seconds_count [1-9]/,
      /\nkoreo_api_requests_total\{verb="list",status="200"\} [1-9]/,
    ]
  ) await until(`there is ${expected}`, async () => expected.test(text = await page()));
  equal(text.includes(SECRET), false);
  equal(text.includes(fixture.url), false);
});

Deno.test("An address that is taken ends the controller with words", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using reconciler = runReconciler([
    ...["--repo", "x", "--listen", `127.0.0.1:${listener.addr.port}`],
  ]);
  equal(await reconciler.done, 3);
  equal(reconciler.said().includes("another process listens there"), true, reconciler.said());
});
