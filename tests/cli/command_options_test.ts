// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands.ts";
import { makeLocalFixture } from "../adapters/git/local_fixture.ts";
import { valueFunction, workflow } from "../controller/definitions.ts";
import { CLOSED_PORT } from "./reconcile_fixtures.ts";
import { koreo, spawnKoreo, temporaryFiles } from "./run_koreo.ts";

/** Options that say something of following, gating, signing or a canary: whose business they are. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  "--interval": ["reconcile"],
  "--canary-percent": ["reconcile"],
  "--canary-soak": ["reconcile"],
  "--gate": ["channels", "reconcile", "resolve"],
  "--git-ssh-signers-file": ["channels", "reconcile", "resolve"],
  "--git-pgp-signers-file": ["channels", "reconcile", "resolve"],
  "--controller": ["channels", "resolve"],
  "--in-force": ["resolve"],
  "--repo": ["channels", "diff", "reconcile", "resolve"],
};

for (const [flag, owners] of Object.entries(OWNERS)) {
  Deno.test(`${flag} is an option of ${owners.join(", ")}, and of no other command`, () => {
    const found = COMMANDS.map(({ define }) => define())
      .filter(({ options }) => options.some(({ long }) => long === flag))
      .map((command) => command.name());
    deepEqual(found.sort(), owners);
  });
}

Deno.test("no command hides an option that it takes", () => {
  for (const { define } of COMMANDS) {
    const command = define();
    deepEqual(command.options.filter(({ hidden }) => hidden), [], command.name());
  }
});

const SLIPS: readonly (readonly [args: readonly string[], stderr: string])[] = [
  [
    ["test", ".", "--branch", "beta"],
    "Cannot use --branch for files: it is of a repository that is given by URL",
  ],
  [
    ["test", ".", "--watch", "--path", "koreo"],
    "Cannot use --path for files: it is of a repository that is given by URL",
  ],
  [
    ["test", ".", "--reporter", "tap", "-o", "json"],
    "Cannot use --reporter tap together with -o json: give one of them",
  ],
  [
    ["validate", ".", "--namespace", ""],
    "Cannot use an empty text for --namespace: leave it out, or name one",
  ],
  [
    ["channels", "--repo", ".", "--branch", ""],
    "Cannot use an empty text for --branch: leave it out, or name one",
  ],
  [
    ["diff", "beta", "--repo", ".", "--channel", "beta"],
    'Cannot select "beta" by --channel: name it as one of the two sides',
  ],
  [
    ["crd", "--plural", "sites"],
    "Cannot use --plural without a Workflow: it is about the kind of its triggers",
  ],
  [
    ["crd", "--scope", "Cluster"],
    "Cannot use --scope without a Workflow: it is about the kind of its triggers",
  ],
  [
    ["promote", "stable", "--record-namespace", "A B"],
    'Cannot use "A B" for --record-namespace: expected the name of a namespace, such as ' +
    '"koreo-system"',
  ],
];

for (const [args, stderr] of SLIPS) {
  Deno.test(`koreo refuses ${args.map((arg) => arg || '""').join(" ")}`, async () => {
    deepEqual(await koreo(args), { code: 2, stdout: "", stderr: `error: ${stderr}\n` });
  });
}

Deno.test("koreo render runs so often, or until nothing changes, and not both", async () => {
  await using files = await temporaryFiles({
    "a.k.yaml": `${valueFunction("f", 1)}---\n${workflow("a", "f", "Site")}`,
    "trigger.yaml": "apiVersion: example.com/v1\nkind: Site\nmetadata: {name: s, namespace: d}\n",
  });
  const { directory } = files;
  const end = await koreo([
    ...["render", "a", "--parent", `${directory}/trigger.yaml`, "--runs", "3", "--until-stable"],
    `${directory}/a.k.yaml`,
  ]);
  deepEqual(end, {
    code: 2,
    stdout: "",
    stderr: "error: Cannot use --runs together with --until-stable: give one of them\n",
  });
});

Deno.test("a place that an option names counts more than one that a variable names", async () => {
  await using fixture = await makeLocalFixture();
  await fixture.commit("main", { files: { "f.k.yaml": valueFunction("f", 1) } });
  const env = { KOREO_CONFIG: "/nowhere/koreo.yaml" };
  const here = await spawnKoreo(["channels", "--repo", fixture.path], { env });
  match(here.stdout, /^stable \(main\) at [0-9a-f]{40}: 1 definition\n/);
  equal(here.code, 0, here.stderr);
  const controller = `http://127.0.0.1:${CLOSED_PORT}`;
  const others = { ...env, KOREO_REPO: "/nowhere", KOREO_BRANCH: "beta" };
  const asked = await spawnKoreo(["channels", "--controller", controller], { env: others });
  match(asked.stderr, /^error: Cannot ask the controller at /);
  equal(asked.code, 3);
  const both = await spawnKoreo(["channels"], { env: { ...env, KOREO_REPO: fixture.path } });
  equal(both.stderr, "error: Cannot use --repo together with --config: say it in the file\n");
  equal(both.code, 2);
});
