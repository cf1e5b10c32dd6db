// SPDX-License-Identifier: Apache-2.0

/**
 * A share of the triggers tries a commit first, on a real API server with the RBAC of `deploy/`:
 * one that fails goes back by itself, one that does not goes on, and people decide by command.
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { connectCluster } from "../../src/adapters/kubernetes/mod.ts";
import { isInShare } from "../../src/controller/release/canary_share.ts";
import { koreo } from "../cli/run_koreo.ts";
import { PATIENCE_MS, until } from "../until.ts";
import {
  type BoxWorld,
  forgetRecord,
  prepareBoxes,
  recordMaps,
  startBoxWorld,
  untilReady,
  untilRecorded,
} from "./box_world.ts";
import type { ReconcilerProcess } from "./reconciler_process.ts";
import { openTestCluster } from "./test_cluster.ts";
import { type Answer, condition } from "./web_app.ts";

const cluster = await openTestCluster();
const files = await Deno.makeTempDir({ prefix: "koreo-canary-" });
const kubeconfig = await prepareBoxes(cluster, files);
Deno.test.afterAll(async () => {
  await forgetRecord(cluster);
  await Deno.remove(files, { recursive: true });
  await cluster.close();
});

const PERCENT = 30;
const INSIDE = ["inside-1", "inside-2"];

/** Starts with commit "one" in force for four Boxes, two of which are in the share. */
async function startCanaryWorld() {
  const world = await startBoxWorld(cluster, kubeconfig);
  const [inside, outside] = namesByShare(world.namespace);
  const first = await world.commit({ text: "one" });
  for (const name of [...inside, ...outside]) await world.create("Box", name);
  return { world, inside, outside, all: [...inside, ...outside], first };
}

function namesByShare(namespace: string): readonly [inside: string[], outside: string[]] {
  const [inside, outside]: [string[], string[]] = [[], []];
  for (let index = 0; inside.length < INSIDE.length || outside.length < INSIDE.length; index++) {
    const name = `box-${index}`;
    const trigger = {
      apiVersion: "boxes.example.com/v1",
      kind: "Box",
      metadata: { name, namespace },
    };
    const share = { type: "percent", percent: PERCENT } as const;
    const list = isInShare(share, { channel: "stable", trigger }) ? inside : outside;
    if (list.length < INSIDE.length) list.push(name);
  }
  return [inside, outside];
}

/** Starts it with a canary that waits for a slow machine however short its soak is. */
async function startCanary(world: BoxWorld, soak: string): Promise<ReconcilerProcess> {
  const config = `${files}/koreo.yaml`;
  await Deno.writeTextFile(
    config,
    `sources: [{name: platform, url: ${world.fixture.url}, path: koreo, interval: 1s}]
channels:
- name: stable
  branch: main
  namespace: platform
  canary: {percent: ${PERCENT}, soak: ${soak}, deadline: 2h}
`,
  );
  return await world.startBy(config);
}

async function untilAllSay(world: BoxWorld, names: readonly string[], text: string): Promise<void> {
  for (const name of names) await world.untilSays(name, text);
}

async function texts(world: BoxWorld, names: readonly string[]): Promise<readonly string[]> {
  return await Promise.all(
    names.map(async (name) => (await world.get(`configmap/${name}`)).data.text),
  );
}

/** When the ConfigMaps of these were written last, in the order that the server counts writes. */
async function versions(world: BoxWorld, names: readonly string[]): Promise<readonly number[]> {
  return await Promise.all(
    names.map(async (name) =>
      Number((await world.get(`configmap/${name}`)).metadata.resourceVersion)
    ),
  );
}

/** A commit from which every Box fails for good. */
async function commitFailure(world: BoxWorld): Promise<string> {
  const text = `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: shared.v1}
spec:
  preconditions: [{assert: '=inputs.?plan.orValue("none") == "some"', permFail: {message: no such plan}}]
  return: {text: bad}
`;
  const path = "koreo/shared.k.yaml";
  const before = await world.fixture.git("show", `main:${path}`);
  const rest = before.slice(before.indexOf("---"));
  return await world.fixture.commit("main", {
    files: { [path]: text + rest },
    message: "A failure",
  });
}

/** The head of the record of the one channel there is. */
async function head(): Promise<Answer> {
  const [found] = await recordMaps(cluster, "koreo.dev/record=channel");
  return found?.data ?? {};
}

function decide(...args: readonly string[]) {
  const how = ["--kubeconfig", cluster.kubeconfig, "--timeout", `${PATIENCE_MS / 1_000}s`];
  return koreo([...args, ...how]);
}

