// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import { valueFunction } from "../controller/definitions.ts";
import { until } from "../until.ts";
import { koreo, koreoUntil, temporaryFiles } from "./run_koreo.ts";
import { documentOf } from "./schemas.ts";
import { twoBranches } from "./two_branches.ts";

const AT = ["--path", "koreo", "--channel", "beta=beta"];

Deno.test("koreo resolve says where each definition of a channel comes from", async () => {
  await using repository = await twoBranches();
  const { path, main, beta } = repository;
  const end = await koreo(["resolve", "--repo", path, ...AT, "--channel", "beta", "-o", "json"]);
  const resolved = await documentOf("resolve", end.stdout);
  const [fromMain, fromBeta] = [{ branch: "main", commit: main }, { branch: "beta", commit: beta }];
  const namespace = "default";
  deepEqual(resolved, {
    channel: "beta",
    revisions: { beta, main },
    definitions: [
      {
        kind: "FunctionTest",
        namespace,
        name: "f",
        ...fromMain,
        file: "koreo/f.test.k.yaml",
        line: 1,
        wins: true,
      },
      {
        kind: "ValueFunction",
        namespace,
        name: "f",
        ...fromMain,
        file: "koreo/functions.k.yaml",
        line: 1,
        wins: true,
      },
      {
        kind: "ValueFunction",
        namespace,
        name: "g",
        ...fromMain,
        file: "koreo/functions.k.yaml",
        line: 9,
        wins: true,
      },
      {
        kind: "ValueFunction",
        namespace: "team-a",
        name: "g",
        ...fromBeta,
        file: "koreo/team/g.k.yaml",
        line: 1,
        wins: false,
      },
      {
        kind: "Workflow",
        namespace,
        name: "a",
        ...fromMain,
        file: "koreo/a.k.yaml",
        line: 1,
        wins: true,
      },
      {
        kind: "Workflow",
        namespace,
        name: "b",
        ...fromMain,
        file: "koreo/b.k.yaml",
        line: 1,
        wins: true,
      },
    ],
  });
  deepEqual([end.code, end.stderr], [0, ""]);
});

Deno.test("koreo resolve KIND/NAME shows what wins a name, and what it hides", async () => {
  await using repository = await twoBranches();
  const { main, beta, path } = repository;
  await using files = await temporaryFiles({
    "koreo.yaml": `sources: [{name: defs, url: ${path}, path: koreo}]
channels:
- {name: stable, branch: main}
- {name: beta, branch: beta, over: stable, priority: [team-a, default]}
`,
  });
  const config = ["--config", `${files.directory}/koreo.yaml`];
  deepEqual(await koreo(["resolve", "ValueFunction/g", ...config, "--channel", "beta"]), {
    code: 0,
    stdout: `DEFINITION       NAMESPACE  BRANCH  COMMIT      FILE
ValueFunction/g  team-a     beta    ${beta.slice(0, 10)}  koreo/team/g.k.yaml:1
ValueFunction/g  default    main    ${main.slice(0, 10)}  koreo/functions.k.yaml:9  hidden
`,
    stderr: "",
  });
  deepEqual(await koreo(["resolve", "Workflow/g", ...config]), {
    code: 1,
    stdout: "",
    stderr: 'Channel "stable" has no definition "Workflow/g"; did you mean "Workflow/a"?\n',
  });
  deepEqual(await koreo(["resolve", ...config, "--channel", "gamma"]), {
    code: 2,
    stdout: "",
    stderr: 'error: Cannot find channel "gamma": the channels are "stable", "beta"\n',
  });
});

