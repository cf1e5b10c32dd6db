// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { openRepository, type SourceSettings } from "../../src/adapters/git/mod.ts";
import { RepositoryError, type RepositoryErrorCode } from "../../src/runtime/ports.ts";
import { hasCode } from "../contract/repository_contract.ts";
import { BRIEF_MS, fetchInTime } from "./fetch_in_time.ts";
import { type Fault, type FaultPlace, startGitHttpBackend } from "./http_backend.ts";
import { packOfAll } from "./odd_packs.ts";
import { makeServedFixture } from "./served_fixture.ts";

const { signal } = new AbortController();
/** A silence that is waited for costs its whole length; elsewhere none is to be found. */
function patienceFor({ type }: Fault): SourceSettings {
  return type === "hang" || type === "stall" ? { idleMs: BRIEF_MS } : {};
}

interface FaultCase {
  readonly name: string;
  readonly fault: Fault;
  readonly place: FaultPlace;
  readonly code: RepositoryErrorCode;
}

const FAULTS: readonly FaultCase[] = [
  { name: "a server that hangs", fault: { type: "hang" }, place: "refs", code: "timeout" },
  { name: "a pack that never comes", fault: { type: "hang" }, place: "pack", code: "timeout" },
  {
    name: "a pack that stops coming",
    fault: { type: "stall", atByte: 60 },
    place: "pack",
    code: "timeout",
  },
  {
    name: "a cut connection",
    fault: { type: "cut", atByte: 60 },
    place: "pack",
    code: "unreachable",
  },
  {
    name: "a cut list of refs",
    fault: { type: "cut", atByte: 5 },
    place: "refs",
    code: "unreachable",
  },
  {
    name: "a pack that ends too soon",
    fault: { type: "short", atByte: 60 },
    place: "pack",
    code: "broken-transfer",
  },
  {
    name: "an empty answer for a pack",
    fault: { type: "short", atByte: 0 },
    place: "pack",
    code: "broken-transfer",
  },
  {
    name: "a corrupt pack",
    fault: { type: "corrupt", atByte: 100 },
    place: "pack",
    code: "broken-transfer",
  },
  {
    name: "a corrupt packet length",
    fault: { type: "corrupt", atByte: 1 },
    place: "pack",
    code: "broken-transfer",
  },
  {
    name: "status 500",
    fault: { type: "status", status: 500 },
    place: "any",
    code: "unreachable",
  },
  {
    name: "status 503 for the pack",
    fault: { type: "status", status: 503 },
    place: "pack",
    code: "unreachable",
  },
  {
    name: "status 404",
    fault: { type: "status", status: 404 },
    place: "any",
    code: "no-such-repository",
  },
  {
    name: "status 403",
    fault: { type: "status", status: 403 },
    place: "any",
    code: "unauthorized",
  },
  {
    name: "a redirect in a circle",
    fault: { type: "redirect", to: "/again" },
    place: "any",
    code: "unreachable",
  },
  {
    name: "a redirect to a file",
    fault: { type: "redirect", to: "file:///etc/passwd" },
    place: "any",
    code: "unreachable",
  },
];

