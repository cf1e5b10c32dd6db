// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import {
  definitions,
  type LogLine,
  type RunningReconciler,
  runReconciler,
} from "./running_reconciler.ts";
import { koreo } from "../cli/run_koreo.ts";
import { makeServedFixture } from "./served_fixture.ts";
import { makeSigningPlace, signedCommitOn } from "./signing.ts";

for (const backend of ["isomorphic", "git"] as const) {
  Deno.test(`An unsigned commit is not put in force, the next signed one is, with ${backend}`, async () => {
    await using place = await makeSigningPlace();
    await using fixture = await makeServedFixture();
    const tess = await place.sshKey("tess");
    const signers = await place.write("signers", `tess@example.com ${tess.publicKey}\n`);
    const first = await signedCommitOn(fixture, "main", { files: definitions(1), ...tess });
    await using reconciler = runReconciler([
      ...["--repo", fixture.url, "--path", "koreo", "--interval", "50ms"],
      ...["--git-backend", backend, "--git-ssh-signers-file", signers],
    ]);
    const revision = async () => (await reconciler.untilLogged(/^Put /))["revision"];
    equal(await revision(), `main@sha1:${first}`);
    const unsigned = await fixture.commit("main", { files: definitions(2), message: "Slip in" });
    const refused = await reconciler.untilLogged(/^Cannot accept "main"/);
    equal(refused["code"], "unverified");
    match(
      refused.message,
      new RegExp(`commit ${unsigned} \\("Slip in" by Tess Ter\\): it is not si`),
    );
    match(refused.message, /accepted are signatures of tess@example.com .*what is in force stays/);
    const third = await signedCommitOn(fixture, "main", { files: definitions(3), ...tess });
    equal(await revision(), `main@sha1:${third}`);
    equal(await reconciler.end(), 0);
    equal(reconciler.said().includes(`main@sha1:${unsigned}`), false);
  });
}

Deno.test("Without anything in force the newest signed commit is, past those that are not", async () => {
  await using place = await makeSigningPlace();
  await using fixture = await makeServedFixture();
  const tess = await place.pgpKey("tess");
  const keys = await place.write("keys.asc", await tess.publicKey());
  const signed = await signedCommitOn(fixture, "main", { files: definitions(1), ...tess });
  await fixture.commit("main", { files: definitions(2) });
  await fixture.commit("main", { files: definitions(3) });
  await using reconciler = runReconciler([
    ...["--repo", fixture.url, "--path", "koreo", "--git-pgp-signers-file", keys],
  ]);
  const lines = [await bothOf(reconciler), await bothOf(reconciler)];
  equal(
    lines.find(({ message }) => message.startsWith("Put "))?.["revision"],
    `main@sha1:${signed}`,
  );
  equal(lines.find(({ message }) => message.startsWith("Cannot"))?.["code"], "unverified");
});

/** What is put in force and what is refused are told by different parts, in either order. */
function bothOf(reconciler: RunningReconciler): Promise<LogLine> {
  return reconciler.untilLogged(/^Put |^Cannot accept "/);
}

Deno.test("The gate goes back to no commit that is not signed", async () => {
  await using place = await makeSigningPlace();
  await using fixture = await makeServedFixture();
  const tess = await place.sshKey("tess");
  const signers = await place.write("signers", `tess ${tess.publicKey}\n`);
  const good = await signedCommitOn(fixture, "main", { files: definitions(1), ...tess });
  const unsigned = await fixture.commit("main", { files: definitions(2) });
  const broken = {
    "koreo/number.k.yaml": definitions(3)["koreo/number.k.yaml"]
      ?.replace("expectReturn: {value: 3}", "expectReturn: {value: 4}") ?? "",
  };
  await signedCommitOn(fixture, "main", { files: broken, ...tess });
  await using reconciler = runReconciler([
    ...["--repo", fixture.url, "--path", "koreo", "--git-ssh-signers-file", signers],
  ]);
  const held = await reconciler.untilLogged(/^Holds Workflow "numbers" back/);
  equal(held["inForce"], `main@sha1:${good}`);
  equal(JSON.stringify(held).includes(unsigned), false);
});

Deno.test("Each source has its own signers, and its own credentials for its own server", async () => {
  await using place = await makeSigningPlace();
  const login = (name: string) => ({
    credentials: { username: name, password: `planted-${name}` },
  });
  await using one = await makeServedFixture({}, login("one"));
  await using other = await makeServedFixture({}, login("other"));
  const [tess, eve] = [await place.sshKey("tess"), await place.sshKey("eve")];
  await place.write("signers", `tess ${tess.publicKey}\n`);
  await place.write("one-user", "one\n");
  await place.write("one-password", "planted-one\n");
  await Deno.mkdir(place.path("secret"));
  await place.write("secret/username", "other");
  await place.write("secret/password", "planted-other");
  const first = await signedCommitOn(one, "main", { files: definitions(1), ...tess });
  await signedCommitOn(other, "main", { files: definitions(2), ...eve });
  const config = await place.write(
    "koreo.yaml",
    `sources:
- {name: one, url: ${one.url}, path: koreo, interval: 50ms, verify: {allowedSigners: signers},
   credentials: {usernameFile: one-user, passwordFile: one-password}}
- {name: other, url: ${other.url}, path: koreo, interval: 50ms, verify: {allowedSigners: signers},
   credentials: {secretDirectory: secret}}
channels:
- {name: a, source: one, branch: main}
- {name: b, source: other, branch: main}
`,
  );
  await using reconciler = runReconciler(["--config", config]);
  const lines = [await bothOf(reconciler), await bothOf(reconciler)];
  equal(
    lines.find(({ message }) => message.startsWith("Put "))?.["revision"],
    `main@sha1:${first}`,
  );
  const refused = lines.find(({ message }) => message.startsWith("Cannot"));
  match(refused?.message ?? "", /by a key that is not allowed/);
  equal(await reconciler.end(), 0);
  equal(/planted-/.test(reconciler.said()), false);
  const seen = new Set([...one.server.requests].map(({ authorization }) => authorization));
  equal(seen.has(`Basic ${btoa("other:planted-other")}`), false);
});

Deno.test("One pass reconciles what is signed, and ends at once when nothing is", async () => {
  await using place = await makeSigningPlace();
  await using fixture = await makeServedFixture();
  const tess = await place.sshKey("tess");
  const signers = await place.write("signers", `tess ${tess.publicKey}\n`);
  const files = { "koreo/a.k.yaml": valueWorkflow };
  await fixture.commit("unsigned", { files });
  await signedCommitOn(fixture, "signed", { files, ...tess });
  await fixture.commit("signed", { files: { "koreo/b.txt": "x" } });
  const once = (branch: string) =>
    koreo([
      ...["reconcile", "--once", "--cluster", "embedded", "--timeout", "1m"],
      ...["--repo", fixture.url, "--path", "koreo", "--branch", branch],
      ...["--git-ssh-signers-file", signers],
    ]);
  const refused = await once("unsigned");
  equal(refused.code, 3);
  match(refused.stderr, /Cannot accept "unsigned" of .*: it is not signed/);
  const { code, stdout } = await once("signed");
  deepEqual([code, stdout], [0, "0 objects reconciled\n"]);
});

/** A Workflow of a kind that every cluster serves. */
const valueWorkflow = `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: one}
spec:
  return: {value: 1}
---
apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata: {name: ones}
spec:
  crdRef: {apiGroup: apps, version: v1, kind: Deployment}
  steps:
  - label: one
    ref: {kind: ValueFunction, name: one}
`;
