// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { chooseWorkflow } from "../../../src/controller/channels/channel_lookup.ts";
import { createChannelState } from "../../../src/controller/channels/channels.ts";
import type { GateMode } from "../../../src/controller/gate/gate.ts";
import type { RunTests } from "../../../src/controller/gate/gate_faults.ts";
import {
  createProgramRegistry,
  type ProgramRegistry,
} from "../../../src/controller/feed/program_registry.ts";
import type { ProgramChange } from "../../../src/controller/feed/source_follower.ts";
import { type LogEntry, type Repository, RepositoryError } from "../../../src/runtime/ports.ts";
import { createManualClock, type ManualClock } from "../../../src/simulator/manual_clock.ts";
import { makeLocalFixture } from "../../adapters/git/local_fixture.ts";
import type { Changes } from "../../contract/repository_contract.ts";
import { functionTest, valueFunction, workflow } from "../definitions.ts";

const { signal } = new AbortController();
const INTERVAL_MS = 30_000;

interface Setting extends AsyncDisposable {
  readonly registry: ProgramRegistry;
  readonly clock: ManualClock;
  readonly changes: ProgramChange[];
  readonly logged: LogEntry[];
  /** Tests run so far, by name. */
  readonly tested: string[];
  /** Commits to "main" below `defs/`. */
  commit(files: Changes): Promise<string>;
  deleteBranch(name: string): Promise<void>;
  setBranch(name: string, commit: string): Promise<void>;
  /** From now on every fetch fails so. */
  fail(error: Error | undefined): void;
  /** From now on running tests fails so. */
  crashTests(error: Error | undefined): void;
  /** A registry that knows nothing of what this one saw. */
  restarted(): ProgramRegistry;
}

interface Options {
  readonly gate?: GateMode;
  readonly directory?: string;
  readonly maxFileBytes?: number;
  readonly maxCommitFiles?: number;
}

/** FunctionTests named `bad…` fail; the real runner is wired in by the composition root. */
function judge(tested: string[], crash: () => Error | undefined): RunTests {
  return (_program, tests) => {
    const error = crash();
    if (error !== undefined) return Promise.reject(error);
    tested.push(...tests.map(({ id }) => id.name));
    return Promise.resolve(tests.map(({ id }) => ({
      namespace: id.namespace,
      name: id.name,
      passed: !id.name.startsWith("bad"),
      reason: "expected 1, found 2",
      case: "gives its number",
    })));
  };
}

async function setUp(options: Options = {}): Promise<Setting> {
  const fixture = await makeLocalFixture();
  const clock = createManualClock();
  const changes: ProgramChange[] = [];
  const logged: LogEntry[] = [];
  const tested: string[] = [];
  let failure: Error | undefined;
  let crash: Error | undefined;
  const open = (): Repository => {
    const repository = fixture.open();
    return {
      ...repository,
      fetch: (to) => failure === undefined ? repository.fetch(to) : Promise.reject(failure),
      files: async (...asked) => {
        const found = await repository.files(...asked);
        if (found.files.length <= (options.maxCommitFiles ?? Infinity)) return found;
        throw new RepositoryError("limit-exceeded", "Cannot read the files: too many");
      },
      read: async (blob, to) => {
        const content = await repository.read(blob, to);
        if (content.length <= (options.maxFileBytes ?? Infinity)) return content;
        throw new RepositoryError("limit-exceeded", "Cannot read the content: too large");
      },
    };
  };
  const make = () =>
    createProgramRegistry({
      sources: [{
        name: "defs",
        repository: open(),
        location: "https://git.example.com/defs.git",
        directory: options.directory ?? "defs",
        intervalMs: INTERVAL_MS,
      }],
      channels: [{ name: "stable", source: "defs", branch: "main" }],
      gate: options.gate ?? "workflow",
      clock,
      logger: { log: (entry) => void logged.push(entry) },
      runTests: judge(tested, () => crash),
    });
  const registry = make();
  registry.subscribe((change) => changes.push(change));
  return {
    registry,
    clock,
    changes,
    logged,
    tested,
    commit: (files) =>
      fixture.commit("main", {
        files: Object.fromEntries(
          Object.entries(files).map(([name, text]) => [pathOf(name), text]),
        ),
      }),
    deleteBranch: fixture.deleteBranch,
    setBranch: fixture.setBranch,
    fail: (error) => {
      failure = error;
    },
    crashTests: (error) => {
      crash = error;
    },
    restarted: make,
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  };
}