Deno.test("koreo resolve tells of what no lookup finds, as its namespace is not in the priority list", async () => {
  await using repository = await twoBranches();
  const team = valueFunction("g", 7).replace("name: g", "name: g\n  namespace: team-z");
  await repository.commit("main", { files: { "koreo/z.k.yaml": team } });
  await using files = await temporaryFiles({
    "koreo.yaml": `sources: [{name: defs, url: ${repository.path}, path: koreo}]
channels: [{name: stable, branch: main, priority: [default]}]
`,
  });
  const config = ["--config", `${files.directory}/koreo.yaml`];
  const { stdout } = await koreo(["resolve", "ValueFunction/g", ...config]);
  match(
    stdout,
    /default .*functions\.k\.yaml:\d+ *\n.*team-z .*z\.k\.yaml:1 +not in the priority list\n$/,
  );
  const end = await koreo(["resolve", "ValueFunction/g", ...config, "-o", "json"]);
  const { definitions } = await documentOf("resolve", end.stdout);
  deepEqual(
    definitions.map(({ wins, searched }: Record<string, unknown>) => [wins, searched]),
    [[true, undefined], [false, false]],
  );
});

const LEFT_OUT = {
  pattern: "preview",
  branch: "preview/a/b",
  reason: 'there is already a channel "preview-a-b"',
  help: "rename the branch, or give the pattern another name",
};

const LEFT_OUT_TEXT = `no channel of "preview" for branch "preview/a/b": ${LEFT_OUT.reason}
  help: ${LEFT_OUT.help}
`;

Deno.test("koreo channels lists the branches that a pattern leaves out, and why", async () => {
  await using repository = await twoBranches();
  for (const branch of ["preview/a-b", "preview/a/b"]) {
    await repository.setBranch(branch, repository.main);
  }
  await using files = await temporaryFiles({
    "koreo.yaml": `sources: [{name: defs, url: ${repository.path}, path: koreo}]
channels: [{name: stable, branch: main}, {name: preview, branch: preview/*, over: stable}]
`,
  });
  const config = ["--config", `${files.directory}/koreo.yaml`];
  const { code, stdout } = await koreo(["channels", ...config]);
  deepEqual([code, stdout.slice(-LEFT_OUT_TEXT.length)], [0, LEFT_OUT_TEXT]);
  const { leftOut } = await documentOf(
    "channels",
    (await koreo(["channels", ...config, "-o", "json"])).stdout,
  );
  deepEqual(leftOut, [LEFT_OUT]);
  const one = await koreo(["channels", ...config, "--channel", "stable"]);
  equal(one.stdout.includes("no channel of"), false);
  const args = ["--cluster", "embedded", "--no-record", "--listen", "127.0.0.1:0"];
  let url = "";
  const running = await koreoUntil(["reconcile", ...args, ...config], [
    { pattern: /url=(http:\S+)/, then: ([, found = ""]) => Promise.resolve(url = found) },
    {
      pattern: /Makes no channel for branch "preview\/a\/b"/,
      then: (_match, signal) => untilLeftOut(url, signal),
    },
  ]);
  equal(running.code, 0, running.stderr);
});

/** The report comes after the log. */
async function untilLeftOut(url: string, signal: AbortSignal): Promise<void> {
  await until("the branch that is left out is reported", async () => {
    signal.throwIfAborted();
    return (await koreo(["channels", "--controller", url])).stdout.endsWith(LEFT_OUT_TEXT);
  });
}

Deno.test("koreo channels counts a second definition of one name as a fault", async () => {
  await using repository = await twoBranches({ "koreo/z.k.yaml": valueFunction("f", 3) });
  const { stdout } = await koreo(["channels", "--repo", repository.path, "--path", "koreo"]);
  match(
    stdout,
    /^stable \(main\) at \w+: \d+ definitions, 1 fault \(koreo validate shows them\)\n/,
  );
});

