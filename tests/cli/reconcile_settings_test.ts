// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { koreo, spawnKoreo } from "./run_koreo.ts";

const REFUSED = [
  {
    name: "no repository",
    args: [],
    error: "Cannot reconcile without a repository: give --repo URL or --config FILE",
  },
  {
    name: "a duration without a unit",
    args: ["--repo", "x", "--interval", "30"],
    error:
      'Cannot read the duration "30" for --interval: expected a whole number with a unit, such as "30s", "5m" or "1h"',
  },
  {
    name: "a duration of nothing",
    args: ["--repo", "x", "--resync", "0s"],
    error:
      'Cannot read the duration "0s" for --resync: expected a whole number with a unit, such as "30s", "5m" or "1h"',
  },
  {
    name: "a duration that no timer waits",
    args: ["--repo", "x", "--timeout", "9999h"],
    error: 'Cannot wait "9999h" for --timeout: the longest duration is "596h"',
  },
  {
    name: "a namespace of the record that can be none",
    args: ["--repo", "x", "--record-namespace", "Koreo System"],
    error: 'Cannot use "Koreo System" for --record-namespace: expected the name of a namespace, ' +
      'such as "koreo-system"',
  },
  {
    name: "a path that leads out of the repository",
    args: ["--repo", "x", "--path", "koreo/../.."],
    error: 'Cannot use "koreo/../.." for --path: expected a directory inside the repository',
  },
  {
    name: "a repository over another protocol",
    args: ["--repo", "git://git.example.com/a.git"],
    error: 'Cannot open a "git" repository: expected an http, https or ssh URL, or a local path',
  },
  {
    name: "a repository over ssh without the git command",
    args: ["--repo", "ssh://git@git.example.com/a.git", "--git-backend", "isomorphic"],
    error: "Cannot open an ssh repository without the git command",
  },
  {
    name: "a password in an ssh URL, without repeating it",
    args: ["--repo", "ssh://git:secret@git.example.com/a.git"],
    error:
      "Cannot use the address of the repository: expected ssh://user@host/path, without a password",
  },
  {
    name: "a user name without a password",
    args: ["--repo", "x", "--git-username-file", "user"],
    error: "Cannot use a user name without a password: give --git-password-file",
  },
  {
    name: "a password without a user name",
    args: ["--repo", "x", "--git-password-file", "password"],
    error: "Cannot use a password without a user name: give --git-username-file",
  },
  {
    name: "a token beside a user name",
    args: ["--repo", "x", "--git-token-file", "t", "--git-username-file", "u"],
    error: "Cannot use a token together with a user name and password for the Git server: give one",
  },
  {
    name: "an address without a port",
    args: ["--repo", "x", "--listen", "localhost"],
    error: 'Cannot use "localhost" for --listen: expected ADDRESS:PORT, such as "0.0.0.0:8080"',
  },
  {
    name: "a port to listen on that is none",
    args: ["--repo", "x", "--listen", ":70000"],
    error: 'Cannot use ":70000" for --listen: expected ADDRESS:PORT, such as "0.0.0.0:8080"',
  },
  {
    name: "a webhook without an address",
    args: ["--repo", "x", "--webhook-secret-file", "secret"],
    error: "Cannot receive webhooks without an address: give --listen",
  },
  {
    name: "a URL that is none, without repeating what may be a password",
    args: ["--repo", "https://user:secret@git example"],
    error: "Cannot use the address of the repository: expected an http or https URL",
  },
  {
    name: "no workers",
    args: ["--repo", "x", "--workers", "0"],
    error: 'Cannot use "0" for --workers: expected a whole number from 1 to 1000',
  },
  {
    name: "a port that is none",
    args: ["--repo", "x", "--cluster", "embedded", "--port", "99999"],
    error: 'Cannot use "99999" for --port: expected a whole number from 0 to 65535',
  },
];

for (const { name, args, error } of REFUSED) {
  Deno.test(`koreo reconcile refuses ${name}`, async () => {
    deepEqual(await koreo(["reconcile", ...args]), {
      code: 2,
      stdout: "",
      stderr: `error: ${error}\n`,
    });
  });
}

const CHOICES = [
  ["--cluster", "moon", "kubeconfig, in-cluster, embedded"],
  ["--gate", "maybe", "workflow, commit, off"],
  ["--log-format", "xml", "text, json"],
  ["--log-level", "loud", "debug, info, warn, error"],
] as const;

for (const [option, value, choices] of CHOICES) {
  Deno.test(`koreo reconcile names the choices of ${option}`, async () => {
    const { code, stdout, stderr } = await koreo(["reconcile", "--repo", "x", option, value]);
    deepEqual([code, stdout], [2, ""]);
    equal(stderr.includes(`argument '${value}' is invalid. Allowed choices are ${choices}.`), true);
  });
}

Deno.test("koreo reconcile takes its settings from KOREO_… variables, options first", async () => {
  const env = { KOREO_REPO: "x", KOREO_INTERVAL: "never", KOREO_ONCE: "false" };
  const { code, stderr } = await spawnKoreo(["reconcile"], { env });
  equal(code, 2);
  equal(stderr.startsWith('error: Cannot read the duration "never"'), true, stderr);
  const won = await spawnKoreo(["reconcile", "--interval", "0s"], { env });
  equal(won.stderr.startsWith('error: Cannot read the duration "0s"'), true, won.stderr);
  const wrong = await spawnKoreo(["reconcile"], { env: { ...env, KOREO_ONCE: "perhaps" } });
  equal(wrong.code, 2);
  equal(wrong.stderr.includes("Allowed choices are true, false."), true, wrong.stderr);
});
