// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { decideGate, type GateMode, type GateState } from "../../../src/controller/gate/gate.ts";
import type { Candidate, TestVerdict } from "../../../src/controller/gate/gate_faults.ts";
import { type FakeDefinition, fakeDiagnostic, fakeProgram } from "./fake_program.ts";

const NOTHING: GateState = new Map();

/** A revision: its definitions, the tests that fail, and files that cannot be read. */
interface Commit {
  readonly definitions: readonly FakeDefinition[];
  readonly failing?: readonly string[];
  readonly unreadable?: readonly string[];
}

function candidate(revision: string, commit: Commit): Candidate {
  const program = fakeProgram(commit.definitions);
  const verdicts: TestVerdict[] = commit.definitions
    .filter(({ kind, isBroken }) => kind === "FunctionTest" && !isBroken)
    .map(({ name }) => ({
      namespace: "default",
      name,
      passed: !commit.failing?.includes(name),
      reason: `FunctionTest "${name}" fails`,
      case: "first",
    }));
  const unreadable = (commit.unreadable ?? []).map((id) => ({
    id,
    diagnostic: { ...fakeDiagnostic({ kind: "Workflow", name: "?" }), file: id },
  }));
  const summary = { author: "Ada", subject: `Commit ${revision}` };
  return { revision, summary, program, verdicts, unreadable };
}

function decideAll(mode: GateMode, commits: readonly Commit[]): GateState {
  return commits.reduce<GateState>(
    (state, commit, at) => decideGate(mode, state, candidate(`r${at}`, commit)).after,
    NOTHING,
  );
}

/** What is in force, as `name: revision` or `name: -`, with `!` where something is held back. */
function shown(state: GateState): readonly string[] {
  return [...state.values()]
    .map(({ name, inForce, heldBack }) =>
      `${name}: ${inForce?.revision ?? "-"}${heldBack === undefined ? "" : "!"}`
    )
    .sort();
}

const fn = (name: string, more: Partial<FakeDefinition> = {}): FakeDefinition => ({
  kind: "ValueFunction",
  name,
  ...more,
});
const flow = (name: string, uses: readonly string[], more: Partial<FakeDefinition> = {}) => ({
  kind: "Workflow" as const,
  name,
  uses,
  ...more,
});
const test = (name: string, of: string, more: Partial<FakeDefinition> = {}): FakeDefinition => ({
  kind: "FunctionTest",
  name,
  uses: [of],
  ...more,
});

const GOOD: Commit = { definitions: [fn("f"), fn("g"), flow("a", ["f"]), flow("b", ["g"])] };

/** Of channel `stable`; behaviours are told by the digests that fake Programs give them. */
function taking(commit: Commit, names: readonly string[], gone: readonly string[] = []) {
  const program = fakeProgram(commit.definitions);
  const workflows = [
    ...names.map((name) => ({ name, digest: program.reachDigest("Workflow", name) })),
    ...gone.map((name) => ({ name, digest: null })),
  ];
  const refused = [{ revision: "bad", reason: "Site one fails", at: 1_700_000_000_000, workflows }];
  return { channel: "stable", refused };
}

interface Case {
  readonly name: string;
  readonly mode?: GateMode;
  readonly commits: readonly Commit[];
  readonly expected: readonly string[];
}

