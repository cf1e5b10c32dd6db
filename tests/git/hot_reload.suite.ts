// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import type { SourceSettings } from "../../src/adapters/git/mod.ts";
import { systemClock, systemRandom, systemYield } from "../../src/adapters/system.ts";
import { configurationOfFlags } from "../../src/cli/configuration.ts";
import { createWorkerFeed, type WorkerFeedPorts } from "../../src/cli/worker_feed.ts";
import {
  createReleaseRegistry,
  type ProgramChange,
  type ReleaseRegistry,
} from "../../src/controller/mod.ts";
import type { LogEntry } from "../../src/runtime/ports.ts";
import { functionTest, valueFunction, workflow } from "../controller/definitions.ts";
import { until } from "../until.ts";
import { BRIEF_MS } from "./fetch_in_time.ts";
import type { Fault } from "./http_backend.ts";
import { makeServedFixture, type ServedFixture } from "./served_fixture.ts";

const INTERVAL_MS = 50;

/** What is in force of a real server, followed in a Worker by the real clock, with the real tests. */
interface Live extends AsyncDisposable {
  readonly fixture: ServedFixture;
  readonly registry: ReleaseRegistry;
  readonly logged: readonly LogEntry[];
  commit(files: Readonly<Record<string, string | null>>): Promise<string>;
  /** Waits for the next change. */
  change(): Promise<ProgramChange>;
  /** Waits until something is logged that matches. */
  logs(pattern: RegExp): Promise<void>;
}

async function goLive(
  { channels = [], git = {}, ...limits }:
    & Omit<WorkerFeedPorts, "logger">
    & {
      readonly channels?: readonly (readonly [string, string])[];
      readonly git?: SourceSettings;
    } = {},
): Promise<Live> {
  const fixture = await makeServedFixture();
  const stop = new AbortController();
  const logged: LogEntry[] = [];
  const waiting = new Set<() => void>();
  const changes: ProgramChange[] = [];
  const logger = {
    log(entry: LogEntry): void {
      logged.push(entry);
      for (const wake of waiting) wake();
    },
  };
  const configuration = configurationOfFlags({
    repo: fixture.url,
    path: "koreo",
    branch: "main",
    namespace: "default",
    intervalMs: INTERVAL_MS,
    gate: "workflow",
    channels,
  });
  const feed = createWorkerFeed({ configuration, git }, { logger, ...limits });
  const registry = createReleaseRegistry({
    feed,
    channels: configuration.channels,
    clock: systemClock,
    random: systemRandom,
    yieldNow: systemYield,
    logger,
  });
  registry.subscribe((change) => {
    changes.push(change);
    for (const wake of waiting) wake();
  });
  const next = async <T>(found: () => T | undefined): Promise<T> => {
    for (;;) {
      const value = found();
      if (value !== undefined) return value;
      const woken = Promise.withResolvers<void>();
      waiting.add(woken.resolve);
      await woken.promise;
      waiting.delete(woken.resolve);
    }
  };
  const running = registry.run({ signal: stop.signal }).catch(() => {});
  return {
    fixture,
    registry,
    logged,
    commit: (files) => fixture.commit("main", { files }),
    change: () => next(() => changes.shift()),
    logs: async (pattern) => {
      const from = logged.length;
      await next(() => logged.slice(from).find(({ message }) => pattern.test(message)));
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await fixture[Symbol.asyncDispose]();
    },
  };
}

const FIRST = {
  "koreo/f.k.yaml": valueFunction("f", 1),
  "koreo/f.test.k.yaml": functionTest("f", "f", 1),
  "koreo/g.k.yaml": valueFunction("g", 1),
  "koreo/a.k.yaml": workflow("a", "f", "Alpha"),
  "koreo/b.k.yaml": workflow("b", "g", "Beta"),
};

function revisions({ registry }: Live): Readonly<Record<string, string | undefined>> {
  const workflows = registry.channel()?.workflows() ?? [];
  return Object.fromEntries(
    workflows.map(({ name, inForce }) => [name, inForce?.revision.replace("main@sha1:", "")]),
  );
}

Deno.test("SD-20 a pushed commit is in force with the next look, and names what changed", async () => {
  await using live = await goLive();
  await live.commit(FIRST);
  deepEqual((await live.change()).changedWorkflows, ["a", "b"]);
  const { server } = live.fixture;
  for (let value = 2; value < 12; value++) {
    const id = await live.commit({ "koreo/g.k.yaml": valueFunction("g", value) });
    server.forgetRequests();
    deepEqual((await live.change()).changedWorkflows, ["b"]);
    deepEqual(revisions(live), { a: id, b: id });
    const places = server.requests.map(({ place }) => place);
    const looks = places.slice(0, places.indexOf("pack")).filter((one) => one === "advertisement");
    equal(looks.length <= 1, true, `the first look after the push takes it: ${places}`);
  }
});

Deno.test("A commit that fails its own test is held back while others move", async () => {
  await using live = await goLive();
  const good = await live.commit(FIRST);
  await live.change();
  const held = live.logs(/^Holds Workflow "a" back/);
  const bad = await live.commit({
    "koreo/f.k.yaml": valueFunction("f", 2),
    "koreo/g.k.yaml": valueFunction("g", 2),
  });
  await held;
  deepEqual((await live.change()).changedWorkflows, ["b"]);
  deepEqual(revisions(live), { a: good, b: bad });
  const refused = live.registry.channel()?.workflow("a")?.heldBack;
  equal(refused?.test, "f");
  equal(refused?.case, "gives its number");
  equal(refused?.file, "koreo/f.test.k.yaml");
  match(refused?.reason ?? "", /value/);
  const mended = await live.commit({ "koreo/f.test.k.yaml": functionTest("f", "f", 2) });
  await live.change();
  deepEqual(revisions(live), { a: mended, b: mended });
});

