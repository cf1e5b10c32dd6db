// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import {
  type CommandLineSettings,
  createCommandLineRepository,
  readGitLocation,
} from "../../src/adapters/git/mod.ts";
import { RepositoryError, type RepositoryErrorCode } from "../../src/runtime/ports.ts";
import { hasCode } from "../contract/repository_contract.ts";
import { BRIEF_MS, fetchInTime } from "./fetch_in_time.ts";
import { type Fault, type FaultPlace, startGitHttpBackend } from "./http_backend.ts";
import { gone, processesWith } from "./processes.ts";
import { makeServedFixture } from "./served_fixture.ts";
import { until } from "../until.ts";

const { signal } = new AbortController();

function open(url: string, settings: Omit<CommandLineSettings, "location"> = {}) {
  return createCommandLineRepository({ ...settings, location: readGitLocation(url) });
}

const FAULTS: readonly {
  readonly name: string;
  readonly fault: Fault;
  readonly place: FaultPlace;
  readonly codes: readonly RepositoryErrorCode[];
}[] = [
  { name: "a server that hangs", fault: { type: "hang" }, place: "refs", codes: ["timeout"] },
  { name: "a pack that never comes", fault: { type: "hang" }, place: "pack", codes: ["timeout"] },
  {
    name: "a pack that stops coming",
    fault: { type: "stall", atByte: 60 },
    place: "pack",
    codes: ["timeout"],
  },
  {
    name: "a cut connection",
    fault: { type: "cut", atByte: 60 },
    place: "pack",
    codes: ["broken-transfer", "unreachable"],
  },
  {
    name: "a short pack",
    fault: { type: "short", atByte: 80 },
    place: "pack",
    codes: ["broken-transfer"],
  },
  {
    name: "a corrupt pack",
    fault: { type: "corrupt", atByte: 120 },
    place: "pack",
    codes: ["broken-transfer"],
  },
  {
    name: "status 500",
    fault: { type: "status", status: 500 },
    place: "any",
    codes: ["unreachable"],
  },
  {
    name: "status 404",
    fault: { type: "status", status: 404 },
    place: "any",
    codes: ["no-such-repository"],
  },
  {
    name: "status 403",
    fault: { type: "status", status: 403 },
    place: "any",
    codes: ["unauthorized"],
  },
  {
    name: "a redirect",
    fault: { type: "redirect", to: "http://127.0.0.1:1/x" },
    place: "any",
    codes: ["unreachable"],
  },
];

