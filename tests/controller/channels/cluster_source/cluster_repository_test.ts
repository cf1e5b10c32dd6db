// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match, notEqual, rejects } from "node:assert/strict";
import { definitionKinds } from "../../../../src/cli/crd/definition_kinds.ts";
import { definitionObject } from "../../../../src/controller/channels/cluster_source/definition_object.ts";
import {
  createDefinitionWatch,
  listDefinitions,
} from "../../../../src/controller/channels/cluster_source/definition_watch.ts";
import {
  type ClusterRepository,
  createClusterRepository,
  createProgramRegistry,
} from "../../../../src/controller/mod.ts";
import {
  documentValue,
  type JsonObject,
  type JsonValue,
  readDocuments,
} from "../../../../src/language/mod.ts";
import {
  type KubernetesObject,
  RepositoryError,
  type WatchEvent,
} from "../../../../src/runtime/ports.ts";
import {
  type ClusterCall,
  createManualClock,
  createSeededRandom,
  createSimulator,
  type ManualClock,
  type Simulator,
} from "../../../../src/simulator/mod.ts";
import { functionTest, valueFunction, workflow } from "../../definitions.ts";

const { signal } = new AbortController();
const NOW_MS = 1_700_000_000_000;

interface Setting {
  readonly simulator: Simulator;
  readonly clock: ManualClock;
  readonly repository: ClusterRepository;
  /** Requests since the last look. */
  takeCalls(): readonly ClusterCall[];
  /** Creates or replaces a definition, as `kubectl apply` would. */
  apply(text: string, manager?: string): Promise<void>;
  remove(kind: string, name: string): Promise<void>;
  /** Writes the status of a definition, which defines nothing. */
  setStatus(kind: string, name: string, status: JsonObject): Promise<void>;
}

async function setUp(kinds: readonly JsonObject[] = definitionKinds()): Promise<Setting> {
  const clock = createManualClock({ settle: nextMacrotask, startMs: NOW_MS });
  const calls: ClusterCall[] = [];
  const simulator = createSimulator({ clock, onCall: (call) => void calls.push(call) });
  const { cluster } = simulator;
  for (const kind of kinds) await createKind(simulator, kind);
  const repository = createClusterRepository({ cluster, clock, random: createSeededRandom(1) });
  return {
    simulator,
    clock,
    repository,
    takeCalls: () => calls.splice(0),
    async apply(text, manager = "kubectl") {
      for (const document of readDocuments({ path: "x", text })) {
        const body = withNamespace(documentValue(document));
        const patch = { type: "apply", body, fieldManager: manager, force: true } as const;
        await cluster.patch(pathOf(body.kind, nameOf(body)), patch, { signal });
      }
      await clock.advance(0);
    },
    async remove(kind, name) {
      await cluster.delete(pathOf(kind, name), {}, { signal });
      await clock.advance(0);
    },
    async setStatus(kind, name, status) {
      const patch = { type: "merge", body: { status }, subresource: "status" } as const;
      await cluster.patch(pathOf(kind, name), patch, { signal });
      await clock.advance(0);
    },
  };
}

async function createKind({ cluster }: Simulator, kind: JsonObject): Promise<void> {
  const path = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    plural: "customresourcedefinitions",
  };
  await cluster.create(path, kind as KubernetesObject, { signal });
}

function withNamespace(value: JsonValue | undefined): KubernetesObject {
  const { metadata, ...others } = value as KubernetesObject;
  return { ...others, metadata: { namespace: "default", ...metadata } } as KubernetesObject;
}

function nameOf({ metadata }: KubernetesObject): string {
  return String(metadata["name"]);
}

function pathOf(kind: string, name: string) {
  const plural = `${kind.toLowerCase()}s`;
  return { apiVersion: "koreo.dev/v1beta1", kind, plural, namespace: "default", name };
}

function nextMacrotask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

async function headOf(repository: ClusterRepository): Promise<string> {
  await repository.fetch({ signal });
  return await repository.resolve("cluster", { signal }) ?? "";
}