Deno.test("a canary that fails goes back by itself, and the next commit goes on by itself", async () => {
  const { world, inside, outside, all, first } = await startCanaryWorld();
  await using _world = world;
  await using reconciler = await startCanary(world, "4s");
  await untilAllSay(world, all, "one");
  for (const name of all) await untilReady(world, `boxs/${name}`);

  const bad = await commitFailure(world);
  const back = await reconciler.untilLogged(/Takes .* back/);
  match(back, /Box .* fails, and did not before: .*no such plan/);
  for (const name of inside) await untilReady(world, `boxs/${name}`);
  deepEqual(await texts(world, all), all.map(() => "one"));
  for (const name of outside) {
    await world.untilRuns(`boxs/${name}`, first);
    equal(condition(await world.get(`boxs/${name}`), "Ready").status, "True");
  }
  await until("the refusal is recorded", async () => (await head()).refused?.includes(bad));
  equal((await head()).canary, undefined);

  const good = await world.commit({ text: "two" });
  await untilAllSay(world, all, "two");
  ok(Math.max(...await versions(world, inside)) < Math.min(...await versions(world, outside)));
  await reconciler.untilLogged(/in force after a canary/);
  await until("it is recorded", async () => (await head()).revision?.includes(good));
});

Deno.test("koreo promote and koreo rollback decide, and a rollback needs no Git server", async (t) => {
  const { world, inside, outside, all, first } = await startCanaryWorld();
  await using _world = world;
  await using reconciler = await world.start(
    "--canary-percent",
    `${PERCENT}`,
    "--canary-soak",
    "1h",
  );
  await untilAllSay(world, all, "one");
  await world.commit({ text: "two" });
  await untilAllSay(world, inside, "two");
  deepEqual(await texts(world, outside), outside.map(() => "one"));

  const promoted = await decide("promote", "stable");
  deepEqual([promoted.code, promoted.stderr], [0, ""]);
  await untilAllSay(world, outside, "two");
  for (const name of all) await untilReady(world, `boxs/${name}`);

  world.fixture.server.setFault({ type: "status", status: 503 }, "any");
  await reconciler.untilLogged(/what is in force stays/);
  const allBack = await watchTexts(world.namespace, all, "one");
  // Steps, so that the report tells how long they took.
  await t.step("the rollback is answered", async () => {
    const back = await decide("rollback", "stable", "-o", "json");
    equal(back.code, 0);
    match(JSON.parse(back.stdout).inForce, new RegExp(first));
  });
  await t.step("every trigger is back", allBack);
  equal((await decide("rollback", "stable")).code, 1);
  // The branch still has it, and it is not tried again.
  world.fixture.server.setFault(undefined);
  await reconciler.untilLogged(/Follows the repository again/);
  await reconciler.untilLogged(/Takes .* back/);
  await until("it is recorded", async () => (await head()).refused !== undefined);
  deepEqual(await texts(world, all), all.map(() => "one"));
  deepEqual(reconciler.lines.filter((line) => /forbidden|"level":"error"/.test(line)), []);
});

Deno.test("what was rolled back stays so over other commits and a crash, until it is allowed", async () => {
  const world = await startBoxWorld(cluster, kubeconfig);
  await using _world = world;
  await world.commit({ text: "one" });
  for (const kind of ["Box", "Crate"] as const) await world.create(kind, kind.toLowerCase());
  const both = ["box", "crate"];
  const heldBack = async () => (await head())["held-back"] ?? "";
  const bad = await (async () => {
    await using reconciler = await world.start();
    await untilAllSay(world, both, "one");
    const commit = await world.commit({ text: "two" });
    await untilAllSay(world, both, "two");
    // What the command takes back is what the record shows.
    await untilRecorded(cluster, commit);
    equal((await decide("rollback", "stable")).code, 0);
    await untilAllSay(world, both, "one");
    await until("it is held back", async () => (await heldBack()).includes(commit));

    const message = "More to read\n";
    const readme = await world.fixture.commit("main", { files: { "README.md": "Boxes" }, message });
    await until(
      "so is the next commit",
      async () => (await heldBack()).includes(`@sha1:${readme}`),
    );
    match(await heldBack(), new RegExp(`^box.v1: .*as in "main@sha1:${commit}", which was taken`));
    await until("the Box has an Event", async () => (await heldBackNotes(world)).includes(readme));
    deepEqual(await texts(world, both), ["one", "one"]);
    await reconciler.crash();
    return commit;
  })();

  await world.kubectl("delete", "configmap", ...both);
  await using reconciler = await world.start();
  await untilAllSay(world, both, "one");
  // The Crate behaves otherwise than what was taken back.
  await world.commit({ text: "two", number: 2 });
  await world.untilSays("crate", "two");
  await until("the Crate alone moves", async () => /^box.v1: .*\n$/.test(await heldBack()));
  deepEqual(await texts(world, both), ["one", "two"]);

  const allowed = await decide("promote", "stable", "--revision", bad.slice(0, 10));
  deepEqual([allowed.code, allowed.stderr], [0, ""]);
  await world.untilSays("box", "two");
  await until("nothing is held back", async () => (await heldBack()) === "");
  equal((await head()).refused, undefined);

  // Taken back anew, and mended.
  equal((await decide("rollback", "stable")).code, 0);
  await world.untilSays("box", "one");
  await world.commit({ text: "three", number: 2 });
  await untilAllSay(world, both, "three");
  deepEqual(reconciler.lines.filter((line) => /forbidden|"level":"error"/.test(line)), []);
});

