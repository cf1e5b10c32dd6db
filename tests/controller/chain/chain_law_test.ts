// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import type { CanarySettings } from "../../../src/controller/channels/channel_settings.ts";
import type { GateMode } from "../../../src/controller/gate/gate.ts";
import { createManualClock } from "../../../src/simulator/mod.ts";
import { createGateTests } from "../../../src/testing/mod.ts";
import { createRaceWorld, type RaceWorld } from "../feed/race_world.ts";
import { type Content, type Edit, edited, edits, filesOf, FIRST } from "./chain_content.ts";
import {
  checkHead,
  checkRefused,
  checkServed,
  checkTold,
  checkWhatRuns,
  type Watched,
} from "./chain_laws.ts";
import { type Picture, pictureOf } from "./chain_picture.ts";

const CANARY: CanarySettings = {
  share: { type: "percent", percent: 50 },
  soakMs: 36_000_000,
  deadlineMs: 72_000_000,
  requireReady: true,
};

/** Branches, and the channels that they make. */
const BRANCHES = ["main", "beta"] as const;
const CHANNELS = { main: "stable", beta: "beta" } as const;
type Branch = (typeof BRANCHES)[number];

type Step =
  | {
    readonly type: "commit";
    readonly at: Branch;
    readonly edits: readonly Edit[];
    readonly isSeen: boolean;
  }
  | { readonly type: "move"; readonly at: Branch; readonly index: number }
  | { readonly type: "delete"; readonly at: Branch }
  | { readonly type: "rollBack"; readonly at: Branch; readonly to: "previous" | "tried" | "step" }
  | { readonly type: "promote" | "allow"; readonly at: Branch; readonly index: number }
  | { readonly type: "restart"; readonly lost: number };

const at = fc.constantFrom<Branch>("main", "main", "main", "beta");
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constant("commit" as const),
      at,
      edits: fc.array(edits, { minLength: 1, maxLength: 3 }),
      isSeen: fc.boolean().map((isNot) => !isNot),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("move" as const), at, index: fc.nat({ max: 9 }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("delete" as const), at }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("rollBack" as const),
      at,
      to: fc.constantFrom("previous" as const, "tried" as const, "step" as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom("promote" as const, "allow" as const),
      at,
      index: fc.nat({ max: 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("restart" as const),
      lost: fc.constantFrom(0, 0, 0, 1, 2, 1_000),
    }),
  },
);

/** A world with all that was pushed to it. */
interface Chain {
  readonly world: RaceWorld;
  readonly mode: GateMode;
  readonly commits: { readonly id: string; readonly content: Content }[];
  readonly contents: Map<Branch, Content>;
  /** What triggers were running before, as long as nobody but a commit changes it. */
  pictures: ReadonlyMap<Branch, Picture>;
  /** Workflows of channels whose triggers were run again since the last look. */
  readonly woken: Readonly<Record<"outside" | "inside", Set<string>>>;
  /** What was tried since nothing was. */
  readonly tried: Map<Branch, string[]>;
}

/** Hears whose triggers are run again. */
function listen({ world, woken }: Pick<Chain, "world" | "woken">): void {
  world.registry().subscribe(({ channel, changedWorkflows, inCanary }) => {
    for (const name of changedWorkflows) woken.outside.add(`${channel} ${name}`);
    for (const name of inCanary?.changedWorkflows ?? changedWorkflows) {
      woken.inside.add(`${channel} ${name}`);
    }
  });
}

/** What runs otherwise, and is not run again. */
function checkWoken({ woken }: Chain, channel: string, before: Picture, after: Picture): void {
  for (const side of ["outside", "inside"] as const) {
    const [old, next] = [before.digests[side], after.digests[side]];
    for (const name of new Set([...old.keys(), ...next.keys()])) {
      const isSame = old.get(name) === next.get(name);
      ok(isSame || woken[side].has(`${channel} ${name}`), `"${name}" is not run again ${side}`);
    }
  }
}

function push({ world, commits, contents }: Chain, branch: Branch, content: Content): void {
  const id = world.branches.commit(branch, filesOf(content));
  commits.push({ id, content });
  contents.set(branch, content);
}

async function look({ world }: Chain): Promise<void> {
  world.registry().wake();
  await world.settle();
}

/** What a step may do besides. */
type Excuse = "goesBack" | "forgets" | "none";

async function take(chain: Chain, step: Step): Promise<Excuse> {
  const { world, commits, contents } = chain;
  const { releases } = world.registry();
  const reason = "It was asked for";
  switch (step.type) {
    case "commit": {
      const from = contents.get(step.at) ?? commits.at(-1)?.content ?? FIRST;
      push(chain, step.at, step.edits.reduce(edited, from));
      return "none";
    }
    case "move": {
      const found = commits[step.index % commits.length];
      if (found === undefined) return "none";
      world.branches.move(step.at, found.id);
      contents.set(step.at, found.content);
      return "none";
    }
    case "delete":
      world.branches.deleteBranch(step.at);
      contents.delete(step.at);
      return "none";
    case "rollBack": {
      const channel = CHANNELS[step.at];
      const previous = releases.status(channel).previous;
      const tried = releases.canary(channel)?.revision;
      if (step.to === "tried" && tried !== undefined) {
        releases.rollBack(channel, { reason, takingBack: tried });
      } else if (step.to === "previous" && previous !== undefined) {
        releases.rollBack(channel, { reason, to: previous });
      } else releases.rollBack(channel, { reason });
      return "goesBack";
    }
    case "promote":
      releases.promote(CHANNELS[step.at], { reason });
      return "none";
    case "allow": {
      const refused = releases.status(CHANNELS[step.at]).refused ?? [];
      const revision = refused[step.index % refused.length]?.revision;
      if (revision !== undefined) releases.promote(CHANNELS[step.at], { reason, revision });
      return "none";
    }
    case "restart": {
      await look(chain);
      const before = statusOf(chain);
      await world.restart(step.lost);
      listen(chain);
      await world.settle();
      if (step.lost === 0) deepEqual(statusOf(chain), before, "a restart has changed something");
      return step.lost > 0 ? "forgets" : "none";
    }
  }
}

