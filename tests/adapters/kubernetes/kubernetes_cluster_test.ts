// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, rejects } from "node:assert/strict";
import {
  type ClusterSettings,
  connectCluster,
  type FinishedRequest,
} from "../../../src/adapters/kubernetes/mod.ts";
import { ClusterError } from "../../../src/runtime/ports.ts";
import { type LoopbackApi, never, silentAfter, startLoopbackApi } from "./loopback_api.ts";

const TYPE = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" };
const PATH = { ...TYPE, namespace: "a", name: "b" };
const OBJECT = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "b" } };
const SIGNAL = { signal: new AbortController().signal };

function connect(api: LoopbackApi, settings?: ClusterSettings) {
  return connectCluster({ server: `${api.url}/`, token: "s3cr3t" }, settings);
}

function status(code: number, details: object = {}): Response {
  return Response.json({ kind: "Status", message: "no", code, details }, { status: code });
}

Deno.test("get() sends the credentials and gives the object with every field", async () => {
  await using api = startLoopbackApi(() =>
    new Response(
      '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"generation":9007199254740993},' +
        '"unknown":{"field":true}}',
    )
  );
  using cluster = await connect(api);
  deepEqual(await cluster.get(PATH, SIGNAL), {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { generation: 9007199254740993n },
    unknown: { field: true },
  });
  const [seen] = api.requests;
  equal(seen?.url.pathname, "/api/v1/namespaces/a/configmaps/b");
  equal(seen?.headers.get("authorization"), "Bearer s3cr3t");
  equal(seen?.headers.get("user-agent"), "koreo-deno");
});

Deno.test("get() gives undefined for an object that is not there, and rejects for a kind", async () => {
  let details: object = { name: "b", kind: "configmaps" };
  await using api = startLoopbackApi(() => status(404, details));
  using cluster = await connect(api);
  equal(await cluster.get(PATH, SIGNAL), undefined);
  details = {};
  await rejects(
    cluster.get(PATH, SIGNAL),
    (error) => error instanceof ClusterError && error.status === 404,
  );
});

Deno.test("a path the server does not know makes discovery ask again", async () => {
  await using api = startLoopbackApi(({ url }) =>
    url.pathname === "/api/v1"
      ? Response.json({ resources: [{ name: "configmaps", kind: "ConfigMap", namespaced: true }] })
      : status(404)
  );
  using cluster = await connect(api);
  await cluster.discover(TYPE, SIGNAL);
  await rejects(cluster.get(PATH, SIGNAL), ClusterError);
  await cluster.discover(TYPE, SIGNAL);
  equal(api.requests.filter(({ url }) => url.pathname === "/api/v1").length, 2);
});

Deno.test("create() posts to the namespace of the path", async () => {
  await using api = startLoopbackApi(({ body }) => new Response(body, { status: 201 }));
  using cluster = await connect(api);
  const body = { ...OBJECT, spec: { replicas: 9007199254740993n } };
  deepEqual(await cluster.create({ ...TYPE, namespace: "a" }, body, SIGNAL), body);
  const [seen] = api.requests;
  equal(seen?.method, "POST");
  equal(seen?.url.pathname, "/api/v1/namespaces/a/configmaps");
  equal(seen?.headers.get("content-type"), "application/json");
  equal(seen?.body.includes('"replicas":9007199254740993}'), true);
});

const PATCHES = [
  {
    patch: { type: "merge", body: { data: null } },
    contentType: "application/merge-patch+json",
    target: "/api/v1/namespaces/a/configmaps/b",
  },
  {
    patch: { type: "json", body: [{ op: "remove", path: "/data" }], fieldManager: "koreo" },
    contentType: "application/json-patch+json",
    target: "/api/v1/namespaces/a/configmaps/b?fieldManager=koreo",
  },
  {
    patch: { type: "apply", body: OBJECT, fieldManager: "koreo", force: true },
    contentType: "application/apply-patch+yaml",
    target: "/api/v1/namespaces/a/configmaps/b?fieldManager=koreo&force=true",
  },
  {
    patch: { type: "merge", body: { status: {} }, subresource: "status" },
    contentType: "application/merge-patch+json",
    target: "/api/v1/namespaces/a/configmaps/b/status",
  },
] as const;