/** Names stand for files below `defs/`, unless they begin with a slash. */
function pathOf(name: string): string {
  return name.startsWith("/") ? name.slice(1) : `defs/${name}.k.yaml`;
}

const TWO_FLOWS: Changes = {
  f: valueFunction("f", 1),
  g: valueFunction("g", 1),
  a: workflow("a", "f", "Alpha"),
  b: workflow("b", "g", "Beta"),
};

/** `name: revision`, the revision by its place in the list of commits. */
function inForce(registry: ProgramRegistry, commits: readonly string[]): readonly string[] {
  const workflows = registry.channel()?.workflows() ?? [];
  return workflows.map(({ name, inForce, heldBack }) => {
    const at = commits.findIndex((id) => inForce?.revision === `main@sha1:${id}`);
    return `${name}: ${inForce === undefined ? "-" : at}${heldBack === undefined ? "" : "!"}`;
  });
}

Deno.test("Registry puts the head of the branch in force, with paths from the root", async () => {
  await using setting = await setUp();
  const id = await setting.commit(TWO_FLOWS);
  await setting.registry.refresh({ signal });
  deepEqual(inForce(setting.registry, [id]), ["a: 0", "b: 0"]);
  deepEqual(setting.changes, [{
    channel: "stable",
    changedWorkflows: ["a", "b"],
    revision: `main@sha1:${id}`,
    presence: "new",
  }]);
  const channel = setting.registry.channel("stable");
  equal(setting.registry.channel("nightly"), undefined);
  const { program } = channel?.programOf("a") ?? {};
  equal(program?.winner("Workflow", "a")?.source.file, "defs/a.k.yaml");
  const kind = { apiGroup: "example.com", version: "v1", kind: "Beta" };
  deepEqual(channel?.workflowsFor(kind).map(({ name }) => name), ["b"]);
});

Deno.test("SD-20 a commit changes exactly the Workflows that use what it changed", async () => {
  await using setting = await setUp();
  const ids = [await setting.commit(TWO_FLOWS)];
  await setting.registry.refresh({ signal });
  ids.push(await setting.commit({ g: valueFunction("g", 2) }));
  await setting.registry.refresh({ signal });
  deepEqual(setting.changes.at(-1)?.changedWorkflows, ["b"]);
  deepEqual(inForce(setting.registry, ids), ["a: 1", "b: 1"]);
  ids.push(await setting.commit({ README: "# comments: only\n" }));
  await setting.registry.refresh({ signal });
  deepEqual(setting.changes.at(-1)?.changedWorkflows, []);
  deepEqual(inForce(setting.registry, ids), ["a: 2", "b: 2"]);
});

Deno.test("SD-20 a new commit is in force within one interval", async () => {
  await using setting = await setUp();
  await using running = await start(setting);
  const ids = [await setting.commit(TWO_FLOWS)];
  await running.poll();
  equal(setting.registry.status().channels[0]?.head, ids[0]);
  ids.push(await setting.commit({ f: valueFunction("f", 2) }));
  await running.poll();
  deepEqual(inForce(setting.registry, ids), ["a: 1", "b: 1"]);
});

Deno.test("Registry polls at once when it is woken", async () => {
  await using setting = await setUp();
  const id = await setting.commit(TWO_FLOWS);
  await using running = await start(setting);
  const second = await setting.commit({ f: valueFunction("f", 2) });
  const changed = Promise.withResolvers<void>();
  setting.registry.subscribe(() => changed.resolve());
  setting.registry.wake();
  await changed.promise;
  deepEqual(inForce(setting.registry, [id, second]), ["a: 1", "b: 1"]);
  await running.settled();
});

