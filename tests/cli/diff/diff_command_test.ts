// SPDX-License-Identifier: Apache-2.0

import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { makeLocalFixture } from "../../adapters/git/local_fixture.ts";
import { functionTest, valueFunction, workflow } from "../../controller/definitions.ts";
import { koreo, temporaryFiles } from "../run_koreo.ts";
import { documentOf } from "../schemas.ts";

/** A branch, and one that has parted from it: a value differs, a Workflow is new, one is gone. */
async function partedBranches() {
  const fixture = await makeLocalFixture();
  const base = await fixture.commit("main", {
    files: {
      "koreo/f.k.yaml": valueFunction("f", 1),
      "koreo/f.test.k.yaml": functionTest("f", "f", 1),
      "koreo/a.k.yaml": workflow("a", "f", "Alpha"),
      "koreo/old.k.yaml": valueFunction("old", 1),
    },
  });
  await fixture.setBranch("beta", base);
  const beta = await fixture.commit("beta", {
    files: {
      "koreo/f.k.yaml": null,
      "koreo/team/f.k.yaml": `# Twice as much\n${valueFunction("f", 2)}`,
      "koreo/b.k.yaml": workflow("b", "f", "Beta"),
      "koreo/old.k.yaml": null,
    },
  });
  const main = await fixture.commit("main", {
    files: { "koreo/a.k.yaml": `# Layout alone\n\n${workflow("a", "f", "Alpha")}` },
  });
  return { ...fixture, base, main, beta, at: ["--repo", fixture.path, "--path", "koreo"] };
}

const BETA = ["--channel", "beta=beta"];

Deno.test("koreo diff shows what differs, whose behaviour, and which tests fail for it", async () => {
  await using repository = await partedBranches();
  const [main, beta] = [repository.main.slice(0, 10), repository.beta.slice(0, 10)];
  deepEqual(await koreo(["diff", "beta", ...repository.at, ...BETA]), {
    code: 1,
    stdout: `changed ValueFunction default/f
--- koreo/f.k.yaml:1 (main@${main})
+++ koreo/team/f.k.yaml:2 (beta@${beta})
@@ -4,4 +4,4 @@
   name: f
 spec:
   return:
-    value: 1
+    value: 2

deleted ValueFunction default/old
--- koreo/old.k.yaml:1 (main@${main})
+++ (none)
@@ -1,7 +0,0 @@
-apiVersion: koreo.dev/v1beta1
-kind: ValueFunction
-metadata:
-  name: old
-spec:
-  return:
-    value: 1

added Workflow default/b
--- (none)
+++ koreo/b.k.yaml:1 (beta@${beta})
@@ -0,0 +1,14 @@
+apiVersion: koreo.dev/v1beta1
+kind: Workflow
+metadata:
+  name: b
+spec:
+  crdRef:
+    apiGroup: example.com
+    version: v1
+    kind: Beta
+  steps:
+    - label: only
+      ref:
+        kind: ValueFunction
+        name: f

Workflows that behave differently
  default/a  changed  ValueFunction/default/f
  default/b  added    ValueFunction/default/f, Workflow/default/b

FunctionTests
  default/f  newly failing
      value: expected '\`1\`' but found '\`2\`' (gives its number)
      at koreo/f.test.k.yaml:10

stable (main@${main}) to beta (beta@${beta} over main@${main}): ` +
      "definitions 1 added, 1 changed, 1 deleted; 2 Workflows; 1 newly failing\n",
    stderr: "",
  });
});

