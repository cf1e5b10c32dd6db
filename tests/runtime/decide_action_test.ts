// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import type { JsonObject, JsonValue, ResourceFunction } from "../../src/language/mod.ts";
import {
  applyMergePatch,
  decideCreation,
  decideEarly,
  decideUpdate,
  LAST_APPLIED,
  type Owner,
} from "../../src/runtime/mod.ts";
import { literalTemplate } from "./definitions.ts";

const OWNER: Owner = { apiVersion: "e.dev/v1", kind: "T", namespace: "ns", name: "t", uid: "u1" };
const REFERENCE = {
  apiVersion: "e.dev/v1",
  kind: "T",
  blockOwnerDeletion: true,
  controller: false,
  name: "t",
  uid: "u1",
};
const PLACE = { file: "f.yaml", line: 1, column: 1 };

function resourceFunction(changes: Partial<ResourceFunction> = {}): ResourceFunction {
  return {
    type: "ResourceFunction",
    id: { kind: "ResourceFunction", namespace: "default", name: "rf" },
    digest: "",
    source: PLACE,
    preconditions: [],
    locals: [],
    apiConfig: {
      apiVersion: "v1",
      kind: "ConfigMap",
      plural: "configmaps",
      name: literalTemplate("n"),
      namespace: literalTemplate("ns"),
      namespaced: true,
      mode: "manage",
      owned: true,
    },
    base: { type: "resource", template: literalTemplate({}) },
    overlays: [],
    create: { enabled: true, delaySeconds: 30 },
    update: { type: "patch", delaySeconds: 30 },
    postconditions: [],
    neededInputs: [],
    ...changes,
  };
}

const IDENTITY = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "n", namespace: "ns" },
} satisfies JsonObject;

function update(
  target: JsonObject,
  live: JsonObject,
  more: { fn?: Partial<ResourceFunction>; owner?: Owner; isShared?: boolean } = {},
) {
  const { owner, isShared = false } = more;
  return decideUpdate(resourceFunction(more.fn), { target, live, owner, isShared });
}

/** The live object after a write, as an API server that adds nothing would hold it. */
function created(target: JsonObject, creation = target, owner?: Owner): JsonObject {
  const action = decideCreation(resourceFunction(), { target, creation, owner });
  return action.type === "create" ? action.body : {};
}

Deno.test("RF-30.6 to RF-30.8 what is decided without a target", () => {
  const { apiConfig, create } = resourceFunction();
  const mode = (mode: "manage" | "readonly" | "deleteIfExists") =>
    resourceFunction({ apiConfig: { ...apiConfig, mode } });
  equal(decideEarly(mode("deleteIfExists"), true), "delete");
  equal(decideEarly(mode("deleteIfExists"), false), "evaluate");
  equal(decideEarly(mode("readonly"), true), "evaluate");
  equal(decideEarly(mode("readonly"), false), "wait");
  equal(decideEarly(mode("manage"), false), "build");
  const disabled = resourceFunction({ create: { ...create, enabled: false } });
  equal(decideEarly(disabled, false), "wait");
  equal(decideEarly(disabled, true), "build");
});

Deno.test("RF-45 patches with the whole target, not only the differences", () => {
  const action = update({ ...IDENTITY, data: { a: "1", b: "2" } }, {
    ...IDENTITY,
    data: { a: "x", b: "2" },
  });
  equal(action.type, "patch");
  if (action.type !== "patch") return;
  deepEqual(action.body.data, { a: "1", b: "2" });
  equal(action.reason, "'data' -> 'a' -> <target:[1], resource:[x]>");
});

Deno.test("RF-45 sends removals as null", () => {
  const live = created({ ...IDENTITY, data: { a: "1", b: "2" } });
  const action = update({ ...IDENTITY, data: { a: "1" } }, live);
  equal(action.type, "patch");
  if (action.type !== "patch") return;
  deepEqual(action.body.data, { a: "1", b: null });
  equal(action.reason, "'data' -> <'b' removed from target>");
});

Deno.test("DF-34 removes nothing from a shared object", () => {
  const live = created({ ...IDENTITY, data: { a: "1", b: "2" } });
  equal(update({ ...IDENTITY, data: { a: "1" } }, live, { isShared: true }).type, "none");
});

Deno.test("DF-30 recreate and never do not look for removals", () => {
  const live = created({ ...IDENTITY, data: { a: "1", b: "2" } });
  const target = { ...IDENTITY, data: { a: "1" } };
  const recreate = { update: { type: "recreate", delaySeconds: 1 } } as const;
  equal(update(target, live, { fn: recreate }).type, "none");
  equal(update(target, live, { fn: { update: { type: "never" } } }).type, "none");
});

Deno.test("RF-46 recreates with the uid of the object that was read", () => {
  const live = { ...IDENTITY, metadata: { ...IDENTITY.metadata, uid: "live" }, data: { a: "x" } };
  const fn = { update: { type: "recreate", delaySeconds: 7 } } as const;
  const action = update({ ...IDENTITY, data: { a: "1" } }, live, { fn });
  equal(action.type, "recreate");
  if (action.type !== "recreate") return;
  deepEqual([action.uid, action.delaySeconds], ["live", 7]);
});

