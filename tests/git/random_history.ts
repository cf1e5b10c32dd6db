// SPDX-License-Identifier: Apache-2.0

/**
 * A repository whose owner does whatever owners do, on a server that fails whatever way servers
 * fail, beside what git itself says of it: for `random_history.suite.ts`, and by hand for thousands
 * of steps: `deno run -A tests/git/random_history.ts SEED STEPS`.
 *
 * @module
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { type Repository, RepositoryError } from "../../src/runtime/ports.ts";
import type { Fault } from "./http_backend.ts";
import { packOfAll, withDuplicates } from "./odd_packs.ts";
import { makeServedFixture, type ServedFixture } from "./served_fixture.ts";

/** What one run came to. */
export interface HistoryOutcome {
  readonly steps: number;
  /** Fetches that brought something, that were refused, and that left objects out. */
  readonly fetched: number;
  readonly refused: number;
  readonly incomplete: number;
  /** Objects that were read and compared. */
  readonly objects: number;
}

/** What git says of the repository: all that a reader can ask for. */
interface Expected {
  readonly branches: ReadonlyMap<string, string>;
  readonly tags: ReadonlyMap<string, string>;
  readonly commits: readonly string[];
}

interface Run {
  readonly fixture: ServedFixture;
  readonly repository: Repository;
  readonly random: (below: number) => number;
  /** Files of a commit, each as `path id`; commits that are gone from the server stay here. */
  readonly files: Map<string, readonly string[]>;
  good: Expected;
  objects: number;
  number: number;
}

const { signal } = new AbortController();
const PACKS = 6;

/** Does so many random steps; throws where the reader differs from git. */
export async function runRandomHistory(seed: number, steps: number): Promise<HistoryOutcome> {
  await using fixture = await makeServedFixture({ maxPacks: PACKS, idleMs: 5_000 });
  const none = { branches: new Map(), tags: new Map(), commits: [] };
  const run: Run = {
    fixture,
    repository: fixture.open(),
    random: randomOf(seed),
    files: new Map(),
    good: none,
    objects: 0,
    number: 0,
  };
  await commit(run, "main", []);
  const counts = { fetched: 0, refused: 0, incomplete: 0 };
  await fetchWell(run);
  for (let step = 0; step < steps; step++) {
    try {
      for (let change = run.random(4); change >= 0; change--) await changeServer(run);
      counts[await fetchSomehow(run)]++;
    } catch (error) {
      throw new RangeError(`seed ${seed}, step ${step}`, { cause: error });
    }
  }
  await fetchWell(run);
  run.repository.close();
  return { steps, ...counts, objects: run.objects };
}

/** Numbers that look random, the same for the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const DIRECTORIES = ["", "koreo/", "koreo/deep/", "koreo/deep/er/", "other/"];

async function commit(run: Run, branch: string, parents: readonly string[]): Promise<string> {
  const files: Record<string, string | null> = {};
  for (let count = run.random(4) + 1; count > 0; count--) {
    const path = `${DIRECTORIES[run.random(5)]}file-${run.random(12)}.yaml`;
    files[path] = run.random(6) === 0 ? null : textOf(run);
  }
  const at = 1_600_000_000 + run.random(1_000);
  return await run.fixture.commit(branch, {
    files,
    at,
    message: `Step ${run.number++}`,
    ...(parents.length === 0 ? {} : { parents }),
  });
}

/** Texts that resemble each other, so that git makes deltas of them. */
function textOf({ random }: Run): string {
  const lines = Array.from(
    { length: [0, 1, 40, 400][random(4)] ?? 0 },
    (_none, at) => `line ${at}`,
  );
  if (lines.length > 0) lines[random(lines.length)] = `changed ${random(1_000_000)}`;
  return lines.join("\n");
}

function one<T>({ random }: Run, values: readonly T[]): T | undefined {
  return values[random(values.length)];
}

async function refsOf({ fixture }: Run, prefix: string): Promise<ReadonlyMap<string, string>> {
  const format = "--format=%(refname) %(objecttype) %(objectname) %(*objecttype) %(*objectname)";
  const text = await fixture.git("for-each-ref", format, prefix);
  return new Map(
    text.split("\n").filter((line) => line !== "").flatMap((line) => {
      const [name = "", type, id = "", , peeled] = line.split(" ");
      const target = type === "commit" ? id : peeled ?? "";
      return [[name.slice(prefix.length), target]];
    }),
  );
}

type Change = (run: Run) => Promise<unknown>;

