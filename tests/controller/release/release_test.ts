// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import type { HeldBack } from "../../../src/controller/channels/channels.ts";
import type { Refusal, WorkflowBehaviour } from "../../../src/controller/gate/refusal.ts";
import type {
  Generation,
  PublishedWorkflow,
} from "../../../src/controller/publication/publication.ts";
import {
  liftRefusal,
  offerGeneration,
  promoteCandidate,
  type Release,
  releaseChange,
  rollBack,
  toldGeneration,
  triedWorkflows,
} from "../../../src/controller/release/release.ts";
import { isRefused, refusalOf } from "../../../src/controller/release/release_refusals.ts";

/** A generation whose Workflows behave as these digests say. */
function generation(revision: string, digests: Readonly<Record<string, string>>): Generation {
  const workflows = Object.entries(digests).map(([name, digest]): PublishedWorkflow => ({
    namespace: "default",
    name,
    inForce: { program: digest, revision, digest, unreadable: [] },
  }));
  return { revision, author: "Ada", subject: "A change", workflows };
}

const ONE = generation("main@1", { web: "a", db: "a" });
const TWO = generation("main@2", { web: "b", db: "a" });
const THREE = generation("main@3", { web: "c", db: "a" });
const RUNS_ONE: Release = { current: ONE, refused: [] };
const CANARY = { now: 1_000 };
const BACK = { reason: "it fails", at: 5_000 };

const TRIES_TWO: Release = {
  current: ONE,
  candidate: { generation: TWO, startedAt: 1_000 },
  refused: [],
};

/** What is refused when something that behaves so is taken back. */
function taken(revision: string, digests: Readonly<Record<string, string | null>>): Refusal {
  const workflows = Object.entries(digests).map(([name, digest]) => ({ name, digest }));
  return { revision, ...BACK, workflows };
}

Deno.test("What rests on a revision that was refused as such is refused, unless it is in force already", () => {
  const [web] = TWO.workflows;
  if (web === undefined) throw new RangeError("There is no Workflow");
  const later = generation("main@4", { db: "b" });
  const held: Generation = { ...later, workflows: [web, ...later.workflows] };
  const refused = [{ revision: TWO.revision, ...BACK }];
  equal(refusalOf({ current: ONE, refused }, held), refused[0]);
  // Forced back and forth: "web" ran from it before it was refused, and goes on to.
  equal(refusalOf({ current: { ...ONE, workflows: [web] }, refused }, held), undefined);
  equal(refusalOf({ current: ONE, refused: [] }, held), undefined);
});

const REFUSALS: readonly {
  readonly name: string;
  readonly offered: Generation;
  readonly isRefused: boolean;
}[] = [
  {
    name: "refuses a behaviour that was taken back, whatever commit it comes with",
    offered: generation("main@9", { web: "b", db: "a" }),
    isRefused: true,
  },
  {
    name: "refuses it beside what was not taken back",
    offered: generation("main@9", { web: "b", db: "new" }),
    isRefused: true,
  },
  {
    name: "lets another behaviour of that Workflow through",
    offered: generation("main@9", { web: "new", db: "a" }),
    isRefused: false,
  },
  {
    name: "lets another Workflow behave as that one did",
    offered: generation("main@9", { web: "a", db: "b" }),
    isRefused: false,
  },
  {
    name: "lets the very revision through, once it behaves otherwise",
    offered: generation(TWO.revision, { web: "new", db: "a" }),
    isRefused: false,
  },
  {
    name: "refuses to be without a Workflow once that was taken back",
    offered: generation("main@9", { web: "a" }),
    isRefused: true,
  },
];

for (const { name, offered, isRefused: isOne } of REFUSALS) {
  Deno.test(`a release ${name}`, () => {
    const refused = [taken(TWO.revision, { web: "b" }), taken("main@0", { db: null })];
    const release = { ...RUNS_ONE, refused };
    equal(refusalOf(release, offered) !== undefined, isOne);
    equal(offerGeneration(release, offered) === release, isOne);
  });
}