for (const { name, fault, place, codes } of FAULTS) {
  Deno.test(`Repository by the git command keeps its state through ${name}, and recovers`, async () => {
    await using fixture = await makeServedFixture();
    const first = await fixture.commit("main", { files: { "a.yaml": "a: 1\n" } });
    // A silence that is waited for costs its whole length.
    const isSilence = fault.type === "hang" || fault.type === "stall";
    await using repository = open(fixture.url, isSilence ? { idleMs: BRIEF_MS } : {});
    await fetchInTime(repository, signal);
    const second = await fixture.commit("main", { files: { "b.yaml": "b: 1\n" } });
    fixture.server.setFault(fault, place);
    await rejects(repository.fetch({ signal }), (error) => {
      equal(error instanceof RepositoryError && codes.includes(error.code), true, String(error));
      match(String(error), /^RepositoryError: Cannot fetch repository "http:\/\/127.0.0.1:/);
      return true;
    });
    equal(await repository.resolve("main", { signal }), first);
    equal((await repository.files(first, "", { signal })).files.length, 1);
    fixture.server.setFault(undefined);
    await fetchInTime(repository, signal);
    equal(await repository.resolve("main", { signal }), second);
    equal((await repository.files(second, "", { signal })).files.length, 2);
  });
}

Deno.test("Repository by the git command sends nothing to where a redirect leads", async () => {
  await using fixture = await makeServedFixture();
  await fixture.commit("main", { files: { "a.yaml": "1" } });
  await using front = startGitHttpBackend({ root: "/nonexistent" });
  front.setFault({ type: "redirect", to: `${fixture.url}/info/refs?service=git-upload-pack` });
  await using repository = open(`${front.url.replace("//", "//tess:s3cret@")}/moved.git`);
  await rejects(repository.fetch({ signal }), hasCode("unreachable"));
  deepEqual(fixture.server.requests, []);
});

Deno.test("Repository by the git command refuses a transfer, a file and refs beyond the limits", async () => {
  await using fixture = await makeServedFixture();
  const big = "x".repeat(50_000);
  const id = await fixture.commit("main", { files: { "big.yaml": big, "small.yaml": "x" } });
  await fixture.setBranch("second", id);
  await using files = open(fixture.url, { limits: { maxFileBytes: 1_000 } });
  await files.fetch({ signal });
  const listed = (await files.files(id, "", { signal })).files;
  await rejects(files.read(listed[0]?.blob ?? "", { signal }), hasCode("limit-exceeded"));
  equal((await files.read(listed[1]?.blob ?? "", { signal })).length, 1);
  await using refs = open(fixture.url, { limits: { maxRefs: 1 } });
  await rejects(refs.fetch({ signal }), hasCode("limit-exceeded"));
});

/** A tree written byte by byte: git itself refuses to make most of these names. */
function treeOf(entries: readonly (readonly [mode: string, name: string, id: string])[]) {
  return new Uint8Array(entries.flatMap(([mode, name, id]) => [
    ...new TextEncoder().encode(`${mode} ${name}`),
    0,
    ...Uint8Array.fromHex(id),
  ]));
}

Deno.test("Repository by the git command reads a hostile tree around what is not a plain file", async () => {
  await using fixture = await makeServedFixture();
  const id = await fixture.store("blob", new TextEncoder().encode("a: 1\n"));
  const inner = await fixture.store("tree", treeOf([["100644", "x.yaml", id]]));
  const tree = await fixture.store(
    "tree",
    treeOf([
      ["100644", "plain.yaml", id],
      ["120000", "link.yaml", id],
      ["160000", "module", "1".repeat(40)],
      ["40000", ".git", inner],
      ["100644", "..", id],
      ["100644", "Plain.yaml", id],
      ["40000", "inside", inner],
    ]),
  );
  const person = "Tess Ter <tess@example.com> 1600000000 +0000";
  const text = `tree ${tree}\nauthor ${person}\ncommitter ${person}\n\nHostile\n`;
  const commit = await fixture.store("commit", new TextEncoder().encode(text));
  await fixture.setBranch("main", commit);
  await using byCommand = open(fixture.url);
  await byCommand.fetch({ signal });
  const inMemory = fixture.open();
  await inMemory.fetch({ signal });
  const listed = await byCommand.files(commit, "", { signal });
  deepEqual(listed, await inMemory.files(commit, "", { signal }));
  deepEqual(listed.files.map(({ path }) => path), ["plain.yaml", "inside/x.yaml"]);
});

Deno.test("Repository by the git command leaves nothing behind in the file system", async () => {
  await using fixture = await makeServedFixture();
  await fixture.commit("main", { files: { "a.yaml": "1" } });
  const before = Deno.env.get("TMPDIR");
  const place = await Deno.makeTempDir();
  Deno.env.set("TMPDIR", place);
  try {
    const repository = open(fixture.url);
    await repository.fetch({ signal });
    equal([...Deno.readDirSync(place)].length, 1);
    await repository[Symbol.asyncDispose]();
    deepEqual([...Deno.readDirSync(place)], []);
  } finally {
    if (before === undefined) Deno.env.delete("TMPDIR");
    else Deno.env.set("TMPDIR", before);
    await Deno.remove(place, { recursive: true });
  }
});

Deno.test("A kept mirror is used again, by one reader at a time, and a crash leaves no ruin", async () => {
  await using fixture = await makeServedFixture();
  const id = await fixture.commit("main", { files: { "a.yaml": "1" } });
  const cacheDirectory = await Deno.makeTempDir();
  try {
    const mirrors = () =>
      [...Deno.readDirSync(cacheDirectory)].filter(({ isDirectory }) => isDirectory);
    const first = open(fixture.url, { cacheDirectory });
    await first.fetch({ signal });
    const [mirror] = mirrors();
    const beside = open(fixture.url, { cacheDirectory });
    await beside.fetch({ signal });
    equal(mirrors().length, 2);
    await beside[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
    await using second = open(fixture.url, { cacheDirectory });
    const half = `${cacheDirectory}/${mirror?.name}/objects/pack/tmp_pack_half`;
    await Deno.writeTextFile(half, "half a pack");
    fixture.server.forgetRequests();
    await second.fetch({ signal });
    equal(await second.resolve("main", { signal }), id);
    equal((await second.files(id, "", { signal })).files.length, 1);
    equal(fixture.server.requests.some(({ place }) => place === "pack"), false);
    await rejects(Deno.stat(half), Deno.errors.NotFound);
  } finally {
    await Deno.remove(cacheDirectory, { recursive: true });
  }
});

/** What a full disk, a crash or a fault of the disk leaves of a mirror. */
const DAMAGES: Readonly<Record<string, (mirror: string) => Promise<void>>> = {
  "a pack that is cut off": async (mirror) => {
    for (const path of await packsOf(mirror)) await Deno.truncate(path, 40);
  },
  "packs that are gone": async (mirror) => {
    for (const path of await packsOf(mirror)) await Deno.remove(path);
  },
  "a flipped byte in each pack": async (mirror) => {
    for (const path of await packsOf(mirror)) {
      const bytes = await Deno.readFile(path);
      bytes[bytes.length - 40] = (bytes.at(-40) ?? 0) ^ 0x5a;
      await Deno.chmod(path, 0o644);
      await Deno.writeFile(path, bytes);
    }
  },
  "a configuration of noise": (mirror) => Deno.writeTextFile(`${mirror}/config`, "[[[\u0000"),
  "no directory of objects": (mirror) => Deno.remove(`${mirror}/objects`, { recursive: true }),
};

async function packsOf(mirror: string): Promise<readonly string[]> {
  const directory = `${mirror}/objects/pack`;
  const names = [...Deno.readDirSync(directory)].map(({ name }) => name);
  const paths = names.filter((name) => name.endsWith(".pack")).map((name) =>
    `${directory}/${name}`
  );
  for (const path of paths) await Deno.chmod(path, 0o644);
  return paths;
}

for (const [name, damage] of Object.entries(DAMAGES)) {
  Deno.test(`A kept mirror with ${name} is made anew by itself`, async () => {
    await using fixture = await makeServedFixture();
    const first = await fixture.commit("main", { files: { "a.yaml": "a: 1\n", "b.yaml": "b\n" } });
    const cacheDirectory = await Deno.makeTempDir();
    const mirrors = () =>
      [...Deno.readDirSync(cacheDirectory)].filter(({ isDirectory }) => isDirectory)
        .map(({ name }) => `${cacheDirectory}/${name}`);
    try {
      const before = open(fixture.url, { cacheDirectory });
      await before.fetch({ signal });
      await before[Symbol.asyncDispose]();
      for (const mirror of mirrors()) await damage(mirror);
      await using repository = open(fixture.url, { cacheDirectory });
      await readWhole(repository).catch(() => {}); // a fault that shows in reading alone
      const second = await fixture.commit("main", { files: { "c.yaml": "c\n" } });
      equal(await readWhole(repository), 3);
      equal(await repository.resolve("main", { signal }), second);
      equal((await repository.commit(second, { signal })).parents[0], first);
      equal(mirrors().length, 1);
    } finally {
      await Deno.remove(cacheDirectory, { recursive: true });
    }
  });
}

/** Fetches and reads every file of `main`; gives how many there are. */
async function readWhole(repository: ReturnType<typeof open>): Promise<number> {
  await repository.fetch({ signal });
  const head = await repository.resolve("main", { signal });
  const { files } = await repository.files(head ?? "", "", { signal });
  for (const { blob } of files) await repository.read(blob, { signal });
  return files.length;
}

Deno.test("A server that is broken does not cost the mirror that is there", async () => {
  await using fixture = await makeServedFixture();
  const first = await fixture.commit("main", { files: { "a.yaml": "1" } });
  await using repository = open(fixture.url);
  equal(await readWhole(repository), 1);
  await fixture.commit("main", { files: { "b.yaml": "1" } });
  fixture.server.setFault({ type: "corrupt", atByte: 120 }, "pack");
  for (let attempt = 0; attempt < 3; attempt++) {
    await rejects(repository.fetch({ signal }), hasCode("broken-transfer"));
    equal(await repository.resolve("main", { signal }), first);
    equal((await repository.files(first, "", { signal })).files.length, 1);
  }
  fixture.server.setFault(undefined);
  equal(await readWhole(repository), 2);
});

Deno.test("Mirrors that nobody comes back to are removed", async () => {
  await using fixture = await makeServedFixture();
  await fixture.commit("main", { files: { "a.yaml": "1" } });
  const [cacheDirectory, temporary] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  const before = Deno.env.get("TMPDIR");
  Deno.env.set("TMPDIR", temporary);
  try {
    const names = (directory: string) => [...Deno.readDirSync(directory)].map(({ name }) => name);
    const unused = `${cacheDirectory}/${"0".repeat(20)}.git`;
    const used = `${cacheDirectory}/${"1".repeat(20)}.git`;
    for (const place of [unused, used, `${temporary}/koreo-mirror-killed`]) await Deno.mkdir(place);
    await Deno.writeTextFile(`${temporary}/koreo-mirror-killed/koreo.lock`, "");
    for (const place of [unused, used]) await Deno.writeTextFile(`${place}.lock`, "");
    const longAgo = new Date(Date.now() - 31 * 24 * 3_600_000);
    await Deno.utime(`${unused}.lock`, longAgo, longAgo);
    await using kept = open(fixture.url, { cacheDirectory });
    await kept.fetch({ signal });
    equal(names(cacheDirectory).includes(`${"0".repeat(20)}.git`), false);
    equal(names(cacheDirectory).includes(`${"1".repeat(20)}.git`), true);
    await using passing = open(fixture.url);
    await passing.fetch({ signal });
    await using beside = open(fixture.url);
    await beside.fetch({ signal });
    equal(names(temporary).length, 2); // both are in use; the one of the killed process is gone
    equal(names(temporary).includes("koreo-mirror-killed"), false);
  } finally {
    if (before === undefined) Deno.env.delete("TMPDIR");
    else Deno.env.set("TMPDIR", before);
    await Deno.remove(cacheDirectory, { recursive: true });
    await Deno.remove(temporary, { recursive: true });
  }
});

Deno.test("A mirror does not grow by what a branch leaves behind, and not beyond its limit", async () => {
  await using fixture = await makeServedFixture();
  const noise = () => crypto.getRandomValues(new Uint8Array(64_000)).toBase64();
  const base = await fixture.commit("main", { files: { "a.yaml": "1" } });
  const cacheDirectory = await Deno.makeTempDir();
  try {
    const limits = { maxMirrorBytes: 600_000, minRepackedBytes: 200_000 };
    await using repository = open(fixture.url, { cacheDirectory, limits });
    // What was rewritten would be three times the limit.
    for (let round = 0; round < 20; round++) {
      await fixture.commit("main", { files: { "noise.yaml": noise() }, parents: [base] });
      await repository.fetch({ signal });
    }
    const small = await fixture.commit("main", { files: { "noise.yaml": null } });
    await repository.fetch({ signal });
    await fixture.commit("main", {
      files: Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`n${at}`, noise()])),
    });
    const tooLarge = /mirror would be larger than 600000 bytes \(maxMirrorBytes\)/;
    await rejects(repository.fetch({ signal }), tooLarge);
    equal(await repository.resolve("main", { signal }), small);
    await fixture.setBranch("main", base);
    await repository.fetch({ signal });
    equal(await readWhole(repository), 1);
  } finally {
    await Deno.remove(cacheDirectory, { recursive: true });
  }
});