Deno.test("koreo diff -o json says the same in one document", async () => {
  await using repository = await partedBranches();
  const { main, beta } = repository;
  const end = await koreo(["diff", "beta", ...repository.at, ...BETA, "-o", "json"]);
  const { from, to, definitions, workflows, tests, diagnostics } = await documentOf(
    "diff",
    end.stdout,
  );
  deepEqual([from, to, diagnostics], [
    { name: "stable", revisions: { main } },
    { name: "beta", revisions: { beta, main } },
    [],
  ]);
  deepEqual(definitions[0], {
    kind: "ValueFunction",
    namespace: "default",
    name: "f",
    change: "changed",
    from: { branch: "main", commit: main, file: "koreo/f.k.yaml", line: 1 },
    to: { branch: "beta", commit: beta, file: "koreo/team/f.k.yaml", line: 2 },
    diff: "@@ -4,4 +4,4 @@\n   name: f\n spec:\n   return:\n-    value: 1\n+    value: 2\n",
  });
  deepEqual(workflows[0], {
    namespace: "default",
    name: "a",
    change: "changed",
    because: ["ValueFunction/default/f"],
  });
  deepEqual(tests, [{
    namespace: "default",
    name: "f",
    turn: "newlyFailing",
    from: { pass: true, file: "koreo/f.test.k.yaml", line: 1 },
    to: {
      pass: false,
      message: "value: expected '`1`' but found '`2`'",
      case: "gives its number",
      file: "koreo/f.test.k.yaml",
      line: 10,
    },
  }]);
  deepEqual([end.code, end.stderr], [1, ""]);
});

/** Which definitions are told, as `+Kind/name`, `-Kind/name`, `~Kind/name`. */
async function told(repository: Awaited<ReturnType<typeof partedBranches>>, ...args: string[]) {
  const { stdout } = await koreo(["diff", ...args, ...repository.at, "-o", "json"]);
  const { definitions } = await documentOf("diff", stdout);
  const marks: Readonly<Record<string, string>> = { added: "+", changed: "~", deleted: "-" };
  return definitions.map((one: { change: string; kind: string; name: string }) =>
    `${marks[one.change]}${one.kind}/${one.name}`
  );
}

Deno.test("koreo diff takes channels, branches, commits and ranges", async () => {
  await using repository = await partedBranches();
  const { base, main, beta } = repository;
  await repository.tag("v1", base);
  const later = await repository.commit("main", {
    files: { "koreo/new.k.yaml": valueFunction("new", 1) },
  });
  const own = ["~ValueFunction/f", "-ValueFunction/old", "+Workflow/b"];
  const both = ["~ValueFunction/f", "-ValueFunction/new", "-ValueFunction/old", "+Workflow/b"];
  deepEqual(await told(repository, "main", "beta"), both);
  deepEqual(await told(repository, "main..beta"), both);
  deepEqual(await told(repository, "..beta"), both);
  deepEqual(await told(repository, later, beta), both);
  // Since they parted: later work on the other side is no change.
  deepEqual(await told(repository, "main...beta"), own);
  deepEqual(await told(repository, "...beta", ...BETA), own);
  deepEqual(await told(repository, "stable", "beta", ...BETA), own);
  deepEqual(await told(repository, "refs/tags/v1", main), []);
  deepEqual(await told(repository, "v1..stable"), ["+ValueFunction/new"]);
});

Deno.test("koreo diff says that nothing differs where only layout does", async () => {
  await using repository = await partedBranches();
  const { base, main, at } = repository;
  deepEqual(await koreo(["diff", base, main, ...at]), {
    code: 0,
    stdout: `${base} (${base}@${base.slice(0, 10)}) to ${main} (${main}@${main.slice(0, 10)}): ` +
      "nothing differs\n",
    stderr: "",
  });
});

Deno.test("koreo diff tells tests that are fixed, still fail, and are new", async () => {
  await using repository = await makeLocalFixture();
  const { path } = repository;
  const files = {
    "f.k.yaml": valueFunction("f", 1),
    "g.k.yaml": valueFunction("g", 1),
    "h.k.yaml": valueFunction("h", 1),
    "f.test.k.yaml": functionTest("f", "f", 2),
    "g.test.k.yaml": functionTest("g", "g", 2),
    "h.test.k.yaml": functionTest("h", "h", 1),
    "gone.test.k.yaml": functionTest("gone", "h", 1),
  };
  const one = await repository.commit("main", { files });
  const two = await repository.commit("main", {
    files: {
      "f.k.yaml": valueFunction("f", 2),
      "g.k.yaml": valueFunction("g", 3),
      "new.test.k.yaml": functionTest("new", "f", 2),
      "gone.test.k.yaml": null,
    },
  });
  const { stdout } = await koreo(["diff", one, two, "--repo", path, "-o", "json"]);
  const { tests } = await documentOf("diff", stdout);
  deepEqual(
    tests.map(({ name, turn }: { name: string; turn: string }) => `${name} ${turn}`),
    ["f fixed", "g stillFailing", "gone deleted", "new added"],
  );
});

