// SPDX-License-Identifier: Apache-2.0

import { equal, match } from "node:assert/strict";
import { definitions, type RunningReconciler, runReconciler } from "./running_reconciler.ts";
import { makeServedFixture, type ServedFixture } from "./served_fixture.ts";

/** What happens to a repository that is followed, and how its owner puts it right. */
interface Mishap {
  readonly name: string;
  readonly happen: (fixture: ServedFixture, good: string) => Promise<unknown>;
  readonly told: RegExp;
}

const MISHAPS: readonly Mishap[] = [
  {
    name: "a deleted branch",
    happen: async (fixture, good) => {
      await fixture.setBranch("other", good);
      await fixture.deleteBranch("team/main");
    },
    told:
      /^Cannot follow "team\/main" of .*: there is no branch, .*; its branches are "other"; what/,
  },
  {
    name: "a branch x/y replaced by x",
    happen: async (fixture, good) => {
      await fixture.deleteBranch("team/main");
      await fixture.setBranch("team", good);
    },
    told: /^Cannot follow "team\/main" of .*(?:branches are "team"|has no branches); what is in fo/,
  },
  {
    name: "a repository that was emptied",
    happen: (fixture) => fixture.deleteBranch("team/main"),
    told: /^Cannot follow "team\/main" of .*: the repository has no branches|has no branches/,
  },
  {
    name: "a directory that went away",
    happen: (fixture) => fixture.commit("team/main", { files: { koreo: null, "a.txt": "x" } }),
    told: /there is no directory "koreo"; what is in force stays/,
  },
  {
    name: "a million files",
    happen: (fixture) => commitMillionFiles(fixture, "team/main"),
    told: /the directory has more than 20000 files \(maxFiles\); what is in force stays/,
  },
  {
    name: "a corrupt pack",
    happen: async (fixture) => {
      await fixture.commit("team/main", { files: definitions(9) });
      fixture.server.setFault({ type: "corrupt", atByte: 120 }, "pack");
    },
    told: /^Cannot fetch repository .*; what is in force stays, tries again in/,
  },
  {
    name: "a server that answers 500",
    happen: (fixture) => {
      fixture.server.setFault({ type: "status", status: 500 });
      return Promise.resolve();
    },
    told: /^Cannot fetch repository .*500.*; what is in force stays, tries again in/,
  },
];

/** Six levels of ten trees each, which are all the same one. */
async function commitMillionFiles(
  fixture: ServedFixture,
  branch: string,
  parent?: string,
): Promise<string> {
  let id = await fixture.store("blob", new TextEncoder().encode("a: 1\n"));
  for (let level = 0; level < 6; level++) {
    const mode = level === 0 ? "100644" : "40000";
    const entries = Array.from({ length: 10 }, (_none, at) => [mode, `n${at}`, id]);
    id = await fixture.store("tree", treeOf(entries));
  }
  id = await fixture.store("tree", treeOf([["40000", "koreo", id]]));
  const person = "Tess Ter <tess@example.com> 1600000000 +0000";
  const parents = parent === undefined ? "" : `parent ${parent}\n`;
  const text = `tree ${id}\n${parents}author ${person}\ncommitter ${person}\n\nHostile\n`;
  const commit = await fixture.store("commit", new TextEncoder().encode(text));
  await fixture.setBranch(branch, commit);
  return commit;
}

function treeOf(entries: readonly (readonly string[])[]): Uint8Array {
  return new Uint8Array(entries.flatMap(([mode, name, id = ""]) => [
    ...new TextEncoder().encode(`${mode} ${name}\0`),
    ...Uint8Array.fromHex(id),
  ]));
}

async function revisionOf(reconciler: RunningReconciler): Promise<unknown> {
  return (await reconciler.untilLogged(/^Put /))["revision"];
}

