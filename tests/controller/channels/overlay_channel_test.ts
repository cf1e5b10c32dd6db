// SPDX-License-Identifier: Apache-2.0

import { deepEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  type BranchPast,
  changesSince,
  overlayDefinitions,
  ownChanges,
} from "../../../src/controller/channels/overlay_channel.ts";

/** The definitions of a commit: contents by identity. */
type State = Readonly<Record<string, string>>;
/** What a commit does: contents by identity, `null` deletes. */
type Edit = Readonly<Record<string, string | null>>;

function edited(state: State, ...edits: readonly Edit[]): State {
  const all = Object.assign({}, state, ...edits) as Record<string, string | null>;
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}

/** The states of a branch whose commits are these edits, the first state included. */
function history(from: State, edits: readonly Edit[]): readonly State[] {
  const states = [from];
  for (const edit of edits) states.push(edited(states.at(-1) ?? {}, edit));
  return states;
}

const last = (states: readonly State[]): State => states.at(-1) ?? {};
const toMap = (state: State) =>
  new Map(Object.entries(state).map(([key, content]) => [key, { content }]));

function pastOf(states: readonly State[]): BranchPast {
  return { hasHeld: (key, content) => states.some((state) => state[key] === content) };
}

/** A channel over a branch: `lower` holds the states of that branch from the merge base on. */
function overlay(lower: readonly State[], upper: State, below: State = last(lower)): State {
  const [base = {}, ...since] = lower;
  const changes = changesSince(new Map(Object.entries(base)), toMap(upper));
  const held = overlayDefinitions({
    lower: toMap(below),
    upper: toMap(upper),
    changes: ownChanges(changes, pastOf(since)),
  });
  return Object.fromEntries([...held].map(([key, { content }]) => [key, content]));
}

const KEYS = ["a", "b", "c", "d", "e"];
const state: fc.Arbitrary<State> = fc.dictionary(
  fc.constantFrom(...KEYS),
  fc.constantFrom("0", "1"),
  { noNullPrototype: true },
);
const edit: fc.Arbitrary<Edit> = fc.dictionary(
  fc.constantFrom(...KEYS),
  fc.oneof(fc.constantFrom("0", "1", "2", "3"), fc.constant(null)),
  { noNullPrototype: true },
);
const edits = fc.array(edit, { maxLength: 4 });

/** What differs between two states. */
function touched(before: State, after: State): readonly string[] {
  return KEYS.filter((key) => before[key] !== after[key]);
}

function only(state: State, keys: readonly string[]): State {
  return Object.fromEntries(Object.entries(state).filter(([key]) => keys.includes(key)));
}

function law(name: string, check: (...args: readonly [State, Edit[], Edit[], Edit[]]) => void) {
  Deno.test(name, () => {
    fc.assert(fc.property(state, edits, edits, edits, check), { numRuns: 2_000 });
  });
}

law("VC-5 an overlay branch without changes changes nothing", (base, below) => {
  const main = history(base, below);
  deepEqual(overlay(main, base), last(main));
});

law("VC-5 rebasing an overlay that shares no definition changes nothing", (base, below, own) => {
  const main = history(base, below);
  const changed = new Set(main.slice(1).flatMap((at) => touched(base, at)));
  const beta = edited(base, ...own);
  fc.pre(touched(base, beta).every((key) => !changed.has(key)));
  const rebased = edited(
    last(main),
    ...touched(base, beta).map((key) => ({ [key]: beta[key] ?? null })),
  );
  deepEqual(overlay([last(main)], rebased), overlay(main, beta));
});

law(
  "VC-5 later work below shows through wherever the overlay did not touch",
  (base, below, own) => {
    const main = history(base, below);
    const beta = edited(base, ...own);
    const untouched = KEYS.filter((key) => !touched(base, beta).includes(key));
    deepEqual(only(overlay(main, beta), untouched), only(last(main), untouched));
  },
);

law("VC-5 an overlay holds its own changes while the branch below has not", (base, below, own) => {
  const main = history(base, below);
  const beta = edited(base, ...own);
  const keys = touched(base, beta).filter((key) =>
    main.slice(1).every((at) => at[key] !== beta[key])
  );
  deepEqual(only(overlay(main, beta), keys), only(beta, keys));
});

law("VC-5 merging an overlay into the branch below makes it empty", (base, below, own, later) => {
  const main = history(base, below);
  const beta = edited(base, ...own);
  // After a merge the overlay's head is the merge base.
  const merged = history(beta, [overlay(main, beta), ...later]);
  deepEqual(overlay(merged, beta), last(merged));
});

law("VC-5 squashing an overlay into the branch below makes it empty", (base, below, own, later) => {
  const main = history(base, below);
  const beta = edited(base, ...own);
  const squash = Object.fromEntries(
    KEYS.map((key) => [key, overlay(main, beta)[key] ?? null]),
  );
  const squashed = history(base, [...below, squash]);
  deepEqual(overlay(squashed, beta), last(squashed));
  const further = history(base, [...below, squash, ...later]);
  deepEqual(overlay(further, beta), last(further));
});

law("VC-5 without a common ancestor every definition is a change", (base, _below, own) => {
  const beta = edited({}, ...own);
  deepEqual(overlay([{}], beta, base), { ...base, ...beta });
});

law("VC-5 over an overlay the same holds: three layers", (base, below, own, top) => {
  const main = history(base, below);
  const beta = history(base, own);
  const channel = overlay(main, last(beta));
  deepEqual(overlay([last(beta)], last(beta), channel), channel);
  const gamma = edited(last(beta), ...top);
  const keys = touched(last(beta), gamma);
  const held = overlay([last(beta)], gamma, channel);
  deepEqual(only(held, keys), only(gamma, keys));
  const others = KEYS.filter((key) => !keys.includes(key));
  deepEqual(only(held, others), only(channel, others));
});

const CASES: readonly {
  readonly name: string;
  readonly main: readonly State[];
  readonly beta: State;
  readonly held: State;
}[] = [
  {
    name: "both changed one: the overlay's counts",
    main: [{ f: "1" }, { f: "2" }],
    beta: { f: "9" },
    held: { f: "9" },
  },
  {
    name: "a cherry-pick that moved on: the lower branch's counts",
    main: [{ f: "1" }, { f: "9" }, { f: "10" }],
    beta: { f: "9" },
    held: { f: "10" },
  },
  {
    name: "a squash that was reverted: the lower branch's counts",
    main: [{ f: "1" }, { f: "9" }, { f: "1" }],
    beta: { f: "9" },
    held: { f: "1" },
  },
  {
    name: "a deletion of the overlay hides what the lower branch changes",
    main: [{ f: "1" }, { f: "2" }],
    beta: {},
    held: {},
  },
  {
    name: "a deletion that the lower branch made too, and took back, is over",
    main: [{ f: "1" }, {}, { f: "2" }],
    beta: {},
    held: { f: "2" },
  },
  {
    name: "what the lower branch deletes stays deleted where the overlay did not touch it",
    main: [{ f: "1", g: "1" }, { g: "1" }],
    beta: { f: "1", g: "2" },
    held: { g: "2" },
  },
  {
    name: "what the lower branch deletes is there where the overlay has changed it",
    main: [{ f: "1" }, {}],
    beta: { f: "2" },
    held: { f: "2" },
  },
  {
    name: "both added one: the overlay's counts",
    main: [{}, { f: "1" }],
    beta: { f: "2" },
    held: { f: "2" },
  },
];

for (const { name, main, beta, held } of CASES) {
  Deno.test(`VC-5 ${name}`, () => deepEqual(overlay(main, beta), held));
}