for (const { name, fault, place, code } of FAULTS) {
  Deno.test(`Repository over HTTP keeps its state through ${name}, and recovers`, async () => {
    await using fixture = await makeServedFixture(patienceFor(fault));
    const first = await fixture.commit("main", { files: { "a.yaml": "a: 1\n" } });
    const repository = fixture.open();
    await fetchInTime(repository, signal);
    const second = await fixture.commit("main", { files: { "b.yaml": "b: 1\n" } });
    fixture.server.setFault(fault, place);
    await rejects(repository.fetch({ signal }), (error) => {
      hasCode(code)(error);
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

Deno.test("Repository over HTTP survives a fault at many places of a small transfer", async () => {
  await using fixture = await makeServedFixture();
  const first = await fixture.commit("main", { files: { "a.yaml": "a: 1\n" } });
  const second = await fixture.commit("main", { files: { "b.yaml": "b: 1\n" } });
  for (let atByte = 0; atByte < 420; atByte += 13) {
    for (const type of ["corrupt", "short"] as const) {
      await fixture.setBranch("main", first);
      const repository = fixture.open();
      await repository.fetch({ signal });
      await fixture.setBranch("main", second);
      fixture.server.setFault({ type, atByte }, "pack");
      // A flipped byte may be one that does not matter; what counts is that no ref points nowhere.
      const failed = await repository.fetch({ signal }).then(() => false, () => true);
      fixture.server.setFault(undefined);
      const head = await repository.resolve("main", { signal });
      equal(head, failed ? first : second, `${type} at ${atByte}`);
      const { files } = await repository.files(head ?? "", "", { signal });
      for (const { blob } of files) await repository.read(blob, { signal });
    }
  }
});

Deno.test("Repository over HTTP stops a fetch that is aborted while the server hangs", async () => {
  await using fixture = await makeServedFixture();
  await fixture.commit("main", { files: { "a.yaml": "1" } });
  fixture.server.setFault({ type: "hang" });
  const stop = new AbortController();
  const fetching = fixture.open().fetch({ signal: stop.signal });
  stop.abort(new RangeError("stopped"));
  await rejects(fetching, { message: "stopped" });
});

Deno.test("Repository over HTTP gives up a fetch that takes too long in all", async () => {
  await using fixture = await makeServedFixture({ idleMs: 60_000, totalMs: 300 });
  fixture.server.setFault({ type: "hang" });
  await rejects(fixture.open().fetch({ signal }), hasCode("timeout"));
});

Deno.test("Repository over HTTP carries a redirect over to the requests that follow", async () => {
  await using fixture = await makeServedFixture();
  const id = await fixture.commit("main", { files: { "a.yaml": "1" } });
  await using front = startGitHttpBackend({ root: "/nonexistent" });
  front.setFault({ type: "redirect", to: `${fixture.url}/info/refs?service=git-upload-pack` });
  const repository = openRepository(`${front.url}/moved.git`);
  await repository.fetch({ signal });
  equal(await repository.resolve("main", { signal }), id);
  deepEqual(new Set(front.requests.map(({ method }) => method)), new Set(["GET"]));
});

Deno.test("Credentials never follow a redirect to another host", async () => {
  await using fixture = await makeServedFixture();
  await fixture.commit("main", { files: { "a.yaml": "1" } });
  await using front = startGitHttpBackend({ root: "/nonexistent" });
  front.setFault({ type: "redirect", to: `${fixture.url}/info/refs?service=git-upload-pack` });
  const address = front.url.replace("http://", "http://tess:s3cret@");
  await openRepository(`${address}/moved.git`).fetch({ signal });
  equal(front.requests.every(({ authorization }) => authorization !== null), true);
  equal(fixture.server.requests.length > 0, true);
  deepEqual(fixture.server.requests.filter(({ authorization }) => authorization !== null), []);
});

Deno.test("Credentials are taken from the URL or asked for at every fetch", async () => {
  await using fixture = await makeServedFixture({}, {
    credentials: { username: "tess", password: "s3cret" },
  });
  await fixture.commit("main", { files: { "a.yaml": "1" } });
  await rejects(fixture.open().fetch({ signal }), hasCode("unauthorized"));
  const withUrl = fixture.url.replace("http://", "http://tess:s3cret@");
  await openRepository(withUrl).fetch({ signal });
  const path = `${fixture.path}/password`;
  await Deno.writeTextFile(path, "old");
  const rotating = openRepository(fixture.url, {
    credentials: {
      type: "basic",
      username: { type: "value", value: "tess", setting: "the user name" },
      password: { type: "file", path, setting: "the password" },
    },
  });
  await rejects(rotating.fetch({ signal }), hasCode("unauthorized"));
  await Deno.writeTextFile(path, "s3cret");
  await rotating.fetch({ signal });
});

Deno.test("Credentials appear in no error, nor in what caused it", async () => {
  await using fixture = await makeServedFixture({}, {
    credentials: { username: "tess", password: "other" },
  });
  for (const fault of [undefined, { type: "cut", atByte: 3 }, { type: "hang" }] as const) {
    fixture.server.setFault(fault);
    const url = fixture.url.replace("http://", "http://tess:s3cret@");
    const repository = openRepository(url, fault === undefined ? {} : patienceFor(fault));
    for (const attempt of [repository.fetch, repository.branches]) {
      const error = await attempt({ signal }).then(() => undefined, (thrown) => thrown);
      equal(error instanceof RepositoryError, true);
      equal(/s3cret|tess|czNjcmV0/.test(Deno.inspect(error, { depth: 20 })), false);
    }
  }
});

Deno.test("Repository over HTTP clones afresh after so many transfers", async () => {
  await using fixture = await makeServedFixture({ maxPacks: 3 });
  const ids = [await fixture.commit("main", { files: { "a.yaml": "0" } })];
  const repository = fixture.open();
  await repository.fetch({ signal });
  for (let at = 1; at <= 9; at++) {
    ids.push(await fixture.commit("main", { files: { "a.yaml": `${at}` } }));
    await repository.fetch({ signal });
    equal(await repository.resolve("main", { signal }), ids.at(-1));
    for (const id of ids) equal((await repository.commit(id, { signal })).id, id);
  }
});

for (const type of ["blob", "tree", "commit"] as const) {
  Deno.test(`Repository over HTTP notices a ${type} that the server left out, and is whole after the next fetch`, async () => {
    await using fixture = await makeServedFixture();
    const first = await fixture.commit("main", { files: { "koreo/a.yaml": "a" } });
    const repository = fixture.open();
    await repository.fetch({ signal });
    const between = await fixture.commit("main", { files: { "koreo/b.yaml": "b" } });
    const head = await fixture.commit("main", { files: { "c.yaml": "c" } });
    const left = { blob: `${head}:koreo/b.yaml`, tree: `${head}:koreo`, commit: between }[type];
    const id = await fixture.git("rev-parse", left);
    const pack = await packOfAll(fixture, (ids) => ids.filter((one) => one !== id));
    fixture.server.setFault({ type: "pack", pack }, "pack");
    await repository.fetch({ signal });
    const readAll = async () => {
      const { files } = await repository.files(head, "", { signal });
      for (const { blob } of files) await repository.read(blob, { signal });
      return await repository.mergeBases(head, first, { signal });
    };
    await rejects(readAll(), RepositoryError);
    fixture.server.setFault(undefined);
    await repository.fetch({ signal });
    deepEqual(await readAll(), [first]);
  });
}

Deno.test("Repository over HTTP does not ask a server again and again for what it does not have", async () => {
  await using fixture = await makeServedFixture();
  const head = await fixture.commit("main", { files: { "koreo/a.yaml": "a" } });
  const id = await fixture.git("rev-parse", `${head}:koreo/a.yaml`);
  const pack = await packOfAll(fixture, (ids) => ids.filter((one) => one !== id));
  fixture.server.setFault({ type: "pack", pack }, "pack");
  const repository = fixture.open();
  for (let poll = 0; poll < 5; poll++) {
    await repository.fetch({ signal });
    await rejects(repository.read(id, { signal }), hasCode("broken-transfer"));
  }
  const asked = fixture.server.requests.filter(({ place }) => place === "pack");
  equal(asked.length, 2);
});

Deno.test("Repository over HTTP finds where branches met after one was rewritten, and is gone", async () => {
  await using fixture = await makeServedFixture({ maxPacks: 1 });
  const root = await fixture.commit("main", { files: { "a.yaml": "a" } });
  await fixture.setBranch("beta", root);
  const beta = await fixture.commit("beta", { files: { "b.yaml": "b" } });
  const former = await fixture.commit("main", { files: { "a.yaml": "former" } });
  const repository = fixture.open();
  await repository.fetch({ signal });
  deepEqual(await repository.mergeBases(beta, former, { signal }), [root]);
  const rewritten = await fixture.commit("main", { files: { "a.yaml": "new" }, parents: [root] });
  await repository.fetch({ signal });
  await rejects(repository.commit(former, { signal }), hasCode("no-such-revision"));
  deepEqual(await repository.mergeBases(beta, rewritten, { signal }), [root]);
});

Deno.test("Repository over HTTP takes of a large directory what a push changes", async () => {
  await using fixture = await makeServedFixture();
  const names = Array.from({ length: 1_000 }, (_, at) => `definition-${at}.k.yaml`);
  await fixture.commit("main", { files: Object.fromEntries(names.map((name) => [name, name])) });
  const repository = fixture.open();
  await repository.fetch({ signal });
  // The directory alone takes twenty times as much.
  fixture.server.setFault({ type: "bounded", atByte: 2_000 }, "pack");
  for (let push = 0; push < 20; push++) {
    const files = { "definition-7.k.yaml": `push ${push}` };
    const commit = await fixture.commit("main", { files });
    await repository.fetch({ signal });
    const found = await repository.files(commit, "", { signal });
    equal(found.files.length, names.length);
  }
});

Deno.test("Repository over HTTP transfers nothing when nothing changed", async () => {
  await using fixture = await makeServedFixture();
  await fixture.commit("main", { files: { "a.yaml": "1" } });
  const repository = fixture.open();
  await repository.fetch({ signal });
  fixture.server.forgetRequests();
  await repository.fetch({ signal });
  const places = fixture.server.requests.map(({ place }) => place).sort();
  deepEqual(places, ["advertisement", "refs", "refs"]);
});

Deno.test("Repository over HTTP refuses more than it may hold", async () => {
  await using fixture = await makeServedFixture({ limits: { maxTransferBytes: 2_000 } });
  const noise = crypto.getRandomValues(new Uint8Array(4_000));
  const text = [...noise].map((byte) => byte.toString(36)).join("");
  await fixture.commit("main", { files: { "a.yaml": text } });
  await rejects(fixture.open().fetch({ signal }), hasCode("limit-exceeded"));
});
