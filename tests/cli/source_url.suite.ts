// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import { makeServedFixture } from "../git/served_fixture.ts";
import { startSshServer } from "../git/ssh_server.ts";
import { koreo } from "./run_koreo.ts";
import { documentOf } from "./schemas.ts";

const FUNCTION = `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: double}
spec:
  return: {size: =inputs.size * 2}
---
apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata: {name: double}
spec:
  functionRef: {kind: ValueFunction, name: double}
  inputs: {size: 2}
  testCases:
  - label: two
    expectReturn: {size: 4}
`;

async function served() {
  const fixture = await makeServedFixture();
  await fixture.commit("main", { files: { "koreo/double.k.yaml": FUNCTION } });
  const broken = FUNCTION.replace("* 2", "*");
  await fixture.commit("next", { files: { "koreo/double.k.yaml": broken, "README.md": "" } });
  return fixture;
}

Deno.test("koreo validate reads a repository by URL, with --branch and --path", async () => {
  await using fixture = await served();
  const { url } = fixture;
  deepEqual(await koreo(["validate", url, "--path", "/koreo/"]), {
    code: 0,
    stdout: "2 definitions in 1 file: no fault\n",
    stderr: "",
  });
  const broken = await koreo([
    "validate",
    url,
    "--branch",
    "next",
    "--path",
    "koreo",
    "-o",
    "json",
  ]);
  equal(broken.code, 1);
  const { definitions, files, diagnostics } = await documentOf("validate", broken.stdout);
  deepEqual([definitions, files], [2, 1]);
  deepEqual([diagnostics[0].file, diagnostics[0].line], ["koreo/double.k.yaml", 5]);
});

Deno.test("koreo test runs the FunctionTests of a repository by URL", async () => {
  await using fixture = await served();
  const { code, stdout } = await koreo(["test", fixture.url]);
  equal(code, 0);
  match(stdout, /koreo\/double\.k\.yaml:7\n {2}ok {6}two\n/);
});

const FAULTS = [
  ["a branch that is not there", ["--branch", "nope"], /no such branch, tag or commit/],
  ["a directory that is not there", ["--path", "nope"], /there is no directory "nope"/],
] as const;

for (const [name, options, reason] of FAULTS) {
  Deno.test(`koreo validate of a repository by URL names ${name}`, async () => {
    await using fixture = await served();
    const { code, stdout, stderr } = await koreo(["validate", fixture.url, ...options]);
    deepEqual([code, stdout], [3, ""]);
    match(stderr, /^error: Cannot read "nope"/);
    match(stderr, reason);
  });
}

Deno.test("koreo validate says that the server has no such repository", async () => {
  await using fixture = await served();
  const { code, stderr } = await koreo(["validate", fixture.url.replace("definitions", "other")]);
  equal(code, 3);
  match(stderr, /^error: Cannot fetch repository "http:.*other\.git": /);
});

Deno.test("koreo validate reads a private repository, and one over ssh", async () => {
  const credentials = { username: "x-access-token", password: "planted-77f0" };
  await using fixture = await makeServedFixture({}, { credentials });
  await fixture.commit("main", { files: { "koreo/double.k.yaml": FUNCTION } });
  const refused = await koreo(["validate", fixture.url]);
  equal(refused.code, 3);
  match(refused.stderr, /wants credentials; set --git-token-file/);
  const token = `${fixture.path}/../token`;
  await Deno.writeTextFile(token, "planted-77f0\n");
  const read = { code: 0, stdout: "2 definitions in 1 file: no fault\n", stderr: "" };
  deepEqual(await koreo(["validate", fixture.url, "--git-token-file", token]), read);
  await using server = await startSshServer();
  const { keyFile, knownHostsFile } = server.ssh;
  const how = ["--git-ssh-key-file", keyFile, "--git-known-hosts-file", knownHostsFile];
  deepEqual(await koreo(["validate", server.address(fixture.path), ...how]), read);
});
