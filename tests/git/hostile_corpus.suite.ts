// SPDX-License-Identifier: Apache-2.0

/**
 * What a hostile repository or server can send, one case each, read by both backends in a process
 * of its own: what was there before stays readable, the error names the cause, the next good fetch
 * mends everything, and all the while the process stays within its memory.
 *
 * Servers that hang, cut, corrupt or redirect: `faults.suite.ts`, `command_line_faults.suite.ts`.
 * Odd names in trees: `hostile_trees.suite.ts`. Deleted branches, moved tags, `x/y` replaced by `x`
 * and rewritten history: the contract of the port. What the controller makes of them:
 * `hostile_reconcile.suite.ts`.
 *
 * @module
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { SourceSettings } from "../../src/adapters/git/mod.ts";
import type { RepositoryErrorCode } from "../../src/runtime/ports.ts";
import {
  blobBomb,
  deltaBomb,
  type HostilePack,
  literalBomb,
  longMessage,
  versionBomb,
} from "./hostile_packs.ts";
import type { ReaderAnswer } from "./hostile_reader.ts";
import type { Fault, FaultPlace } from "./http_backend.ts";
import { startReader } from "./reader_process.ts";
import { makeServedFixture, type ServedFixture } from "./served_fixture.ts";

/** The memory that the container of `deploy/` may have, for the process and its git together. */
const MAX_MIB = 512;
const MIB = 1024 * 1024;

type Outcome =
  /** The fetch fails, and everything is as it was. */
  | { readonly type: "refused"; readonly code: RepositoryErrorCode; readonly why: RegExp }
  /** The fetch brings a commit that cannot be read. */
  | { readonly type: "unreadable"; readonly code: RepositoryErrorCode; readonly why: RegExp }
  /** What is not hostile is read, and the rest is told. */
  | { readonly type: "read"; readonly files: number; readonly skipped: RegExp };

interface HostileCase {
  readonly name: string;
  /** Makes `main` hostile; gives what the server is to answer, if it is to lie. */
  readonly prepare: (fixture: ServedFixture) => Promise<unknown>;
  readonly settings?: SourceSettings;
  readonly isomorphic: Outcome;
  readonly git: Outcome;
}

interface Hostility {
  readonly fault: Fault;
  readonly place: FaultPlace;
}

function isHostility(made: unknown): made is Hostility {
  return typeof made === "object" && made !== null && "fault" in made;
}

function refused(why: RegExp, code: RepositoryErrorCode = "limit-exceeded"): Outcome {
  return { type: "refused", code, why };
}

function unreadable(why: RegExp): Outcome {
  return { type: "unreadable", code: "limit-exceeded", why };
}