Deno.test("Registry holds back what fails, with place, test and case, and keeps the rest", async () => {
  await using setting = await setUp();
  const ids = [await setting.commit(TWO_FLOWS)];
  await setting.registry.refresh({ signal });
  ids.push(
    await setting.commit({
      f: valueFunction("f", 2),
      g: valueFunction("g", 2),
      "f.test": functionTest("bad-f", "f", 1),
    }),
  );
  await setting.registry.refresh({ signal });
  deepEqual(inForce(setting.registry, ids), ["a: 0!", "b: 1"]);
  deepEqual(setting.changes.at(-1)?.changedWorkflows, ["b"]);
  const [channel] = setting.registry.status().channels;
  deepEqual(channel?.workflows[0], {
    namespace: "default",
    name: "a",
    revision: `main@sha1:${ids[0]}`,
    heldBack: {
      revision: `main@sha1:${ids[1]}`,
      author: "Tess Ter",
      subject: "Change something",
      reason: "expected 1, found 2",
      file: "defs/f.test.k.yaml",
      line: 1,
      test: "bad-f",
      case: "gives its number",
    },
  });
});

Deno.test("Registry keeps a Workflow whose file can no longer be read", async () => {
  await using setting = await setUp();
  const ids = [await setting.commit(TWO_FLOWS)];
  await setting.registry.refresh({ signal });
  ids.push(await setting.commit({ a: "kind: [", g: valueFunction("g", 2) }));
  await setting.registry.refresh({ signal });
  deepEqual(inForce(setting.registry, ids), ["a: 0!", "b: 1"]);
  equal(setting.registry.channel()?.workflow("a")?.heldBack?.file, "defs/a.k.yaml");
});

Deno.test("Registry lets nothing fall to a lower namespace while the file above cannot be read", async () => {
  await using setting = await setUp();
  const lower = (text: string) => text.replace("metadata:\n", "metadata:\n  namespace: lower\n");
  const ids = [
    await setting.commit({
      ...TWO_FLOWS,
      "lower.f": lower(valueFunction("f", 7)),
      "lower.b": lower(workflow("b", "f", "Other")),
    }),
  ];
  await setting.registry.refresh({ signal });
  // A function that Workflow a reaches, and Workflow b itself; each has one of its name below.
  ids.push(await setting.commit({ f: "kind: [", b: "kind: [" }));
  for (const registry of [setting.registry, setting.restarted()]) {
    await registry.refresh({ signal });
    deepEqual(inForce(registry, ids), ["a: 0!", "b: 0!"]);
    const [a, b] = registry.channel()?.workflows() ?? [];
    match(a?.heldBack?.reason ?? "", /^ValueFunction "default\/f" is missing while a file cannot/);
    match(b?.heldBack?.reason ?? "", /^Workflow "default\/b" is missing while a file cannot/);
  }
  ids.push(await setting.commit({ f: valueFunction("f", 1), b: workflow("b", "g", "Beta") }));
  await setting.registry.refresh({ signal });
  deepEqual(inForce(setting.registry, ids), ["a: 2", "b: 2"]);
});

Deno.test("Registry keeps a Workflow whose file grew beyond the limit, and says so", async () => {
  await using setting = await setUp({ maxFileBytes: 2_000 });
  const ids = [await setting.commit(TWO_FLOWS)];
  await setting.registry.refresh({ signal });
  ids.push(await setting.commit({ a: `# ${"long ".repeat(1_000)}\n${TWO_FLOWS["a"]}` }));
  await setting.registry.refresh({ signal });
  deepEqual(inForce(setting.registry, ids), ["a: 0!", "b: 1"]);
  const [channel] = setting.registry.status().channels;
  equal(channel?.diagnostics.some(({ code }) => code === "document-too-large"), true);
});

Deno.test("Registry finds what was in force again after a restart, though the head is bad", async () => {
  await using setting = await setUp();
  const ids = [await setting.commit(TWO_FLOWS)];
  await setting.registry.refresh({ signal });
  for (
    const files of [
      { f: valueFunction("f", 2) },
      { f: valueFunction("f", "=("), g: valueFunction("g", 2) },
      { g: valueFunction("g", 3) },
    ]
  ) {
    ids.push(await setting.commit(files));
    await setting.registry.refresh({ signal });
  }
  await setting.registry.refresh({ signal });
  deepEqual(inForce(setting.registry, ids), ["a: 1!", "b: 3"]);
  const restarted = setting.restarted();
  await restarted.refresh({ signal });
  deepEqual(inForce(restarted, ids), ["a: 1!", "b: 3"]);
});

