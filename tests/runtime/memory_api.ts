// SPDX-License-Identifier: Apache-2.0

import { applyMergePatch, ClusterError, type ResourceApi } from "../../src/runtime/mod.ts";
import type { JsonObject } from "../../src/language/mod.ts";
import type { KubernetesObject } from "../../src/runtime/ports.ts";

/** A request as tests look at it. */
export interface Call {
  readonly verb: "GET" | "POST" | "PATCH" | "DELETE";
  readonly name: string;
  readonly body?: JsonObject;
  readonly uid?: string | undefined;
}

/** The narrow API over a map, with faults and waits that tests choose. */
export interface MemoryApi extends ResourceApi {
  readonly calls: Call[];
  readonly objects: Map<string, KubernetesObject>;
  /** Called before a request is answered: may throw, or wait. */
  before: (call: Call, signal: AbortSignal) => void | Promise<void>;
}

/** Creates an API that holds `objects`; names are unique over all kinds. */
export function createMemoryApi(objects: readonly KubernetesObject[] = []): MemoryApi {
  const stored = new Map(objects.map((object) => [nameOf(object), object]));
  let uids = 0;
  const api: MemoryApi = {
    calls: [],
    objects: stored,
    before: () => {},
    discover: (kind) =>
      Promise.resolve({
        ...kind,
        plural: `${kind.kind.toLowerCase()}s`,
        namespaced: true,
        hasStatus: true,
      }),
    async get({ name }, { signal }) {
      await arrive({ verb: "GET", name }, signal);
      return stored.get(name);
    },
    async create(_path, body, { signal }) {
      const name = nameOf(body);
      await arrive({ verb: "POST", name, body }, signal);
      if (stored.has(name)) throw new ClusterError("refused", "exists", { status: 409 });
      const uid = `uid-${++uids}`;
      const object = { ...body, metadata: { ...body.metadata, uid } };
      stored.set(name, object);
      return object;
    },
    async patch({ name }, { body }, { signal }) {
      await arrive({ verb: "PATCH", name, body: body as JsonObject }, signal);
      const before = stored.get(name);
      if (!before) throw gone(name);
      const after = applyMergePatch(before, body as JsonObject) as KubernetesObject;
      stored.set(name, after);
      return after;
    },
    async delete({ name }, { uid }, { signal }) {
      await arrive({ verb: "DELETE", name, uid }, signal);
      if (!stored.delete(name)) throw gone(name);
    },
  };
  async function arrive(call: Call, signal: AbortSignal): Promise<void> {
    api.calls.push(call);
    await api.before(call, signal);
    signal.throwIfAborted();
  }
  return api;
}

function gone(name: string): ClusterError {
  return new ClusterError("refused", "not found", { status: 404, subject: { name } });
}

function nameOf(object: JsonObject): string {
  return String((object.metadata as JsonObject | undefined)?.name);
}
