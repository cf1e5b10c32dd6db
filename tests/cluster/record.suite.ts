// SPDX-License-Identifier: Apache-2.0

/**
 * What is in force survives: crashes, commits that are bad, history that is rewritten, a Git server
 * that is away, and people who damage the record. With the RBAC of `deploy/` on a real API server.
 */

import { deepEqual, equal, match } from "node:assert/strict";
import { until } from "../until.ts";
import {
  forgetRecord,
  prepareBoxes,
  recordMaps,
  startBoxWorld,
  untilReady,
  untilRecorded,
} from "./box_world.ts";
import { openTestCluster } from "./test_cluster.ts";
import { type Answer, condition } from "./web_app.ts";

const cluster = await openTestCluster();
const files = await Deno.makeTempDir({ prefix: "koreo-record-" });
const kubeconfig = await prepareBoxes(cluster, files);
Deno.test.afterAll(async () => {
  await forgetRecord(cluster);
  await Deno.remove(files, { recursive: true });
  await cluster.close();
});

Deno.test("two Workflows that share a Function run both versions at once, after SIGKILL too", async () => {
  await using world = await startBoxWorld(cluster, kubeconfig);
  const good = await world.commit({ text: "one" });
  await using first = await world.start();
  await world.create("Box", "box");
  await world.create("Crate", "crate");
  await world.untilSays("box", "one");
  await world.untilSays("crate", "one");

  const bad = await world.commit({ text: "two", number: 2, expected: 3 });
  await world.untilSays("box", "two");
  match(await first.untilLogged(/Holds Workflow \\"crate\.v1\\" back/), /number\.v1/);
  await untilRecorded(cluster, bad);
  await world.create("Crate", "later");
  await world.untilSays("later", "one");
  await world.untilRuns("crate/later", good);
  await world.untilRuns("box/box", bad);

  await first.crash();
  await world.kubectl("delete", "configmap", "box", "crate");
  await using second = await world.start();
  await world.untilSays("box", "two");
  await world.untilSays("crate", "one");
  await world.create("Crate", "last");
  await world.untilSays("last", "one");
  await world.untilRuns("crate/last", good);
  deepEqual(second.lines.filter((line) => /forbidden|"level":"error"/.test(line)), []);
});

const LOST: readonly {
  readonly name: string;
  readonly lose: (world: Awaited<ReturnType<typeof startBoxWorld>>) => Promise<void>;
}[] = [
  {
    name: "the newest commit is bad",
    lose: async (world) => {
      await world.commit({ text: "two", number: 2, expected: 3 });
      await world.commit({ text: "three", number: 3, expected: 4 });
    },
  },
  {
    name: "a force-push took it away and left a bad one",
    lose: async (world) => {
      await world.fixture.deleteBranch("main");
      await world.commit({ text: "two", number: 2, expected: 3 });
      await world.fixture.git("reflog", "expire", "--expire=now", "--all");
      await world.fixture.git("gc", "--quiet", "--prune=now");
    },
  },
  {
    name: "the Git server is away",
    lose: (world) => {
      world.fixture.server.setFault({ type: "status", status: 503 }, "any");
      return Promise.resolve();
    },
  },
  {
    name: "the branch was deleted",
    lose: (world) => world.fixture.deleteBranch("main"),
  },
];

for (const { name, lose } of LOST) {
  Deno.test(`a restart finds the last good revision where ${name}`, async () => {
    await using world = await startBoxWorld(cluster, kubeconfig);
    const good = await world.commit({ text: "one" });
    await world.create("Crate", "crate");
    {
      await using first = await world.start();
      await world.untilSays("crate", "one");
      await untilRecorded(cluster, good);
      await first.crash();
    }
    await lose(world);
    await world.kubectl("delete", "configmap", "crate");
    await using _second = await world.start();
    await world.create("Crate", "later");
    await world.untilSays("crate", "one");
    await world.untilSays("later", "one");
    await world.untilRuns("crate/later", good);
    await untilReady(world, "crate/later");
  });
}

Deno.test("a renamed Workflow keeps its triggers while its successor is held back, over a restart too", async () => {
  await using world = await startBoxWorld(cluster, kubeconfig);
  const good = await world.commit({ text: "one" });
  await world.create("Crate", "crate");
  const path = "koreo/crate.k.yaml";
  const commit = (content: string) => world.fixture.commit("main", { files: { [path]: content } });
  const renamed = (await world.fixture.git("show", `main:${path}`)).replace("crate.v1", "crate.v2");
  {
    await using first = await world.start();
    await untilReady(world, "crate/crate");
    const bad = await commit(renamed.replace("{return: {number: 1}}", "{return: {number: 2}}"));
    await first.untilLogged(/Holds Workflow \\"crate\.v2\\" back/);
    await world.create("Crate", "later");
    await untilReady(world, "crate/later");
    await untilRecorded(cluster, bad);
    await first.crash();
  }
  world.fixture.server.setFault({ type: "status", status: 503 }, "any");
  await using _second = await world.start();
  await world.create("Crate", "last");
  for (const name of ["crate", "later", "last"]) {
    await untilReady(world, `crate/${name}`);
    await world.untilRuns(`crate/${name}`, good);
  }
  world.fixture.server.setFault(undefined);
  await commit(renamed);
  for (const name of ["crate", "later", "last"]) {
    await until(`crate/${name} runs the successor`, async () => {
      const { status, message } = condition(await world.get(`crate/${name}`), "Ready") ?? {};
      return status === "True" && message === "Workflow crate.v2 ready.";
    });
  }
});

