// SPDX-License-Identifier: Apache-2.0

import type { JsonObject } from "../../src/language/mod.ts";
import type { KubernetesObject, ResourcePath } from "../../src/runtime/ports.ts";
import type { BareWrite } from "./bare_client.ts";

/** The kinds of the four objects of a trigger: the server stores them and does nothing else. */
export const MANAGED_KINDS: readonly (ResourcePath & { readonly fields: JsonObject })[] = [
  { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", fields: { data: { a: "1" } } },
  { apiVersion: "v1", kind: "ServiceAccount", plural: "serviceaccounts", fields: {} },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    plural: "roles",
    fields: { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] }] },
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    plural: "networkpolicies",
    fields: { spec: { podSelector: {}, policyTypes: ["Ingress"] } },
  },
];

/** The trigger's kind. */
export const TRIGGER = { apiVersion: "bench.example.com/v1", kind: "Stack", plural: "stacks" };

/** Its CustomResourceDefinition. */
export const TRIGGER_DEFINITION: KubernetesObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "stacks.bench.example.com" },
  spec: {
    group: "bench.example.com",
    names: { kind: "Stack", listKind: "StackList", plural: "stacks", singular: "stack" },
    scope: "Namespaced",
    versions: [{
      name: "v1",
      served: true,
      storage: true,
      subresources: { status: {} },
      schema: {
        openAPIV3Schema: {
          type: "object",
          properties: {
            spec: { type: "object", properties: { size: { type: "string" } } },
            status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
          },
        },
      },
    }],
  },
};

/** A trigger; every second one as `kubectl apply` makes it, with its annotation. */
export function trigger(index: number, namespace: string): KubernetesObject {
  const name = `stack-${index}`;
  const spec = { size: "small" };
  const annotation = JSON.stringify({ ...TRIGGER, metadata: { name, namespace }, spec });
  return {
    apiVersion: TRIGGER.apiVersion,
    kind: TRIGGER.kind,
    metadata: {
      name,
      namespace,
      ...(index % 2 === 0
        ? { annotations: { "kubectl.kubernetes.io/last-applied-configuration": `${annotation}\n` } }
        : {}),
    },
    spec,
  };
}

/** The kind that owns what a bare client writes: triggers would be reconciled. */
export const OWNER = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" };

/** An owner of what a bare client writes. */
export function bareOwner(namespace: string, name: string): KubernetesObject {
  return { apiVersion: OWNER.apiVersion, kind: OWNER.kind, metadata: { name, namespace } };
}

/** What the reconciler writes for as many triggers, each with an owner like theirs. */
export function bareWrites(
  namespace: string,
  owners: readonly KubernetesObject[],
): readonly BareWrite[] {
  return owners.flatMap(({ apiVersion, kind, metadata: { name, uid } }) => {
    const owner = { apiVersion, kind, name, uid, blockOwnerDeletion: true, controller: false };
    return MANAGED_KINDS.map((managed) => {
      const metadata = { labels: { app: name }, name: `${name}-x`, namespace };
      const object = {
        apiVersion: managed.apiVersion,
        kind: managed.kind,
        ...managed.fields,
        metadata: { ...metadata, ownerReferences: [owner] },
      } as JsonObject & KubernetesObject;
      const lastApplied = JSON.stringify(object);
      const annotations = { "koreo.dev/last-applied-configuration": lastApplied };
      const body = { ...object, metadata: { ...object.metadata, annotations } };
      return { path: { ...managed, namespace }, body };
    });
  });
}

/** A Workflow of four independent steps, as definition files by name. */
export function definitionFiles(): Readonly<Record<string, string>> {
  const documents = [workflow(), ...MANAGED_KINDS.map(resourceFunction)];
  return { "koreo/stack.k.yaml": documents.map((each) => JSON.stringify(each)).join("\n---\n") };
}

function workflow(): JsonObject {
  return {
    apiVersion: "koreo.dev/v1beta1",
    kind: "Workflow",
    metadata: { name: "stack.v1", namespace: "bench" },
    spec: {
      crdRef: { apiGroup: "bench.example.com", version: "v1", kind: "Stack" },
      steps: MANAGED_KINDS.map(({ kind }) => ({
        label: kind.toLowerCase(),
        ref: { kind: "ResourceFunction", name: functionName(kind) },
        inputs: { name: "=parent.metadata.name", namespace: "=parent.metadata.namespace" },
      })),
    },
  };
}

function resourceFunction({ apiVersion, kind, fields }: typeof MANAGED_KINDS[number]): JsonObject {
  return {
    apiVersion: "koreo.dev/v1beta1",
    kind: "ResourceFunction",
    metadata: { name: functionName(kind), namespace: "bench" },
    spec: {
      apiConfig: { apiVersion, kind, name: "=inputs.name", namespace: "=inputs.namespace" },
      resource: { metadata: { labels: { app: "=inputs.name" } }, ...fields },
      create: { delay: 0 },
      return: { name: "=resource.metadata.name" },
    },
  };
}

function functionName(kind: string): string {
  return `${kind.toLowerCase()}.v1`;
}