Deno.test("koreo channels shows what is in force, and what is held back and why", async () => {
  await using repository = await twoBranches();
  const { path, main, beta } = repository;
  const bad = await repository.commit("beta", {
    files: { "koreo/functions.k.yaml": `${valueFunction("f", 2)}---\n${valueFunction("g", 2)}` },
  });
  const end = await koreo(["channels", "--repo", path, ...AT, "-o", "json"]);
  const { channels } = await documentOf("channels", end.stdout);
  const stable = `main@sha1:${main}`;
  const namespace = "default";
  deepEqual(
    channels.map(({ diagnostics: _, ...channel }: { diagnostics: unknown }) => channel),
    [
      {
        name: "stable",
        branch: "main",
        head: main,
        definitions: 5,
        workflows: [
          { namespace, name: "a", revision: stable },
          { namespace, name: "b", revision: stable },
        ],
      },
      {
        name: "beta",
        branch: "beta",
        over: "stable",
        head: bad,
        definitions: 6,
        workflows: [
          {
            namespace,
            name: "a",
            revision: `beta@sha1:${beta}+${stable}`,
            heldBack: {
              revision: `beta@sha1:${bad}+${stable}`,
              author: "Tess Ter",
              subject: "Change something",
              reason: channels[1].workflows[0].heldBack.reason,
              file: "koreo/f.test.k.yaml",
              line: 10,
              test: "f",
              case: "gives its number",
            },
          },
          { namespace, name: "b", revision: `beta@sha1:${bad}+${stable}` },
        ],
      },
    ],
  );
  equal(end.code, 1);
  const text = await koreo(["channels", "--repo", path, ...AT, "--channel", "beta"]);
  match(text.stdout, /^beta \(beta over stable\) at [0-9a-f]{40}: 6 definitions\n/);
  match(text.stdout, /\n {4}held back: beta@sha1:[0-9a-f]{40}\+main@sha1:[0-9a-f]{40}\n/);
  match(text.stdout, /\n {6}"Change something" by Tess Ter\n/);
  equal(text.code, 1);
});

Deno.test("koreo resolve --in-force shows what runs, and not the heads", async () => {
  await using repository = await twoBranches();
  const { path, main } = repository;
  const bad = await repository.commit("main", {
    files: { "koreo/functions.k.yaml": `${valueFunction("f", 2)}---\n${valueFunction("g", 2)}` },
  });
  const { stdout } = await koreo([
    ...["resolve", "--in-force", "--repo", path, "--path", "koreo", "-o", "json"],
  ]);
  const { definitions } = await documentOf("resolve", stdout);
  deepEqual(
    definitions.map(({ kind, name, commit }: Record<string, string>) => [kind, name, commit]),
    [
      ["ValueFunction", "f", main],
      ["ValueFunction", "g", bad],
      ["Workflow", "a", main],
      ["Workflow", "b", bad],
    ],
  );
});

Deno.test("koreo channels and resolve tell a branch that is missing from a wrong command", async () => {
  await using repository = await twoBranches();
  const { path } = repository;
  const args = ["--repo", path, "--path", "koreo", "--channel", "late=late"];
  const shown = await koreo(["channels", ...args, "-o", "json"]);
  equal(shown.code, 3);
  const { channels } = await documentOf("channels", shown.stdout);
  equal(channels[1].head, null);
  match(channels[1].error, /^Cannot follow "late" of /);
  equal((await koreo(["resolve", ...args])).code, 0);
  const failed = await koreo(["resolve", ...args, "--channel", "late"]);
  equal(failed.code, 3);
  match(failed.stderr, /^error: Cannot follow "late" of /);
  deepEqual(await koreo(["channels"]), {
    code: 2,
    stdout: "",
    stderr: "error: Cannot look at channels without a repository: give --repo or --config\n",
  });
});

Deno.test("koreo channels tells of a source that cannot be read beside one that can", async () => {
  await using repository = await twoBranches();
  await using files = await temporaryFiles({
    "koreo.yaml": `sources:
  - { name: platform, url: ${repository.path}, path: koreo }
  - { name: gone, url: ./nowhere }
channels:
  - { name: stable, source: platform, branch: main }
  - { name: other, source: gone, branch: main }
`,
  });
  const args = ["channels", "--config", `${files.directory}/koreo.yaml`];
  const shown = await koreo([...args, "-o", "json"]);
  equal(shown.code, 3);
  const { channels: [stable, other] } = await documentOf("channels", shown.stdout);
  deepEqual([stable.head, stable.error], [repository.main, undefined]);
  deepEqual(other.head, null);
  match(other.error, /nowhere/);
  match((await koreo(args)).stdout, /^other \(main\): Cannot .*nowhere/m);
  deepEqual(await koreo([...args, "--channel", "third"]), {
    code: 2,
    stdout: "",
    stderr: 'error: Cannot find channel "third": the channels are "stable", "other"\n',
  });
});