const CASES: readonly Case[] = [
  { name: "puts a sound commit in force", commits: [GOOD], expected: ["a: r0", "b: r0"] },
  {
    name: "moves an unchanged Workflow along with its branch",
    commits: [GOOD, { definitions: [...GOOD.definitions, fn("unused")] }],
    expected: ["a: r1", "b: r1"],
  },
  {
    name: "holds back what reaches a broken Function, and nothing else",
    commits: [GOOD, {
      definitions: [fn("f", { isBroken: true }), fn("g"), flow("a", ["f"]), flow("b", ["g"])],
    }],
    expected: ["a: r0!", "b: r1"],
  },
  {
    name: "holds back what reaches something that is missing",
    commits: [GOOD, {
      definitions: [fn("g"), flow("a", ["f"], { isUnresolved: true }), flow("b", ["g"])],
    }],
    expected: ["a: r0!", "b: r1"],
  },
  {
    name: "holds back what reaches a Function with a failing test",
    commits: [GOOD, {
      definitions: [...GOOD.definitions, test("t", "f")],
      failing: ["t"],
    }],
    expected: ["a: r0!", "b: r1"],
  },
  {
    name: "holds back what reaches a Function with a broken test",
    commits: [GOOD, { definitions: [...GOOD.definitions, test("t", "g", { isBroken: true })] }],
    expected: ["a: r1", "b: r0!"],
  },
  {
    name: "is not held back by a test of a Function that nothing uses",
    commits: [GOOD, {
      definitions: [...GOOD.definitions, fn("x", { isBroken: true }), test("t", "x")],
      failing: ["t"],
    }],
    expected: ["a: r1", "b: r1"],
  },
  {
    name: "shows a Workflow that never was good without anything in force",
    commits: [{ definitions: [flow("a", [], { isBroken: true, crd: "A" })] }],
    expected: ["a: -!"],
  },
  {
    name: "moves on when the fault is mended",
    commits: [
      GOOD,
      { definitions: [flow("a", [], { isBroken: true }), fn("g"), flow("b", ["g"])] },
      { definitions: [flow("a", [], { content: "new" }), fn("g"), flow("b", ["g"])] },
    ],
    expected: ["a: r2", "b: r2"],
  },
  {
    name: "removes a Workflow",
    commits: [GOOD, { definitions: [fn("g"), flow("b", ["g"])] }],
    expected: ["b: r1"],
  },
  {
    name: "does not take a Workflow for removed while a changed file cannot be read",
    commits: [GOOD, { definitions: [fn("g"), flow("b", ["g"])], unreadable: ["a.k.yaml 1"] }],
    expected: ["a: r0!", "b: r1"],
  },
  {
    name: "believes a removal beside a file that could never be read",
    commits: [
      { ...GOOD, unreadable: ["helm.yaml 1"] },
      { definitions: [fn("g"), flow("b", ["g"])], unreadable: ["helm.yaml 1"] },
    ],
    expected: ["b: r1"],
  },
  {
    name: "does not let a Workflow fall to a lower namespace while its file cannot be read",
    commits: [
      { definitions: [flow("a", [], { namespace: "team", content: "own" }), flow("a", [])] },
      { definitions: [flow("a", [])], unreadable: ["team.k.yaml 1"] },
    ],
    expected: ["a: r0!"],
  },
  {
    name: "lets a Workflow fall to a lower namespace when all can be read",
    commits: [
      { definitions: [flow("a", [], { namespace: "team", content: "own" }), flow("a", [])] },
      { definitions: [flow("a", [])] },
    ],
    expected: ["a: r1"],
  },
  {
    name: "does not let what a Workflow reaches fall to a lower namespace either",
    commits: [
      {
        definitions: [fn("f", { namespace: "team", content: "own" }), fn("f"), flow("a", ["f"])],
      },
      { definitions: [fn("f"), flow("a", ["f"])], unreadable: ["team.k.yaml 1"] },
    ],
    expected: ["a: r0!"],
  },
  {
    name: "does not move a changed Workflow while its test may stand in a file that cannot be read",
    commits: [
      { definitions: [fn("f"), test("t", "f"), flow("a", ["f"]), flow("b", [])] },
      {
        definitions: [fn("f", { content: "new" }), flow("a", ["f"]), flow("b", [])],
        unreadable: ["t.k.yaml 1"],
      },
    ],
    expected: ["a: r0!", "b: r1"],
  },
  {
    name: "keeps a renamed Workflow while its successor is held back",
    commits: [
      { definitions: [flow("old", [], { crd: "A" }), flow("b", [])] },
      { definitions: [flow("new", [], { crd: "A", isBroken: true }), flow("b", [])] },
    ],
    expected: ["b: r1", "new: -!", "old: r0!"],
  },
  {
    name: "exchanges a renamed Workflow for its successor in one step",
    commits: [
      { definitions: [flow("old", [], { crd: "A" })] },
      { definitions: [flow("new", [], { crd: "A" })] },
    ],
    expected: ["new: r1"],
  },
  {
    name: "lets two Workflows exchange their trigger kinds only together",
    commits: [
      { definitions: [flow("a", [], { crd: "A" }), flow("b", [], { crd: "B" })] },
      {
        definitions: [flow("a", [], { crd: "B" }), flow("b", [], { crd: "A", isBroken: true })],
      },
    ],
    expected: ["a: r0!", "b: r0!"],
  },
  {
    name: "binds groups of trigger kinds that share a Workflow",
    commits: [
      {
        definitions: [
          flow("a", [], { crd: "A" }),
          flow("b", [], { crd: "B" }),
          flow("c", [], { crd: "C" }),
          flow("d", [], { crd: "D" }),
        ],
      },
      {
        definitions: [
          flow("a", [], { crd: "B" }),
          flow("b", [], { crd: "C" }),
          flow("c", [], { crd: "E", isBroken: true }),
          flow("d", [], { crd: "D" }),
        ],
      },
    ],
    expected: ["a: r0!", "b: r0!", "c: r0!", "d: r1"],
  },
  {
    name: "lets a Workflow take a trigger kind only together with those that have it",
    commits: [
      { definitions: [flow("a", [], { crd: "A" }), flow("b", [], { crd: "B" })] },
      {
        definitions: [flow("a", [], { crd: "B" }), flow("b", [], { crd: "B", isBroken: true })],
      },
    ],
    expected: ["a: r0!", "b: r0!"],
  },
  {
    name: "commit: moves nothing while anything is broken, used or not",
    mode: "commit",
    commits: [GOOD, { definitions: [...GOOD.definitions, fn("x", { isBroken: true })] }],
    expected: ["a: r0!", "b: r0!"],
  },
  {
    name: "commit: removes nothing while a test fails",
    mode: "commit",
    commits: [GOOD, {
      definitions: [fn("g"), flow("b", ["g"]), fn("x"), test("t", "x")],
      failing: ["t"],
    }],
    expected: ["a: r0!", "b: r0!"],
  },
  {
    name: "commit: moves everything at once when all is sound",
    mode: "commit",
    commits: [GOOD, { definitions: [flow("c", [])] }],
    expected: ["c: r1"],
  },
  {
    name: "off: puts everything in force as it comes",
    mode: "off",
    commits: [GOOD, {
      definitions: [
        fn("f", { isBroken: true }),
        flow("a", ["f"]),
        flow("c", [], { isBroken: true }),
      ],
      unreadable: ["x.yaml 1"],
    }],
    expected: ["a: r1", "c: r1"],
  },
];

