// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import { createManualClock, createSimulator, type Simulator } from "../../src/simulator/mod.ts";

interface Sent {
  readonly method?: string;
  readonly body?: string;
  readonly type?: string;
  readonly accept?: string;
}

function send(simulator: Simulator, path: string, sent: Sent = {}): Promise<Response> {
  const { method = "GET", body, type = "application/json", accept } = sent;
  return simulator.serve(
    new Request(`http://127.0.0.1${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": type }),
        ...(accept === undefined ? {} : { accept }),
      },
      ...(body === undefined ? {} : { body }),
    }),
  );
}

const MAPS = "/api/v1/namespaces/default/configmaps";
const CONFIG_MAP = '{"metadata":{"name":"a"},"data":{"x":"1"}}';
const MERGE = "application/merge-patch+json";

async function withConfigMap(): Promise<Simulator> {
  const simulator = createSimulator({ clock: createManualClock() });
  equal((await send(simulator, MAPS, { method: "POST", body: CONFIG_MAP })).status, 201);
  return simulator;
}

const REFUSALS: readonly {
  readonly name: string;
  readonly path: string;
  readonly sent?: Sent;
  readonly code: number;
  readonly reason: string;
}[] = [
  { name: "a path outside the API", path: "/metrics", code: 404, reason: "NotFound" },
  { name: "a kind that is not served", path: "/api/v1/frobs", code: 404, reason: "NotFound" },
  { name: "a group that is not served", path: "/apis/frobs.dev", code: 404, reason: "NotFound" },
  {
    name: "a verb that a document does not have",
    path: "/version",
    sent: { method: "POST", body: "{}" },
    code: 405,
    reason: "MethodNotAllowed",
  },
  {
    name: "a creation at an object's path",
    path: `${MAPS}/a`,
    sent: { method: "POST", body: "{}" },
    code: 405,
    reason: "MethodNotAllowed",
  },
  {
    name: "a creation in all namespaces",
    path: "/api/v1/configmaps",
    sent: { method: "POST", body: CONFIG_MAP },
    code: 405,
    reason: "MethodNotAllowed",
  },
  {
    name: "a namespace above a cluster-scoped kind",
    path: "/api/v1/namespaces/default/nodes",
    code: 404,
    reason: "NotFound",
  },
  {
    name: "a patch of a type nobody knows",
    path: `${MAPS}/a`,
    sent: { method: "PATCH", body: "{}", type: "application/json" },
    code: 415,
    reason: "UnsupportedMediaType",
  },
  {
    name: "a strategic patch with an unknown directive",
    path: `${MAPS}/a`,
    sent: {
      method: "PATCH",
      body: '{"data":{"$frob":"x"}}',
      type: "application/strategic-merge-patch+json",
    },
    code: 400,
    reason: "BadRequest",
  },
  {
    name: "a body that is no JSON",
    path: MAPS,
    sent: { method: "POST", body: "a: 1" },
    code: 400,
    reason: "BadRequest",
  },
  {
    name: "a body of another type than JSON",
    path: MAPS,
    sent: { method: "POST", body: "a: 1", type: "application/yaml" },
    code: 415,
    reason: "UnsupportedMediaType",
  },
  {
    name: "a protobuf body of a kind that is not read",
    path: MAPS,
    sent: { method: "POST", body: "k8s\0\n", type: "application/vnd.kubernetes.protobuf" },
    code: 415,
    reason: "UnsupportedMediaType",
  },
  {
    name: "a body of more than 3 MiB",
    path: MAPS,
    sent: { method: "POST", body: `"${"x".repeat(3 * 2 ** 20)}"` },
    code: 413,
    reason: "RequestEntityTooLarge",
  },
  {
    name: "a client that takes only protobuf",
    path: MAPS,
    sent: { accept: "application/vnd.kubernetes.protobuf" },
    code: 406,
    reason: "NotAcceptable",
  },
  {
    name: "a subresource that is not part of it",
    path: "/apis/apps/v1/namespaces/default/deployments/web/scale",
    code: 501,
    reason: "NotImplemented",
  },
  {
    name: "a dry run of parts",
    path: `${MAPS}?dryRun=Some`,
    sent: { method: "POST", body: CONFIG_MAP },
    code: 422,
    reason: "Invalid",
  },
  {
    name: "a list of a moment to come",
    path: `${MAPS}?resourceVersion=999999`,
    code: 504,
    reason: "Timeout",
  },
  {
    name: "a list of exactly one moment in the past",
    path: `${MAPS}?resourceVersion=1&resourceVersionMatch=Exact`,
    code: 410,
    reason: "Expired",
  },
  {
    name: "a watch that begins with a list",
    path: `${MAPS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`,
    code: 422,
    reason: "Invalid",
  },
  {
    name: "a propagation nobody knows",
    path: `${MAPS}/a`,
    sent: { method: "DELETE", body: '{"propagationPolicy":"Maybe"}' },
    code: 422,
    reason: "Invalid",
  },
  {
    name: "to delete all Namespaces at once",
    path: "/api/v1/namespaces",
    sent: { method: "DELETE" },
    code: 405,
    reason: "MethodNotAllowed",
  },
];

for (const { name, path, sent, code, reason } of REFUSALS) {
  Deno.test(`the HTTP API refuses ${name}`, async () => {
    using simulator = await withConfigMap();
    const answer = await send(simulator, path, sent);
    const status = await answer.json();
    deepEqual(
      [answer.status, status.kind, status.status, status.code, status.reason],
      [code, "Status", "Failure", code, reason],
    );
  });
}

Deno.test("the HTTP API keeps every digit of a number", async () => {
  using simulator = await withConfigMap();
  const body = '{"metadata":{"name":"q"},"spec":{"hard":{"x":9007199254740993}}}';
  const path = "/api/v1/namespaces/default/resourcequotas";
  await send(simulator, path, { method: "POST", body });
  match(await (await send(simulator, `${path}/q`)).text(), /"x":9007199254740993}/);
});

Deno.test("the HTTP API answers a deletion with a Status or with what is held", async () => {
  using simulator = await withConfigMap();
  const gone = await (await send(simulator, `${MAPS}/a`, { method: "DELETE" })).json();
  deepEqual([gone.kind, gone.status, gone.details.name], ["Status", "Success", "a"]);
  const body = '{"metadata":{"name":"b","finalizers":["example.com/x"]}}';
  await send(simulator, MAPS, { method: "POST", body });
  const held = await (await send(simulator, `${MAPS}/b`, { method: "DELETE" })).json();
  deepEqual([held.kind, held.metadata.deletionGracePeriodSeconds], ["ConfigMap", 0]);
});

Deno.test("the HTTP API deletes the objects of a selection", async () => {
  using simulator = await withConfigMap();
  const body = '{"metadata":{"name":"b","labels":{"app":"web"}}}';
  await send(simulator, MAPS, { method: "POST", body });
  const deleted = await (await send(simulator, `${MAPS}?labelSelector=app`, { method: "DELETE" }))
    .json();
  deepEqual([deleted.kind, deleted.items.length], ["ConfigMapList", 1]);
  const left = await (await send(simulator, MAPS)).json();
  deepEqual(left.items.map((item: { metadata: { name: string } }) => item.metadata.name), ["a"]);
});

Deno.test("the HTTP API stores nothing in a dry run", async () => {
  using simulator = await withConfigMap();
  const body = '{"data":{"x":"2"}}';
  const path = `${MAPS}/a?dryRun=All`;
  const patched = await (await send(simulator, path, { method: "PATCH", body, type: MERGE }))
    .json();
  equal(patched.data.x, "2");
  equal((await send(simulator, path, { method: "DELETE" })).status, 200);
  equal((await (await send(simulator, `${MAPS}/a`)).json()).data.x, "1");
});

Deno.test("the HTTP API replaces an object by PUT", async () => {
  using simulator = await withConfigMap();
  const put = (body: string) => send(simulator, `${MAPS}/a`, { method: "PUT", body });
  const replaced = await (await put('{"metadata":{"name":"a"},"data":{"y":"2"}}')).json();
  deepEqual(replaced.data, { y: "2" });
  const old = await put('{"metadata":{"name":"a","resourceVersion":"1"}}');
  equal((await old.json()).reason, "Conflict");
});

const METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

Deno.test("the HTTP API lists metadata alone", async () => {
  using simulator = await withConfigMap();
  const list = await (await send(simulator, MAPS, { accept: METADATA })).json();
  deepEqual([list.kind, list.apiVersion], ["PartialObjectMetadataList", "meta.k8s.io/v1"]);
  deepEqual(Object.keys(list.items[0]), ["kind", "apiVersion", "metadata"]);
});

const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

Deno.test("the HTTP API makes tables with ages", async () => {
  const clock = createManualClock();
  using simulator = createSimulator({ clock });
  await send(simulator, MAPS, { method: "POST", body: CONFIG_MAP });
  const ages: string[] = [];
  for (const spanMs of [0, 119_000, 61_000, 3_600_000, 86_400_000, 864_000_000]) {
    await clock.advance(spanMs);
    const table = await (await send(simulator, MAPS, { accept: TABLE })).json();
    ages.push(table.rows[0].cells[2]);
  }
  deepEqual(ages, ["0s", "119s", "3m", "63m", "25h", "11d"]);
});

Deno.test("the HTTP API streams a watch as lines", async () => {
  using simulator = await withConfigMap();
  const answer = await send(simulator, `${MAPS}?watch=true`);
  const lines = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  const first = JSON.parse((await lines?.read())?.value ?? "");
  deepEqual([first.type, first.object.metadata.name], ["ADDED", "a"]);
  await send(simulator, `${MAPS}/a`, { method: "PATCH", body: '{"data":{"x":"2"}}', type: MERGE });
  const second = JSON.parse((await lines?.read())?.value ?? "");
  deepEqual([second.type, second.object.data.x], ["MODIFIED", "2"]);
  await lines?.cancel();
});

Deno.test("the HTTP API ends a watch after its time", async () => {
  const clock = createManualClock();
  using simulator = createSimulator({ clock, bookmarkIntervalMs: 0 });
  const version = simulator.resourceVersion;
  const path = `${MAPS}?watch=1&timeoutSeconds=30&resourceVersion=${version}`;
  const reading = (await send(simulator, path)).text();
  await clock.advance(29_999);
  await send(simulator, MAPS, { method: "POST", body: CONFIG_MAP });
  await clock.advance(1);
  match(await reading, /^\{"type":"ADDED".*\}\n$/);
  equal(clock.sleeping, 0);
});

Deno.test("the HTTP API refuses an old version within the stream of a watch", async () => {
  using simulator = await withConfigMap();
  simulator.expireWatches();
  const answer = await send(simulator, `${MAPS}?watch=1&resourceVersion=1`);
  equal(answer.status, 200);
  const event = JSON.parse(await answer.text());
  deepEqual([event.type, event.object.code, event.object.reason], ["ERROR", 410, "Expired"]);
});

Deno.test("the HTTP API sends bookmarks to who asks for them", async () => {
  using simulator = await withConfigMap();
  const version = simulator.resourceVersion;
  const path = `${MAPS}?watch=1&resourceVersion=${version}`;
  const [without, with_] = [
    (await send(simulator, path)).text(),
    (await send(simulator, `${path}&allowWatchBookmarks=true`)).text(),
  ];
  await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
  simulator.sendBookmarks();
  simulator.dropWatches();
  equal(await without, "");
  deepEqual(JSON.parse(await with_), {
    type: "BOOKMARK",
    object: { apiVersion: "v1", kind: "ConfigMap", metadata: { resourceVersion: version } },
  });
});

Deno.test("the HTTP API passes Retry-After of a fault on", async () => {
  using simulator = await withConfigMap();
  const effect = {
    type: "refuse",
    status: 429,
    reason: "TooManyRequests",
    retryAfterSeconds: 3,
  } as const;
  simulator.faults.inject({ effect });
  const answer = await send(simulator, MAPS);
  deepEqual([answer.status, answer.headers.get("retry-after")], [429, "3"]);
  await answer.body?.cancel();
});

Deno.test("the HTTP API warns of fields outside a schema", async () => {
  using simulator = await withConfigMap();
  await send(simulator, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", {
    method: "POST",
    body: JSON.stringify({
      metadata: { name: "xs.example.com" },
      spec: {
        group: "example.com",
        scope: "Cluster",
        names: { kind: "X", plural: "xs" },
        versions: [{
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object" } },
        }],
      },
    }),
  });
  const post = (query: string) =>
    send(simulator, `/apis/example.com/v1/xs${query}`, {
      method: "POST",
      body: '{"metadata":{"name":"a"},"other":1}',
    });
  const strict = await post("?fieldValidation=Strict");
  match((await strict.json()).message, /strict decoding error: unknown field "other"/);
  const warned = await post("");
  equal(warned.headers.get("warning"), '299 - "unknown field \\"other\\""');
  equal((await warned.json()).other, undefined);
});

Deno.test("the HTTP API describes itself", async () => {
  using simulator = await withConfigMap();
  const json = async (path: string, accept?: string) =>
    await (await send(simulator, path, accept === undefined ? {} : { accept })).json();
  deepEqual((await json("/api")).versions, ["v1"]);
  equal((await json("/version")).minor, "34");
  equal((await json("/apis/apps")).preferredVersion.groupVersion, "apps/v1");
  const resources = await json("/apis/apps/v1");
  deepEqual(
    resources.resources.filter(({ kind }: { kind: string }) => kind === "Deployment")
      .map(({ name }: { name: string }) => name),
    ["deployments", "deployments/status"],
  );
  const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  equal((await json("/apis", aggregated)).kind, "APIGroupDiscoveryList");
  equal((await json("/apis")).kind, "APIGroupList");
  const { paths } = await json("/openapi/v3");
  equal(paths["apis/apps/v1"].serverRelativeURL, "/openapi/v3/apis/apps/v1");
});
