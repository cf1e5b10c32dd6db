// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import { systemClock, systemRandom } from "../../src/adapters/system.ts";
import { gzipPacker } from "../../src/adapters/gzip_packer.ts";
import { openEmbeddedCluster } from "../../src/cli/open_cluster.ts";
import { openRecord } from "../../src/cli/record_settings.ts";
import { createReleaseRequests, type Release } from "../../src/controller/mod.ts";
import { createChannelState } from "../../src/controller/channels/channels.ts";
import type { Generation } from "../../src/controller/publication/publication.ts";
import { recordHeadName } from "../../src/controller/record/record_maps.ts";
import { rollBack } from "../../src/controller/release/release.ts";
import { createReleaseControl } from "../../src/controller/registry/release_control.ts";
import { kubeconfigFor } from "./reconcile_fixtures.ts";
import { koreo, temporaryFiles } from "./run_koreo.ts";
import { documentOf } from "./schemas.ts";

const NAMESPACE = "koreo-system";
const { signal } = new AbortController();

function generation(letter: string): Generation {
  const revision = `main@sha1:${letter.repeat(40)}`;
  const inForce = { program: letter, revision, digest: letter, unreadable: [] };
  return {
    revision,
    author: "Ada",
    subject: "A change",
    workflows: [{ namespace: "default", name: "web.v1", inForce }],
  };
}

const [A, B, C] = ["a", "b", "c"].map(generation) as [Generation, Generation, Generation];
const D = generation("d");
const TRIES_C: Release = {
  current: B,
  previous: A,
  candidate: { generation: C, startedAt: 1 },
  refused: [],
};

interface Setting extends AsyncDisposable {
  /** Runs a command against the cluster. */
  run(...args: readonly string[]): ReturnType<typeof koreo>;
  /** What the controller has in force by now. */
  readonly release: () => Release;
  /** A canary ends without a word to the record. */
  readonly goBack: () => void;
  /** A newer revision takes the place of what is tried, and the record does not show it yet. */
  readonly tryNewer: () => void;
  readonly head: () => Promise<Record<string, string>>;
}

/** A cluster with the record of a channel, and perhaps a controller that hears requests. */
async function setUp({ isHeard = true, from = TRIES_C } = {}): Promise<Setting> {
  const opened = openEmbeddedCluster(0);
  const { cluster } = opened;
  const files = await temporaryFiles({ kubeconfig: kubeconfigFor(opened.server) });
  const logger = { log: () => {} };
  const { records } = openRecord({ namespace: NAMESPACE }, { cluster, logger });
  let release = from;
  const record = () => ({ channel: "stable", release, programs: [], documents: [] });
  await records.save(record(), { signal });
  const saving: Promise<void>[] = [];
  const releases = createReleaseControl({
    channels: () => ["stable"],
    release: (channel) => channel === "stable" ? release : undefined,
    canarySettings: () => undefined,
    currentState: () => createChannelState("stable", []),
    candidateState: () => undefined,
    replace(_channel, next) {
      release = next;
      // As the registry does: the head is written while the answer is.
      saving.push(records.save(record(), { signal }));
    },
  }, { clock: systemClock });
  const stop = new AbortController();
  const ports = { cluster, namespace: NAMESPACE, clock: systemClock, random: systemRandom, logger };
  const hearing = isHeard
    ? createReleaseRequests({
      ...ports,
      releases,
      ready: Promise.resolve(),
      recorded: () => Promise.resolve(),
    }).run({
      signal: stop.signal,
    })
    : Promise.resolve();
  const path = {
    apiVersion: "v1",
    kind: "ConfigMap",
    plural: "configmaps",
    namespace: NAMESPACE,
    name: await recordHeadName("stable", gzipPacker),
  };
  return {
    release: () => release,
    goBack: () => {
      release = rollBack(release, { reason: "It fails", at: 2 }) ?? release;
    },
    tryNewer: () => {
      release = { ...release, candidate: { generation: D, startedAt: 2 } };
    },
    head: async () => {
      await Promise.all(saving);
      const found = await cluster.get(path, { signal });
      return found?.metadata.annotations as unknown as Record<string, string>;
    },
    async run(...args) {
      const end = await koreo([...args, "--kubeconfig", `${files.directory}/kubeconfig`]);
      await Promise.all(saving);
      return end;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(saving);
      stop.abort();
      await hearing;
      await opened.close();
      await files[Symbol.asyncDispose]();
    },
  };
}