for (const { name, mode = "workflow", commits, expected } of CASES) {
  Deno.test(`Gate ${name}`, () => deepEqual(shown(decideAll(mode, commits)), expected));
}

Deno.test("Gate says what is refused, why, and where", () => {
  const before = decideAll("workflow", [GOOD]);
  const refused = { definitions: [...GOOD.definitions, test("t", "f")], failing: ["t"] };
  const { after } = decideGate("workflow", before, candidate("r1", refused));
  deepEqual(after.get("a")?.heldBack, {
    revision: "r1",
    author: "Ada",
    subject: "Commit r1",
    reason: 'FunctionTest "t" fails',
    file: "FunctionTest.t.k.yaml",
    line: 1,
    test: "t",
    case: "first",
  });
});

const BAD: Commit = {
  definitions: [fn("f", { content: "bad" }), fn("g"), flow("a", ["f"]), flow("b", ["g"])],
};
const REFUSALS: readonly {
  readonly name: string;
  readonly mode?: GateMode;
  readonly before?: Commit;
  readonly next: Commit;
  readonly taken: NonNullable<Candidate["takenBack"]>;
  readonly expected: readonly string[];
}[] = [
  {
    name: "holds back what was taken back, with whatever commit it comes again",
    next: { definitions: [...BAD.definitions, fn("unused")] },
    taken: taking(BAD, ["a"]),
    expected: ["a: r0!", "b: next"],
  },
  {
    name: "lets a Workflow through that behaves otherwise",
    next: {
      definitions: [fn("f", { content: "mended" }), fn("g"), flow("a", ["f"]), flow("b", ["g"])],
    },
    taken: taking(BAD, ["a"]),
    expected: ["a: next", "b: next"],
  },
  {
    name: "lets a branch go back to what is in force",
    next: GOOD,
    taken: taking(BAD, ["a"]),
    expected: ["a: next", "b: next"],
  },
  {
    name: "holds nothing back that is in force, although it was taken back",
    before: BAD,
    next: BAD,
    taken: taking(BAD, ["a"]),
    expected: ["a: next", "b: next"],
  },
  {
    name: "commit: holds the whole commit back for it",
    mode: "commit",
    next: { definitions: [...BAD.definitions, fn("unused"), flow("c", ["g"])] },
    taken: taking(BAD, ["a"]),
    expected: ["a: r0!", "b: r0!", "c: -!"],
  },
  {
    name: "off: holds it back all the same, and nothing else",
    mode: "off",
    next: { definitions: [...BAD.definitions, fn("g2", { isBroken: true }), flow("c", ["g2"])] },
    taken: taking(BAD, ["a"]),
    expected: ["a: r0!", "b: next", "c: next"],
  },
  {
    name: "holds a Workflow back that was new in what was taken back",
    next: { definitions: [...GOOD.definitions, flow("c", ["g"])] },
    taken: taking({ definitions: [...GOOD.definitions, flow("c", ["g"])] }, ["c"]),
    expected: ["a: next", "b: next", "c: -!"],
  },
  {
    name: "keeps a Workflow whose removal was taken back",
    next: { definitions: [fn("f"), fn("g"), flow("b", ["g"])] },
    taken: taking(GOOD, [], ["a"]),
    expected: ["a: r0!", "b: next"],
  },
  {
    name: "keeps what may only move together with what was taken back",
    before: { definitions: [fn("f"), flow("a", ["f"], { crd: "K" })] },
    next: { definitions: [fn("f"), flow("a2", ["f"], { crd: "K" })] },
    taken: taking({ definitions: [fn("f"), flow("a2", ["f"], { crd: "K" })] }, ["a2"]),
    expected: ["a2: -!", "a: r0!"],
  },
];