async function textsOf(repository: ClusterRepository, commit: string) {
  const { files, skipped } = await repository.files(commit, "", { signal });
  deepEqual(skipped, []);
  return await Promise.all(files.map(async ({ path, blob }) => {
    const text = new TextDecoder().decode(await repository.read(blob, { signal }));
    return [path, text] as const;
  }));
}

Deno.test("definitions of a cluster are files of one branch, without what the server notes", async () => {
  const setting = await setUp();
  using _ = setting.simulator;
  await setting.apply(`${valueFunction("f", 1)}---\n${workflow("a", "f", "Alpha")}`);
  const head = await headOf(setting.repository);
  match(head, /^[0-9a-f]{40}$/);
  deepEqual([...await setting.repository.branches({ signal })], [["cluster", head]]);
  equal(await setting.repository.resolve("refs/heads/cluster", { signal }), head);
  equal(await setting.repository.resolve(head, { signal }), head);
  equal(await setting.repository.resolve("main", { signal }), undefined);
  const texts = await textsOf(setting.repository, head);
  deepEqual(texts.map(([path]) => path), [
    "ValueFunction/default/f.yaml",
    "Workflow/default/a.yaml",
  ]);
  equal(
    texts[0]?.[1],
    `apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata:
  name: f
  namespace: default
spec:
  return:
    value: 1
`,
  );
});

Deno.test("the same definitions are the same commit, whatever happened to them meanwhile", async () => {
  const setting = await setUp();
  using _ = setting.simulator;
  await setting.apply(valueFunction("f", 1));
  const first = await headOf(setting.repository);
  await setting.setStatus("ValueFunction", "f", { conditions: [] });
  await setting.simulator.cluster.patch(pathOf("ValueFunction", "f"), {
    type: "merge",
    body: { metadata: { labels: { team: "a" } } },
  }, { signal });
  equal(await headOf(setting.repository), first);
  await setting.apply(valueFunction("f", 2));
  notEqual(await headOf(setting.repository), first);
  await setting.remove("ValueFunction", "f");
  await setting.apply(valueFunction("f", 1));
  equal(await headOf(setting.repository), first);
});

Deno.test("a commit says who changed what, and which one was before", async () => {
  const setting = await setUp();
  using _ = setting.simulator;
  const { repository } = setting;
  await setting.apply(`${valueFunction("f", 1)}---\n${valueFunction("g", 1)}`, "argocd");
  const first = await headOf(repository);
  await setting.clock.advance(60_000);
  await setting.apply(valueFunction("f", 2), "kubectl-edit");
  await setting.setStatus("ValueFunction", "g", { note: "no definition" });
  const second = await headOf(repository);
  await setting.remove("ValueFunction", "g");
  const third = await headOf(repository);
  const at = NOW_MS / 1_000;
  deepEqual(await repository.commit(first, { signal }), {
    id: first,
    author: "argocd",
    subject: "2 definitions found",
    committedAt: at,
    parents: [],
  });
  deepEqual(await repository.commit(second, { signal }), {
    id: second,
    author: "kubectl-edit",
    subject: "ValueFunction default/f changed",
    committedAt: at + 60,
    parents: [first],
  });
  deepEqual(await repository.commit(third, { signal }), {
    id: third,
    author: "unknown",
    subject: "ValueFunction default/g deleted",
    committedAt: at + 60,
    parents: [second],
  });
  deepEqual(await repository.mergeBases(first, third, { signal }), [first]);
  deepEqual(await repository.mergeBases(third, first, { signal }), [first]);
});

Deno.test("a content that comes back is the newest commit, and history does not run in circles", async () => {
  const setting = await setUp();
  using _ = setting.simulator;
  const { repository } = setting;
  const seen: string[] = [];
  for (const value of [1, 2, 1]) {
    await setting.apply(valueFunction("f", value));
    seen.push(await headOf(repository));
  }
  equal(seen[2], seen[0]);
  deepEqual((await repository.commit(seen[0] ?? "", { signal })).parents, [seen[1]]);
  deepEqual((await repository.commit(seen[1] ?? "", { signal })).parents, []);
});