Deno.test("Repository by the git command runs no hook and heeds no configuration", async () => {
  await using fixture = await makeServedFixture();
  await fixture.commit("main", { files: { "a.yaml": "1", ".gitattributes": "* filter=evil" } });
  const home = await Deno.makeTempDir();
  const evidence = `${home}/ran`;
  const evil = `touch ${evidence}`;
  await Deno.writeTextFile(
    `${home}/.gitconfig`,
    `[core]\n sshCommand = ${evil}\n fsmonitor = ${evil}\n hooksPath = ${home}\n` +
      `[credential]\n helper = "!${evil}"\n[url "ext::${evil}"]\n insteadOf = ${fixture.server.url}\n`,
  );
  await Deno.writeTextFile(`${home}/reference-transaction`, `#!/bin/sh\n${evil}\n`, {
    mode: 0o755,
  });
  const before = Deno.env.get("HOME");
  Deno.env.set("HOME", home);
  try {
    await using repository = open(fixture.url);
    await repository.fetch({ signal });
    await rejects(Deno.stat(evidence), Deno.errors.NotFound);
  } finally {
    if (before === undefined) Deno.env.delete("HOME");
    else Deno.env.set("HOME", before);
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("A branch with a name like an option is a branch", async () => {
  await using fixture = await makeServedFixture();
  const id = await fixture.commit("main", { files: { "a.yaml": "1" } });
  await Deno.writeTextFile(`${fixture.path}/refs/heads/--upload-pack=touch`, `${id}\n`);
  await using repository = open(fixture.url);
  await repository.fetch({ signal });
  equal(await repository.resolve("--upload-pack=touch", { signal }), id);
  await rejects(repository.commit("--all", { signal }), hasCode("no-such-revision"));
  await rejects(repository.mergeBases("--all", id, { signal }), hasCode("no-such-revision"));
});

Deno.test("An aborted fetch over http leaves nothing that outlives the longest silence", async () => {
  await using fixture = await makeServedFixture();
  await fixture.commit("main", { files: { "a.yaml": "1" } });
  fixture.server.setFault({ type: "hang" });
  // Git does not end the program that speaks http for it; that one ends by its own clock, which is
  // not to be over before the server has been asked.
  await using repository = open(fixture.url, { idleMs: 5 * BRIEF_MS });
  const stop = new AbortController();
  const fetching = repository.fetch({ signal: stop.signal });
  fetching.catch(() => {}); // for those who wait for it
  await until("the server is asked", () => fixture.server.requests.length > 0);
  const running = processesWith(fixture.url);
  equal(running.length > 0, true);
  stop.abort(new RangeError("stopped"));
  await rejects(fetching, { message: "stopped" });
  await gone(running);
});

Deno.test("Credentials are not among the arguments of a process, which everyone can list", async () => {
  await using fixture = await makeServedFixture();
  fixture.server.setFault({ type: "hang" });
  const url = fixture.url.replace("//", "//tess:planted-31c9@");
  await using repository = open(url);
  const stop = new AbortController();
  const fetching = repository.fetch({ signal: stop.signal });
  fetching.catch(() => {}); // for those who wait for it
  await until("the server is asked", () => fixture.server.requests.length > 0);
  equal(processesWith(fixture.url).length > 0, true);
  deepEqual(processesWith("planted-31c9"), []);
  deepEqual(processesWith(btoa("tess:planted-31c9").slice(0, 12)), []);
  stop.abort(new RangeError("stopped"));
  await rejects(fetching, { message: "stopped" });
});