for (const { name, mode = "workflow", before = GOOD, next, taken, expected } of REFUSALS) {
  Deno.test(`Gate ${name}`, () => {
    const state = decideAll(mode, [before]);
    const { after } = decideGate(mode, state, { ...candidate("next", next), takenBack: taken });
    deepEqual(shown(after), expected);
  });
}

Deno.test("Gate says what was taken back, when, why, and what to do", () => {
  const takenBack = taking(BAD, ["a"], ["b"]);
  const next = { definitions: [fn("f", { content: "bad" }), flow("a", ["f"])] };
  const { after } = decideGate("workflow", decideAll("workflow", [GOOD]), {
    ...candidate("next", next),
    takenBack,
  });
  const why = 'as in "bad", which was taken back at 2023-11-14T22:13:20Z: Site one fails';
  const command = '"koreo promote stable --revision bad"';
  deepEqual(after.get("a")?.heldBack, {
    revision: "next",
    author: "Ada",
    subject: "Commit next",
    reason: `Workflow "a" would run ${why}; change it, or allow it with ${command}`,
    takenBack: { revision: "bad", reason: "Site one fails", at: 1_700_000_000_000 },
  });
  equal(
    after.get("b")?.heldBack?.reason,
    `Workflow "b" would be gone ${why}; bring it back, or allow it with ${command}`,
  );
});

Deno.test("Gate calls nothing after a revision that was taken back while it is so", () => {
  const [f, g] = [fn("f"), fn("g")];
  const before = { definitions: [flow("a", ["f"]), flow("b", ["g"]), f, g] };
  const next = candidate("bad", { definitions: [flow("a", ["g"]), flow("b", ["g"]), f, g] });
  const state = decideAll("workflow", [before]);
  const takenBack = taking({ definitions: [flow("a", ["g"]), f, g] }, ["a"]);
  const { after } = decideGate("workflow", state, { ...next, takenBack });
  deepEqual(shown(after), ["a: r0!", "b: r0"]);
  deepEqual(shown(decideGate("workflow", after, next).after), ["a: bad", "b: bad"]);
});