const HELD: HeldBack = {
  revision: "main@2",
  author: "Ada",
  subject: "A change",
  reason: "It was taken back",
};
/** What the gate makes of the second commit once that was taken back. */
const HOLDS_TWO: Generation = {
  ...TWO,
  workflows: TWO.workflows.map((workflow) => {
    const [web] = ONE.workflows;
    return workflow.name === "web" && web !== undefined ? { ...web, heldBack: HELD } : workflow;
  }),
};
const NEVER_GOOD: PublishedWorkflow = { namespace: "default", name: "new", heldBack: HELD };

Deno.test("while a canary is under way it is told what the newest revision holds back, and nothing older", () => {
  const older: HeldBack = { ...HELD, revision: "main@0" };
  const web = ONE.workflows.map((one) => one.name === "web" ? { ...one, heldBack: older } : one);
  const waiting = ["dropped", "fresh"].map((name) => ({ ...NEVER_GOOD, name }));
  const current = { ...ONE, workflows: [...web, ...waiting] };
  const db = TWO.workflows.map((one) => one.name === "db" ? { ...one, heldBack: HELD } : one);
  const sound = generation(TWO.revision, { fresh: "f", other: "o" }).workflows;
  const tried = { ...TWO, workflows: [...db, NEVER_GOOD, ...sound] };
  const release = { current, candidate: { generation: tried, startedAt: 1_000 }, refused: [] };
  const [ownWeb, ownDb] = ONE.workflows;
  const told = toldGeneration(release);
  deepEqual([told.revision, told.workflows], [ONE.revision, [
    { ...ownDb, heldBack: HELD },
    { namespace: "default", name: "fresh" },
    NEVER_GOOD,
    ownWeb,
  ]]);
  deepEqual(toldGeneration({ current, refused: [] }), current);
  deepEqual(releaseChange({ current, refused: [] }, release).outside, [
    "dropped",
    "fresh",
    "new",
  ]);
});

