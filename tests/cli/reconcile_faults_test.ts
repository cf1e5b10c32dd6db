// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import {
  CLOSED_PORT,
  exampleFiles,
  givingUp,
  kubeconfigFor,
  temporaryRepository,
} from "./reconcile_fixtures.ts";
import { type CommandEnd, koreo, koreoUntil, temporaryFiles } from "./run_koreo.ts";

const ONCE = ["reconcile", "--cluster", "embedded", "--once"];

/** So long that what does not end at once is noticed. */
const PATIENT = ["--timeout", "60s"];

/** What the operator reads at the end: one line, no stack trace anywhere. */
function assertTold({ code, stdout, stderr }: CommandEnd, expected: RegExp): void {
  equal(code, 3, stderr);
  equal(stdout, "");
  match(stderr.trimEnd().split("\n").at(-1) ?? "", expected);
  equal(/^ {4}at /m.test(stderr), false, stderr);
}

Deno.test("koreo reconcile --once says that a repository cannot be reached", async () => {
  const url = `http://127.0.0.1:${CLOSED_PORT}/a.git`;
  const args = [...ONCE, "--repo", url.replace("//", "//user:secret@")];
  const end = await givingUp(args, /tries again in/);
  assertTold(end, /^error: Cannot reconcile within \d+\.0 s: Cannot fetch repository "http:/);
  match(end.stderr, /the server cannot be reached: Connection refused; .*tries again in \d+ s/);
  equal(end.stderr.includes("secret"), false);
});

const ABSENT = [
  ["a repository that is not there", ["--repo", "/no/such/place"], /there is no such directory$/],
  ["a directory that is no repository", ["--repo", "EMPTY"], /it is not a Git repository$/],
  [
    "a branch that is not there, and which there are",
    ["--repo", "REPO", "--branch", "nope"],
    /^error: Cannot follow "nope" of ".*": there is no branch, tag or commit of this name; its branches are "main"$/,
  ],
  [
    "a directory that the commit does not have",
    ["--repo", "REPO", "--path", "nope"],
    /^error: Cannot read "nope" in commit [0-9a-f]{40} of repository ".*": there is no directory "nope"$/,
  ],
] as const;

for (const [name, args, expected] of ABSENT) {
  Deno.test(`koreo reconcile --once ends at once with ${name}`, async () => {
    await using empty = await temporaryFiles();
    await using repository = await temporaryRepository({ "koreo/a.k.yaml": "" });
    const places: Readonly<Record<string, string>> = {
      EMPTY: empty.directory,
      REPO: repository.directory,
    };
    const end = await koreo([...ONCE, ...PATIENT, ...args.map((arg) => places[arg] ?? arg)]);
    assertTold(end, expected);
  });
}

const CLUSTERS = [
  [
    "a kubeconfig that is not there",
    ["--kubeconfig", "NOWHERE"],
    /^error: Cannot find a kubeconfig: looked for ".*nowhere\.yaml"$/,
  ],
  [
    "a kubeconfig that is no YAML",
    ["--kubeconfig", "BROKEN"],
    /^error: Cannot use kubeconfig ".*broken\.yaml": /,
  ],
  [
    "a context that the kubeconfig does not have",
    ["--kubeconfig", "GOOD", "--context", "moon"],
    /^error: Cannot use context "moon": the kubeconfig has "here", "lost"$/,
  ],
  [
    "a context without a cluster",
    ["--kubeconfig", "GOOD", "--context", "lost"],
    /^error: Cannot use context "lost": the kubeconfig has no cluster "gone"$/,
  ],
  [
    "the account of a Pod outside of one",
    ["--cluster", "in-cluster"],
    /^error: Cannot use the service account of the Pod: KUBERNETES_SERVICE_HOST is not set/,
  ],
] as const;

for (const [name, args, expected] of CLUSTERS) {
  Deno.test(`koreo reconcile refuses ${name}`, async () => {
    await using files = await temporaryFiles({
      "broken.yaml": "clusters: [\n",
      "good.yaml": kubeconfigFor("http://127.0.0.1:1"),
    });
    const { directory } = files;
    const places: Readonly<Record<string, string>> = {
      NOWHERE: `${directory}/nowhere.yaml`,
      BROKEN: `${directory}/broken.yaml`,
      GOOD: `${directory}/good.yaml`,
    };
    const given = args.map((arg) => places[arg] ?? arg);
    assertTold(await koreo(["reconcile", "--repo", directory, ...given]), expected);
  });
}

Deno.test("koreo reconcile --once waits for the record of an API server that is away", async () => {
  await using repository = await temporaryRepository(await exampleFiles("web-app"));
  const server = `http://127.0.0.1:${CLOSED_PORT}`;
  await using files = await temporaryFiles({ "kubeconfig": kubeconfigFor(server) });
  const end = await givingUp([
    ...["reconcile", "--repo", repository.directory, "--path", "koreo", "--once"],
    ...["--kubeconfig", `${files.directory}/kubeconfig`],
  ], /Cannot reach the record/);
  const neither = /^error: Cannot reconcile within \d+\.0 s: neither the record nor the repository/;
  assertTold(end, neither);
  match(
    end.stderr,
    /WARN {2}Cannot reach the record in namespace "koreo-system": .* Connection refused; it is tried again/,
  );
});

Deno.test("koreo reconcile --once says that the API server is away", async () => {
  await using repository = await temporaryRepository(await exampleFiles("web-app"));
  const server = `http://127.0.0.1:${CLOSED_PORT}`;
  await using files = await temporaryFiles({ "kubeconfig": kubeconfigFor(server) });
  const end = await givingUp([
    ...["reconcile", "--repo", repository.directory, "--path", "koreo", "--once"],
    ...["--kubeconfig", `${files.directory}/kubeconfig`, "--no-record"],
  ], /Cannot watch WebApp/);
  assertTold(end, /^error: Cannot reconcile within \d+\.0 s: the cluster does not list WebApp \(/);
  match(
    end.stderr,
    /WARN {2}Cannot watch WebApp \(apps\.example\.com\/v1\): Cannot discover .* at http:\/\/127\.0\.0\.1:\d+: Connection refused; tried again in \d+ s; its triggers are not reconciled until then/,
  );
});

Deno.test("koreo reconcile says that the port of the embedded cluster is taken", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const args = ["reconcile", "--repo", ".", "--cluster", "embedded", "--port", String(port)];
  deepEqual(await koreo(args), {
    code: 2,
    stdout: "",
    stderr: `error: Cannot serve the embedded cluster on port ${port}: ` +
      "another process listens on it; give --port another, or 0\n",
  });
});

const FOLLOW = ["reconcile", "--cluster", "embedded", "--interval", "50ms", "--path", "koreo"];

Deno.test("koreo reconcile goes on without the repository, and ends with 0 when asked", async () => {
  const url = `http://127.0.0.1:${CLOSED_PORT}/a.git`;
  const again = /Cannot fetch .*; what is in force stays, tries again in/;
  const end = await koreoUntil([...FOLLOW, "--repo", url], [{ pattern: again }, {
    pattern: again,
  }]);
  deepEqual([end.code, end.stdout], [0, ""]);
});

Deno.test("koreo reconcile finds a branch that comes later", async () => {
  await using repository = await temporaryRepository(await exampleFiles("web-app"));
  const { directory } = repository;
  const branches = `${directory}/.git/refs/heads`;
  const end = await koreoUntil([...FOLLOW, "--repo", directory, "--branch", "later"], [
    {
      pattern: /WARN {2}Cannot follow "later" .*its branches are "main"; .*tries again in/,
      then: () => Deno.copyFile(`${branches}/main`, `${branches}/later`),
    },
    { pattern: /INFO {2}Put "later@sha1:[0-9a-f]{40}" in force/ },
  ]);
  equal(end.code, 0);
  match(
    end.stderr,
    /INFO {2}Follows the repository again after (a|\d+) failed attempts?/,
  );
});

Deno.test("koreo reconcile says that a trigger kind has no CustomResourceDefinition", async () => {
  await using repository = await temporaryRepository(await exampleFiles("web-app"));
  const end = await koreoUntil([...FOLLOW, "--repo", repository.directory], [{
    pattern:
      /WARN {2}Cannot watch WebApp \(apps\.example\.com\/v1\): the cluster does not serve this kind; looked for again when a CustomResourceDefinition changes and in \d+ s; its triggers are not reconciled until then/,
  }]);
  equal(end.code, 0);
});

Deno.test("koreo reconcile holds a broken commit back and takes the next", async () => {
  const files = await exampleFiles("web-app");
  await using repository = await temporaryRepository(files);
  const name = "koreo/workflow.k.yaml";
  const text = files[name] ?? "";
  const end = await koreoUntil([...FOLLOW, "--repo", repository.directory], [
    {
      pattern: /Put "main@sha1:[0-9a-f]{40}" in force /,
      then: () =>
        repository.commit({ [name]: text.replace("=steps.config.size", "=steps.config.size +") }),
    },
    {
      pattern:
        /WARN {2}Holds Workflow "web-app\.v1" back: Cannot read .* file=koreo\/workflow\.k\.yaml line=\d+/,
      then: () => repository.commit({ [name]: `${text}# mended\n` }),
    },
    { pattern: /Put "main@sha1:[0-9a-f]{40}" in force / },
  ]);
  equal(end.code, 0, end.stderr);
});

Deno.test("koreo reconcile says at its start that the secret of the webhook is not there", async () => {
  await using repository = await temporaryRepository(await exampleFiles("web-app"));
  const { directory } = repository;
  const secret = ["--listen", "127.0.0.1:0", "--webhook-secret-file", `${directory}/none`];
  const end = await koreoUntil([...FOLLOW, "--repo", directory, ...secret], [{
    pattern:
      /WARN {2}Cannot read the secret of the webhook \(--webhook-secret-file\) from ".*none": there is no such file; deliveries are answered with 503 until it can be read/,
  }]);
  equal(end.code, 0);
});