const CHANGES: readonly Change[] = [
  async (run) => await commit(run, one(run, await branchNames(run)) ?? "main", []),
  async (run) => await commit(run, one(run, await branchNames(run)) ?? "main", []),
  async (run) => {
    const names = await branchNames(run);
    const name = one(run, ["beta", "preview/a", "preview/b", "preview/c", "x"]) ?? "beta";
    if (names.includes(name)) await commit(run, name, [await someCommit(run)]);
    else await run.fixture.setBranch(name, await someCommit(run));
  },
  async (run) => {
    const name = one(run, (await branchNames(run)).filter((branch) => branch !== "main"));
    if (name !== undefined) await run.fixture.deleteBranch(name);
  },
  async (run) =>
    await run.fixture.setBranch(one(run, await branchNames(run)) ?? "main", await someCommit(run)),
  async (run) => {
    const count = run.random(3) + 2;
    const parents = await Promise.all(Array.from({ length: count }, () => someCommit(run)));
    await commit(run, one(run, await branchNames(run)) ?? "main", [...new Set(parents)]);
  },
  async (run) => {
    const annotated = run.random(2) === 0;
    await run.fixture.tag(`v${run.random(3)}`, await someCommit(run), { annotated });
  },
  async (run) => {
    const [name] = [...(await refsOf(run, "refs/tags/")).keys()];
    if (name !== undefined) await run.fixture.git("tag", "-d", name);
  },
  async ({ fixture }) => {
    await fixture.git("reflog", "expire", "--expire=now", "--all");
    await fixture.git("gc", "-q", "--prune=now");
  },
  async (run) => {
    const form = run.random(2) === 0 ? "true" : "false";
    const sizes = [`--depth=${1 + run.random(50)}`, `--window=${1 + run.random(30)}`];
    const offsets = `repack.usedeltabaseoffset=${form}`;
    await run.fixture.git("-c", offsets, "repack", "-adfq", ...sizes);
  },
];

async function changeServer(run: Run): Promise<void> {
  await one(run, CHANGES)?.(run);
}

async function branchNames({ fixture }: Run): Promise<readonly string[]> {
  const text = await fixture.git("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads/");
  return text.split("\n");
}

/** One of all that are reachable. */
async function someCommit(run: Run): Promise<string> {
  const text = await run.fixture.git("rev-list", "--all", "--max-count=40");
  return one(run, text.split("\n")) ?? "";
}

async function expectedOf(run: Run): Promise<Expected> {
  const branches = await refsOf(run, "refs/heads/");
  const tags = await refsOf(run, "refs/tags/");
  const commits = (await run.fixture.git("rev-list", "--branches", "--tags")).split("\n");
  for (const id of commits) {
    if (run.files.has(id)) continue;
    const text = await run.fixture.git("ls-tree", "-r", "--format=%(path) %(objectname)", id);
    run.files.set(id, text.split("\n").filter((line) => line !== "").sort());
  }
  return { branches, tags, commits };
}

/** Where histories meet is remembered from push to push: it must stay what git finds. */
async function compareMergeBases(run: Run): Promise<void> {
  const heads = [...run.good.branches.values()];
  for (let pair = 0; pair < 4; pair++) {
    const [left = "", right = ""] = [one(run, heads), one(run, heads)];
    const found = await run.repository.mergeBases(left, right, { signal });
    const text = await run.fixture.git("merge-base", "--all", left, right).catch(() => "");
    deepEqual([...found].sort(), text.split("\n").filter((id) => id !== "").sort());
  }
}

async function fetchWell(run: Run): Promise<void> {
  run.fixture.server.setFault(undefined);
  await run.repository.fetch({ signal });
  run.good = await expectedOf(run);
  await compare(run);
  await compareMergeBases(run);
}

type FetchResult = "fetched" | "refused" | "incomplete";

/** Fetches from a server that may fail, from one that speaks otherwise, or only for a while. */
async function fetchSomehow(run: Run): Promise<FetchResult> {
  const { fixture, random } = run;
  const way = random(10);
  if (way < 3) return await fetchAndCompare(run, undefined);
  if (way < 5) return await fetchAndCompare(run, brokenAt(run));
  if (way < 6) return await fetchAndCompare(run, otherwise(run));
  if (way < 7) return await fetchAborted(run);
  if (way < 8) return await fetchAndCompare(run, { type: "pack", pack: await packOfAll(fixture) });
  if (way < 9) {
    const pack = await withDuplicates(fixture, await packOfAll(fixture));
    return await fetchAndCompare(run, { type: "pack", pack });
  }
  return await fetchIncomplete(run);
}

function brokenAt({ random }: Run): Fault {
  const type = (["corrupt", "cut", "short"] as const)[random(3)] ?? "cut";
  return { type, atByte: random(2_000) };
}