const OFFERS: readonly {
  readonly name: string;
  readonly before: Release | undefined;
  readonly offered: Generation;
  readonly canary?: { readonly now: number };
  readonly after: Release;
}[] = [
  {
    name: "puts the first generation of a channel in force at once",
    before: undefined,
    offered: ONE,
    canary: CANARY,
    after: RUNS_ONE,
  },
  {
    name: "puts another one in force at once where there is no canary",
    before: RUNS_ONE,
    offered: TWO,
    after: { current: TWO, previous: ONE, refused: [] },
  },
  {
    name: "tries another one first where there is a canary",
    before: RUNS_ONE,
    offered: TWO,
    canary: CANARY,
    after: TRIES_TWO,
  },
  {
    name: "moves along with a commit that changes no Workflow, without a canary",
    before: { ...RUNS_ONE, previous: THREE },
    offered: { ...ONE, revision: "main@1a" },
    canary: CANARY,
    after: { ...RUNS_ONE, current: { ...ONE, revision: "main@1a" }, previous: THREE },
  },
  {
    name: "drops what is being tried for a newer generation; what is in force stays",
    before: TRIES_TWO,
    offered: THREE,
    canary: { now: 9_000 },
    after: { ...RUNS_ONE, candidate: { generation: THREE, startedAt: 9_000 } },
  },
  {
    name: "goes on with a canary when a commit changes nothing of what is being tried",
    before: TRIES_TWO,
    offered: { ...TWO, revision: "main@2a" },
    canary: { now: 9_000 },
    after: {
      ...RUNS_ONE,
      candidate: { generation: { ...TWO, revision: "main@2a" }, startedAt: 1_000 },
    },
  },
  {
    name: "ends a canary when the branch goes back by itself",
    before: TRIES_TWO,
    offered: { ...ONE, revision: "main@1a" },
    canary: { now: 9_000 },
    after: { ...RUNS_ONE, current: { ...ONE, revision: "main@1a" } },
  },
  {
    name: "does not take a revision again that is refused as such",
    before: { ...RUNS_ONE, refused: [{ revision: "main@2", ...BACK }] },
    offered: TWO,
    canary: CANARY,
    after: { ...RUNS_ONE, refused: [{ revision: "main@2", ...BACK }] },
  },
  {
    name: "does not take a behaviour again that was taken back",
    before: { ...RUNS_ONE, refused: [taken("main@2", { web: "b" })] },
    offered: { ...TWO, revision: "main@9" },
    canary: CANARY,
    after: { ...RUNS_ONE, refused: [taken("main@2", { web: "b" })] },
  },
  {
    name: "keeps the name of what it went back to, and tells what is held back of what it left",
    before: { ...RUNS_ONE, refused: [taken("main@2", { web: "b" })] },
    offered: { ...HOLDS_TWO, workflows: [...HOLDS_TWO.workflows, NEVER_GOOD] },
    canary: CANARY,
    after: {
      current: {
        ...ONE,
        workflows: [
          ...ONE.workflows.map((one) => one.name === "web" ? { ...one, heldBack: HELD } : one),
          NEVER_GOOD,
        ],
      },
      refused: [taken("main@2", { web: "b" })],
    },
  },
  {
    name: "moves along with a later commit of which the same is held back",
    before: { ...RUNS_ONE, refused: [taken("main@2", { web: "b" })] },
    offered: { ...HOLDS_TWO, revision: "main@9" },
    canary: CANARY,
    after: {
      current: { ...HOLDS_TWO, revision: "main@9" },
      refused: [taken("main@2", { web: "b" })],
    },
  },
  {
    name: "puts in force at once what was allowed again, without a canary",
    before: { ...RUNS_ONE, allowed: [{ name: "web", digest: "b" }] },
    offered: { ...TWO, revision: "main@9" },
    canary: CANARY,
    after: { current: { ...TWO, revision: "main@9" }, previous: ONE, refused: [] },
  },
  {
    name: "tries what was allowed again together with what was not",
    before: { ...RUNS_ONE, allowed: [{ name: "web", digest: "b" }] },
    offered: generation("main@9", { web: "b", db: "new" }),
    canary: CANARY,
    after: {
      ...RUNS_ONE,
      allowed: [{ name: "web", digest: "b" }],
      candidate: {
        generation: generation("main@9", { web: "b", db: "new" }),
        startedAt: 1_000,
      },
    },
  },
  {
    name: "tries what comes after a refused revision",
    before: { ...RUNS_ONE, refused: [{ revision: "main@2", ...BACK }] },
    offered: THREE,
    canary: CANARY,
    after: {
      ...RUNS_ONE,
      candidate: { generation: THREE, startedAt: 1_000 },
      refused: [{ revision: "main@2", ...BACK }],
    },
  },
];

for (const { name, before, offered, canary, after } of OFFERS) {
  Deno.test(`a release ${name}`, () => deepEqual(offerGeneration(before, offered, canary), after));
}

Deno.test("a release goes on with the Workflow that is gone as a change like any other", () => {
  const offered = generation("main@2", { web: "a" });
  const release = offerGeneration(RUNS_ONE, offered, CANARY);
  deepEqual(triedWorkflows(release), ["db"]);
});

Deno.test("a promotion puts in force what was tried, and keeps what was in force", () => {
  deepEqual(promoteCandidate(TRIES_TWO), { current: TWO, previous: ONE, refused: [] });
  equal(promoteCandidate(RUNS_ONE), RUNS_ONE);
});

