// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { openRepository } from "../../src/adapters/git/mod.ts";
import { systemClock, systemYield } from "../../src/adapters/system.ts";
import { layersIn } from "../../src/controller/feed/definition_layer.ts";
import {
  createProgramRegistry,
  type ProgramRegistry,
} from "../../src/controller/feed/program_registry.ts";
import { createGateTests } from "../../src/testing/gate_tests.ts";
import { functionTest, valueFunction, workflow } from "../controller/definitions.ts";
import { git } from "./http_backend.ts";
import { makeServedFixture } from "./served_fixture.ts";

const { signal } = new AbortController();

/** A team's clone, the server that it pushes to, and a registry that follows that server. */
interface Team extends AsyncDisposable {
  readonly registry: ProgramRegistry;
  /** Runs git in the clone. */
  git(...args: readonly string[]): Promise<string>;
  /** Writes files to the clone and commits them; `null` removes one. */
  commit(files: Readonly<Record<string, string | null>>): Promise<string>;
  /** Pushes, and follows what was pushed. */
  push(...args: readonly string[]): Promise<void>;
  /** `name: branch`, for the ValueFunctions of a channel. */
  held(channel: string): Readonly<Record<string, string>>;
  /** The revision of a Workflow that is in force. */
  revision(channel: string, workflow: string): string | undefined;
}

async function startTeam(): Promise<Team> {
  const fixture = await makeServedFixture();
  const clone = await Deno.makeTempDir({ prefix: "koreo-clone-" });
  const run = (...args: readonly string[]) => git(clone, ...args);
  await git(clone, "init", "-q", "-b", "main", ".");
  await run("remote", "add", "origin", fixture.url);
  const registry = createProgramRegistry({
    sources: [{
      name: "defs",
      repository: openRepository(fixture.url),
      location: fixture.url,
      directory: "koreo",
      intervalMs: 60_000,
    }],
    channels: [
      { name: "stable", source: "defs", branch: "main" },
      { name: "beta", source: "defs", branch: "beta", over: "stable" },
      { name: "preview", source: "defs", branch: "preview/*", over: "beta" },
    ],
    gate: "workflow",
    clock: systemClock,
    logger: { log: () => {} },
    runTests: createGateTests({ clock: systemClock, yieldNow: systemYield }),
  });
  return {
    registry,
    git: run,
    async commit(files) {
      for (const [name, text] of Object.entries(files)) {
        const path = `${clone}/koreo/${name}.k.yaml`;
        await Deno.mkdir(`${clone}/koreo`, { recursive: true });
        if (text === null) await Deno.remove(path);
        else await Deno.writeTextFile(path, text);
      }
      await run("add", "-A");
      await run("commit", "-q", "-m", `Change ${Object.keys(files).join(", ")}`);
      return await run("rev-parse", "HEAD");
    },
    async push(...args) {
      await run("push", "-q", "origin", ...args);
      await registry.refresh({ signal });
    },
    held(channel) {
      const loaded = registry.followed(channel)?.loaded;
      if (loaded === undefined) throw new TypeError(`There is no channel "${channel}"`);
      const layerOf = layersIn(loaded);
      return Object.fromEntries(
        loaded.program.definitions.flatMap(({ id }) =>
          id.kind === "ValueFunction" ? [[id.name, layerOf(id)?.branch ?? ""]] : []
        ),
      );
    },
    revision: (channel, name) => registry.channel(channel)?.workflow(name)?.inForce?.revision,
    async [Symbol.asyncDispose]() {
      await Deno.remove(clone, { recursive: true });
      await fixture[Symbol.asyncDispose]();
    },
  };
}

const FIRST = {
  f: valueFunction("f", 1),
  "f.test": functionTest("f", "f", 1),
  g: valueFunction("g", 1),
  a: workflow("a", "f", "Alpha"),
  b: workflow("b", "g", "Beta"),
};

/** `main` with the first files, and `beta` with a change of `f`. */
async function twoChannels(team: Team): Promise<void> {
  await team.commit(FIRST);
  await team.git("checkout", "-q", "-b", "beta");
  await team.commit({ f: valueFunction("f", 2), "f.test": functionTest("f", "f", 2) });
  await team.push("main", "beta");
}