Deno.test("two channels with different triggers are found again as they were", async () => {
  await using world = await startBoxWorld(cluster, kubeconfig);
  await world.commit({ text: "stable" });
  await world.fixture.setBranch("beta", await world.fixture.git("rev-parse", "main"));
  await world.commit({ text: "beta" }, "beta");
  const channels = ["--channel", "beta=beta"];
  await world.create("Box", "old");
  await world.create("Box", "new", { "koreo.dev/channel": "beta" });
  {
    await using first = await world.start(...channels);
    await world.untilSays("old", "stable");
    await world.untilSays("new", "beta");
    await until("both are recorded", async () => {
      return (await recordMaps(cluster, "koreo.dev/record=channel")).length === 2;
    });
    await first.crash();
  }
  world.fixture.server.setFault({ type: "status", status: 503 }, "any");
  await world.kubectl("delete", "configmap", "old", "new");
  await using _second = await world.start(...channels);
  await world.untilSays("old", "stable");
  await world.untilSays("new", "beta");
});

Deno.test("without a record the first parents are walked back to a good commit", async () => {
  await using world = await startBoxWorld(cluster, kubeconfig);
  const good = await world.commit({ text: "one" });
  await world.commit({ text: "two", number: 2, expected: 3 });
  await world.commit({ text: "three", number: 3, expected: 4 });
  await using reconciler = await world.start("--no-record");
  await world.create("Crate", "crate");
  await world.untilSays("crate", "one");
  await world.untilRuns("crate/crate", good);
  deepEqual(await recordMaps(cluster, "koreo.dev/record"), []);
  deepEqual(reconciler.lines.filter((line) => /record/i.test(line)), []);
});

Deno.test("a record that somebody damaged is told, and written anew", async () => {
  await using world = await startBoxWorld(cluster, kubeconfig);
  const good = await world.commit({ text: "one" });
  await world.create("Crate", "crate");
  {
    await using first = await world.start();
    await world.untilSays("crate", "one");
    await untilRecorded(cluster, good);
    await first.crash();
  }
  const [part] = await recordMaps(cluster, "koreo.dev/record=part");
  await cluster.kubectl(["delete", "configmap", part.metadata.name, "-n", "koreo-system"]);
  await world.kubectl("delete", "configmap", "crate");
  await using second = await world.start();
  match(
    await second.untilLogged(/Cannot use the record of channel/),
    new RegExp(`${part.metadata.name}.*is missing.*recorded anew`),
  );
  await world.untilSays("crate", "one");
  await until("it is written anew", async () => {
    const parts = await recordMaps(cluster, "koreo.dev/record=part");
    return parts.some(({ metadata }: Answer) => metadata.name === part.metadata.name);
  });
});

Deno.test("CL-21, TR-12: a kind whose last Workflow is removed stays known over a restart", async () => {
  await using world = await startBoxWorld(cluster, kubeconfig);
  await world.commit({ text: "one" });
  await world.create("Box", "box");
  {
    await using first = await world.start();
    await world.untilSays("box", "one");
    await untilRecorded(cluster, await world.commit({ text: "one", hasBoxes: false }));
    await until("the Box is told", async () => {
      return condition(await world.get("box/box"), "Ready")?.reason === "NoWorkflow";
    });
    await first.crash();
  }
  const [kinds] = await recordMaps(cluster, "koreo.dev/record=kinds");
  match(kinds.data.kinds, /boxes\.example\.com\/v1 Box\n/);
  await using second = await world.start();
  await second.untilLogged(/Watching Box/);
});

Deno.test("a record that is forbidden in part is told once, and everything else goes on", async () => {
  await using world = await startBoxWorld(cluster, kubeconfig);
  await world.commit({ text: "one" });
  await using reconciler = await world.start("--record-namespace", world.namespace);
  await world.create("Crate", "crate");
  await world.untilSays("crate", "one");
  await world.commit({ text: "two" });
  await world.untilSays("crate", "two");
  // The role of WebApps lets it write ConfigMaps everywhere, but delete none.
  await reconciler.untilLogged(/Cannot keep the record/);
  const told = reconciler.lines.filter((line) => /Cannot keep the record/.test(line));
  equal(told.length, 1);
  match(told[0] ?? "", /--record-namespace/);
});