for (const { patch, contentType, target } of PATCHES) {
  Deno.test(`patch() sends ${contentType} to ${target}`, async () => {
    await using api = startLoopbackApi(() => Response.json(OBJECT));
    using cluster = await connect(api);
    await cluster.patch(PATH, patch, SIGNAL);
    const [seen] = api.requests;
    equal(seen?.method, "PATCH");
    equal(seen?.headers.get("content-type"), contentType);
    equal(`${seen?.url.pathname}${seen?.url.search}`, target);
    deepEqual(JSON.parse(seen?.body ?? ""), patch.body);
  });
}

Deno.test("delete() sends preconditions and propagation, and nothing when there are none", async () => {
  await using api = startLoopbackApi(() => Response.json({ kind: "Status", status: "Success" }));
  using cluster = await connect(api);
  await cluster.delete(PATH, { uid: "u", propagation: "Orphan" }, SIGNAL);
  await cluster.delete(PATH, {}, SIGNAL);
  deepEqual(api.requests.map(({ body }) => JSON.parse(body)), [
    {
      apiVersion: "v1",
      kind: "DeleteOptions",
      preconditions: { uid: "u" },
      propagationPolicy: "Orphan",
    },
    { apiVersion: "v1", kind: "DeleteOptions" },
  ]);
});

Deno.test("list() asks for metadata and gives the items the name of their kind", async () => {
  await using api = startLoopbackApi(() =>
    Response.json({
      kind: "PartialObjectMetadataList",
      metadata: { resourceVersion: "7", continue: "next" },
      items: [{ kind: "PartialObjectMetadata", metadata: { name: "b" } }],
    })
  );
  using cluster = await connect(api);
  const selection = { labelSelector: "a=b", limit: 1, continue: "token", metadataOnly: true };
  deepEqual(await cluster.list(TYPE, selection, SIGNAL), {
    items: [OBJECT],
    resourceVersion: "7",
    continue: "next",
  });
  const [seen] = api.requests;
  equal(seen?.url.search, "?labelSelector=a%3Db&limit=1&continue=token");
  equal(
    seen?.headers.get("accept")?.startsWith("application/json;as=PartialObjectMetadataList;"),
    true,
  );
});

Deno.test("a request without an answer times out, and says what, where and how long", async () => {
  await using api = startLoopbackApi(never);
  using cluster = await connect(api, { requestTimeoutMs: 50 });
  await rejects(cluster.get(PATH, SIGNAL), {
    name: "ClusterError",
    code: "timeout",
    message: `Cannot get configmaps "a/b" at ${api.url}: no answer within 0.05 s`,
  });
});

Deno.test("an answer that stops in its middle times out", async () => {
  const cancelled: Promise<void>[] = [];
  await using api = startLoopbackApi(() => {
    const silent = silentAfter('{"metadata":');
    cancelled.push(silent.cancelled);
    return silent.response;
  });
  using cluster = await connect(api, { requestTimeoutMs: 50 });
  // Time may be up before the server is heard of at all: that is the case above.
  while (cancelled.length === 0) await rejects(cluster.get(PATH, SIGNAL), { code: "timeout" });
  await Promise.race(cancelled);
});

Deno.test("a server that is not there is unreachable, by name and without credentials", async () => {
  const gone = startLoopbackApi(never);
  await gone[Symbol.asyncDispose]();
  using cluster = await connect(gone);
  await rejects(cluster.get(PATH, SIGNAL), (error) => {
    if (!(error instanceof ClusterError)) return false;
    equal(error.code, "unreachable");
    equal(error.message, `Cannot get configmaps "a/b" at ${gone.url}: Connection refused`);
    equal(Deno.inspect(error).includes("s3cr3t"), false);
    return true;
  });
});

Deno.test("an answer that is no JSON is not quoted", async () => {
  await using api = startLoopbackApi(() => new Response('{"data":{"password":"hunter2"'));
  using cluster = await connect(api);
  await rejects(
    cluster.get(PATH, SIGNAL),
    (error) => error instanceof ClusterError && !Deno.inspect(error).includes("hunter2"),
  );
});

Deno.test("a redirect is refused: credentials go to no other server", async () => {
  await using other = startLoopbackApi(() => Response.json(OBJECT));
  await using api = startLoopbackApi(() => Response.redirect(`${other.url}/stolen`, 307));
  using cluster = await connect(api);
  await rejects(cluster.get(PATH, SIGNAL), { name: "ClusterError", status: 307 });
  equal(other.requests.length, 0);
});