Deno.test("koreo promote gives everyone what is tried", async () => {
  await using setting = await setUp();
  deepEqual(await setting.run("promote", "stable"), {
    code: 0,
    stdout: `"${C.revision}" is in force\n`,
    stderr: "",
  });
  equal(setting.release().current.revision, C.revision);
  const annotations = await setting.head();
  deepEqual(Object.keys(annotations).filter((key) => /promote|rollback|requested/.test(key)), []);
  equal(JSON.parse(annotations["koreo.dev/release-answer"] ?? "{}").result, "done");
});

const STEPS: readonly {
  readonly name: string;
  readonly args: readonly string[];
  readonly document: Readonly<Record<string, unknown>>;
  readonly code?: number;
}[] = [
  {
    name: "koreo promote does not give what is not meant",
    args: ["promote", "stable", "--revision", A.revision],
    document: {
      request: "promote",
      result: "refused",
      message: `Channel "stable" tries "${C.revision}", not "${A.revision}"`,
      inForce: B.revision,
    },
    code: 1,
  },
  {
    name: "koreo promote takes a commit for the revision that is tried of it",
    args: ["promote", "stable", "--revision", C.revision.slice("main@sha1:".length).slice(0, 7)],
    document: {
      request: "promote",
      result: "done",
      message: `"${C.revision}" is in force`,
      inForce: C.revision,
    },
  },
  {
    name: "koreo rollback takes back what is tried",
    args: ["rollback", "stable"],
    document: {
      request: "rollback",
      result: "done",
      message: `"${C.revision}" is taken back, "${B.revision}" runs`,
      inForce: B.revision,
    },
  },
  {
    name: "koreo rollback --to goes back to a commit that is kept",
    args: ["rollback", "stable", "--to", "a".repeat(7)],
    document: {
      request: "rollback",
      result: "done",
      message: `"${C.revision}" is taken back, "${A.revision}" runs`,
      inForce: A.revision,
    },
  },
  {
    name: "koreo rollback --to does not go where nothing is kept",
    args: ["rollback", "stable", "--to", "main@sha1:0"],
    document: {
      request: "rollback",
      result: "refused",
      message: 'Channel "stable" cannot go back to "main@sha1:0": of earlier revisions ' +
        `"${A.revision}" is kept`,
      inForce: B.revision,
    },
    code: 1,
  },
];

for (const { name, args, document, code = 0 } of STEPS) {
  Deno.test(name, async () => {
    await using setting = await setUp();
    const end = await setting.run(...args, "-o", "json");
    deepEqual(await documentOf("release", end.stdout), { channel: "stable", ...document });
    deepEqual([end.code, end.stderr], [code, ""]);
  });
}

Deno.test("koreo rollback says in words what is refused", async () => {
  await using setting = await setUp();
  await setting.run("rollback", "stable", "--to", A.revision);
  deepEqual(await setting.run("rollback", "stable"), {
    code: 1,
    stdout: "",
    stderr: 'error: Channel "stable" has no earlier revision to go back to\n',
  });
});

Deno.test("koreo promote --revision allows again what was taken back, by its commit", async () => {
  await using setting = await setUp();
  await setting.run("rollback", "stable", "--reason", "it is slow, Ada");
  await setting.head();
  equal(setting.release().refused[0]?.reason, "it was asked for: it is slow, Ada");
  const refused = { name: "web.v1", digest: "c" };
  deepEqual(setting.release().refused.map(({ workflows }) => workflows), [[refused]]);
  const other = await setting.run("promote", "stable", "--revision", "main@sha1:0");
  deepEqual([other.code, other.stderr], [
    1,
    `error: Channel "stable" tries nothing; what was taken back is "${C.revision}"\n`,
  ]);
  deepEqual(await setting.run("promote", "stable", "--revision", "C".repeat(7)), {
    code: 0,
    stdout: `"${C.revision}" is allowed again: what the branch still holds of it goes in force ` +
      "with the next look at it\n",
    stderr: "",
  });
  deepEqual(setting.release().refused, []);
  deepEqual(setting.release().allowed, [refused]);
});

Deno.test("koreo promote tells what is in force when it is asked twice, whatever was taken back before", async () => {
  await using setting = await setUp();
  setting.goBack();
  setting.tryNewer();
  equal((await setting.run("promote", "stable", "--revision", D.revision)).code, 0);
  const second = await setting.run("promote", "stable");
  deepEqual([second.code, second.stderr], [0, ""]);
  match(second.stdout, /^"main@sha1:d{40}" is in force already, since \d{4}-[-0-9]+T[0-9:]+Z\n$/);
  equal((await setting.run("rollback", "stable")).code, 0);
  const third = await setting.run("promote", "stable");
  equal(third.code, 1);
  match(third.stderr, /tries nothing; what was taken back is /);
});

