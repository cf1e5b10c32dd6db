// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { openRepository, readCredentials } from "../../src/adapters/git/mod.ts";
import { hasCode } from "../contract/repository_contract.ts";
import { BRIEF_MS } from "./fetch_in_time.ts";
import { git, startGitHttpBackend } from "./http_backend.ts";
import { definitions, runReconciler } from "./running_reconciler.ts";
import { makeServedFixture } from "./served_fixture.ts";
import { koreo } from "../cli/run_koreo.ts";
import { makeTestCertificate } from "./test_certificate.ts";

const { signal } = new AbortController();
/** Planted; nothing that is written anywhere may hold it, nor what it becomes on the wire. */
const SECRET = "planted-9d41c7e0";
const USERNAME = "planted-user-55aa";
const TRACES = [
  SECRET,
  USERNAME,
  btoa(`x-access-token:${SECRET}`),
  btoa(`${USERNAME}:${SECRET}`),
].map((text) => text.slice(0, 12));

function hasTrace(text: string): boolean {
  return TRACES.some((trace) => text.includes(trace));
}

interface SecretFiles extends AsyncDisposable {
  path(name: string): string;
  write(name: string, text: string): Promise<void>;
}

async function secretFiles(files: Readonly<Record<string, string>>): Promise<SecretFiles> {
  const directory = await Deno.makeTempDir();
  const path = (name: string) => `${directory}/${name}`;
  const write = (name: string, text: string) => Deno.writeTextFile(path(name), text);
  for (const [name, text] of Object.entries(files)) await write(name, text);
  return {
    path,
    write,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

const BASIC = { username: USERNAME, password: SECRET };
const TOKEN = { username: "x-access-token", password: SECRET };

for (const backend of ["isomorphic", "git"] as const) {
  Deno.test(`A token that rotates is used by ${backend}, and no output has a trace of it`, async () => {
    const fixture = await makeServedFixture({}, { credentials: TOKEN });
    await using _fixture = fixture;
    await using files = await secretFiles({ token: `${SECRET}-old\n` });
    const first = await fixture.commit("main", { files: definitions(1) });
    await using reconciler = runReconciler([
      ...["--repo", fixture.url, "--path", "koreo", "--interval", "50ms"],
      ...["--git-backend", backend, "--git-token-file", files.path("token")],
    ]);
    const refused = await reconciler.untilLogged(/^Cannot fetch/);
    match(refused.message, /--git-token-file/);
    await files.write("token", `${SECRET}\n`);
    equal((await reconciler.untilLogged(/^Put /))["revision"], `main@sha1:${first}`);
    await Deno.remove(files.path("token"));
    const missing = await reconciler.untilLogged(/^Cannot fetch/);
    match(missing.message, /cannot read a credential \(--git-token-file\) .* no such file/);
    equal(await reconciler.end(), 0);
    equal(hasTrace(reconciler.said()), false);
  });

  Deno.test(`A user name and password in files are used by ${backend}, and stay untold`, async () => {
    await using fixture = await makeServedFixture({}, { credentials: BASIC });
    await using files = await secretFiles({ user: USERNAME, password: `${SECRET}\r\n` });
    await fixture.commit("main", { files: definitions(1) });
    await using reconciler = runReconciler([
      ...["--repo", fixture.url, "--path", "koreo", "--interval", "50ms"],
      ...["--git-backend", backend],
      ...["--git-username-file", files.path("user"), "--git-password-file", files.path("password")],
    ]);
    await reconciler.untilLogged(/^Put /);
    for (
      const fault of [
        { type: "status", status: 403 },
        { type: "status", status: 500 },
        { type: "cut", atByte: 3 },
        { type: "redirect", to: `http://${USERNAME}:${SECRET}@127.0.0.1:1/` },
      ] as const
    ) {
      fixture.server.setFault(fault);
      await reconciler.untilLogged(/^Cannot fetch/);
      fixture.server.setFault(undefined);
      await reconciler.untilLogged(/^Follows the repository again/);
    }
    await reconciler.end();
    equal(hasTrace(reconciler.said()), false);
  });

  Deno.test(`No page that is served and no command has a trace of what ${backend} is given`, async () => {
    await using fixture = await makeServedFixture({}, { credentials: BASIC });
    await using files = await secretFiles({ username: USERNAME, password: SECRET });
    await fixture.commit("main", { files: definitions(1) });
    await files.write(
      "koreo.yaml",
      `sources: [{name: s, url: "${fixture.url.replace("//", `//${USERNAME}:other@`)}", path: koreo,
  interval: 50ms, credentials: {secretDirectory: .}}]
channels: [{name: a, branch: main}]
`,
    );
    const how = ["--config", files.path("koreo.yaml"), "--git-backend", backend];
    await using reconciler = runReconciler([...how, "--listen", "127.0.0.1:0"]);
    const { url } = await reconciler.untilLogged(/^Listening/);
    await reconciler.untilLogged(/^Put /);
    fixture.server.setFault({ type: "status", status: 403 });
    await reconciler.untilLogged(/^Cannot fetch/);
    let served = "";
    for (const path of ["/metrics", "/readyz", "/healthz", "/api/v1/channels", "/nothing"]) {
      served += await (await fetch(`${url}${path}`)).text();
    }
    match(served, /koreo_/);
    equal(hasTrace(served), false);
    for (const fault of [undefined, { type: "status", status: 403 }] as const) {
      fixture.server.setFault(fault);
      for (const command of [["channels"], ["resolve", "--channel", "a"], ["diff", "a", "a"]]) {
        for (const output of ["text", "json"]) {
          const { stdout, stderr } = await koreo([...command, ...how, "-o", output]);
          equal((stdout + stderr).length > 0, true);
          equal(hasTrace(stdout + stderr), false);
        }
      }
    }
    fixture.server.setFault(undefined);
    await reconciler.end();
    equal(hasTrace(reconciler.said()), false);
  });

  Deno.test(`Credentials in the URL and in variables are used by ${backend}, and stay untold`, async () => {
    await using fixture = await makeServedFixture({}, { credentials: BASIC });
    await fixture.commit("main", { files: definitions(1) });
    const inUrl = fixture.url.replace("//", `//${USERNAME}:${SECRET}@`);
    await using byUrl = runReconciler([
      ...["--repo", `${inUrl}?token=${SECRET}`, "--path", "koreo", "--git-backend", backend],
    ]);
    await byUrl.untilLogged(/^Put /);
    await byUrl.end();
    Deno.env.set("KOREO_GIT_USERNAME", USERNAME);
    Deno.env.set("KOREO_GIT_PASSWORD", SECRET);
    try {
      await using byVariable = runReconciler([
        ...["--repo", fixture.url, "--path", "koreo", "--git-backend", backend],
      ]);
      await byVariable.untilLogged(/^Put /);
      await byVariable.end();
      equal(hasTrace(byVariable.said() + byUrl.said()), false);
    } finally {
      Deno.env.delete("KOREO_GIT_USERNAME");
      Deno.env.delete("KOREO_GIT_PASSWORD");
    }
  });

  Deno.test(`No error of ${backend} has a trace of credentials, however deep one looks`, async () => {
    await using fixture = await makeServedFixture({}, { credentials: BASIC });
    const token = { type: "value", value: SECRET, setting: "KOREO_GIT_TOKEN" } as const;
    const credentials = { type: "token", token, scheme: "bearer" } as const;
    const open = (idleMs?: number) =>
      openRepository(fixture.url, { backend, credentials, ...(idleMs && { idleMs }) });
    const brief = open(BRIEF_MS);
    for (const fault of [undefined, { type: "cut", atByte: 3 }, { type: "hang" }] as const) {
      fixture.server.setFault(fault);
      const repository = fault?.type === "hang" ? brief : open();
      const error = await repository.fetch({ signal }).then(() => undefined, (thrown) => thrown);
      hasCode(error?.code ?? "")(error);
      equal(hasTrace(Deno.inspect(error, { depth: 20, showHidden: true })), false);
      repository.close();
    }
    equal(
      fixture.server.requests.some(({ authorization }) => authorization === `Bearer ${SECRET}`),
      true,
    );
    await brief.fetch({ signal }).catch(() => {});
  });

  Deno.test(`A server with its own authority is trusted by ${backend} with --git-ca-file alone`, async () => {
    const root = await Deno.makeTempDir();
    await git(root, "init", "-q", "--bare", "-b", "main", "definitions.git");
    const { certificate, key, authority } = await makeTestCertificate();
    await using backendServer = startGitHttpBackend({ root, tls: { cert: certificate, key } });
    await using files = await secretFiles({ ca: authority, none: "no certificate" });
    const open = (caFile?: string) =>
      openRepository(`${backendServer.url}/definitions.git`, {
        backend,
        ...(caFile === undefined ? {} : { caFile: files.path(caFile) }),
      });
    const [trusting, distrusting, misled] = [open("ca"), open(), open("none")];
    await trusting.fetch({ signal });
    deepEqual([...await trusting.branches({ signal })], []);
    await rejects(distrusting.fetch({ signal }), /certificate|UnknownIssuer/i);
    await rejects(misled.fetch({ signal }), /certificate|CA/i);
    for (const repository of [trusting, distrusting, misled]) repository.close();
    await Deno.remove(root, { recursive: true });
  });
}

for (const backend of ["isomorphic", "git"] as const) {
  Deno.test(`A proxy that wants a login is not taken by ${backend} for a server that does`, async () => {
    await using fixture = await makeServedFixture();
    fixture.server.setFault({ type: "status", status: 407 });
    const repository = openRepository(fixture.url.replace("//", `//x:${SECRET}@`), { backend });
    await rejects(repository.fetch({ signal }), /a proxy wants a login: put one into its address/);
  });
}

Deno.test("The error of a server that wants credentials names what to set, and what is the matter", async () => {
  await using fixture = await makeServedFixture({}, { credentials: BASIC });
  const wanted = /wants credentials; set --git-token-file, or --git-username-file with --git-pass/;
  const taken = /does not take the credentials it was given; set --git-token-file/;
  for (const backend of ["isomorphic", "git"] as const) {
    await rejects(openRepository(fixture.url, { backend }).fetch({ signal }), wanted);
    const wrong = openRepository(fixture.url.replace("//", "//x:y@"), { backend });
    await rejects(wrong.fetch({ signal }), taken);
  }
  await using front = startGitHttpBackend({ root: "/nonexistent" });
  front.setFault({ type: "redirect", to: `${fixture.url}/info/refs?service=git-upload-pack` });
  const moved = openRepository(`${front.url.replace("//", `//${USERNAME}:${SECRET}@`)}/x.git`);
  await rejects(moved.fetch({ signal }), /another host, which gets no credentials/);
});

Deno.test("A credential with line breaks inside is refused before it is sent", async () => {
  await using files = await secretFiles({
    token: `${SECRET}\nx-evil: 1\n`,
    empty: "\n",
    marked: "\ufeffplain\r\n",
    foreign: "\u20ac",
    colon: "a:b",
  });
  const read = (name: string) =>
    readCredentials({
      type: "token",
      scheme: "bearer",
      token: { type: "file", path: files.path(name), setting: "--git-token-file" },
    });
  await rejects(read("token"), (error) => {
    match(String(error), /--git-token-file: it has more than one line/);
    equal(hasTrace(String(error)), false);
    return true;
  });
  await rejects(read("empty"), /the file is empty/);
  await rejects(read("foreign"), /--git-token-file: a bearer token has ASCII characters alone/);
  const file = (name: string) =>
    ({ type: "file", path: files.path(name), setting: "--git-username-file" }) as const;
  await rejects(
    readCredentials({ type: "basic", username: file("colon"), password: file("marked") }),
    /--git-username-file: a user name has no colon/,
  );
  deepEqual(await read("marked"), { type: "token", scheme: "bearer", token: "plain" });
  await rejects(read("missing"), /there is no such file/);
});
