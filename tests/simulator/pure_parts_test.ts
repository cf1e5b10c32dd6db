// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import type { JsonObject, JsonValue } from "../../src/language/mod.ts";
import { objectType } from "../../src/simulator/field_types.ts";
import { compareFields, mergeApplied, statedFields } from "../../src/simulator/field_values.ts";
import { decodeFields, encodeFields } from "../../src/simulator/field_set.ts";
import { readJsonPath } from "../../src/simulator/http_api/json_path.ts";
import { parseWireJson, printWireJson } from "../../src/simulator/http_api/wire_json.ts";
import { applyJsonPatch, JsonPatchError } from "../../src/simulator/json_patch.ts";
import { sameJson } from "../../src/simulator/json_values.ts";
import { applyMergePatch } from "../../src/runtime/mod.ts";
import { applyStrategicPatch } from "../../src/simulator/strategic_merge_patch.ts";
import { formatTimestamp, parseTimestamp } from "../../src/simulator/timestamp.ts";
import { BUILT_IN_KINDS } from "../../src/simulator/built_in_kinds.ts";

Deno.test("a patch takes __proto__ as a key like any other", () => {
  const patch = JSON.parse('{"__proto__":{"polluted":true}}');
  const merged = applyMergePatch({}, patch);
  deepEqual(Object.keys(merged as JsonObject), ["__proto__"]);
  equal(({} as Record<string, unknown>).polluted, undefined);
  const added = applyJsonPatch({}, [{ op: "add", path: "/__proto__", value: { polluted: true } }]);
  deepEqual(Object.keys(added as JsonObject), ["__proto__"]);
});

/** Examples of RFC 6902, appendix A. */
const PATCHES: readonly (readonly [JsonValue, JsonValue, JsonValue | undefined])[] = [
  [{ foo: ["a", "c"] }, [{ op: "add", path: "/foo/1", value: "b" }], { foo: ["a", "b", "c"] }],
  [{ foo: ["a", "b"] }, [{ op: "remove", path: "/foo/0" }], { foo: ["b"] }],
  [{ foo: [1, 2, 3] }, [{ op: "move", from: "/foo/0", path: "/foo/2" }], { foo: [2, 3, 1] }],
  [{ foo: [1] }, [{ op: "add", path: "/foo/-", value: [2] }], { foo: [1, [2]] }],
  [{ "/": 9, "~1": 10 }, [{ op: "test", path: "/~01", value: 10 }], { "/": 9, "~1": 10 }],
  [{ "/": 9, "~1": 10 }, [{ op: "test", path: "/~01", value: "10" }], undefined],
  [{ foo: "bar" }, [{ op: "add", path: "/baz/bat", value: "qux" }], undefined],
  [{ foo: [1] }, [{ op: "add", path: "/foo/2", value: 1 }], undefined],
  [{ foo: [1] }, [{ op: "remove", path: "/foo/1" }], undefined],
];

for (const [document, patch, expected] of PATCHES) {
  Deno.test(`a JSON patch ${JSON.stringify(patch)} of ${JSON.stringify(document)}`, () => {
    if (expected === undefined) throws(() => applyJsonPatch(document, patch), JsonPatchError);
    else deepEqual(applyJsonPatch(document, patch), expected);
  });
}

Deno.test("timestamps are those of the calendar", () => {
  fc.assert(fc.property(fc.integer({ min: -62_000_000_000, max: 250_000_000_000 }), (seconds) => {
    const text = new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
    equal(formatTimestamp(seconds * 1000), text);
    equal(parseTimestamp(text), seconds);
  }));
});

Deno.test("JSON over the wire keeps its numbers", () => {
  const text = '{"a":9007199254740993,"b":-9223372036854775808,"c":1.5,"d":1e300}';
  const value = parseWireJson(text);
  deepEqual(value, {
    a: 9007199254740993n,
    b: -9223372036854775808n,
    c: 1.5,
    d: 1e300,
  });
  equal(sameJson(parseWireJson(printWireJson(value)), value), true);
});