Deno.test("Registry finds a renamed Workflow again while its successor is held back", async () => {
  await using setting = await setUp();
  const ids = [await setting.commit({ f: valueFunction("f", 1), a: workflow("a", "f", "Alpha") })];
  ids.push(
    await setting.commit({
      a: null,
      bad: valueFunction("bad", "=("),
      b: workflow("b", "bad", "Alpha"),
    }),
  );
  await setting.registry.refresh({ signal });
  deepEqual(inForce(setting.registry, ids), ["a: 0!", "b: -!"]);
  const alpha = { apiVersion: "example.com/v1", kind: "Alpha", metadata: { name: "one" } };
  const chosen = (annotations = {}) => {
    const channel = setting.registry.channel() ?? createChannelState("stable");
    const trigger = { ...alpha, metadata: { ...alpha.metadata, annotations } };
    const found = chooseWorkflow(channel, trigger);
    return found.type === "chosen" ? found.workflow.id.name : found.reason;
  };
  deepEqual(chosen(), "a");
  deepEqual(chosen({ "koreo.dev/workflow": "b" }), "WorkflowNotReady");
  ids.push(await setting.commit({ bad: valueFunction("bad", 2) }));
  await setting.registry.refresh({ signal });
  deepEqual([inForce(setting.registry, ids), chosen()], [["b: 2"], "b"]);
});

Deno.test("Registry holds back what is tested by one of two tests that have one name", async () => {
  await using setting = await setUp();
  const tests = { "a-test": functionTest("good", "f", 1), "b-test": functionTest("good", "g", 1) };
  const ids = [await setting.commit({ ...TWO_FLOWS, ...tests })];
  await setting.registry.refresh({ signal });
  deepEqual(inForce(setting.registry, ids), ["a: 0", "b: -!"]);
  deepEqual(setting.registry.channel()?.workflow("b")?.heldBack, {
    revision: `main@sha1:${ids[0]}`,
    author: "Tess Ter",
    subject: "Change something",
    reason: 'Cannot run FunctionTest "good": namespace "default" has another one of this name',
    file: "defs/b-test.k.yaml",
    line: 1,
    test: "good",
  });
  ids.push(await setting.commit({ "b-test": functionTest("good-too", "g", 1) }));
  await setting.registry.refresh({ signal });
  deepEqual(inForce(setting.registry, ids), ["a: 1", "b: 1"]);
});

Deno.test("Registry takes a test that is there twice, word for word, for one", async () => {
  await using setting = await setUp();
  const test = functionTest("good", "f", 1);
  const ids = [
    await setting.commit({ ...TWO_FLOWS, "a-test": test, "b-test": `# copied\n${test}` }),
  ];
  await setting.registry.refresh({ signal });
  deepEqual(inForce(setting.registry, ids), ["a: 0", "b: 0"]);
});

Deno.test("Registry puts no commit in force as a whole that has a definition twice", async () => {
  await using setting = await setUp({ gate: "commit" });
  const ids = [await setting.commit(TWO_FLOWS)];
  ids.push(await setting.commit({ twice: valueFunction("f", 1) }));
  await setting.registry.refresh({ signal });
  deepEqual(inForce(setting.registry, ids), ["a: 0!", "b: 0!"]);
});

Deno.test("Registry finds a Workflow again whose new trigger kind waits for another one", async () => {
  await using setting = await setUp();
  const fine = { f: valueFunction("f", 1), o: workflow("o", "f", "Beta") };
  const commits: readonly Changes[] = [
    { ...fine, w: workflow("w", "f", "Alpha") },
    { w: workflow("x", "gone", "Alpha") },
    { w: workflow("w", "f", "Beta"), o: workflow("o", "gone", "Alpha") },
  ];
  const ids: string[] = [];
  for (const files of commits) {
    ids.push(await setting.commit(files));
    await setting.registry.refresh({ signal });
  }
  deepEqual(inForce(setting.registry, ids), ["o: 1!", "w: 0!"]);
  const restarted = setting.restarted();
  await restarted.refresh({ signal });
  deepEqual(inForce(restarted, ids), ["o: 1!", "w: 0!"]);
});