Deno.test("ten states are kept, with no more contents than they have", async () => {
  const setting = await setUp();
  using _ = setting.simulator;
  const { repository } = setting;
  const heads: string[] = [];
  for (let value = 1; value <= 12; value++) {
    await setting.apply(valueFunction("f", value));
    heads.push(await headOf(repository));
  }
  equal(await repository.resolve(heads[2] ?? "", { signal }), heads[2]);
  equal(await repository.resolve(heads[1] ?? "", { signal }), undefined);
  await rejects(repository.commit(heads[0] ?? "", { signal }), hasCode("no-such-revision"));
});

function hasCode(code: string) {
  return (error: unknown) => error instanceof RepositoryError && error.code === code;
}

Deno.test("a cluster without the kinds is told how to get them, and not taken for empty", async () => {
  const [first, ...others] = definitionKinds();
  const setting = await setUp(others);
  using _ = setting.simulator;
  await rejects(setting.repository.fetch({ signal }), {
    name: "RepositoryError",
    code: "no-such-repository",
    message: "Cannot read definitions of kind Workflow in the cluster: it does not serve " +
      'koreo.dev/v1beta1 of this kind; "koreo crd" prints what defines it',
  });
  if (first !== undefined) await createKind(setting.simulator, first);
  await setting.repository.fetch({ signal });
});

Deno.test("LM-4 what is nested too deep is told, and grows no text without bounds", () => {
  let nested: JsonValue = { value: 1 };
  for (let level = 0; level < 400; level++) nested = { a: nested };
  const object = {
    apiVersion: "koreo.dev/v1beta1",
    kind: "ValueFunction",
    metadata: { name: "deep", namespace: "default" },
    spec: { return: nested as JsonObject },
  };
  const { text, path } = definitionObject(object);
  const [document] = readDocuments({ path, text });
  deepEqual(document?.diagnostics.map(({ code }) => code), ["nesting-too-deep"]);
  equal(text.length < 50_000, true);
});

Deno.test("more definitions than are read stop the source, until it has listed again", async () => {
  const kind = "ValueFunction";
  const objectOf = (index: number): KubernetesObject => ({
    apiVersion: "koreo.dev/v1beta1",
    kind,
    metadata: { name: `f${index}`, namespace: "default", resourceVersion: `${index}` },
    spec: {},
  });
  const items = Array.from({ length: 20_001 }, (_, index) => objectOf(index));
  const list = { items, resourceVersion: "1" };
  const resource = { ...pathOf(kind, ""), namespaced: true, hasStatus: true };
  const clock = createManualClock({ settle: nextMacrotask });
  const events = Promise.withResolvers<WatchEvent>();
  const stopped = Promise.withResolvers<void>();
  const cluster = {
    discover: () => Promise.resolve(resource),
    list: () => Promise.resolve(list),
    async *watch() {
      yield await events.promise;
      await stopped.promise;
    },
  };
  await rejects(listDefinitions(kind, cluster, { signal }), hasCode("limit-exceeded"));
  const options = { cluster, clock, random: createSeededRandom(1) };
  const watch = createDefinitionWatch(kind, options, () => {});
  const stop = new AbortController();
  const running = watch.run({ signal: stop.signal });
  await clock.advance(0);
  equal(watch.failure?.code, "limit-exceeded");
  events.resolve({ type: "DELETED", object: objectOf(7) });
  await clock.advance(0);
  // What was left out is still not there.
  equal(watch.failure?.code, "limit-exceeded");
  stop.abort("over");
  stopped.resolve();
  await clock.advance(60_000);
  await running;
});

Deno.test("a missing permission is named", async () => {
  const setting = await setUp();
  using _ = setting.simulator;
  setting.simulator.faults.inject({
    matches: ({ verb }) => verb === "list",
    effect: { type: "refuse", status: 403, reason: "Forbidden" },
  });
  await rejects(setting.repository.fetch({ signal }), {
    code: "unauthorized",
    message: /missing permission to list and watch \w+s\.koreo\.dev$/,
  });
});

interface Followed extends AsyncDisposable {
  readonly told: { count: number };
}

function follow({ repository, clock }: Setting): Followed {
  const stop = new AbortController();
  const told = { count: 0 };
  const following = repository.follow(() => void told.count++, { signal: stop.signal })
    .catch((error) => {
      if (!stop.signal.aborted) throw error;
    });
  return {
    told,
    async [Symbol.asyncDispose]() {
      stop.abort(new DOMException("over", "AbortError"));
      await clock.advance(1_000);
      await following;
    },
  };
}