const REFUSED_TWO = [taken("main@2", { web: "b" })];
const ROLL_BACKS: readonly {
  readonly name: string;
  readonly before: Release;
  readonly to?: string;
  readonly after: Release | undefined;
}[] = [
  {
    name: "out of a canary keeps what is in force",
    before: TRIES_TWO,
    after: { ...RUNS_ONE, refused: REFUSED_TWO },
  },
  {
    name: "after a promotion brings the previous generation back",
    before: { current: TWO, previous: ONE, refused: [] },
    after: { ...RUNS_ONE, refused: REFUSED_TWO },
  },
  { name: "needs something to go back to", before: RUNS_ONE, after: undefined },
  {
    name: "goes to the previous generation out of a canary when that is asked for",
    before: {
      current: TWO,
      previous: ONE,
      candidate: { generation: THREE, startedAt: 1 },
      refused: [],
    },
    to: "main@1",
    after: { ...RUNS_ONE, refused: [...REFUSED_TWO, taken("main@3", { web: "c" })] },
  },
  {
    name: "refuses nothing of a canary that behaves like what is gone back to",
    before: {
      current: TWO,
      previous: ONE,
      candidate: { generation: { ...ONE, revision: "main@1a" }, startedAt: 1 },
      refused: [],
    },
    to: "main@1",
    after: { ...RUNS_ONE, refused: REFUSED_TWO },
  },
  {
    name: "refuses a Workflow that was new, and the lack of one that was gone",
    before: {
      current: generation("main@2", { web: "a", other: "a" }),
      previous: ONE,
      refused: [],
    },
    after: { ...RUNS_ONE, refused: [taken("main@2", { db: null, other: "a" })] },
  },
  {
    name: "does not go back to what was taken back since",
    before: {
      current: THREE,
      previous: TWO,
      refused: [taken("main@9", { web: "b" })],
    },
    after: undefined,
  },
  {
    name: "of a revision that was taken back before adds to what is refused with it",
    before: {
      current: generation("main@2", { web: "a", db: "new" }),
      previous: ONE,
      refused: [taken("main@2", { web: "b" }), taken("main@3", { web: "c" })],
    },
    after: {
      ...RUNS_ONE,
      refused: [taken("main@3", { web: "c" }), taken("main@2", { web: "b", db: "new" })],
    },
  },
  {
    name: "goes one step back from a revision that was decided twice",
    before: { current: TWO, previous: { ...ONE, revision: TWO.revision }, refused: [] },
    after: { current: { ...ONE, revision: TWO.revision }, refused: REFUSED_TWO },
  },
  {
    name: "forgets what was allowed before",
    before: { ...TRIES_TWO, allowed: [{ name: "web", digest: "c" }] },
    after: { ...RUNS_ONE, refused: REFUSED_TWO },
  },
  {
    name: "does not go where nothing is kept",
    before: { current: TWO, previous: ONE, refused: [] },
    to: "main@0",
    after: undefined,
  },
];

for (const { name, before, to, after } of ROLL_BACKS) {
  Deno.test(`a rollback ${name}`, () => {
    deepEqual(rollBack(before, { ...BACK, ...(to === undefined ? {} : { to }) }), after);
  });
}

Deno.test("a refusal is lifted with all that was taken back with it, and nothing else", () => {
  const old = { revision: "main@0", ...BACK };
  const release = {
    ...RUNS_ONE,
    refused: [old, taken("main@2", { web: "b", db: "x" }), taken("main@3", { web: "b", db: "y" })],
  };
  deepEqual(liftRefusal(release, "main@2"), {
    ...release,
    refused: [old, taken("main@3", { db: "y" })],
    allowed: [{ name: "web", digest: "b" }, { name: "db", digest: "x" }],
  });
  deepEqual(liftRefusal(release, "main@0")?.refused, release.refused.slice(1));
  equal(liftRefusal(release, "main@1"), undefined);
});

Deno.test("a release remembers the last twenty refusals", () => {
  const bad = (index: number) => generation(`main@x${index}`, { web: `x${index}`, db: "a" });
  let release: Release = RUNS_ONE;
  for (let index = 0; index < 25; index++) {
    release = offerGeneration(release, bad(index), CANARY);
    release = rollBack(release, BACK) ?? release;
  }
  equal(release.refused.length, 20);
  ok(isRefused(release, "main@x24"));
  equal(offerGeneration(release, bad(5)), release);
  equal(offerGeneration(release, bad(4)).current.revision, "main@x4");
});