for (const backend of ["isomorphic", "git"] as const) {
  for (const { name, happen, told } of MISHAPS) {
    Deno.test(`What is in force outlasts ${name}, read by ${backend}, and the next good commit is`, async () => {
      await using fixture = await makeServedFixture();
      const first = await fixture.commit("team/main", { files: definitions(1) });
      await using reconciler = runReconciler([
        ...["--repo", fixture.url, "--path", "koreo", "--branch", "team/main"],
        ...["--interval", "50ms", "--git-backend", backend],
      ]);
      equal(await revisionOf(reconciler), `team/main@sha1:${first}`);
      await happen(fixture, first);
      const line = await reconciler.untilLogged(/what is in force stays/);
      match(line.message, told);
      match(line.message, /what is in force stays/);
      fixture.server.setFault(undefined);
      await fixture.deleteBranch("team").catch(() => {});
      await fixture.deleteBranch("team/main").catch(() => {});
      const second = await fixture.commit("team/main", { files: definitions(2), parents: [first] });
      equal(await revisionOf(reconciler), `team/main@sha1:${second}`);
      equal(await reconciler.end(), 0);
    });
  }

  Deno.test(`Rewritten history and a moved tag are followed, read by ${backend}`, async () => {
    await using fixture = await makeServedFixture();
    const first = await fixture.commit("main", { files: definitions(1) });
    const second = await fixture.commit("main", { files: definitions(2) });
    await fixture.tag("live", first, { annotated: true });
    const config = `${fixture.path}/koreo.yaml`;
    await Deno.writeTextFile(
      config,
      `sources: [{name: s, url: ${fixture.url}, path: koreo, interval: 50ms}]
channels: [{name: a, branch: main}, {name: b, tag: live}]
`,
    );
    await using reconciler = runReconciler(["--config", config, "--git-backend", backend]);
    equal(await revisionOf(reconciler), `main@sha1:${second}`);
    equal(await revisionOf(reconciler), `live@sha1:${first}`);
    const other = await fixture.commit("main", { files: definitions(3), parents: [] });
    equal(await revisionOf(reconciler), `main@sha1:${other}`);
    await fixture.tag("live", other, { annotated: true });
    equal(await revisionOf(reconciler), `live@sha1:${other}`);
    await fixture.setBranch("main", first);
    equal(await revisionOf(reconciler), `main@sha1:${first}`);
    equal(await reconciler.end(), 0);
  });

  Deno.test(`An overlay goes on over a branch that had a million files once, read by ${backend}`, async () => {
    await using fixture = await makeServedFixture();
    const first = await fixture.commit("main", { files: definitions(1) });
    const own = definitions(5)["koreo/number.k.yaml"]?.replaceAll("number", "other") ?? "";
    const files = { "koreo/other.k.yaml": own.replace("kind: Number", "kind: Other") };
    const beta = await fixture.commit("beta", { files, parents: [first] });
    const config = `${fixture.path}/koreo.yaml`;
    await Deno.writeTextFile(
      config,
      `sources: [{name: s, url: ${fixture.url}, path: koreo, interval: 50ms}]
channels: [{name: stable, branch: main}, {name: beta, branch: beta, over: stable}]
`,
    );
    await using reconciler = runReconciler(["--config", config, "--git-backend", backend]);
    equal(await revisionOf(reconciler), `main@sha1:${first}`);
    equal(await revisionOf(reconciler), `beta@sha1:${beta}+main@sha1:${first}`);
    const hostile = await commitMillionFiles(fixture, "main", first);
    match((await reconciler.untilLogged(/what is in force stays/)).message, /\(maxFiles\)/);
    const mended = { koreo: null, ...definitions(2) };
    const second = await fixture.commit("main", { files: mended, parents: [hostile] });
    equal(await revisionOf(reconciler), `main@sha1:${second}`);
    equal(await revisionOf(reconciler), `beta@sha1:${beta}+main@sha1:${second}`);
    equal(await reconciler.end(), 0);
  });
}