Deno.test("Gate tells the same of a commit that was taken back whatever came into being first", () => {
  const next = { definitions: [flow("a", []), flow("b", [])] };
  const reasonsAfter = (earlier: readonly Commit[]) => {
    const takenBack = taking(next, ["a", "b"]);
    const state = decideAll("commit", earlier);
    const { after } = decideGate("commit", state, { ...candidate("next", next), takenBack });
    return ["a", "b"].map((name) => after.get(name)?.heldBack?.reason);
  };
  const now = { definitions: [flow("a", ["f"]), flow("b", ["f"]), fn("f")] };
  const [alone, once] = [{ definitions: [flow("b", ["f"]), fn("f")] }, reasonsAfter([now])];
  equal(once[0], once[1]);
  deepEqual(reasonsAfter([alone, now]), once);
});

Deno.test("Gate says first what is wrong where something was taken back too", () => {
  const { after } = decideGate("workflow", decideAll("workflow", [GOOD]), {
    ...candidate("next", { definitions: [...BAD.definitions, test("t", "f")], failing: ["t"] }),
    takenBack: taking(BAD, ["a"]),
  });
  equal(after.get("a")?.heldBack?.reason, 'FunctionTest "t" fails');
});

Deno.test("Gate tells of a Workflow that a bound one keeps from moving", () => {
  const state = decideAll("workflow", [
    { definitions: [flow("old", [], { crd: "A" })] },
    { definitions: [flow("new", [], { crd: "A", isBroken: true })] },
  ]);
  equal(
    state.get("old")?.heldBack?.reason,
    'Moves only together with Workflow "new", which is held back: Cannot use Workflow "new"',
  );
});

Deno.test("Gate keeps a removed Workflow while a new one does not say which kind it is for", () => {
  const state = decideAll("workflow", [
    { definitions: [flow("old", [], { crd: "A" }), flow("other", [], { crd: "B" })] },
    { definitions: [flow("new", [], { isBroken: true }), flow("other", [], { crd: "B" })] },
  ]);
  deepEqual([state.get("old")?.inForce?.revision, state.get("new")?.inForce], ["r0", undefined]);
  equal(state.get("other")?.inForce?.revision, "r1");
  equal(
    state.get("old")?.heldBack?.reason,
    'Moves only together with Workflow "new", which is held back: Cannot use Workflow "new"',
  );
});

Deno.test("Gate keeps a removed Workflow while one that runs may be about to take its kind", () => {
  const state = decideAll("workflow", [
    { definitions: [flow("old", [], { crd: "A" }), flow("inner", [])] },
    { definitions: [flow("inner", [], { isBroken: true })] },
  ]);
  deepEqual([...state].map(([name, { inForce }]) => [name, inForce?.revision]), [
    ["old", "r0"],
    ["inner", "r0"],
  ]);
});

// ---- laws --------------------------------------------------------------------------------------

const FUNCTIONS = ["f", "g", "h"];
const FLOWS = ["a", "b", "c", "d"];
const KINDS = ["A", "B", "C"];

const commits: fc.Arbitrary<Commit> = fc.record({
  functions: fc.subarray(FUNCTIONS),
  broken: fc.subarray([...FUNCTIONS, ...FLOWS], { maxLength: 2 }),
  contents: fc.dictionary(fc.constantFrom(...FUNCTIONS), fc.constantFrom("1", "2")),
  flows: fc.subarray(FLOWS),
  uses: fc.dictionary(fc.constantFrom(...FLOWS), fc.constantFrom(...FUNCTIONS)),
  crds: fc.dictionary(fc.constantFrom(...FLOWS), fc.constantFrom(...KINDS)),
  failing: fc.subarray(FUNCTIONS, { maxLength: 1 }),
  unreadable: fc.subarray(["x.yaml 1", "x.yaml 2"], { maxLength: 1 }),
}).map((one) => ({
  definitions: [
    ...one.functions.map((name) =>
      fn(name, { isBroken: one.broken.includes(name), content: one.contents[name] ?? "" })
    ),
    ...one.functions.map((name) => test(`${name}-test`, name)),
    ...one.flows.map((name) => {
      const used = one.uses[name];
      const crd = one.crds[name];
      return flow(name, used === undefined ? [] : [used], {
        isBroken: one.broken.includes(name),
        isUnresolved: used !== undefined && !one.functions.includes(used),
        ...(crd === undefined ? {} : { crd }),
      });
    }),
  ],
  failing: one.failing.map((name) => `${name}-test`),
  unreadable: one.unreadable,
}));
const histories = fc.array(commits, { minLength: 1, maxLength: 5 });
const modes = fc.constantFrom<GateMode>("workflow", "commit");