Deno.test("Registry looks no further back than a commit that has too much", async () => {
  await using setting = await setUp({ maxCommitFiles: 3 });
  const many = Object.fromEntries(["x", "y", "z"].map((name) => [name, valueFunction(name, 1)]));
  await setting.commit({ ...many, f: valueFunction("f", 1) });
  const ids = [await setting.commit({ x: null, y: null, z: null, a: workflow("a", "gone", "A") })];
  ids.push(await setting.commit({ b: workflow("b", "f", "B") }));
  await setting.registry.refresh({ signal });
  deepEqual(inForce(setting.registry, ids), ["a: -!", "b: 1"]);
});

Deno.test("Registry looks at commits before the directory existed and no further", async () => {
  await using setting = await setUp();
  const first = await setting.commit({ "/README.md": "nothing yet" });
  const second = await setting.commit({ f: valueFunction("f", "=("), a: workflow("a", "f", "A") });
  await setting.registry.refresh({ signal });
  deepEqual(inForce(setting.registry, [first, second]), ["a: -!"]);
});

Deno.test("Registry runs a test again only when it or what it reaches changed", async () => {
  await using setting = await setUp();
  const tests = {
    "f.test": functionTest("good-f", "f", 1),
    "g.test": functionTest("good-g", "g", 1),
  };
  await setting.commit({ ...TWO_FLOWS, ...tests });
  await setting.registry.refresh({ signal });
  deepEqual(setting.tested.splice(0).sort(), ["good-f", "good-g"]);
  await setting.commit({ g: valueFunction("g", 2) });
  await setting.registry.refresh({ signal });
  deepEqual(setting.tested.splice(0), ["good-g"]);
  await setting.commit({ "f.test": functionTest("bad-f", "f", 2) });
  await setting.registry.refresh({ signal });
  await setting.commit({ g: valueFunction("g", 3) });
  await setting.registry.refresh({ signal });
  deepEqual(setting.tested.splice(0), ["bad-f", "bad-f", "good-g"]);
});

Deno.test("Registry with gate off runs no tests", async () => {
  await using setting = await setUp({ gate: "off" });
  const ids = [await setting.commit({ ...TWO_FLOWS, t: functionTest("bad-f", "f", 2) })];
  ids.push(await setting.commit({ f: valueFunction("f", "=(") }));
  await setting.registry.refresh({ signal });
  deepEqual(inForce(setting.registry, ids), ["a: 1", "b: 1"]);
  deepEqual(setting.tested, []);
});

Deno.test("Registry keeps what is in force when the branch is deleted, and names the others", async () => {
  await using setting = await setUp();
  const id = await setting.commit(TWO_FLOWS);
  await setting.registry.refresh({ signal });
  await setting.setBranch("other", id);
  await setting.deleteBranch("main");
  await rejects(
    setting.registry.refresh({ signal }),
    /Cannot follow "main" of "https:.*": there is no branch.*its branches are "other"/,
  );
  deepEqual(inForce(setting.registry, [id]), ["a: 0", "b: 0"]);
  await setting.setBranch("main", id);
  await setting.registry.refresh({ signal });
  equal(setting.registry.status().lastError, undefined);
});

Deno.test("Registry follows a branch that was rewritten", async () => {
  await using setting = await setUp();
  const first = await setting.commit(TWO_FLOWS);
  const second = await setting.commit({ f: valueFunction("f", 2) });
  await setting.registry.refresh({ signal });
  await setting.setBranch("main", first);
  const third = await setting.commit({ f: valueFunction("f", 3) });
  await setting.registry.refresh({ signal });
  deepEqual(inForce(setting.registry, [first, second, third]), ["a: 2", "b: 2"]);
});

Deno.test("Registry rejects a directory that is missing and keeps what is in force", async () => {
  await using setting = await setUp({ directory: "nowhere" });
  await setting.commit(TWO_FLOWS);
  await rejects(setting.registry.refresh({ signal }), { code: "no-such-directory" });
  deepEqual(setting.registry.channel()?.workflows(), []);
  equal(setting.registry.status().lastError?.code, "no-such-directory");
});

