// SPDX-License-Identifier: Apache-2.0

/**
 * A repository whose owner does whatever owners do, on a server that fails whatever way servers
 * fail, beside what git itself says of it: for `random_history.suite.ts`, and by hand for thousands
 * of steps: `deno run -A tests/git/random_history.ts SEED STEPS`.
 *
 * @module
 */

import { equal, ok } from "node:assert/strict";
import { RepositoryError } from "../../src/runtime/ports.ts";
import {
  compare,
  compareFiles,
  compareMergeBases,
  expectedOf,
  type Run,
  walkHistories,
} from "./compare_with_git.ts";
import type { Fault } from "./http_backend.ts";
import { packOfAll, withDuplicates } from "./odd_packs.ts";
import { changeServer, commit } from "./random_changes.ts";
import { makeServedFixture } from "./served_fixture.ts";

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

const { signal } = new AbortController();
const PACKS = 6;

/** Does so many random steps; throws where the reader differs from git. */
export async function runRandomHistory(seed: number, steps: number): Promise<HistoryOutcome> {
  await using fixture = await makeServedFixture({ maxPacks: PACKS, idleMs: 5_000 });
  const none = { branches: new Map(), tags: new Map(), commits: [], roots: [] };
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

if (import.meta.main) {
  const [seed = 1, steps = 100] = Deno.args.map(Number);
  // deno-lint-ignore no-console
  console.log(JSON.stringify({ seed, ...await runRandomHistory(seed, steps) }));
}