Deno.test("VC-5 two channels over http: a rebase of one changes nothing of it", async () => {
  await using team = await startTeam();
  await twoChannels(team);
  deepEqual(team.held("stable"), { f: "main", g: "main" });
  deepEqual(team.held("beta"), { f: "beta", g: "main" });
  await team.git("checkout", "-q", "main");
  await team.commit({ g: valueFunction("g", 5), h: valueFunction("h", 1) });
  await team.push("main");
  deepEqual(team.held("beta"), { f: "beta", g: "main", h: "main" });
  const before = team.registry.followed("beta")?.loaded?.program.digest;
  const changed: string[] = [];
  team.registry.subscribe(({ changedWorkflows }) => void changed.push(...changedWorkflows));
  await team.git("checkout", "-q", "beta");
  await team.git("rebase", "-q", "main");
  await team.push("-f", "beta");
  deepEqual(team.held("beta"), { f: "beta", g: "main", h: "main" });
  equal(team.registry.followed("beta")?.loaded?.program.digest, before);
  deepEqual(changed, []);
});

for (const how of ["a merge", "a squash merge"] as const) {
  Deno.test(`VC-5 ${how} empties the overlay, and newer work below shows through`, async () => {
    await using team = await startTeam();
    await twoChannels(team);
    await team.git("checkout", "-q", "main");
    await team.commit({ g: valueFunction("g", 5) });
    if (how === "a merge") await team.git("merge", "-q", "--no-edit", "beta");
    else {
      await team.git("merge", "-q", "--squash", "beta");
      await team.git("commit", "-q", "-m", "Take beta");
    }
    await team.push("main");
    deepEqual(team.held("beta"), { f: "main", g: "main" });
    const main = await team.commit({
      f: valueFunction("f", 3),
      "f.test": functionTest("f", "f", 3),
    });
    await team.push("main");
    deepEqual(team.held("beta"), { f: "main", g: "main" });
    const beta = await team.git("rev-parse", "beta");
    equal(team.revision("beta", "a"), `beta@sha1:${beta}+main@sha1:${main}`);
  });
}

Deno.test("VC-5 a force-push below takes back what it dropped", async () => {
  await using team = await startTeam();
  await twoChannels(team);
  await team.git("checkout", "-q", "main");
  await team.commit({ g: valueFunction("g", 9), h: valueFunction("h", 9) });
  await team.push("main");
  deepEqual(team.held("beta"), { f: "beta", g: "main", h: "main" });
  await team.git("reset", "-q", "--hard", "HEAD~1");
  await team.push("-f", "main");
  deepEqual(team.held("beta"), { f: "beta", g: "main" });
  deepEqual(team.held("stable"), { f: "main", g: "main" });
});

Deno.test("VC-5 a preview channel comes with its branch and goes with it: three layers", async () => {
  await using team = await startTeam();
  await twoChannels(team);
  await team.git("checkout", "-q", "-b", "preview/new-g");
  const preview = await team.commit({ g: valueFunction("g", 7) });
  await team.push("preview/new-g");
  deepEqual(team.held("preview-new-g"), { f: "beta", g: "preview/new-g" });
  const [beta, main] = [await team.git("rev-parse", "beta"), await team.git("rev-parse", "main")];
  equal(
    team.revision("preview-new-g", "b"),
    `preview/new-g@sha1:${preview}+beta@sha1:${beta}+main@sha1:${main}`,
  );
  await team.push("--delete", "preview/new-g");
  equal(team.registry.channel("preview-new-g"), undefined);
});

Deno.test("VC-5 a failing test on one branch holds back its channel alone", async () => {
  await using team = await startTeam();
  await twoChannels(team);
  const good = team.revision("beta", "a");
  await team.commit({ f: valueFunction("f", 3) });
  await team.push("beta");
  equal(team.revision("beta", "a"), good);
  equal(team.registry.channel("beta")?.workflow("a")?.heldBack?.test, "f");
  equal(team.registry.channel("stable")?.workflow("a")?.heldBack, undefined);
  equal(team.registry.channel("beta")?.workflow("b")?.heldBack, undefined);
});
