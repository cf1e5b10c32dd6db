// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import { serveLoopback } from "../../src/adapters/http_server.ts";
import { valueFunction } from "../controller/definitions.ts";
import { type CommandEnd, koreo, koreoUntil, temporaryFiles } from "./run_koreo.ts";
import { documentOf } from "./schemas.ts";
import { twoBranches } from "./two_branches.ts";

/** A stable branch, one that lies over it, and what is followed of both. */
async function twoChannels(settings = "") {
  const fixture = await twoBranches({ "koreo/unused.k.yaml": valueFunction("unused", 1) });
  const files = await temporaryFiles({
    "koreo.yaml": `sources: [{name: defs, url: ${fixture.path}, path: koreo, interval: 100ms}]
channels:
- {name: stable, branch: main${settings}}
- {name: beta, branch: beta, over: stable, priority: [team-a, default]}
`,
  });
  return {
    ...fixture,
    config: ["--config", `${files.directory}/koreo.yaml`],
    async [Symbol.asyncDispose]() {
      await files[Symbol.asyncDispose]();
      await fixture[Symbol.asyncDispose]();
    },
  };
}

const RECONCILE = [
  ...["reconcile", "--cluster", "embedded", "--no-record", "--listen", "127.0.0.1:0"],
];

/** Runs a controller; commits something when it follows; asks it once the commit was dealt with. */
async function whileRunning(
  config: readonly string[],
  { commit, pattern }: { readonly commit: () => Promise<unknown>; readonly pattern: RegExp },
  ask: (url: string) => Promise<unknown>,
): Promise<void> {
  let url = "";
  const { code, stderr } = await koreoUntil([...RECONCILE, ...config], [
    { pattern: /url=(http:\S+)/, then: ([, found = ""]) => Promise.resolve(url = found) },
    { pattern: /Put "beta@\S+" in force/, then: commit },
    { pattern, then: () => ask(url) },
  ]);
  equal(code, 0, stderr);
}

async function resolved(url: string, ...args: readonly string[]) {
  const end = await koreo(["resolve", "--controller", url, ...args, "-o", "json"]);
  return { ...end, document: await documentOf("resolve", end.stdout) };
}

Deno.test("koreo resolve --controller says where what is in force comes from, and what it hides", async () => {
  await using repository = await twoChannels();
  const { main, beta, config } = repository;
  let next = "";
  const commit = async () =>
    next = await repository.commit("main", {
      files: { "koreo/functions.k.yaml": `${valueFunction("f", 2)}---\n${valueFunction("g", 2)}` },
    });
  await whileRunning(
    config,
    { commit, pattern: /Holds Workflow "a" back[\s\S]*Put "beta@\S+" in force/ },
    async (url) => {
      const { code, stderr, document } = await resolved(url, "--channel", "beta");
      deepEqual([code, stderr], [0, ""]);
      const namespace = "default";
      const old = { branch: "main", commit: main };
      const now = { branch: "main", commit: next };
      const functions = "koreo/functions.k.yaml";
      const [f, g] = [
        { kind: "ValueFunction", namespace, name: "f", ...old, file: functions, line: 1 },
        { kind: "ValueFunction", namespace, name: "g", ...now, file: functions, line: 9 },
      ];
      const own = { namespace: "team-a", branch: "beta", commit: beta };
      const [a, b] = ["a", "b"].map((name) => (
        { kind: "Workflow", namespace, name, file: `koreo/${name}.k.yaml`, line: 1, wins: true }
      ));
      deepEqual(document, {
        channel: "beta",
        revisions: { beta, main: next },
        definitions: [
          { ...f, wins: true, workflows: ["a"] },
          { ...g, ...own, file: "koreo/team/g.k.yaml", line: 1, wins: true, workflows: ["b"] },
          { ...g, wins: false, workflows: [] },
          { ...a, ...old, workflows: ["a"] },
          { ...b, ...now, workflows: ["b"] },
        ],
      });
      // The same as the repository alone would put in force.
      const here = await koreo([
        ...["resolve", "--in-force", ...config, "--channel", "beta", "-o", "json"],
      ]);
      deepEqual(await documentOf("resolve", here.stdout), document);
      deepEqual(
        await koreo(["resolve", "ValueFunction/g", "--controller", url, "--channel", "beta"]),
        {
          code: 0,
          stdout:
            `DEFINITION       NAMESPACE  BRANCH  COMMIT      FILE                      WORKFLOWS
ValueFunction/g  team-a     beta    ${beta.slice(0, 10)}  koreo/team/g.k.yaml:1     b
ValueFunction/g  default    main    ${
              next.slice(0, 10)
            }  koreo/functions.k.yaml:9             hidden
`,
          stderr: "",
        },
      );
      await refusals(url);
    },
  );
});

