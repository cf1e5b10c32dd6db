// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import type { ChannelSettings } from "../../../src/controller/channels/channel_settings.ts";
import type { GateMode } from "../../../src/controller/gate/gate.ts";
import { createManualClock } from "../../../src/simulator/mod.ts";
import { createGateTests } from "../../../src/testing/mod.ts";
import { createRaceWorld, PATIENT_CANARY, type RaceWorld } from "../feed/race_world.ts";
import { type Content, type Edit, edited, edits, filesOf, FIRST } from "./chain_content.ts";
import { type Picture, pictureOf } from "./chain_picture.ts";

export const BRANCHES = ["main", "beta"] as const;
export type Branch = (typeof BRANCHES)[number];

/** The channels that the branches make. */
export const CHANNELS = { main: "stable", beta: "beta" } as const;

/** How the channels are followed; both with canaries, or none. */
export function channelSettings(hasCanary: boolean): readonly ChannelSettings[] {
  const tried = hasCanary ? { canary: PATIENT_CANARY } : {};
  return [
    { name: "stable", source: "defs", branch: "main", ...tried },
    { name: "beta", source: "defs", branch: "beta", over: "stable", ...tried },
  ];
}

type Act =
  | { readonly type: "commit"; readonly at: Branch; readonly edits: readonly Edit[] }
  | { readonly type: "move"; readonly at: Branch; readonly index: number }
  | { readonly type: "delete"; readonly at: Branch }
  | { readonly type: "rollBack"; readonly at: Branch; readonly to: "previous" | "tried" | "step" }
  | { readonly type: "promote" | "allow"; readonly at: Branch; readonly index: number }
  | { readonly type: "wake" | "breakFeed" }
  | { readonly type: "restart"; readonly lost: number; readonly switchesCanary: boolean };

/** What is done, and what is waited for. */
export type Step = Act & {
  /** So many turns; without it all that follows is waited for, and a look at the branches. */
  readonly turns: number | null;
};

const at = fc.constantFrom<Branch>("main", "main", "main", "beta");
const acts: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constant("commit" as const),
      at,
      edits: fc.array(edits, { minLength: 1, maxLength: 3 }),
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
    weight: 1,
    arbitrary: fc.record({ type: fc.constantFrom("wake" as const, "breakFeed" as const) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("restart" as const),
      lost: fc.constantFrom(0, 0, 0, 1, 2, 1_000),
      switchesCanary: fc.constantFrom(false, false, false, true),
    }),
  },
);

export const steps: fc.Arbitrary<Step> = fc.tuple(
  acts,
  fc.option(fc.nat({ max: 200 }), { freq: 3 }),
).map(([act, turns]) => ({ ...act, turns }));

/** A world with all that was pushed to it. */
export interface Chain {
  readonly world: RaceWorld;
  readonly mode: GateMode;
  hasCanary: boolean;
  readonly commits: { readonly id: string; readonly content: Content }[];
  readonly contents: Map<Branch, Content>;
  /** What triggers were running when everything was looked at last. */
  pictures: ReadonlyMap<Branch, Picture>;
  /** Revisions that were in force since the last look, and those that were tried before. */
  readonly passed: Map<string, readonly string[]>;
  /** Workflows of channels whose triggers were run again since the last look. */
  readonly woken: Readonly<Record<"outside" | "inside", Set<string>>>;
  /** What was ever in force or tried: `channel name digest`. */
  readonly ran: Set<string>;
}

/** How a world decides. */
export interface ChainSettings {
  readonly mode: GateMode;
  readonly hasCanary: boolean;
  /** Decides how long each message takes; without one it takes no time. */
  readonly seed?: number | undefined;
}

/** Starts a world that nothing was pushed to. */
export function createChain({ mode, hasCanary, seed }: ChainSettings): Chain {
  const world = createRaceWorld({
    gate: mode,
    canary: undefined,
    channels: channelSettings(hasCanary),
    runTests: createGateTests({ clock: createManualClock(), yieldNow: () => Promise.resolve() }),
    ...seed === undefined ? {} : { seed },
  });
  return {
    world,
    mode,
    hasCanary,
    commits: [],
    contents: new Map(),
    pictures: new Map(),
    passed: new Map(),
    woken: { outside: new Set(), inside: new Set() },
    ran: new Set(),
  };
}