Deno.test("koreo promote allows nothing where a commit is part of more than was taken back", async () => {
  const below = `main@sha1:${"a".repeat(40)}`;
  const [one, other] = ["1", "2"].map((digit) => `beta@sha1:${digit.repeat(40)}+${below}`);
  const refused = [one, other].map((revision = "", at) => ({ revision, reason: "It fails", at }));
  await using setting = await setUp({ from: { current: B, refused } });
  deepEqual(await setting.run("promote", "stable", "--revision", "a".repeat(10)), {
    code: 2,
    stdout: "",
    stderr: `error: Cannot promote "${"a".repeat(10)}": more than one revision is meant, ` +
      `"${one}" and "${other}"\n`,
  });
  equal(setting.release().refused.length, 2);
  equal((await setting.run("promote", "stable", "--revision", "2".repeat(10))).code, 0);
  deepEqual(setting.release().refused.map(({ revision }) => revision), [one]);
});

Deno.test("koreo promote takes the commit of what is in force for that", async () => {
  await using setting = await setUp({ from: { current: B, refused: [] } });
  deepEqual(await setting.run("promote", "stable", "--revision", "b".repeat(10)), {
    code: 0,
    stdout: `"${B.revision}" is in force already\n`,
    stderr: "",
  });
});

Deno.test("koreo promote of what is in force puts nothing else in force that is being tried", async () => {
  await using setting = await setUp();
  for (const revision of [B.revision, "b".repeat(10)]) {
    deepEqual(await setting.run("promote", "stable", "--revision", revision), {
      code: 0,
      stdout: `"${B.revision}" is in force already\n`,
      stderr: "",
    });
  }
  equal(setting.release().candidate?.generation.revision, C.revision);
});

Deno.test("koreo promote gives nobody what the record did not show", async () => {
  await using setting = await setUp();
  setting.tryNewer();
  deepEqual(await setting.run("promote", "stable"), {
    code: 1,
    stdout: "",
    stderr: `error: Channel "stable" tries "${D.revision}", not "${C.revision}"\n`,
  });
  equal(setting.release().current.revision, B.revision);
});

Deno.test("koreo rollback takes back what was seen, and not what is there by now", async () => {
  await using setting = await setUp();
  // The canary goes back by itself, and the record does not show it yet.
  setting.goBack();
  deepEqual(await setting.run("rollback", "stable"), {
    code: 0,
    stdout: `"${C.revision}" is taken back already, "${B.revision}" runs\n`,
    stderr: "",
  });
  equal(setting.release().current.revision, B.revision);
});

Deno.test("koreo rollback of the same target twice is done once", async () => {
  await using setting = await setUp();
  const [first, second] = [
    await setting.run("rollback", "stable", "--to", B.revision),
    await setting.run("rollback", "stable", "--to", B.revision),
  ];
  deepEqual([first.code, second.code], [0, 0]);
  equal(second.stdout, `"${B.revision}" is in force already\n`);
  equal(setting.release().refused.length, 1);
});

Deno.test("a request that no controller hears is taken back", async () => {
  await using setting = await setUp({ isHeard: false });
  const { code, stderr } = await setting.run("promote", "stable", "--timeout", "300ms");
  equal(code, 3);
  match(stderr, /^error: No controller answered within 300 ms: .*"koreo-system"/);
  deepEqual(
    Object.keys(await setting.head()).filter((key) => /promote|requested/.test(key)),
    [],
  );
});

const FAULTS = [
  {
    name: "a channel that there is not",
    args: ["promote", "beta"],
    code: 2,
    error: 'Cannot find channel "beta": the record has "stable"',
  },
  {
    name: "a namespace without a record",
    args: ["rollback", "stable", "--record-namespace", "default"],
    code: 3,
    error: 'Cannot find channel "stable": no controller keeps a record in namespace "default"; ' +
      "name another one with --record-namespace",
  },
  {
    name: "a commit that is not kept",
    args: ["rollback", "stable", "--to", "1234567"],
    code: 2,
    error: 'Cannot go back to "1234567": none of the revisions that are kept is meant, ' +
      `"${B.revision}" and "${A.revision}"`,
  },
];

for (const { name, args, code, error } of FAULTS) {
  Deno.test(`koreo ${args[0]} tells of ${name}`, async () => {
    await using setting = await setUp();
    deepEqual(await setting.run(...args), { code, stdout: "", stderr: `error: ${error}\n` });
  });
}
