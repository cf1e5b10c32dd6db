// SPDX-License-Identifier: Apache-2.0

import { deepEqual } from "node:assert/strict";
import { foreignChange } from "../../../src/controller/triggers/foreign_change.ts";
import type { ObjectChange } from "../../../src/controller/watch/object_store.ts";
import type { JsonObject, JsonValue } from "../../../src/language/mod.ts";

const map = (content: JsonObject, metadata: JsonObject = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a", ...metadata },
  ...content,
});

const entry = (manager: string, time: string, fieldsV1: JsonObject): JsonValue => ({
  manager,
  operation: "Update",
  time,
  fieldsV1,
});

const managedFields = [
  entry("deno", "2024-01-01T00:00:00Z", { "f:data": { "f:a": {}, "f:b": {} } }),
  entry("kubectl-edit", "2024-01-01T00:01:00Z", { "f:data": { "f:a": {} } }),
  entry("status-writer", "2024-01-01T00:02:00Z", { "f:status": {} }),
];

interface Case {
  readonly name: string;
  readonly change: Partial<ObjectChange>;
  readonly expected: ReturnType<typeof foreignChange>;
}

const CASES: readonly Case[] = [
  {
    name: "names the field and who wrote it last",
    change: { previous: map({ data: { a: "1" } }), object: map({ data: { a: "2" } }) },
    expected: { type: "changed", field: "data.a", manager: "kubectl-edit" },
  },
  {
    name: "names a field that is gone; nobody owns it",
    change: { previous: map({ data: { c: "1" } }), object: map({ data: {} }) },
    expected: { type: "changed", field: "data.c" },
  },
  {
    name: "tells lists as a whole",
    change: { previous: map({ spec: { ports: [1] } }), object: map({ spec: { ports: [2] } }) },
    expected: { type: "changed", field: "spec.ports" },
  },
  {
    name: "tells of a label",
    change: { previous: map({}, { labels: { a: "1" } }), object: map({}, { labels: {} }) },
    expected: { type: "changed", field: "metadata.labels.a" },
  },
  {
    name: "tells of an owner that was taken away",
    change: {
      previous: map({}, { ownerReferences: [{ uid: "1" }] }),
      object: map({}, { ownerReferences: [] }),
    },
    expected: { type: "changed", field: "metadata.ownerReferences" },
  },
  {
    name: "passes over the status and bookkeeping",
    change: {
      previous: map({ status: { a: 1 } }, { resourceVersion: "1" }),
      object: map({ status: { a: 2 } }, { resourceVersion: "2", generation: 2 }),
    },
    expected: undefined,
  },
  {
    name: "names who wrote last where nothing else is known",
    change: { object: map({}) },
    expected: { type: "changed", manager: "status-writer" },
  },
  { name: "tells of a deletion", change: { type: "deleted" }, expected: { type: "deleted" } },
];

for (const { name, change, expected } of CASES) {
  Deno.test(`foreignChange() ${name}`, () => {
    deepEqual(
      foreignChange({
        type: "modified",
        key: "/a",
        object: map({}),
        isOwn: false,
        isInitial: false,
        managedFields,
        ...change,
      }),
      expected,
    );
  });
}
