// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, rejects } from "node:assert/strict";
import fc from "fast-check";
import { watchEvents } from "../../../src/adapters/kubernetes/watch_events.ts";
import { ClusterError } from "../../../src/runtime/ports.ts";

const PATH = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" };

async function* bytes(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function line(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`;
}

Deno.test("watchEvents() gives the same events however the stream is cut into pieces", async () => {
  const names = ["eins", "zwei-ü", "drei-\u{1F600}"];
  const whole = encode(names.map((name) => line("ADDED", { metadata: { name } })).join(""));
  await fc.assert(fc.asyncProperty(
    fc.array(fc.integer({ min: 0, max: whole.length }), { maxLength: 12 }),
    async (cuts) => {
      const bounds = [0, ...cuts.toSorted((one, other) => one - other), whole.length];
      const chunks = bounds.slice(1).map((end, index) => whole.subarray(bounds[index], end));
      const events = await Array.fromAsync(watchEvents(bytes(...chunks), PATH));
      deepEqual(events.map(({ object }) => object.metadata["name"]), names);
    },
  ));
});

Deno.test("watchEvents() gives metadata the name of its kind", async () => {
  const object = { apiVersion: "meta.k8s.io/v1", kind: "PartialObjectMetadata", metadata: {} };
  const [event] = await Array.fromAsync(watchEvents(bytes(encode(line("MODIFIED", object))), PATH));
  deepEqual(event, {
    type: "MODIFIED",
    object: { apiVersion: "v1", kind: "ConfigMap", metadata: {} },
  });
});

Deno.test("watchEvents() reads long numbers exactly", async () => {
  const text = '{"type":"ADDED","object":{"metadata":{},"spec":{"n":9007199254740993}}}\n';
  const [event] = await Array.fromAsync(watchEvents(bytes(encode(text)), PATH));
  deepEqual(event?.object["spec"], { n: 9007199254740993n });
});

Deno.test("watchEvents() drops a last line that was cut off", async () => {
  const text = line("ADDED", { metadata: {} }) + '{"type":"ADDED","obj';
  equal((await Array.fromAsync(watchEvents(bytes(encode(text)), PATH))).length, 1);
});

Deno.test("watchEvents() throws an ERROR event, with its status", async () => {
  const status = { kind: "Status", code: 410, reason: "Expired", message: "too old" };
  await rejects(
    Array.fromAsync(watchEvents(bytes(encode(line("ERROR", status))), PATH)),
    (error) =>
      error instanceof ClusterError && error.status === 410 && error.reason === "Expired" &&
      error.message === "too old",
  );
});

for (const text of ["<html>\n", '{"type":"NEW","object":{"metadata":{}}}\n', "{}\n"]) {
  Deno.test(`watchEvents() refuses what is no event and does not quote it: ${text.trim()}`, async () => {
    await rejects(
      Array.fromAsync(watchEvents(bytes(encode(text)), PATH)),
      (error) => error instanceof ClusterError && !error.message.includes(text.trim()),
    );
  });
}