const CASES: readonly HostileCase[] = [
  {
    name: "a blob of 300 MiB in 300 KiB",
    prepare: (fixture) => send(fixture, blobBomb(300 * MIB)),
    isomorphic: refused(
      /an object of 314572800 bytes, more than 67108864 \(maxObjectBytes\); the git/,
    ),
    git: { type: "read", files: 0, skipped: /has 314572800 bytes, more than 16777216 \(maxFileB/ },
  },
  {
    name: "a blob just within the limit of an object, beyond that of a file",
    prepare: (fixture) => send(fixture, blobBomb(60 * MIB)),
    isomorphic: { type: "read", files: 0, skipped: /62914560 bytes, more than 16777216 \(maxFile/ },
    git: { type: "read", files: 0, skipped: /62914560 bytes, more than 16777216 \(maxFileBytes\)/ },
  },
  {
    name: "deltas that make 40 files of 20 MiB out of a few bytes",
    prepare: (fixture) => send(fixture, deltaBomb(20 * MIB, 39)),
    isomorphic: { type: "read", files: 0, skipped: /bytes, more than 16777216 \(maxFileBytes\)/ },
    git: { type: "read", files: 0, skipped: /bytes, more than 16777216 \(maxFileBytes\)/ },
  },
  {
    name: "deltas that make 40 files just within the limit of a file",
    prepare: (fixture) => send(fixture, deltaBomb(16 * MIB - 3, 39)),
    isomorphic: { type: "read", files: 40, skipped: /^$/ },
    git: { type: "read", files: 40, skipped: /^$/ },
  },
  {
    name: "small files made of versions of 60 MiB, each of which is made of the one before",
    prepare: (fixture) => send(fixture, versionBomb(60 * MIB, 8)),
    isomorphic: { type: "read", files: 8, skipped: /^$/ },
    git: { type: "read", files: 8, skipped: /^$/ },
  },
  {
    name: "a small file made of versions of 60 MiB that each bring all of it with them",
    prepare: (fixture) => send(fixture, literalBomb(60 * MIB, 6)),
    isomorphic: { type: "read", files: 1, skipped: /^$/ },
    git: { type: "read", files: 1, skipped: /^$/ },
  },
  {
    name: "deltas that make more than there may be in all",
    prepare: (fixture) => send(fixture, deltaBomb(20 * MIB, 39)),
    settings: { limits: { maxInflatedBytes: 500 * MIB } },
    isomorphic: refused(/bytes in all, more than 524288000 \(maxInflatedBytes\)/),
    git: { type: "read", files: 0, skipped: /bytes, more than 16777216 \(maxFileBytes\)/ },
  },
  {
    name: "a commit with a message of 40 MiB",
    prepare: (fixture) => send(fixture, longMessage(40 * MIB)),
    isomorphic: { type: "read", files: 1, skipped: /^$/ },
    git: { type: "read", files: 1, skipped: /^$/ },
  },
  {
    name: "a pack without end",
    prepare: async (fixture) => {
      await fixture.commit("main", { files: { "a.yaml": "hostile" } });
      return { fault: { type: "endless" }, place: "pack" };
    },
    settings: { limits: { maxTransferBytes: 64 * MIB } },
    isomorphic: refused(/is larger than 67108864 bytes \(maxTransferBytes\)/),
    git: refused(/the transfer is larger than 67108864 bytes \(maxTransferBytes\)/),
  },
  {
    name: "a list of a million refs",
    prepare: async (fixture) => {
      const commit = await fixture.commit("main", { files: { "a.yaml": "hostile" } });
      return { fault: { type: "refs", count: 1_000_000, commit }, place: "refs" };
    },
    isomorphic: refused(/the answer is larger than 8000000 bytes \(maxRefs\)/),
    git: refused(/git printed more than 8000000 bytes \(maxRefs\)/),
  },
  {
    name: "a list of more refs than there may be",
    prepare: async (fixture) => {
      const commit = await fixture.commit("main", { files: { "a.yaml": "hostile" } });
      return { fault: { type: "refs", count: 20_001, commit }, place: "refs" };
    },
    isomorphic: refused(/refs, more than 20000 \(maxRefs\)/),
    git: refused(/it has 20001 refs, more than 20000 \(maxRefs\)/),
  },
  {
    name: "a million files by repeated trees",
    prepare: async (fixture) => {
      let id = await blob(fixture, "a: 1\n");
      for (let level = 0; level < 6; level++) {
        const mode = level === 0 ? "100644" : "40000";
        id = await tree(fixture, Array.from({ length: 10 }, (_, at) => [mode, `n${at}`, id]));
      }
      await commitTree(fixture, id);
    },
    isomorphic: unreadable(/has more than 20000 files \(maxFiles\)/),
    git: unreadable(/has more than 20000 files \(maxFiles\)/),
  },
  {
    name: "a million empty directories by repeated trees",
    prepare: async (fixture) => {
      let id = await tree(fixture, []);
      for (let level = 0; level < 6; level++) {
        id = await tree(fixture, Array.from({ length: 10 }, (_, at) => ["40000", `n${at}`, id]));
      }
      await commitTree(fixture, id);
    },
    isomorphic: unreadable(/more than 200000 entries of directories \(maxEntries\)/),
    git: unreadable(/more than 200000 entries of directories \(maxEntries\)/),
  },
  {
    name: "a directory of 300,000 entries",
    prepare: async (fixture) => {
      const id = await blob(fixture, "a: 1\n");
      const name = (at: number) => `f${String(at).padStart(6, "0")}`;
      await commitTree(
        fixture,
        await tree(fixture, Array.from({ length: 300_000 }, (_, at) => ["100644", name(at), id])),
      );
    },
    isomorphic: unreadable(/has more than 20000 files \(maxFiles\)/),
    git: unreadable(/has more than 20000 files \(maxFiles\)/),
  },
  {
    name: "a tree of a thousand levels",
    prepare: async (fixture) => {
      const file = await blob(fixture, "a: 1\n");
      let id = await tree(fixture, [["100644", "a.yaml", file]]);
      for (let level = 0; level < 1_000; level++) {
        id = await tree(fixture, [["100644", "a.yaml", file], ["40000", "d", id]]);
      }
      await commitTree(fixture, id);
    },
    isomorphic: { type: "read", files: 50, skipped: /deeper than 50 levels \(maxDepth\)/ },
    git: { type: "read", files: 50, skipped: /deeper than 50 levels \(maxDepth\)/ },
  },
  {
    name: "symlinks, submodules, .git entries and names that collide",
    prepare: async (fixture) => {
      const file = await blob(fixture, "a: 1\n");
      const inner = await tree(fixture, [["100644", "x.yaml", file]]);
      await commitTree(
        fixture,
        await tree(fixture, [
          ["40000", ".GIT", inner],
          ["40000", ".git", inner],
          ["100644", "..", file],
          ["100644", "Plain.yaml", file],
          ["100644", "cafe\u0301.yaml", file],
          ["100644", "caf\u00e9.yaml", file],
          ["40000", "git~1", inner],
          ["120000", "link.yaml", file],
          ["160000", "module", "1".repeat(40)],
          ["100644", "plain.yaml", file],
        ]),
      );
    },
    isomorphic: { type: "read", files: 2, skipped: /Git's own.*symbolic links.*submodules/s },
    git: { type: "read", files: 2, skipped: /Git's own.*symbolic links.*submodules/s },
  },
  {
    name: "a tree that is none",
    prepare: async (fixture) =>
      await commitTree(
        fixture,
        await fixture.store("tree", new TextEncoder().encode("100644 cut")),
      ),
    isomorphic: refused(/Cannot fetch repository/, "broken-transfer"),
    git: refused(/Cannot fetch repository/, "broken-transfer"),
  },
];

for (const backend of ["isomorphic", "git"] as const) {
  for (const { name, prepare, settings, ...outcomes } of CASES) {
    Deno.test(`Read by ${backend}, ${name} leaves what was there, and the memory that is free`, async () => {
      await using fixture = await makeServedFixture();
      const before = await fixture.commit("main", { files: { "good.yaml": "good: 1\n" } });
      await using reader = startReader(fixture.url, { backend, ...settings });
      equal((await reader.fetch()).error, undefined);
      const was = await reader.read();
      deepEqual([was.head, was.files], [before, ["good.yaml"]]);
      const hostility = await prepare(fixture);
      if (isHostility(hostility)) fixture.server.setFault(hostility.fault, hostility.place);
      await checkOutcome(outcomes[backend], reader, was);
      fixture.server.setFault(undefined);
      const after = await goodAgain(fixture);
      equal((await reader.fetch()).error, undefined);
      const now = await reader.read();
      deepEqual([now.head, now.files], [after, ["good.yaml"]]);
      const { ownMiB, gitMiB } = reader.peak();
      ok(ownMiB + gitMiB <= MAX_MIB, `${ownMiB} MiB and git ${gitMiB} MiB, more than ${MAX_MIB}`);
      const figures = Deno.env.get("KOREO_TEST_FIGURES");
      if (figures === undefined) return;
      const line = `${ownMiB} MiB, git ${gitMiB} MiB: ${backend}, ${name}\n`;
      await Deno.writeTextFile(figures, line, { append: true });
    });
  }
}

async function checkOutcome(
  outcome: Outcome,
  reader: ReturnType<typeof startReader>,
  was: ReaderAnswer,
): Promise<void> {
  const { error } = await reader.fetch();
  if (outcome.type === "refused") {
    equal(error?.code, outcome.code, `${error?.message}`);
    match(error?.message ?? "", outcome.why);
    const { peakMiB: _ours, ...still } = await reader.read();
    const { peakMiB: _theirs, ...before } = was;
    deepEqual(still, before);
    return;
  }
  equal(error, undefined);
  const found = await reader.read();
  if (outcome.type === "unreadable") {
    equal(found.error?.code, outcome.code);
    match(found.error?.message ?? "", outcome.why);
    return;
  }
  equal(found.error, undefined);
  equal(found.files?.length, outcome.files);
  match((found.skipped ?? []).join("\n"), outcome.skipped);
}

/** The owner puts it right by force. */
async function goodAgain(fixture: ServedFixture): Promise<string> {
  const file = await blob(fixture, "good: 2\n");
  return await commitTree(fixture, await tree(fixture, [["100644", "good.yaml", file]]));
}

/** Puts a pack into the repository, and hands it out as it is. */
async function send(fixture: ServedFixture, { pack, commit }: HostilePack): Promise<Hostility> {
  const path = `${fixture.path}/objects/pack/pack-${pack.subarray(-20).toHex()}.pack`;
  await Deno.writeFile(path, pack);
  await fixture.git("index-pack", path);
  await fixture.setBranch("main", commit);
  return { fault: { type: "pack", pack }, place: "pack" };
}

type RawEntry = readonly [mode: string, name: string, id: string];

async function tree(fixture: ServedFixture, entries: readonly RawEntry[]): Promise<string> {
  const encoder = new TextEncoder();
  const parts = entries.map(([mode, name, id]) => {
    const start = encoder.encode(`${mode} ${name}\0`);
    const entry = new Uint8Array(start.length + 20);
    entry.set(start);
    entry.set(Uint8Array.fromHex(id), start.length);
    return entry;
  });
  return await fixture.store("tree", new Uint8Array(await new Blob(parts).arrayBuffer()));
}

function blob(fixture: ServedFixture, text: string): Promise<string> {
  return fixture.store("blob", new TextEncoder().encode(text));
}

async function commitTree(fixture: ServedFixture, tree: string): Promise<string> {
  const person = "Tess Ter <tess@example.com> 1600000000 +0000";
  const text = `tree ${tree}\nauthor ${person}\ncommitter ${person}\n\nHostile\n`;
  const id = await fixture.store("commit", new TextEncoder().encode(text));
  await fixture.setBranch("main", id);
  return id;
}