Deno.test("koreo diff tells what a side breaks, and Workflows that another priority changes", async () => {
  await using repository = await makeLocalFixture();
  const { path } = repository;
  const team = valueFunction("f", 7).replace("name: f", "name: f\n  namespace: team-a");
  await repository.commit("main", {
    files: {
      "f.k.yaml": valueFunction("f", 1),
      "team.k.yaml": team,
      "a.k.yaml": workflow("a", "f", "Alpha"),
    },
  });
  await repository.setBranch(
    "bad",
    await repository.commit("bad", {
      files: { "a.k.yaml": workflow("a", "missing", "Alpha"), "f.k.yaml": valueFunction("f", 1) },
    }),
  );
  await using files = await temporaryFiles({
    "koreo.yaml": `sources: [{name: defs, url: ${path}}]
channels:
- {name: stable, branch: main}
- {name: team, branch: main, priority: [team-a, default]}
- {name: bad, branch: bad}
`,
  });
  const config = ["--config", `${files.directory}/koreo.yaml`, "-o", "json"];
  const priority = await documentOf(
    "diff",
    (await koreo(["diff", "stable", "team", ...config])).stdout,
  );
  deepEqual([priority.definitions, priority.workflows], [[], [{
    namespace: "default",
    name: "a",
    change: "changed",
    because: ["ValueFunction/default/f", "ValueFunction/team-a/f"],
  }]]);
  const bad = await documentOf("diff", (await koreo(["diff", "stable", "bad", ...config])).stdout);
  deepEqual(
    bad.diagnostics.map(({ code, file }: { code: string; file: string }) => `${code} ${file}`),
    ["unknown-reference a.k.yaml"],
  );
});

Deno.test("koreo diff does not tell what a Secret holds", async () => {
  await using repository = await makeLocalFixture();
  const template = (password: string, note: string) =>
    `apiVersion: koreo.dev/v1beta1
kind: ResourceTemplate
metadata: {name: login}
spec:
  template:
    apiVersion: v1
    kind: Secret
    metadata: {annotations: {note: ${note}}}
    stringData: {user: =inputs.user, password: ${password}}
`;
  const { path } = repository;
  const one = await repository.commit("main", { files: { "s.k.yaml": template("hunter2", "a") } });
  const two = await repository.commit("main", { files: { "s.k.yaml": template("hunter3", "b") } });
  const { stdout } = await koreo(["diff", one, two, "--repo", path]);
  match(stdout, /^- +note: a\n\+ +note: b$/m);
  match(stdout, /^- +password: \(hidden\)\n\+ +password: \(hidden, changed\)$/m);
  match(stdout, /^ +user: =inputs\.user$/m);
  doesNotMatch(stdout, /hunter/);
});

/** A pattern over beta, which lies over stable: `preview/x` sets f, and mends its test. */
async function previewedBranches() {
  const repository = await partedBranches();
  await repository.setBranch("preview/x", repository.beta);
  const preview = await repository.commit("preview/x", {
    files: {
      "koreo/team/f.k.yaml": valueFunction("f", 3),
      "koreo/f.test.k.yaml": functionTest("f", "f", 3),
    },
  });
  const files = await temporaryFiles({
    "koreo.yaml": `sources: [{name: defs, url: ${repository.path}, path: koreo}]
channels:
- {name: stable, branch: main}
- {name: beta, branch: beta, over: stable}
- {name: preview, branch: preview/*, over: beta}
`,
  });
  return {
    ...repository,
    preview,
    config: ["--config", `${files.directory}/koreo.yaml`],
    async [Symbol.asyncDispose]() {
      await files[Symbol.asyncDispose]();
      await repository[Symbol.asyncDispose]();
    },
  };
}