Deno.test("a step changes nothing for triggers that are in no canary until it ends", () => {
  deepEqual(releaseChange(RUNS_ONE, TRIES_TWO), { outside: [], inside: ["web"] });
  const promoted = promoteCandidate(TRIES_TWO);
  deepEqual(releaseChange(TRIES_TWO, promoted), { outside: ["web"], inside: [] });
  const back = rollBack(TRIES_TWO, BACK) ?? TRIES_TWO;
  deepEqual(releaseChange(TRIES_TWO, back), { outside: [], inside: ["web"] });
  deepEqual(releaseChange(undefined, RUNS_ONE), { outside: ["db", "web"], inside: ["db", "web"] });
});

/** Commits of a branch: few behaviours, so that some change nothing and some go back. */
const generations = fc.record({
  id: fc.nat({ max: 30 }),
  web: fc.constantFrom("a", "b", "c"),
  db: fc.constantFrom("a", "b"),
}).map(({ id, web, db }) => generation(`main@${id}-${web}${db}`, { web, db }));

function areAnyIn({ workflows }: Generation, behaviours: readonly WorkflowBehaviour[]): boolean {
  const running = new Map(workflows.map(({ name, inForce }) => [name, inForce?.digest ?? null]));
  return behaviours.some(({ name, digest }) => (running.get(name) ?? null) === digest);
}

type Step = (release: Release) => Release;
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(generations, fc.boolean()).map(([offered, hasCanary]): Step => (release) =>
    offerGeneration(release, offered, hasCanary ? CANARY : undefined)
  ),
  fc.constant<Step>(promoteCandidate),
  fc.constant<Step>((release) => rollBack(release, BACK) ?? release),
  fc.constant<Step>((release) =>
    liftRefusal(release, release.refused[0]?.revision ?? "") ?? release
  ),
);
const releases = fc.tuple(generations, fc.array(steps, { maxLength: 12 })).map(([first, taken]) =>
  taken.reduce((release, step) => step(release), offerGeneration(undefined, first))
);

Deno.test("however releases go, triggers have one generation each that was offered and not taken back", () => {
  fc.assert(fc.property(generations, fc.array(steps, { maxLength: 20 }), (first, taken) => {
    let release = offerGeneration(undefined, first);
    for (const step of taken) {
      const { current, candidate, previous } = release;
      const after = step(release);
      const known = [current, candidate?.generation, previous];
      // What is in force was known before, or has just been offered and was not refused.
      if (!known.includes(after.current)) equal(refusalOf(release, after.current), undefined);
      if (after.candidate !== undefined) {
        equal(refusalOf(after, after.candidate.generation), undefined);
        ok(triedWorkflows(after).length > 0);
      }
      ok(!after.refused.some(({ workflows = [] }) => areAnyIn(after.current, workflows)));
      release = after;
    }
  }));
});

Deno.test("an offer and a promotion come to what an offer without a canary does", () => {
  fc.assert(fc.property(releases, generations, (release, offered) => {
    const tried = offerGeneration(release, offered, CANARY);
    fc.pre(tried !== release);
    deepEqual(promoteCandidate(tried), offerGeneration(release, offered));
  }));
});

Deno.test("an offer and a rollback leave in force what was", () => {
  fc.assert(fc.property(releases, generations, fc.boolean(), (release, offered, hasCanary) => {
    const after = offerGeneration(release, offered, hasCanary ? CANARY : undefined);
    const isStep = after.candidate !== undefined || after.current !== release.current;
    fc.pre(isStep && releaseChange(release, after).inside.length > 0);
    fc.pre(
      triedWorkflows({ ...release, candidate: { generation: offered, startedAt: 0 } }).length > 0,
    );
    equal(rollBack(after, BACK)?.current, release.current);
  }));
});

Deno.test("what a rollback took back is not offered again", () => {
  fc.assert(fc.property(releases, (release) => {
    const bad = release.candidate?.generation ?? release.current;
    const back = rollBack(release, BACK);
    fc.pre(back !== undefined);
    equal(offerGeneration(back, bad, CANARY), back);
    equal(offerGeneration(back, { ...bad, revision: "main@later" }), back);
  }));
});