const kindsOf = (state: GateState): ReadonlyMap<string, readonly string[]> => {
  const running = [...state.values()].filter(({ inForce }) => inForce !== undefined);
  const byKind = Map.groupBy(running, ({ crdRef }) => crdRef?.kind ?? "");
  byKind.delete("");
  return new Map([...byKind].map(([kind, list]) => [kind, list.map(({ name }) => name).sort()]));
};

Deno.test("Gate law: whatever is in force is sound", () => {
  fc.assert(
    fc.property(modes, histories, (mode, history) => {
      const sound = new Map(history.map((commit, at) => [
        `r${at}`,
        decideGate("workflow", NOTHING, candidate(`r${at}`, commit)).after,
      ]));
      for (const { name, inForce } of decideAll(mode, history).values()) {
        if (inForce === undefined) continue;
        equal(sound.get(inForce.revision)?.get(name)?.inForce !== undefined, true);
      }
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("Gate law: a trigger kind never loses its last Workflow unless all of them may go", () => {
  fc.assert(
    fc.property(modes, histories, commits, (mode, history, next) => {
      const before = decideAll(mode, history);
      const { after } = decideGate(mode, before, candidate("next", next));
      const offered = new Map(
        [...decideGate("off", NOTHING, candidate("next", next)).after].map(([name, flow]) => [
          name,
          flow.crdRef?.kind,
        ]),
      );
      for (const [kind] of kindsOf(before)) {
        const successors = [...offered.values()].filter((one) => one === kind);
        if (successors.length > 0) equal((kindsOf(after).get(kind) ?? []).length > 0, true, kind);
      }
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("Gate law: a kind whose Workflows come and go changes hands as a whole", () => {
  fc.assert(
    fc.property(modes, histories, commits, (mode, history, next) => {
      const before = decideAll(mode, history);
      const { after } = decideGate(mode, before, candidate("next", next));
      const offered = decideGate("off", NOTHING, candidate("next", next)).after;
      for (const [kind, names] of kindsOf(before)) {
        const leaves = names.some((name) => offered.get(name)?.crdRef?.kind !== kind);
        if (!leaves) continue;
        const held = kindsOf(after).get(kind) ?? [];
        const wanted = kindsOf(offered).get(kind) ?? [];
        const isOneOrOther = held.join() === names.join() || held.join() === wanted.join();
        equal(isOneOrOther, true, `${kind}: ${names} -> ${held}, offered ${wanted}`);
      }
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("Gate law: the same commit again changes nothing", () => {
  fc.assert(
    fc.property(modes, histories, (mode, history) => {
      const last = history.at(-1);
      if (last === undefined) return;
      const before = decideAll(mode, history);
      const again = decideGate(mode, before, candidate(`r${history.length - 1}`, last));
      deepEqual(again.changed, []);
      deepEqual(shown(again.after), shown(before));
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("Gate law: what is named as changed is exactly what behaves differently", () => {
  fc.assert(
    fc.property(modes, histories, commits, (mode, history, next) => {
      const before = decideAll(mode, history);
      const { after, changed } = decideGate(mode, before, candidate("next", next));
      for (const name of new Set([...before.keys(), ...after.keys()])) {
        const one = before.get(name)?.inForce?.digest;
        const other = after.get(name)?.inForce?.digest;
        if (one !== other) equal(changed.includes(name), true, name);
        else if (one !== undefined) equal(changed.includes(name), false, name);
      }
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("Gate law: commit moves everything or nothing", () => {
  fc.assert(
    fc.property(histories, commits, (history, next) => {
      const before = decideAll("commit", history);
      const { after } = decideGate("commit", before, candidate("next", next));
      const moved = [...after.values()].filter(({ inForce }) => inForce?.revision === "next");
      const held = [...after.values()].filter(({ heldBack }) => heldBack !== undefined);
      equal(moved.length === 0 || held.length === 0, true);
    }),
    { numRuns: 1_000 },
  );
});