/** Servers need not do what they are asked for, and may send what is there. */
function otherwise({ random }: Run): Fault {
  const all = [
    (text: string) => text.replace(" thin-pack", "          "),
    (text: string) => text.replace(" ofs-delta", "          "),
    (text: string) => text.replaceAll(/0032have [0-9a-f]{40}\n/g, ""),
    (text: string) => text.replace(/0032have [0-9a-f]{40}\n/, ""),
  ];
  return { type: "asked", rewrite: all[random(all.length)] ?? ((text) => text) };
}

async function fetchAndCompare(run: Run, fault: Fault | undefined): Promise<FetchResult> {
  run.fixture.server.setFault(fault, "pack");
  const reading = run.random(2) === 0 ? readMeanwhile(run) : Promise.resolve();
  const isRefused = await run.repository.fetch({ signal }).then(() => false, refused);
  await reading;
  run.fixture.server.setFault(undefined);
  if (!isRefused) run.good = await expectedOf(run);
  await compare(run);
  if (!isRefused) await compareMergeBases(run);
  return isRefused ? "refused" : "fetched";
}

function refused(error: unknown): true {
  ok(error instanceof RepositoryError, String(error));
  return true;
}

async function fetchAborted(run: Run): Promise<FetchResult> {
  const stop = new AbortController();
  const fetching = run.repository.fetch({ signal: stop.signal });
  const late = setTimeout(() => stop.abort(new RangeError("stopped")), run.random(60));
  const isStopped = await fetching.then(() => false, (error) => {
    equal(error.message, "stopped");
    return true;
  });
  clearTimeout(late);
  if (!isStopped) run.good = await expectedOf(run);
  await compare(run);
  return isStopped ? "refused" : "fetched";
}

/** A server that forgets an object: what is missing may be noticed late, but not forever. */
async function fetchIncomplete(run: Run): Promise<FetchResult> {
  const { fixture, random } = run;
  const pack = await packOfAll(fixture, (ids) => ids.toSpliced(random(ids.length), 1));
  fixture.server.setFault({ type: "pack", pack }, "pack");
  const isRefused = await run.repository.fetch({ signal }).then(() => false, refused);
  fixture.server.setFault(undefined);
  if (isRefused) {
    await compare(run);
    return "refused";
  }
  run.good = await expectedOf(run);
  await walkHistories(run).catch(refused);
  await compare(run).catch(refused);
  await fetchWell(run);
  return "incomplete";
}

/** Walks down to where every history began. */
async function walkHistories({ repository, good }: Run): Promise<void> {
  const roots = good.commits.slice(-1);
  for (const head of new Set([...good.branches.values(), ...good.tags.values()])) {
    for (const root of roots) await repository.mergeBases(head, root, { signal });
  }
}

/** The state that is being replaced stays whole for whoever reads it. */
async function readMeanwhile(run: Run): Promise<void> {
  const { branches } = run.good;
  for (const id of branches.values()) {
    try {
      await compareFiles(run, id);
    } catch (error) {
      // Another clone does not have what no branch reaches any more.
      const now = await run.repository.branches({ signal });
      if ([...now.values()].includes(id)) throw error;
    }
  }
}

/** Compares what is read with what git says: all that is named, and some of all the rest. */
async function compare(run: Run): Promise<void> {
  const { repository, good } = run;
  deepEqual(sorted(await repository.branches({ signal })), sorted(good.branches));
  for (const [name, id] of good.tags) {
    equal(await repository.resolve(`refs/tags/${name}`, { signal }), id);
  }
  for (const id of good.commits) equal((await repository.commit(id, { signal })).id, id);
  for (const id of good.commits) await compareFiles(run, id);
}

function sorted(refs: ReadonlyMap<string, string>): readonly string[] {
  return [...refs].map(([name, id]) => `${name} ${id}`).sort();
}

async function compareFiles(run: Run, commit: string): Promise<void> {
  const { files } = await run.repository.files(commit, "", { signal });
  const found = files.map(({ path, blob }) => `${path} ${blob}`).sort();
  deepEqual(found, run.files.get(commit), `files of ${commit}`);
  for (const { blob } of files) {
    const bytes = await run.repository.read(blob, { signal });
    run.objects++;
    const id = createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
    equal(id, blob);
  }
}

if (import.meta.main) {
  const [seed = 1, steps = 100] = Deno.args.map(Number);
  // deno-lint-ignore no-console
  console.log(JSON.stringify({ seed, ...await runRandomHistory(seed, steps) }));
}