Deno.test("while it is followed a cluster is asked nothing, and tells of what changed at once", async () => {
  const setting = await setUp();
  using _ = setting.simulator;
  const { repository, clock } = setting;
  await using followed = follow(setting);
  await clock.advance(100);
  followed.told.count = 0;
  setting.takeCalls();
  const first = await headOf(repository);
  deepEqual(setting.takeCalls(), []);
  await setting.apply(`${valueFunction("f", 1)}---\n${valueFunction("g", 1)}`);
  await clock.advance(100);
  // What is applied together is told together.
  equal(followed.told.count, 1);
  notEqual(await headOf(repository), first);
  await setting.setStatus("ValueFunction", "f", { note: "no definition" });
  setting.takeCalls();
  await clock.advance(10_000);
  equal(followed.told.count, 1);
  deepEqual(setting.takeCalls(), []);
});

Deno.test("kinds that are defined later are followed as soon as they are served", async () => {
  const setting = await setUp([]);
  using _ = setting.simulator;
  await using followed = follow(setting);
  await setting.clock.advance(120_000);
  await rejects(setting.repository.fetch({ signal }), hasCode("no-such-repository"));
  const before = followed.told.count;
  for (const kind of definitionKinds()) await createKind(setting.simulator, kind);
  await setting.apply(valueFunction("f", 1));
  await setting.clock.advance(3_000);
  equal(followed.told.count > before, true);
  const head = await headOf(setting.repository);
  deepEqual((await textsOf(setting.repository, head)).map(([path]) => path), [
    "ValueFunction/default/f.yaml",
  ]);
});

Deno.test("a channel of the cluster holds back what breaks its tests, and takes what mends it", async () => {
  const setting = await setUp();
  using _ = setting.simulator;
  const { repository, clock } = setting;
  const registry = createProgramRegistry({
    sources: [{
      name: "cluster",
      repository,
      location: "the cluster",
      directory: "",
      intervalMs: 30_000,
      follow: repository.follow,
    }],
    channels: [{ name: "live", source: "cluster", branch: "cluster" }],
    gate: "workflow",
    clock,
    logger: { log: () => {} },
    runTests: (program, tests) =>
      Promise.resolve(tests.map(({ id }) => {
        const found = program.find("ValueFunction", "f");
        const value = found.type === "ready" ? found.definition.digest : "";
        return { ...id, passed: passing.has(value), reason: "expected 1, found 2" };
      })),
  });
  const passing = new Set<string>();
  await setting.apply(
    `${valueFunction("f", 1)}---\n${workflow("a", "f", "Alpha")}---\n${functionTest("f", "f", 1)}`,
  );
  const stop = new AbortController();
  const running = registry.run({ signal: stop.signal }).catch(() => {});
  const workflowNow = () => registry.channel("live")?.workflow("a");
  await clock.advance(200);
  equal(workflowNow()?.inForce, undefined);
  const digest = registry.followed("live")?.loaded?.program.winner("ValueFunction", "f")?.digest;
  passing.add(digest ?? "");
  await setting.apply(valueFunction("g", 1));
  await clock.advance(200);
  const inForce = workflowNow()?.inForce?.revision;
  match(inForce ?? "", /^cluster@sha1:[0-9a-f]{40}$/);
  await setting.apply(valueFunction("f", 2), "kubectl-edit");
  await clock.advance(200);
  equal(workflowNow()?.inForce?.revision, inForce);
  const { heldBack } = workflowNow() ?? {};
  deepEqual([heldBack?.author, heldBack?.subject, heldBack?.reason], [
    "kubectl-edit",
    "ValueFunction default/f changed",
    "expected 1, found 2",
  ]);
  await setting.apply(valueFunction("f", 1), "kubectl-edit");
  await clock.advance(200);
  equal(workflowNow()?.heldBack, undefined);
  stop.abort(new DOMException("over", "AbortError"));
  await clock.advance(1_000);
  await running;
});