/** What is asked for and is not there. */
async function refusals(url: string): Promise<void> {
  const ask = (...args: readonly string[]): Promise<CommandEnd> =>
    koreo(["resolve", "--controller", url, ...args]);
  deepEqual(await ask("Workflow/A", "--channel", "stable"), {
    code: 1,
    stdout: "",
    stderr:
      'Channel "stable" has no definition "Workflow/A" in force; did you mean "Workflow/a"?\n',
  });
  // It is in the channel, and no Workflow uses it.
  deepEqual(await ask("unused"), {
    code: 1,
    stdout: "",
    stderr: 'Channel "stable" has no definition "unused" in force\n',
  });
  deepEqual(await ask("--channel", "bata"), {
    code: 2,
    stdout: "",
    stderr: 'error: Cannot find channel "bata"; did you mean "beta"?\n',
  });
  deepEqual(await ask("--channel", "gamma"), {
    code: 2,
    stdout: "",
    stderr: 'error: Cannot find channel "gamma": the channels are "stable", "beta"\n',
  });
  const posted = await fetch(`${url}/api/v1/resolve`, { method: "POST", body: "{}" });
  await posted.body?.cancel();
  const forwarded = await fetch(`${url}/api/v1/resolve`, {
    headers: { "x-forwarded-for": "192.0.2.1" },
  });
  await forwarded.body?.cancel();
  deepEqual([posted.status, forwarded.status], [405, 403]);
}

Deno.test("koreo resolve --controller shows what a share of the triggers tries beside the rest", async () => {
  await using repository = await twoChannels(", canary: {percent: 10, soak: 10m}");
  const { main, config } = repository;
  let next = "";
  const commit = async () =>
    next = await repository.commit("main", {
      files: { "koreo/functions.k.yaml": `${valueFunction("f", 1)}---\n${valueFunction("g", 2)}` },
    });
  await whileRunning(
    config,
    // What lies over the channel follows the branch below at once.
    { commit, pattern: /Put "beta@\S+" in force/ },
    async (url) => {
      const { document } = await resolved(url);
      deepEqual(document.revisions, { main: next });
      deepEqual(
        document.definitions.map(({ kind, name, commit, workflows, canary = false }: Shown) => [
          `${kind}/${name}`,
          commit === next ? "new" : commit === main ? "old" : commit,
          workflows.join(),
          canary,
        ]),
        [
          ["ValueFunction/f", "old", "a", false],
          ["ValueFunction/f", "new", "a", true],
          ["ValueFunction/g", "old", "b", false],
          ["ValueFunction/g", "new", "b", true],
          ["Workflow/a", "old", "a", false],
          ["Workflow/a", "new", "a", true],
          ["Workflow/b", "old", "b", false],
          ["Workflow/b", "new", "b", true],
        ],
      );
      const { stdout } = await koreo(["resolve", "g", "--controller", url]);
      match(
        stdout,
        new RegExp(`ValueFunction/g +default +main +${next.slice(0, 10)} .* b +canary`),
      );
    },
  );
});

interface Shown {
  readonly kind: string;
  readonly name: string;
  readonly commit: string;
  readonly workflows: readonly string[];
  readonly canary?: boolean;
}

const ANSWERS: readonly (readonly [name: string, answer: () => Response, stderr: RegExp])[] = [
  [
    "a controller that is older",
    () => new Response("There is nothing here\n", { status: 404 }),
    /no koreo controller, or an older one \(status 404\)\n$/,
  ],
  ["JSON of another sort", () => Response.json({ channels: [] }), /it tells of no definitions\n$/],
  [
    "a channel that is not ready",
    () => Response.json({ error: { message: "Nothing of it is in force yet" } }, { status: 503 }),
    /^error: Nothing of it is in force yet\n$/,
  ],
];

for (const [name, answer, stderr] of ANSWERS) {
  Deno.test(`koreo resolve --controller ends with 3 on ${name}`, async () => {
    const { url, close } = serveLoopback(answer, { port: 0 });
    try {
      const end = await koreo(["resolve", "--controller", url]);
      deepEqual([end.code, end.stdout], [3, ""]);
      match(end.stderr, stderr);
    } finally {
      await close();
    }
  });
}

const SLIPS: readonly (readonly [args: readonly string[], stderr: string])[] = [
  [
    ["--controller", "127.0.0.1"],
    'error: Cannot use "127.0.0.1" for --controller: expected a URL, such as ' +
    '"http://127.0.0.1:8080"\n',
  ],
  [
    ["--controller", "http://127.0.0.1:1", "--branch", "beta"],
    "error: Cannot use --branch together with --controller: it knows its channels\n",
  ],
  [
    ["--controller", "http://127.0.0.1:1", "--channel", "beta=beta"],
    "error: Cannot use --channel together with --controller: it knows its channels\n",
  ],
];

for (const [args, stderr] of SLIPS) {
  Deno.test(`koreo resolve refuses ${args.join(" ")}`, async () => {
    deepEqual(await koreo(["resolve", ...args]), { code: 2, stdout: "", stderr });
  });
}