function statusOf({ world }: Chain) {
  const { channels } = world.registry().status();
  return channels.map(({ name, error, workflows, canary, refused, previous }) => ({
    ...{ name, error, workflows, canary, refused, previous },
    digests: pictureOf(world, name).digests,
    choices: pictureOf(world, name).choices,
  }));
}

function watched({ world, mode }: Chain, branch: Branch): Watched {
  const [main, beta] = [world.branches.head("main"), world.branches.head("beta")];
  const layers = branch === "main" ? [["main", main]] : [["beta", beta], ["main", main]];
  const isThere = layers.every(([, id]) => id !== undefined);
  const revision = layers.map(([name, id]) => `${name}@sha1:${id}`).join("+");
  return { world, mode, channel: CHANNELS[branch], head: isThere ? revision : undefined };
}

async function check(chain: Chain, excuses: ReadonlySet<Excuse>): Promise<void> {
  const pictures = new Map<Branch, Picture>();
  for (const branch of BRANCHES) {
    const about = watched(chain, branch);
    const picture = pictureOf(chain.world, about.channel);
    pictures.set(branch, picture);
    await checkWhatRuns(about, picture);
    checkRefused(about, picture);
    checkTold(about, picture);
    await checkHead(about, picture);
    const before = chain.pictures.get(branch);
    // Whoever starts looks at every trigger once.
    if (before !== undefined && !excuses.has("forgets")) {
      checkWoken(chain, about.channel, before, picture);
    }
    const tried = chain.tried.get(branch) ?? [];
    const revision = chain.world.registry().releases.canary(about.channel)?.revision;
    if (revision !== undefined) tried.push(revision);
    if (before !== undefined && !excuses.has("forgets") && !excuses.has("goesBack")) {
      await checkServed(about, { before, after: picture, tried });
    }
    chain.tried.set(branch, revision === undefined ? [] : tried);
  }
  chain.pictures = pictures;
  for (const side of [chain.woken.outside, chain.woken.inside]) side.clear();
}

/** Once nothing is wrong, everything is in force from the head. */
async function checkEnd(chain: Chain): Promise<void> {
  const steps = ["f", "g"] as const;
  const fresh: Content = {
    functions: { f: { value: 100, expected: 100 }, g: { value: 200, expected: 200 } },
    workflows: {
      a: { kind: "Alpha", steps },
      b: { kind: "Beta", steps },
      c: { kind: "Beta", steps: ["g", "f"] },
    },
  };
  push(chain, "main", fresh);
  push(chain, "beta", {
    ...fresh,
    functions: { ...fresh.functions, g: { value: 300, expected: 300 } },
  });
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
  await chain.world.settle();
  await check(chain, new Set());
}

/** In half of all runs everything takes its time, and what is under way may meet. */
const seeds = fc.option(fc.integer(), { nil: undefined });
const numRuns = Number(Deno.env.get("CHAIN_RUNS") ?? "10");

for (const mode of ["workflow", "commit", "off"] as const) {
  for (const canary of [undefined, CANARY]) {
    const how = `gate ${mode}, ${canary === undefined ? "no canary" : "canary"}`;
    Deno.test(`law (${how}): what runs is whole, sound, told, kept, and at the head in the end`, async () => {
      await fc.assert(
        fc.asyncProperty(
          seeds,
          fc.array(steps, { maxLength: 14, size: "max" }),
          async (seed, taken) => {
            const clock = createManualClock();
            await using world = createRaceWorld({
              gate: mode,
              canary,
              ...seed === undefined ? {} : { seed },
              channels: [
                { name: "stable", source: "defs", branch: "main", ...canary && { canary } },
                { name: "beta", source: "defs", branch: "beta", over: "stable" },
              ],
              runTests: createGateTests({ clock, yieldNow: () => Promise.resolve() }),
            });
            const chain: Chain = {
              world,
              mode,
              commits: [],
              contents: new Map(),
              pictures: new Map(),
              tried: new Map(),
              woken: { outside: new Set(), inside: new Set() },
            };
            listen(chain);
            push(chain, "main", FIRST);
            push(chain, "beta", FIRST);
            await look(chain);
            await check(chain, new Set());
            const excuses = new Set<Excuse>();
            for (const step of taken) {
              excuses.add(await take(chain, step));
              if (step.type === "commit" && !step.isSeen) continue;
              await look(chain);
              await check(chain, excuses);
              excuses.clear();
            }
            await checkEnd(chain);
            ok(true);
            equal(
              world.errors.filter((one) => !one.includes("follow")).length,
              0,
              `${world.errors}`,
            );
          },
        ),
        { numRuns },
      );
    });
  }
}
