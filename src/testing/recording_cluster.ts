// SPDX-License-Identifier: Apache-2.0

import { isJsonObject, type JsonObject } from "../language/mod.ts";
import {
  applyMergePatch,
  ClusterError,
  identityOfObject,
  type KubernetesObject,
  type ResourceApi,
  type ResourceIdentity,
} from "../runtime/mod.ts";

/** A change that was asked of the in-memory API. */
export type Write =
  | { readonly type: "create"; readonly resource: ResourceIdentity; readonly body: JsonObject }
  | {
    readonly type: "patch";
    readonly resource: ResourceIdentity;
    readonly before: JsonObject;
    readonly body: JsonObject;
  }
  | { readonly type: "delete"; readonly resource: ResourceIdentity };

/** A request to the in-memory API. */
export type Call = { readonly type: "get"; readonly resource: ResourceIdentity } | Write;

/**
 * The in-memory API of FunctionTests (FT-30 to FT-32, FW-16): answers by identity, knows every
 * kind, adds nothing to what it is given, and remembers what was asked of it.
 */
export interface RecordingCluster extends ResourceApi {
  /** What was read, in order. */
  readonly reads: readonly ResourceIdentity[];
  /** What was written, in order. */
  readonly writes: readonly Write[];
  /** Both, in order. */
  readonly calls: readonly Call[];
  /** What it holds now, in order of creation. */
  objects(): readonly JsonObject[];
  find(resource: ResourceIdentity): JsonObject | undefined;
}

/** Makes an in-memory API that holds `objects`. */
export function createRecordingCluster(objects: Iterable<JsonObject>): RecordingCluster {
  const store = new Map<string, JsonObject>();
  const reads: ResourceIdentity[] = [];
  const writes: Write[] = [];
  const calls: Call[] = [];
  const wrote = (write: Write): void => {
    writes.push(write);
    calls.push(write);
  };
  for (const object of objects) store.set(keyOf(identityOfObject(object)), object);
  return {
    reads,
    writes,
    calls,
    objects: () => [...store.values()],
    find: (resource) => store.get(keyOf(resource)),
    discover: (kind) => Promise.resolve(anyKind(kind)),
    get(path) {
      reads.push(path);
      calls.push({ type: "get", resource: path });
      return Promise.resolve(store.get(keyOf(path)) as KubernetesObject | undefined);
    },
    create(_path, body) {
      const resource = identityOfObject(body);
      if (store.has(keyOf(resource))) return Promise.reject(refusal(409, resource));
      wrote({ type: "create", resource, body });
      store.set(keyOf(resource), body);
      return Promise.resolve(body);
    },
    patch(path, patch) {
      const before = store.get(keyOf(path));
      if (!before) return Promise.reject(refusal(404, path));
      const body = isJsonObject(patch.body) ? patch.body : {};
      wrote({ type: "patch", resource: path, before, body });
      const after = applyMergePatch(before, body) as KubernetesObject;
      store.set(keyOf(path), after);
      return Promise.resolve(after);
    },
    delete(path) {
      if (!store.delete(keyOf(path))) return Promise.reject(refusal(404, path));
      wrote({ type: "delete", resource: path });
      return Promise.resolve();
    },
  };
}

/** An object for people: `Service "team-a/shop" (v1)`. */
export function resourceName(resource: ResourceIdentity): string {
  const { apiVersion, kind, namespace, name } = resource;
  return `${kind} "${namespace === undefined ? name : `${namespace}/${name}`}" (${apiVersion})`;
}

/** Unlike in a cluster the version counts: a test names the object that the Function asks for. */
function keyOf(resource: ResourceIdentity): string {
  const { apiVersion, kind, namespace, name } = resource;
  return `${apiVersion}|${kind}|${namespace ?? ""}|${name}`;
}

/** Whether two identities name one object of a test. */
export function isSameObject(one: ResourceIdentity, other: ResourceIdentity): boolean {
  return keyOf(one) === keyOf(other);
}

function anyKind(kind: { readonly apiVersion: string; readonly kind: string }) {
  const plural = `${kind.kind.toLowerCase()}s`;
  return { ...kind, plural, namespaced: true, hasStatus: true };
}

/** Two steps of a Workflow can meet at one object: then the later one is told. */
function refusal(status: 404 | 409, resource: ResourceIdentity): ClusterError {
  const [reason, words] = status === 404
    ? ["NotFound", "not found"]
    : ["AlreadyExists", "already exists"];
  return new ClusterError("refused", `${resourceName(resource)} ${words}`, {
    status,
    reason,
    subject: { kind: resource.kind, name: resource.name },
  });
}