Deno.test("Registry knows the branches of a source once it was fetched, and says why not before", async () => {
  await using setting = await setUp();
  await setting.commit(TWO_FLOWS);
  const { registry } = setting;
  deepEqual(registry.unread, [{ source: "defs" }]);
  setting.fail(new RepositoryError("unreachable", "Cannot fetch it: no route"));
  await rejects(registry.refresh({ signal }));
  deepEqual(registry.unread, [{ source: "defs", reason: "Cannot fetch it: no route" }]);
  setting.fail(undefined);
  await registry.refresh({ signal });
  deepEqual(registry.unread, []);
  setting.fail(new RepositoryError("unreachable", "Cannot fetch it: no route"));
  await rejects(registry.refresh({ signal }));
  deepEqual(registry.unread, []);
});

Deno.test("Registry says what is wrong and when it tries again, and backs off", async () => {
  await using setting = await setUp();
  const id = await setting.commit(TWO_FLOWS);
  await using running = await start(setting);
  setting.fail(new RepositoryError("unreachable", "Cannot fetch it: no route"));
  const waits: number[] = [];
  for (let attempt = 0; attempt < 6; attempt++) {
    await running.poll();
    const { retryAt = 0 } = setting.registry.status().lastError ?? {};
    waits.push((retryAt - setting.clock.now()) / 1000);
  }
  deepEqual(waits, [30, 60, 120, 240, 300, 300]);
  deepEqual(inForce(setting.registry, [id]), ["a: 0", "b: 0"]);
  equal(
    setting.logged.find(({ level }) => level === "warn")?.message,
    "Cannot fetch it: no route; what is in force stays, tries again in 30 s",
  );
  setting.fail(undefined);
  await running.poll();
  equal(setting.registry.status().lastError, undefined);
  equal(
    setting.logged.at(-1)?.message,
    "Follows the repository again after 6 failed attempts",
  );
});

Deno.test("Registry survives tests that cannot be run, and tries again", async () => {
  await using setting = await setUp();
  const ids = [await setting.commit(TWO_FLOWS)];
  await setting.registry.refresh({ signal });
  ids.push(await setting.commit({ t: functionTest("good-f", "f", 1) }));
  setting.crashTests(new RangeError("the runner is gone"));
  await rejects(setting.registry.refresh({ signal }), RangeError);
  deepEqual(inForce(setting.registry, ids), ["a: 0", "b: 0"]);
  equal(setting.registry.status().lastError?.failures, 1);
  setting.crashTests(undefined);
  await setting.registry.refresh({ signal });
  deepEqual(inForce(setting.registry, ids), ["a: 1", "b: 1"]);
});

Deno.test("Registry ends with the reason of the abort, whether it sleeps or works", async () => {
  await using setting = await setUp();
  await setting.commit(TWO_FLOWS);
  const stop = new AbortController();
  const asleep = setting.registry.run({ signal: stop.signal });
  while (setting.clock.sleeping === 0) await new Promise((resolve) => setTimeout(resolve));
  stop.abort(new RangeError("enough"));
  await rejects(asleep, { message: "enough" });
  await rejects(setting.registry.run({ signal: stop.signal }), { message: "enough" });
  equal(setting.registry.status().lastError, undefined);
});

/** A registry that runs until the end of the test. */
interface Running extends AsyncDisposable {
  /** Waits until it sleeps. */
  settled(): Promise<void>;
  /** Lets the next poll come, and waits until it is over. */
  poll(): Promise<void>;
}

async function start({ registry, clock }: Setting): Promise<Running> {
  const stop = new AbortController();
  const run = registry.run({ signal: stop.signal }).catch(() => {});
  const settled = async (): Promise<void> => {
    // The repository is on a disk: its answers come from the event loop, not from the clock.
    while (clock.sleeping === 0) await new Promise((resolve) => setTimeout(resolve));
  };
  await settled();
  return {
    settled,
    poll: async () => {
      await clock.advanceToNext();
      await settled();
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await run;
    },
  };
}
