// SPDX-License-Identifier: Apache-2.0

import { deepEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { fuzzRuns } from "../../fuzz/fuzz_runs.ts";
import { type Content, FIRST } from "./chain_content.ts";
import {
  checkHead,
  checkRefused,
  checkServed,
  checkTold,
  checkWhatRuns,
  type Watched,
} from "./chain_laws.ts";
import { type Picture, pictureOf } from "./chain_picture.ts";
import {
  act,
  type Branch,
  BRANCHES,
  type Chain,
  type ChainSettings,
  CHANNELS,
  createChain,
  type Excuse,
  listen,
  look,
  noteRunning,
  push,
  type Step,
  steps,
} from "./chain_steps.ts";
import { revisionContent } from "./revision_content.ts";

function watched({ world, mode }: Chain, branch: Branch): Watched {
  const [main, beta] = [world.branches.head("main"), world.branches.head("beta")];
  const layers = branch === "main" ? [["main", main]] : [["beta", beta], ["main", main]];
  const isThere = layers.every(([, id]) => id !== undefined);
  const revision = layers.map(([name, id]) => `${name}@sha1:${id}`).join("+");
  return { world, mode, channel: CHANNELS[branch], head: isThere ? revision : undefined };
}

/** Whoever runs something else is run again; whoever starts looks at every trigger anyhow. */
function checkWoken(
  { woken }: Chain,
  { channel, before, after }: {
    readonly channel: string;
    readonly before: Picture;
    readonly after: Picture;
  },
): void {
  for (const side of ["outside", "inside"] as const) {
    const [old, next] = [before.digests[side], after.digests[side]];
    for (const name of new Set([...old.keys(), ...next.keys()])) {
      const isSame = old.get(name) === next.get(name);
      ok(isSame || woken[side].has(`${channel} ${name}`), `"${name}" is not run again ${side}`);
    }
  }
}

/** A record that is old leads to what was in force then, or later. */
async function checkKnown(chain: Chain, { channel, head }: Watched, picture: Picture) {
  const offered = head === undefined
    ? new Map<string, string>()
    : (await revisionContent(chain.world.branches.repository, head)).digests;
  for (const running of [picture.digests.outside, picture.digests.inside]) {
    for (const [name, digest] of running) {
      const hasRun = chain.ran.has(`${channel} ${name} ${digest}`) || offered.get(name) === digest;
      ok(hasRun, `"${name}" runs what never was in force`);
    }
  }
}

async function check(chain: Chain, excuses: ReadonlySet<Excuse>): Promise<void> {
  const pictures = new Map<Branch, Picture>();
  for (const branch of BRANCHES) {
    const about = watched(chain, branch);
    const { channel } = about;
    const after = pictureOf(chain.world, channel);
    pictures.set(branch, after);
    await checkWhatRuns(about, after);
    checkRefused(about, after);
    checkTold(about, after);
    await checkHead(about, after);
    const before = chain.pictures.get(branch);
    if (before !== undefined) {
      if (!excuses.has("starts")) checkWoken(chain, { channel, before, after });
      const wasLoaded = before.inForce?.current.isLoaded ?? false;
      if (wasLoaded && !excuses.has("hasNoRecord")) await checkKnown(chain, about, after);
    }
    const passed = chain.passed.get(channel) ?? [];
    const isLasting = !excuses.has("forgets") && !excuses.has("goesBack");
    if (before !== undefined && isLasting) await checkServed(about, { before, after, passed });
    if (after.inForce?.candidate === undefined) chain.passed.delete(channel);
    noteRunning(chain, channel, after);
  }
  chain.pictures = pictures;
  for (const side of [chain.woken.outside, chain.woken.inside]) side.clear();
}

function statusOf({ world }: Chain) {
  const { channels } = world.registry().status();
  return channels.map(({ name, head, error, workflows, canary, refused, previous }) => {
    const { digests, choices } = pictureOf(world, name);
    // Of a branch that cannot be seen there is what was recorded.
    const seen = error === undefined ? head : head !== null;
    return { name, seen, error, workflows, canary, refused, previous, digests, choices };
  });
}

async function take(chain: Chain, step: Step, excuses: Set<Excuse>): Promise<void> {
  const isMereRestart = step.type === "restart" && step.lost === 0 && !step.switchesCanary;
  if (isMereRestart) await look(chain);
  const before = statusOf(chain);
  for (const excuse of await act(chain, step)) excuses.add(excuse);
  for (const branch of BRANCHES) {
    const about = watched(chain, branch);
    checkRefused(about, pictureOf(chain.world, about.channel));
  }
  if (step.turns !== null) return await chain.world.go(step.turns);
  await look(chain);
  if (isMereRestart) deepEqual(statusOf(chain), before, "a restart has changed something");
  await check(chain, excuses);
  excuses.clear();
}

/** Once nothing is wrong, everything is in force from the head. */
async function checkEnd(chain: Chain): Promise<void> {
  const all = ["f", "g"] as const;
  const fresh = (value: number): Content => ({
    functions: { f: { value: 100, expected: 100 }, g: { value, expected: value } },
    workflows: {
      a: { kind: "Alpha", steps: all },
      b: { kind: "Beta", steps: all },
      c: { kind: "Beta", steps: ["g", "f"] },
    },
  });
  push(chain, "main", fresh(200));
  push(chain, "beta", fresh(300));
  await look(chain);
  await check(chain, new Set());
  for (const branch of BRANCHES) {
    const { channel, head } = watched(chain, branch);
    chain.world.registry().releases.promote(channel, { reason: "It is good" });
    const state = chain.world.registry().inForce(channel)?.current;
    deepEqual(
      state?.workflows().map(({ name, heldBack, inForce }) => [name, inForce?.revision, heldBack]),
      ["a", "b", "c"].map((name) => [name, head, undefined]),
    );
  }
  await look(chain);
  await check(chain, new Set());
}

async function runChain(settings: ChainSettings, taken: readonly Step[]): Promise<void> {
  const chain = createChain(settings);
  await using _world = chain.world;
  listen(chain);
  push(chain, "main", FIRST);
  push(chain, "beta", FIRST);
  await look(chain);
  await check(chain, new Set());
  const excuses = new Set<Excuse>();
  for (const step of taken) await take(chain, step, excuses);
  await look(chain);
  await check(chain, excuses);
  await checkEnd(chain);
}

/** In half of all runs everything takes its time, and what is under way may meet. */
const seeds = fc.option(fc.integer(), { nil: undefined, freq: 2 });

for (const mode of ["workflow", "commit", "off"] as const) {
  for (const hasCanary of [false, true]) {
    const how = `gate ${mode}, ${hasCanary ? "canary" : "no canary"}`;
    Deno.test(`law (${how}): what runs is whole, sound, told, kept, and at the head in the end`, async () => {
      const taken = fc.array(steps, { maxLength: 14, size: "max" });
      await fc.assert(
        fc.asyncProperty(seeds, taken, (seed, all) => runChain({ mode, hasCanary, seed }, all)),
        fuzzRuns(30),
      );
    });
  }
}