Deno.test("JSON paths of printer columns read keys, indexes and conditions", () => {
  const object = {
    spec: { list: [{ a: 1 }, { a: 2 }], "with.dot": 3 },
    status: { conditions: [{ type: "A", status: "x" }, { type: "Ready", status: "y" }] },
  };
  const paths = [
    ".spec.list[1].a",
    ".spec.with\\.dot",
    ".spec['with.dot']",
    '.status.conditions[?(@.type=="Ready")].status',
    ".spec.none.at.all",
  ];
  deepEqual(paths.map((path) => readJsonPath(object, path)), [2, 3, 3, "y", undefined]);
});

const deployments = BUILT_IN_KINDS.find(({ kind }) => kind === "Deployment");
if (deployments === undefined) throw new TypeError("Cannot find the kind Deployment");
const TYPE = objectType(deployments);

function podWith(containers: readonly JsonValue[]): JsonObject {
  return { spec: { template: { spec: { containers } } } };
}

const STRATEGIC: readonly {
  readonly name: string;
  readonly patch: readonly JsonValue[];
  readonly containers: readonly JsonValue[];
}[] = [
  {
    name: "merges items by their key",
    patch: [{ name: "b", image: "2" }, { name: "c", image: "1" }],
    containers: [{ name: "a", image: "1" }, { name: "b", image: "2" }, { name: "c", image: "1" }],
  },
  {
    name: "removes an item",
    patch: [{ name: "a", $patch: "delete" }],
    containers: [{ name: "b", image: "1" }],
  },
  {
    name: "replaces a list",
    patch: [{ name: "c", image: "1" }, { $patch: "replace" }],
    containers: [{ name: "c", image: "1" }],
  },
];

for (const { name, patch, containers } of STRATEGIC) {
  Deno.test(`a strategic merge patch ${name}`, () => {
    const live = podWith([{ name: "a", image: "1" }, { name: "b", image: "1" }]);
    deepEqual(applyStrategicPatch(live, podWith(patch), TYPE), podWith(containers));
  });
}

Deno.test("a strategic merge patch keeps the keys of a union that it names", () => {
  const live = { spec: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } } };
  const patch = { spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } } };
  deepEqual(applyStrategicPatch(live, patch, TYPE), { spec: { strategy: { type: "Recreate" } } });
});

const key = fc.constantFrom("a", "b", "c", "f:x", ".", "containers", "name", "__proto__");
const { tree } = fc.letrec<{ tree: JsonValue }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.integer(),
    fc.string(),
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(key, tie("tree"), { maxKeys: 4 }),
  ),
}));
const object = fc.dictionary(key, tree, { maxKeys: 4 });

Deno.test("sets of fields survive FieldsV1", () => {
  fc.assert(fc.property(object, (value) => {
    const fields = statedFields(value, TYPE);
    const read = decodeFields(JSON.parse(JSON.stringify(encodeFields(fields))));
    deepEqual([...read].sort(), [...fields].sort());
  }));
});

Deno.test("an object applied to itself changes nothing", () => {
  fc.assert(fc.property(object, (value) => {
    equal(sameJson(mergeApplied(value, value, TYPE), value), true);
    const { added, modified, removed } = compareFields(value, value, TYPE);
    deepEqual([added.size, modified.size, removed.size], [0, 0, 0]);
  }));
});

Deno.test("what differs between two objects is found from both sides", () => {
  fc.assert(fc.property(object, object, (one, other) => {
    const there = compareFields(one, other, TYPE);
    const back = compareFields(other, one, TYPE);
    deepEqual([...there.added].sort(), [...back.removed].sort());
    deepEqual([...there.modified].sort(), [...back.modified].sort());
    const isSame = there.added.size + there.modified.size + there.removed.size === 0;
    equal(isSame, sameJson(one, other));
  }));
});