const FAULTS: readonly { readonly name: string; readonly fault: Fault }[] = [
  { name: "hangs", fault: { type: "hang" } },
  { name: "cuts the pack", fault: { type: "cut", atByte: 80 } },
  { name: "corrupts the pack", fault: { type: "corrupt", atByte: 120 } },
  { name: "ends the pack too soon", fault: { type: "short", atByte: 80 } },
  { name: "answers 500", fault: { type: "status", status: 500 } },
];

for (const { name, fault } of FAULTS) {
  Deno.test(`What is in force stays while the server ${name}, and follows when it is mended`, async () => {
    // A silence that is waited for costs its whole length.
    const git = fault.type === "hang" ? { idleMs: BRIEF_MS } : {};
    await using live = await goLive({ git });
    const first = await live.commit(FIRST);
    await live.change();
    live.fixture.server.setFault(fault, fault.type === "status" ? "any" : "pack");
    const told = live.logs(/^Cannot fetch repository .*; what is in force stays, tries again in/);
    const second = await live.commit({ "koreo/g.k.yaml": valueFunction("g", 2) });
    await told;
    deepEqual(revisions(live), { a: first, b: first });
    const recovered = live.logs(/^Follows the repository again after/);
    live.fixture.server.setFault(undefined);
    deepEqual((await live.change()).changedWorkflows, ["b"]);
    deepEqual(revisions(live), { a: second, b: second });
    await recovered;
    // The report comes after the line of the log.
    await until("the report has come", () => live.registry.status().lastError === undefined);
  });
}

Deno.test("A rewritten branch is followed", async () => {
  await using live = await goLive();
  const first = await live.commit(FIRST);
  await live.change();
  await live.commit({ "koreo/g.k.yaml": valueFunction("g", 2) });
  await live.change();
  await live.fixture.setBranch("rewritten", first);
  const other = await live.fixture.commit("rewritten", {
    files: { "koreo/g.k.yaml": valueFunction("g", 3) },
  });
  await live.fixture.setBranch("main", other);
  await live.change();
  deepEqual(revisions(live), { a: other, b: other });
});

Deno.test("A deleted branch leaves everything in force and is followed when it is back", async () => {
  await using live = await goLive();
  const first = await live.commit(FIRST);
  await live.change();
  const told = live.logs(/^Cannot follow "main" of .*there is no branch, tag or commit/);
  await live.fixture.deleteBranch("main");
  await told;
  deepEqual(revisions(live), { a: first, b: first });
  await live.fixture.setBranch("main", first);
  const second = await live.commit({ "koreo/g.k.yaml": valueFunction("g", 2) });
  await live.change();
  deepEqual(revisions(live), { a: second, b: second });
});

Deno.test("An empty repository, and one without the directory, are waited for", async () => {
  await using live = await goLive();
  await live.logs(/the repository has no branches/);
  const told = live.logs(/there is no directory "koreo"/);
  await live.commit({ "README.md": "soon" });
  await told;
  const id = await live.commit(FIRST);
  await live.change();
  deepEqual(revisions(live), { a: id, b: id });
});

Deno.test("A commit that takes all memory of the Worker leaves what is in force, and is survived", async () => {
  await using live = await goLive({ maxHeapMebibytes: 96 });
  const first = await live.commit(FIRST);
  await live.change();
  const told = live.logs(
    /needs more memory than it may have \(it began to read "main@.+ last\); what is in force stays/,
  );
  await live.commit({ "koreo/huge.k.yaml": hugeDocuments() });
  await told;
  deepEqual(revisions(live), { a: first, b: first });
  const mended = await live.commit({
    "koreo/huge.k.yaml": null,
    "koreo/g.k.yaml": valueFunction("g", 2),
  });
  deepEqual((await live.change()).changedWorkflows, ["b"]);
  deepEqual(revisions(live), { a: mended, b: mended });
});

Deno.test("A channel that takes all memory of the Worker keeps no other one back", async () => {
  await using live = await goLive({
    maxHeapMebibytes: 96,
    channels: [["huge", "huge"], ["later", "later"]],
  });
  const first = await live.commit(FIRST);
  await live.fixture.setBranch("huge", first);
  await live.fixture.setBranch("later", first);
  const isLoaded = (name: string) => live.registry.channel(name)?.isLoaded;
  while (!isLoaded("later") || !isLoaded("huge")) await live.change();
  await live.fixture.commit("huge", { files: { "koreo/huge.k.yaml": hugeDocuments() } });
  const own = { "koreo/g.k.yaml": valueFunction("g", 2) };
  const later = await live.fixture.commit("later", { files: own });
  let change = await live.change();
  while (change.channel !== "later") change = await live.change();
  equal(change.revision, `later@sha1:${later}+main@sha1:${first}`);
});

/** Within all limits of a file and of each document, and yet more than fits. */
function hugeDocuments(): string {
  const list = Array.from({ length: 20_000 }, (_, at) => `- {name: n${at}, value: [${at}, a, b]}`);
  const document = `apiVersion: koreo.dev/v1beta1
kind: ResourceTemplate
metadata: {name: huge}
spec:
  template:
    items:
${list.map((line) => `    ${line}`).join("\n")}
`;
  return Array.from({ length: 12 }, (_, at) => document.replace("huge", `huge-${at}`)).join(
    "---\n",
  );
}