Deno.test("an abort rejects with the caller's reason, before and during a request", async () => {
  await using api = startLoopbackApi(never);
  using cluster = await connect(api);
  const caller = new AbortController();
  const running = cluster.get(PATH, caller);
  caller.abort("enough");
  await rejects(running, (reason) => reason === "enough");
  await rejects(cluster.list(TYPE, {}, caller), (reason) => reason === "enough");
});

Deno.test("close() ends what runs", async () => {
  await using api = startLoopbackApi(never);
  const cluster = await connect(api);
  const running = cluster.get(PATH, SIGNAL);
  cluster.close();
  await rejects(running, { name: "ClusterError", code: "unreachable" });
});

Deno.test("every request is told to onRequest, answered or not", async () => {
  const told: FinishedRequest[] = [];
  const onRequest = (request: FinishedRequest) => void told.push(request);
  await using api = startLoopbackApi(({ method }) => method === "GET" ? status(500) : never());
  using answered = await connect(api, { onRequest });
  await rejects(answered.get(PATH, SIGNAL));
  using unanswered = await connect(api, { onRequest, requestTimeoutMs: 50 });
  await rejects(unanswered.delete(PATH, {}, SIGNAL));
  deepEqual(told.map(({ method, path, status }) => ({ method, path, status })), [
    { method: "GET", path: "/api/v1/namespaces/a/configmaps/b", status: 500 },
    { method: "DELETE", path: "/api/v1/namespaces/a/configmaps/b", status: undefined },
  ]);
});

Deno.test("watch() asks for bookmarks and an end, and ends when the server ends it", async () => {
  const event = `${JSON.stringify({ type: "ADDED", object: OBJECT })}\n`;
  await using api = startLoopbackApi(() => new Response(event));
  using cluster = await connect(api);
  const selection = { namespace: "a", resourceVersion: "7", metadataOnly: true };
  deepEqual(await Array.fromAsync(cluster.watch(TYPE, selection, SIGNAL)), [
    { type: "ADDED", object: OBJECT },
  ]);
  const query = api.requests[0]?.url.searchParams;
  equal(query?.get("watch"), "true");
  equal(query?.get("allowWatchBookmarks"), "true");
  equal(query?.get("resourceVersion"), "7");
  const seconds = Number(query?.get("timeoutSeconds"));
  equal(seconds >= 300 && seconds <= 600, true);
});

Deno.test("watch() that is left lets its connection go", async () => {
  const event = `${JSON.stringify({ type: "ADDED", object: OBJECT })}\n`;
  const { response, cancelled } = silentAfter(event);
  await using api = startLoopbackApi(() => response);
  using cluster = await connect(api);
  for await (const _event of cluster.watch(TYPE, { resourceVersion: "7" }, SIGNAL)) break;
  await cancelled;
});

Deno.test("watch() that hears nothing times out and lets its connection go", async () => {
  const { response, cancelled } = silentAfter("");
  await using api = startLoopbackApi(() => response);
  using cluster = await connect(api, { watchIdleMs: 50 });
  await rejects(Array.fromAsync(cluster.watch(TYPE, { resourceVersion: "7" }, SIGNAL)), {
    name: "ClusterError",
    code: "timeout",
    message: `Cannot watch configmaps at ${api.url}: no answer within 0.05 s`,
  });
  await cancelled;
});

Deno.test("watch() rejects with the refusal, and with the caller's reason", async () => {
  await using api = startLoopbackApi(({ url }) =>
    url.searchParams.get("resourceVersion") === "1" ? status(410) : silentAfter("").response
  );
  using cluster = await connect(api);
  await rejects(Array.fromAsync(cluster.watch(TYPE, { resourceVersion: "1" }, SIGNAL)), {
    name: "ClusterError",
    status: 410,
  });
  const caller = new AbortController();
  const watching = Array.fromAsync(cluster.watch(TYPE, { resourceVersion: "2" }, caller));
  caller.abort("enough");
  await rejects(watching, (reason) => reason === "enough");
});

Deno.test("watch() reports a connection that breaks", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = (async () => {
    using connection = await listener.accept();
    await connection.read(new Uint8Array(4_096));
    const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"ty';
    await connection.write(new TextEncoder().encode(head));
  })();
  using cluster = await connectCluster({ server: `http://127.0.0.1:${listener.addr.port}` });
  await rejects(Array.fromAsync(cluster.watch(TYPE, { resourceVersion: "7" }, SIGNAL)), {
    name: "ClusterError",
    code: "unreachable",
  });
  await served;
  listener.close();
});