Deno.test("koreo diff CHANNEL compares a channel of a pattern with the one it lies over", async () => {
  await using repository = await previewedBranches();
  const { config, main, beta, preview } = repository;
  const { code, stdout } = await koreo(["diff", "preview-x", ...config, "-o", "json"]);
  const { from, to, definitions, tests } = await documentOf("diff", stdout);
  deepEqual([code, from, to], [
    1,
    { name: "beta", revisions: { beta, main } },
    { name: "preview-x", revisions: { "preview/x": preview, beta, main } },
  ]);
  deepEqual(
    [definitions, tests].map((all) =>
      all.map((one: { name: string; change?: string; turn?: string }) =>
        `${one.name} ${one.change ?? one.turn}`
      )
    ),
    [["f changed", "f changed"], ["f fixed"]],
  );
});

Deno.test("koreo diff takes a revision as channels, triggers and Events show it, layers and all", async () => {
  await using repository = await previewedBranches();
  const { config, base, main, beta } = repository;
  const before = `beta@sha1:${beta}+main@sha1:${base}`;
  const { stdout } = await koreo(["diff", before, "beta", ...config, "-o", "json"]);
  const { from, definitions } = await documentOf("diff", stdout);
  deepEqual([from, definitions], [{ name: before, revisions: { beta, main: base } }, []]);
  const { code } = await koreo(["diff", `main@sha1:${base}`, `main@sha1:${main}`, ...config]);
  equal(code, 0);
});

const NOT_THERE: readonly (readonly [args: readonly string[], code: number, stderr: RegExp])[] = [
  [["preview"], 2, /: it is a pattern; name one of its channels, which "koreo channels" lists$/m],
  [["preview/*"], 2, /: it is a pattern; name one of its channels/],
  [["preview-y"], 2, /: there is no such channel; give two, as in "koreo diff stable preview-y"$/m],
  [
    ["main", "0123456789"],
    3,
    /of this name, and a commit takes all of its 40 digits; its branches/,
  ],
  [["main", `beta@sha1:${"0".repeat(40)}`], 3, /Cannot read "0{40}" .*: there is no such commit; /],
];

for (const [args, code, stderr] of NOT_THERE) {
  Deno.test(`koreo diff ${args.join(" ")} of what is not there says how to name it`, async () => {
    await using repository = await previewedBranches();
    const end = await koreo(["diff", ...args, ...repository.config]);
    deepEqual([end.code, end.stdout], [code, ""]);
    match(end.stderr, stderr);
  });
}

const SLIPS: readonly (readonly [args: readonly string[], stderr: string])[] = [
  [
    ["gamma"],
    'error: Cannot compare "gamma" with the channel below it: there is no such channel; ' +
    'give two, as in "koreo diff stable gamma"\n',
  ],
  [
    ["stable"],
    'error: Cannot compare "stable" with the channel below it: it lies over no other channel; ' +
    'give two, as in "koreo diff main stable"\n',
  ],
  [
    ["main..beta", "main"],
    'error: Cannot compare "main..beta" with "main": one range says both sides\n',
  ],
];

for (const [args, stderr] of SLIPS) {
  Deno.test(`koreo diff refuses ${args.join(" ")}`, async () => {
    await using repository = await partedBranches();
    deepEqual(await koreo(["diff", ...args, ...repository.at]), { code: 2, stdout: "", stderr });
  });
}

Deno.test("koreo diff of a revision that there is not fails as the world does", async () => {
  await using repository = await partedBranches();
  const { code, stdout, stderr } = await koreo(["diff", "main", "nope", ...repository.at]);
  deepEqual([code, stdout], [3, ""]);
  equal(
    stderr,
    `error: Cannot read "nope" of "${repository.path}": there is no branch, tag or commit of this ` +
      'name; its branches are "beta", "main"\n',
  );
});
