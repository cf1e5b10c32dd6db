// SPDX-License-Identifier: Apache-2.0

import { memberAt } from "../../language/mod.ts";
import type {
  Abortable,
  Clock,
  Cluster,
  KubernetesObject,
  Random,
  ResourceType,
} from "../../runtime/ports.ts";
import { createKindWatch, type KindWatch, type WatchHealth, type WatchSink } from "./kind_watch.ts";
import { createObjectStore, type ObjectChange, type ObjectStore } from "./object_store.ts";

/** What a kind is followed for. */
export type FollowedRole =
  /** Every object is kept. */
  | "trigger"
  /** Objects that Koreo made, or that a run asked for, are kept. */
  | "managed"
  /** Only metadata is watched, and all of it kept. */
  | "metadata";

/** A kind to follow. */
export interface FollowedKind extends Pick<ResourceType, "apiVersion" | "kind"> {
  readonly role: FollowedRole;
}

/** The store of a kind that is followed. */
export interface FollowedStore {
  readonly followed: FollowedKind;
  readonly store: ObjectStore;
  readonly health: WatchHealth;
  /** How the cluster serves it; known once it was listed. */
  readonly resource: ResourceType | undefined;
  /** Whether the first list is complete. */
  readonly hasListed: boolean;
}

/** How a watch fares, to be told. */
export interface HealthReport {
  readonly followed: FollowedKind;
  readonly health: WatchHealth;
  readonly cause?: unknown;
  readonly retryMs?: number;
}

/** What following kinds needs. */
export interface FollowedKindsOptions {
  readonly cluster: Pick<Cluster, "discover" | "list" | "watch">;
  readonly clock: Clock;
  readonly random: Random;
  /** Most objects of one kind that are kept whole beyond triggers. */
  readonly maxObjectsPerKind: number;
  readonly onChange: (followed: FollowedKind, change: ObjectChange) => void;
  readonly onHealth: (report: HealthReport) => void;
  /** The first list of a kind is complete; `wasLate`: it could not be had at first. */
  readonly onListed: (followed: FollowedKind, wasLate: boolean) => void;
  /** A kind is not followed for this any more; nothing more is told of it. */
  readonly onDropped: (followed: FollowedKind, store: ObjectStore) => void;
}

/** Follows a changing set of kinds, one watch each. */
export interface FollowedKinds {
  /** Follows exactly these from now on. Those followed already go on undisturbed. */
  follow(kinds: readonly FollowedKind[]): void;
  /** The store of a kind by its path in the API. */
  byPath(path: { readonly apiVersion: string; readonly plural: string }): FollowedStore | undefined;
  byKind(kind: Pick<ResourceType, "apiVersion" | "kind">): FollowedStore | undefined;
  all(): Iterable<FollowedStore>;
  /** Looks again for kinds that were not served. */
  retryUnserved(): void;
  /** Follows until aborted and all watches have ended. */
  run(options: Abortable): Promise<void>;
}

/** Objects of these kinds are never kept: a cache must not hold every Secret of the cluster. */
const METADATA_ONLY = new Set(["v1 Secret"]);
const LAST_APPLIED = "koreo.dev/last-applied-configuration";

interface Following extends FollowedStore {
  readonly watch: KindWatch;
  readonly stop: AbortController;
  resource: ResourceType | undefined;
  hasListed: boolean;
}

/** Follows nothing yet. */
export function createFollowedKinds(options: FollowedKindsOptions): FollowedKinds {
  const byKind = new Map<string, Following>();
  const byPath = new Map<string, Following>();
  const tasks = new Set<Promise<void>>();
  let running: AbortSignal | undefined;
  let isWanted: (following: Following) => boolean = () => true;

  function start(following: Following): void {
    if (running === undefined) return;
    const task = following.watch.run({ signal: AbortSignal.any([running, following.stop.signal]) })
      .finally(() => tasks.delete(task));
    tasks.add(task);
  }

  function add(followed: FollowedKind): void {
    const following = createFollowing(options, followed, (resource) => {
      byPath.set(pathKey(resource), following);
    });
    byKind.set(kindKey(followed), following);
    start(following);
  }

  function remove(following: Following): void {
    following.stop.abort();
    byKind.delete(kindKey(following.followed));
    if (following.resource !== undefined) byPath.delete(pathKey(following.resource));
    options.onDropped(following.followed, following.store);
  }

  return {
    follow(kinds: readonly FollowedKind[]): void {
      const wanted = new Map(kinds.map((kind) => [kindKey(kind), kind]));
      isWanted = ({ followed }) => wanted.get(kindKey(followed))?.role === followed.role;
      for (const following of [...byKind.values()]) if (!isWanted(following)) remove(following);
      for (const [key, kind] of wanted) if (!byKind.has(key)) add(kind);
    },
    byPath: (path) => byPath.get(pathKey(path)),
    byKind: (kind) => byKind.get(kindKey(kind)),
    all: () => byKind.values(),
    retryUnserved(): void {
      for (const { watch } of byKind.values()) watch.retryNow();
    },
    async run({ signal }: Abortable): Promise<void> {
      running = signal;
      for (const following of byKind.values()) start(following);
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener("abort", () => resolve(), { once: true });
      });
      running = undefined;
      await Promise.all(tasks);
    },
  };
}

function createFollowing(
  options: FollowedKindsOptions,
  followed: FollowedKind,
  onServed: (resource: ResourceType) => void,
): Following {
  const store = createObjectStore({
    keeps: keepRule(followed),
    keepsAsked: !isMetadataOnly(followed),
    maxObjects: followed.role === "managed" ? options.maxObjectsPerKind : Infinity,
    onChange(change) {
      // The answer to a write may come after the end.
      if (!following.stop.signal.aborted) options.onChange(followed, change);
    },
  });
  const sink: WatchSink = {
    listBegan(resource) {
      following.resource = resource;
      onServed(resource);
      store.listBegan();
    },
    listed: store.listed,
    listEnded(resourceVersion) {
      store.listEnded(resourceVersion);
      const isFirst = !following.hasListed;
      following.hasListed = true;
      if (isFirst) options.onListed(followed, watch.health !== "starting");
    },
    changed: store.changed,
    healthChanged: (health, detail) => options.onHealth({ followed, health, ...detail }),
  };
  const watch = createKindWatch({
    ...options,
    kind: followed,
    selection: isMetadataOnly(followed) ? { metadataOnly: true } : {},
    sink,
  });
  const following: Following = {
    followed,
    store,
    watch,
    stop: new AbortController(),
    resource: undefined,
    hasListed: false,
    get health() {
      return watch.health;
    },
  };
  return following;
}

function isMetadataOnly({ apiVersion, kind, role }: FollowedKind): boolean {
  return role === "metadata" || METADATA_ONLY.has(`${apiVersion} ${kind}`);
}

function keepRule(followed: FollowedKind): (object: KubernetesObject) => boolean {
  if (followed.role !== "managed" || isKeptWhole(followed)) return () => true;
  if (isMetadataOnly(followed)) return () => false;
  return (object) => memberAt(object, "metadata", "annotations", LAST_APPLIED) !== undefined;
}

/** Few, and their labels may choose the channel of triggers (TR-6). */
function isKeptWhole({ apiVersion, kind }: FollowedKind): boolean {
  return apiVersion === "v1" && kind === "Namespace";
}

function kindKey({ apiVersion, kind }: Pick<ResourceType, "apiVersion" | "kind">): string {
  return `${apiVersion} ${kind}`;
}

function pathKey({ apiVersion, plural }: Pick<ResourceType, "apiVersion" | "plural">): string {
  return `${apiVersion} ${plural}`;
}