Deno.test("RF-47 never changes nothing, not even owner references", () => {
  const fn = { update: { type: "never" } } as const;
  deepEqual(update({ ...IDENTITY, data: {} }, IDENTITY, { fn, owner: OWNER }), { type: "none" });
});

Deno.test("RF-48 a missing owner reference alone is patched in", () => {
  const live = { ...IDENTITY, metadata: { ...IDENTITY.metadata, ownerReferences: [{ uid: "z" }] } };
  const action = update(IDENTITY, live, { owner: OWNER });
  equal(action.type, "patch");
  if (action.type !== "patch") return;
  equal(action.reason, "<missing owner reference>");
  deepEqual((action.body.metadata as JsonObject).ownerReferences, [{ uid: "z" }, REFERENCE]);
});

Deno.test("RF-48 with recreate only the owner reference is patched", () => {
  const fn = { update: { type: "recreate", delaySeconds: 7 } } as const;
  deepEqual(update(IDENTITY, IDENTITY, { owner: OWNER, fn }), {
    type: "patch",
    body: { metadata: { ownerReferences: [REFERENCE] } },
    delaySeconds: 7,
    reason: "<missing owner reference>",
  });
});

Deno.test("RF-51 a reference with the owner's uid is not added twice", () => {
  const metadata = { ...IDENTITY.metadata, ownerReferences: [{ uid: "u1" }] };
  equal(update(IDENTITY, { ...IDENTITY, metadata }, { owner: OWNER }).type, "none");
  const action = update({ ...IDENTITY, data: { a: "1" } }, { ...IDENTITY, metadata }, {
    owner: OWNER,
  });
  equal(
    action.type === "patch" && "ownerReferences" in (action.body.metadata as JsonObject),
    false,
  );
});

Deno.test("RF-51 references in the target do not push out those of the live object", () => {
  const metadata = { ...IDENTITY.metadata, ownerReferences: [{ uid: "mine" }] };
  const live = {
    ...IDENTITY,
    metadata: { ...IDENTITY.metadata, ownerReferences: [{ uid: "u1" }] },
  };
  const action = update({ ...IDENTITY, metadata, data: { a: "1" } }, live, { owner: OWNER });
  const body = action.type === "patch" ? action.body.metadata as JsonObject : {};
  deepEqual(body.ownerReferences, [{ uid: "u1" }, { uid: "mine" }]);
});

Deno.test("RF-60 a body has no directives and carries what was applied", () => {
  const target = {
    ...IDENTITY,
    spec: { "x-koreo-compare-as-set": ["l"], l: [{ "x-koreo-compare-last-applied": ["a"], a: 1 }] },
  };
  const creation = { ...target, extra: true };
  const action = decideCreation(resourceFunction(), { target, creation, owner: OWNER });
  equal(action.type, "create");
  if (action.type !== "create") return;
  const { annotations, ...metadata } = action.body.metadata;
  deepEqual({ ...action.body, metadata }, {
    ...IDENTITY,
    metadata: { ...IDENTITY.metadata, ownerReferences: [REFERENCE] },
    spec: { l: [{ a: 1 }] },
    extra: true,
  });
  deepEqual(JSON.parse(String((annotations as JsonObject)[LAST_APPLIED])), {
    ...IDENTITY,
    metadata: { ...IDENTITY.metadata, ownerReferences: [REFERENCE] },
    spec: { l: [{ a: 1 }] },
  });
});

Deno.test("RF-60 the last-applied text is in insertion order and without itself", () => {
  const target = {
    ...IDENTITY,
    metadata: { ...IDENTITY.metadata, annotations: { b: "1", [LAST_APPLIED]: "old" } },
    data: { z: 1, a: "ü" },
  };
  const body = created(target);
  equal(
    ((body.metadata as JsonObject).annotations as JsonObject)[LAST_APPLIED],
    '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "n", "namespace": "ns", ' +
      '"annotations": {"b": "1"}}, "data": {"z": 1, "a": "\\u00fc"}}',
  );
});

const { value: json } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<JsonValue>(null, true, 0, 1.5, "", "x"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "c"), tie("value"), { maxKeys: 3 }),
  ),
}));
const fields = fc.dictionary(fc.constantFrom("spec", "data", "more"), json, { maxKeys: 3 });

Deno.test("RF-45 an object that took its own patch differs no more", () => {
  fc.assert(fc.property(fields, fields, (wanted, found) => {
    const target = { ...wanted, ...IDENTITY };
    const live = { ...found, ...IDENTITY };
    const action = update(target, live, { owner: OWNER });
    const after = action.type === "patch" ? applyMergePatch(live, action.body) : live;
    deepEqual(update(target, after, { owner: OWNER }), { type: "none" });
  }));
});

Deno.test("DF-30 a change of target is settled by one patch, and nobody else's keys go", () => {
  fc.assert(fc.property(fields, fields, fields, (first, second, others) => {
    const before = created({ ...first, ...IDENTITY });
    const live = applyMergePatch(before, { extra: { others } });
    const target = { ...second, ...IDENTITY };
    const action = update(target, live);
    const after = action.type === "patch" ? applyMergePatch(live, action.body) : live;
    deepEqual(after.extra, live.extra);
    deepEqual(update(target, after), { type: "none" });
  }));
});
