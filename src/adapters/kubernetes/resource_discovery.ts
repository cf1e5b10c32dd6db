// SPDX-License-Identifier: Apache-2.0

import { isJsonList, type JsonValue, member } from "../../language/mod.ts";
import { type Abortable, ClusterError, type ResourceType } from "../../runtime/ports.ts";
import type { ApiTransport } from "./api_transport.ts";
import { untilAborted } from "./deadline.ts";
import { groupVersionPath } from "./resource_url.ts";

/** What kinds a server serves, remembered. */
export interface ResourceDiscovery {
  /** The kind, or `undefined` when it is not served. */
  find(
    kind: Pick<ResourceType, "apiVersion" | "kind">,
    options: Abortable,
  ): Promise<ResourceType | undefined>;
  /** Forgets a group and version: what was known about it turned out wrong. */
  forget(apiVersion: string): void;
}

/** When what is known is asked again. */
export interface DiscoverySettings {
  /** Longest time a kind that is served is taken to be so. */
  readonly maxAgeMs: number;
  /** Shortest time between two questions about a kind that is not served. */
  readonly minRetryMs: number;
  /** Milliseconds that only grow. */
  now(): number;
}

/** The usual times: a kind made by a fresh CRD is seen within 2 s. */
const DISCOVERY_SETTINGS: DiscoverySettings = {
  maxAgeMs: 10 * 60_000,
  minRetryMs: 2_000,
  now: () => performance.now(),
};

interface KnownGroup {
  readonly askedAt: number;
  readonly kinds: Promise<ReadonlyMap<string, ResourceType>>;
}

/**
 * Discovery by group and version, one question at a time for each.
 *
 * A question is nobody's own: it goes on when the caller who raised it gives up.
 */
export function createResourceDiscovery(
  transport: Pick<ApiTransport, "send">,
  settings: DiscoverySettings = DISCOVERY_SETTINGS,
): ResourceDiscovery {
  const groups = new Map<string, KnownGroup>();

  function ask(apiVersion: string): KnownGroup {
    const kinds = fetchKinds(transport, apiVersion);
    const group = { askedAt: settings.now(), kinds };
    groups.set(apiVersion, group);
    kinds.catch(() => {
      // A failure is told to those who wait for it and is not remembered.
      if (groups.get(apiVersion) === group) groups.delete(apiVersion);
    });
    return group;
  }

  function present(apiVersion: string): KnownGroup {
    const known = groups.get(apiVersion);
    const isFresh = known !== undefined && settings.now() - known.askedAt < settings.maxAgeMs;
    return isFresh ? known : ask(apiVersion);
  }

  return {
    async find({ apiVersion, kind }, { signal }) {
      signal.throwIfAborted();
      const group = present(apiVersion);
      const found = (await untilAborted(group.kinds, signal)).get(kind);
      const isDue = settings.now() - group.askedAt >= settings.minRetryMs;
      if (found !== undefined || !isDue) return found;
      const newer = groups.get(apiVersion);
      const again = newer === undefined || newer === group ? ask(apiVersion) : newer;
      return (await untilAborted(again.kinds, signal)).get(kind);
    },
    forget: (apiVersion) => void groups.delete(apiVersion),
  };
}

async function fetchKinds(
  transport: Pick<ApiTransport, "send">,
  apiVersion: string,
): Promise<ReadonlyMap<string, ResourceType>> {
  try {
    const list = await transport.send({
      method: "GET",
      path: groupVersionPath(apiVersion),
      doing: `discover the kinds of "${apiVersion}"`,
    }, { signal: new AbortController().signal });
    return kindsOf(apiVersion, list);
  } catch (error) {
    if (error instanceof ClusterError && error.status === 404) return new Map();
    throw error;
  }
}

/** The kinds of an APIResourceList. Subresources are entries of their own: `pods/status`. */
function kindsOf(apiVersion: string, list: JsonValue): ReadonlyMap<string, ResourceType> {
  const resources = member(list, "resources");
  const entries = isJsonList(resources) ? resources : [];
  const names = new Set(entries.map((entry) => member(entry, "name")));
  const kinds = new Map<string, ResourceType>();
  for (const entry of entries) {
    const plural = member(entry, "name");
    const kind = member(entry, "kind");
    if (typeof plural !== "string" || typeof kind !== "string" || plural.includes("/")) continue;
    kinds.set(kind, {
      apiVersion,
      kind,
      plural,
      namespaced: member(entry, "namespaced") === true,
      hasStatus: names.has(`${plural}/status`),
    });
  }
  return kinds;
}
