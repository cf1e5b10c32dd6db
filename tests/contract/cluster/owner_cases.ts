// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import type { JsonObject } from "../../../src/language/mod.ts";
import {
  at,
  configMapPath,
  type ContractCases,
  type ContractContext,
  createConfigMap,
  gone,
  NAMESPACES,
  ownerReference,
  refused,
} from "./contract_case.ts";

async function owned(
  context: ContractContext,
  reference: JsonObject = {},
): Promise<{ readonly owner: JsonObject; readonly dependent: JsonObject }> {
  const owner = await createConfigMap(context, "owner");
  const metadata = { ownerReferences: [ownerReference(owner, reference)] };
  const dependent = await createConfigMap(context, "dependent", { metadata });
  return { owner, dependent };
}

/** Garbage collection by owner references. */
export const OWNER_CASES: ContractCases = {
  "deletes what only a deleted object owned": async (context) => {
    await owned(context);
    await context.cluster.delete(configMapPath(context, "owner"), {}, context);
    equal(await context.cluster.get(configMapPath(context, "owner"), context), undefined);
    await gone(context, configMapPath(context, "dependent"));
  },
  "deletes what a deleted object owned through another": async (context) => {
    const owner = await createConfigMap(context, "owner");
    const middle = await createConfigMap(context, "middle", {
      metadata: { ownerReferences: [ownerReference(owner)] },
    });
    await createConfigMap(context, "last", {
      metadata: { ownerReferences: [ownerReference(middle)] },
    });
    await context.cluster.delete(configMapPath(context, "owner"), {}, context);
    await gone(context, configMapPath(context, "last"));
  },
  "deletes an object whose owner never was": async (context) => {
    await createConfigMap(context, "dependent", {
      metadata: {
        ownerReferences: [
          { apiVersion: "v1", kind: "ConfigMap", name: "none", uid: "no-such-uid" },
        ],
      },
    });
    await gone(context, configMapPath(context, "dependent"));
  },
  "deletes an object whose owner's name was used again": async (context) => {
    const first = await createConfigMap(context, "owner");
    await context.cluster.delete(configMapPath(context, "owner"), {}, context);
    await createConfigMap(context, "owner");
    await createConfigMap(context, "dependent", {
      metadata: { ownerReferences: [ownerReference(first)] },
    });
    await gone(context, configMapPath(context, "dependent"));
  },
  "keeps what has another owner and drops the reference": async (context) => {
    const one = await createConfigMap(context, "one");
    const other = await createConfigMap(context, "other");
    await createConfigMap(context, "dependent", {
      metadata: { ownerReferences: [ownerReference(one), ownerReference(other)] },
    });
    await context.cluster.delete(configMapPath(context, "one"), {}, context);
    const left = await context.eventually(async () => {
      const found = await context.cluster.get(configMapPath(context, "dependent"), context);
      const references = at(found, "metadata.ownerReferences");
      return Array.isArray(references) && references.length === 1 ? references : undefined;
    });
    deepEqual(left, [ownerReference(other)]);
  },
  "keeps what a deleted object leaves as orphans": async (context) => {
    await owned(context);
    await context.cluster.delete(
      configMapPath(context, "owner"),
      { propagation: "Orphan" },
      context,
    );
    await gone(context, configMapPath(context, "owner"));
    const left = await context.cluster.get(configMapPath(context, "dependent"), context);
    equal(at(left, "metadata.ownerReferences"), undefined);
  },
  "deletes blocking dependents before their owner": async (context) => {
    const owner = await createConfigMap(context, "owner");
    const reference = ownerReference(owner, { blockOwnerDeletion: true });
    await createConfigMap(context, "a", {
      metadata: { ownerReferences: [reference], finalizers: ["example.com/hold"] },
    });
    const propagation = "Foreground";
    await context.cluster.delete(configMapPath(context, "owner"), { propagation }, context);
    await context.eventually(async () =>
      at(
        await context.cluster.get(configMapPath(context, "a"), context),
        "metadata.deletionTimestamp",
      )
    );
    const waiting = await context.cluster.get(configMapPath(context, "owner"), context);
    deepEqual(waiting?.metadata.finalizers, ["foregroundDeletion"]);
    await context.cluster.patch(configMapPath(context, "a"), {
      type: "merge",
      body: { metadata: { finalizers: null } },
    }, context);
    await gone(context, configMapPath(context, "owner"));
  },
  "deletes in the foreground what nothing blocks": async (context) => {
    await owned(context);
    const propagation = "Foreground";
    await context.cluster.delete(configMapPath(context, "owner"), { propagation }, context);
    await gone(context, configMapPath(context, "owner"));
    await gone(context, configMapPath(context, "dependent"));
  },
  "keeps a dependent that a finalizer holds": async (context) => {
    const owner = await createConfigMap(context, "owner");
    await createConfigMap(context, "a", {
      metadata: { ownerReferences: [ownerReference(owner)], finalizers: ["example.com/hold"] },
    });
    await context.cluster.delete(configMapPath(context, "owner"), {}, context);
    await context.eventually(async () =>
      at(
        await context.cluster.get(configMapPath(context, "a"), context),
        "metadata.deletionTimestamp",
      )
    );
    await context.cluster.patch(configMapPath(context, "a"), {
      type: "merge",
      body: { metadata: { finalizers: null } },
    }, context);
    await gone(context, configMapPath(context, "a"));
  },
  "deletes what an object of another namespace owns": async (context) => {
    const owner = await createConfigMap(context, "owner");
    const namespace = `${context.namespace}-other`;
    const body = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
    await context.cluster.create(NAMESPACES, body, context);
    const other = { ...context, namespace };
    await createConfigMap(other, "dependent", {
      metadata: { ownerReferences: [ownerReference(owner)] },
    });
    await gone(context, configMapPath(other, "dependent"));
    await context.cluster.delete({ ...NAMESPACES, name: namespace }, {}, context);
  },
  "keeps what a Namespace owns until it is deleted": async (context) => {
    const found = await context.cluster.get({ ...NAMESPACES, name: context.namespace }, context);
    if (found === undefined) throw new TypeError("Cannot find the namespace of the case");
    const metadata = { ownerReferences: [ownerReference(found)] };
    await createConfigMap(context, "dependent", { metadata });
    // The collector has looked at everything before it deletes what was made later.
    await createConfigMap(context, "later", {
      metadata: {
        ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "none", uid: "none" }],
      },
    });
    await gone(context, configMapPath(context, "later"));
    const kept = await context.cluster.get(configMapPath(context, "dependent"), context);
    deepEqual(kept?.metadata.ownerReferences, [ownerReference(found)]);
  },
  "deletes a circle of owners in the foreground": async (context) => {
    const one = await createConfigMap(context, "one");
    const other = await createConfigMap(context, "other", {
      metadata: { ownerReferences: [ownerReference(one, { blockOwnerDeletion: true })] },
    });
    const ownerReferences = [ownerReference(other, { blockOwnerDeletion: true })];
    await context.cluster.patch(configMapPath(context, "one"), {
      type: "merge",
      body: { metadata: { ownerReferences } },
    }, context);
    const propagation = "Foreground";
    await context.cluster.delete(configMapPath(context, "one"), { propagation }, context);
    await gone(context, configMapPath(context, "one"));
    await gone(context, configMapPath(context, "other"));
  },
  "refuses owner references that are no list": async (context) => {
    const metadata = { ownerReferences: "none" };
    await refused(createConfigMap(context, "a", { metadata }), { status: 400 });
  },
};