/** Has the branches looked at, and waits for all that follows. */
export async function look({ world }: Chain): Promise<void> {
  // A feed that broke down may have been about to begin anew.
  for (let time = 0; time < 2; time++) {
    await world.settle();
    world.registry().wake();
  }
  await world.settle();
}

/** What a step does that a commit may not. */
export type Excuse = "goesBack" | "starts" | "forgets" | "hasNoRecord";

export function push({ world, commits, contents }: Chain, branch: Branch, content: Content): void {
  const id = world.branches.commit(branch, filesOf(content));
  commits.push({ id, content });
  contents.set(branch, content);
}

/** Hears whose triggers are run again, and what is in force for a moment. */
export function listen(chain: Chain): void {
  const { world, woken } = chain;
  world.registry().subscribe(({ channel, changedWorkflows, inCanary, presence, revision }) => {
    // What a start finds recorded is no proof that it ran.
    if (presence !== "new") noteRunning(chain, channel, pictureOf(world, channel));
    if (revision !== "") chain.passed.set(channel, [...chain.passed.get(channel) ?? [], revision]);
    for (const name of changedWorkflows) woken.outside.add(`${channel} ${name}`);
    for (const name of inCanary?.changedWorkflows ?? changedWorkflows) {
      woken.inside.add(`${channel} ${name}`);
    }
  });
}

/** Remembers what is in force. */
export function noteRunning({ ran }: Chain, channel: string, { digests }: Picture): void {
  for (const running of [digests.outside, digests.inside]) {
    for (const [name, digest] of running) ran.add(`${channel} ${name} ${digest}`);
  }
}

/** Does what a step says, and waits for nothing but a restart. */
export async function act(chain: Chain, step: Step): Promise<readonly Excuse[]> {
  const { world, commits, contents } = chain;
  const { releases } = world.registry();
  const reason = "It was asked for";
  switch (step.type) {
    case "commit": {
      const from = contents.get(step.at) ?? commits.at(-1)?.content ?? FIRST;
      push(chain, step.at, step.edits.reduce(edited, from));
      return [];
    }
    case "move": {
      const found = commits[step.index % commits.length];
      if (found === undefined) return [];
      world.branches.move(step.at, found.id);
      contents.set(step.at, found.content);
      return [];
    }
    case "delete":
      world.branches.deleteBranch(step.at);
      contents.delete(step.at);
      return [];
    case "rollBack":
      rollBack(world, step);
      return ["goesBack"];
    case "promote":
      releases.promote(CHANNELS[step.at], { reason });
      return [];
    case "allow": {
      const refused = releases.status(CHANNELS[step.at]).refused ?? [];
      const revision = refused[step.index % refused.length]?.revision;
      if (revision !== undefined) releases.promote(CHANNELS[step.at], { reason, revision });
      return [];
    }
    case "wake":
      world.registry().wake();
      return [];
    case "breakFeed":
      world.breakFeed();
      return [];
    case "restart": {
      if (step.switchesCanary) chain.hasCanary = !chain.hasCanary;
      const channels = channelSettings(chain.hasCanary);
      const recorded = await world.restart({ lost: step.lost, channels });
      listen(chain);
      if (recorded.length < BRANCHES.length) return ["starts", "forgets", "hasNoRecord"];
      return step.lost > 0 ? ["starts", "forgets"] : ["starts"];
    }
  }
}

function rollBack(
  world: RaceWorld,
  { at: branch, to }: { readonly at: Branch; readonly to: "previous" | "tried" | "step" },
): void {
  const { releases } = world.registry();
  const channel = CHANNELS[branch];
  const reason = "It was asked for";
  const { previous } = releases.status(channel);
  const takingBack = releases.canary(channel)?.revision;
  if (to === "tried" && takingBack !== undefined) {
    releases.rollBack(channel, { reason, takingBack });
  } else if (to === "previous" && previous !== undefined) {
    releases.rollBack(channel, { reason, to: previous });
  } else releases.rollBack(channel, { reason });
}