/** What Events on the Box say of what is held back. */
async function heldBackNotes(world: BoxWorld): Promise<string> {
  const { items } = await world.get("events.events.k8s.io");
  return items.filter(({ reason, regarding }: Answer) =>
    reason === "HeldBack" && regarding.name === "box"
  ).map(({ note }: Answer) => note).join("\n");
}

/** The record of the channel with the Events on it, which are found by its uid. */
async function described(): Promise<string> {
  const head = "koreo-record-stable-f379ccb92b";
  return await cluster.kubectl(["--namespace", "koreo-system", "describe", "configmap", head]);
}

Deno.test("a canary goes on after SIGKILL where it was", async () => {
  const { world, inside, outside, all } = await startCanaryWorld();
  await using _world = world;
  const tried = await (async () => {
    await using reconciler = await startCanary(world, "1h");
    await untilAllSay(world, all, "one");
    const commit = await world.commit({ text: "two" });
    await untilAllSay(world, inside, "two");
    await until("it is recorded", async () => (await head()).canary?.includes(commit));
    await until("kubectl describe tells of it", async () => /CanaryBegan/.test(await described()));
    await reconciler.crash();
    return commit;
  })();
  await world.kubectl("delete", "configmap", ...all);
  world.fixture.server.setFault({ type: "status", status: 503 }, "any");
  {
    await using again = await startCanary(world, "1h");
    // Both generations run, although there is no Git server.
    await untilAllSay(world, inside, "two");
    await untilAllSay(world, outside, "one");
    match((await head()).canary, new RegExp(tried));
    await again.crash();
  }
  // It has soaked since the first of the three began it.
  await using third = await startCanary(world, "1s");
  await third.untilLogged(/in force after a canary/);
  await untilAllSay(world, outside, "two");
});

Deno.test("a failure that a crash hid takes the commit back after it", async () => {
  const { world, inside, outside, all } = await startCanaryWorld();
  await using _world = world;
  {
    await using reconciler = await startCanary(world, "1h");
    await untilAllSay(world, all, "one");
    for (const name of all) await untilReady(world, `boxs/${name}`);
    const commit = await world.commit({ text: "two" });
    await untilAllSay(world, inside, "two");
    await until("it is recorded", async () => (await head()).canary?.includes(commit));
    await reconciler.crash();
  }
  await commitFailure(world);
  await using again = await startCanary(world, "1h");
  await again.untilLogged(/Takes .* back/);
  await untilAllSay(world, all, "one");
  deepEqual(await texts(world, outside), outside.map(() => "one"));
});

/** Watches from now on; what it gives waits until the ConfigMaps of these all have said something. */
async function watchTexts(
  namespace: string,
  names: readonly string[],
  text: string,
): Promise<() => Promise<void>> {
  const connection = await connectCluster({ kubeconfig: cluster.kubeconfig });
  const path = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const { resourceVersion } = await connection.list(path, { namespace, limit: 500 }, { signal });
  const follow = async (): Promise<void> => {
    const waiting = new Set(names);
    using watching = connection;
    for await (
      const { object } of watching.watch(path, { namespace, resourceVersion }, { signal })
    ) {
      const data = object.data as { readonly text?: unknown } | undefined;
      if (data?.text === text) waiting.delete(String(object.metadata.name));
      if (waiting.size === 0) return;
    }
    throw new RangeError(`Nobody said "${text}": ${[...waiting].join(", ")}`);
  };
  const followed = follow();
  followed.catch(() => {}); // for those who wait for it
  return () => followed;
}
