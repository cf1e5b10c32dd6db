// SPDX-License-Identifier: Apache-2.0

import {
  type Abortable,
  type Clock,
  type Cluster,
  ClusterError,
  type Random,
  RepositoryError,
  type ResourceType,
} from "../../../runtime/ports.ts";
import { createKindWatch, type KindWatch, type WatchHealth } from "../../watch/kind_watch.ts";
import { type DefinitionObject, definitionObject } from "./definition_object.ts";

/** What reading definitions from a cluster needs. */
export interface DefinitionWatchOptions {
  /** The cluster that holds them. */
  readonly cluster: Pick<Cluster, "discover" | "list" | "watch">;
  /** For waits, and for when a change was seen. */
  readonly clock: Clock;
  /** For waits after failures. */
  readonly random: Random;
}

/** Follows the objects of one definition kind. */
export interface DefinitionWatch {
  readonly kind: string;
  readonly health: WatchHealth;
  /** What keeps it from being current. */
  readonly failure: RepositoryError | undefined;
  /** All objects, as last seen. */
  objects(): Iterable<DefinitionObject>;
  retryNow: KindWatch["retryNow"];
  /** Follows until aborted. Never rejects. */
  run(options: Abortable): Promise<void>;
}

/** Where the five kinds are. */
const DEFINITIONS_API = "koreo.dev/v1beta1";

/** Makes the watch of one kind; `onChange` is called when what it defines or its health changed. */
export function createDefinitionWatch(
  kind: string,
  { cluster, clock, random }: DefinitionWatchOptions,
  onChange: () => void,
): DefinitionWatch {
  let known = new Map<string, DefinitionObject>();
  let listing: Map<string, DefinitionObject> | undefined;
  let failure: RepositoryError | undefined;
  /** Whether something was left out: until the next list nobody knows what there is. */
  let isPartial = false;

  function put(into: Map<string, DefinitionObject>, found: DefinitionObject): void {
    if (into.has(found.path) || into.size < MAX_DEFINITIONS) into.set(found.path, found);
    else isPartial = true;
  }

  const watch = createKindWatch({
    cluster,
    clock,
    random,
    kind: { apiVersion: DEFINITIONS_API, kind },
    selection: {},
    sink: {
      listBegan() {
        listing = new Map();
        isPartial = false;
      },
      listed(object) {
        if (listing !== undefined) put(listing, definitionObject(object));
      },
      listEnded() {
        known = listing ?? known;
        listing = undefined;
        onChange();
      },
      changed({ type, object }) {
        const found = definitionObject(object);
        const before = known.get(found.path);
        if (type === "DELETED") known.delete(found.path);
        else put(known, found);
        // A status that someone wrote defines nothing.
        if (type === "DELETED" || before?.blob !== found.blob) onChange();
      },
      healthChanged(health, { cause }) {
        failure = health === "current" || health === "starting"
          ? undefined
          : readFailure(kind, health, cause);
        onChange();
      },
    },
  });
  return {
    kind,
    get health() {
      return watch.health;
    },
    get failure() {
      return failure ?? (isPartial ? tooMany(kind) : undefined);
    },
    objects: () => known.values(),
    retryNow: () => watch.retryNow(),
    run: (options) => watch.run(options),
  };
}

/** Lists the objects of one definition kind once. Rejects with a {@linkcode RepositoryError}. */
export async function listDefinitions(
  kind: string,
  cluster: Pick<Cluster, "discover" | "list">,
  options: Abortable,
): Promise<readonly DefinitionObject[]> {
  try {
    const resource = await cluster.discover({ apiVersion: DEFINITIONS_API, kind }, options);
    if (resource === undefined) throw readFailure(kind, "notServed", undefined);
    return await listAll(resource, cluster, options);
  } catch (error) {
    options.signal.throwIfAborted();
    if (!(error instanceof ClusterError)) throw error;
    const isForbidden = error.status === 401 || error.status === 403;
    throw readFailure(kind, isForbidden ? "forbidden" : "unavailable", error);
  }
}

/** Definitions of one kind: as many as files of a repository. */
const MAX_DEFINITIONS = 20_000;

function tooMany(kind: string): RepositoryError {
  return new RepositoryError(
    "limit-exceeded",
    `Cannot read definitions of kind ${kind} in the cluster: there are more than ${MAX_DEFINITIONS}`,
  );
}

/** Objects per page of a list. */
const PAGE_SIZE = 500;

async function listAll(
  resource: ResourceType,
  cluster: Pick<Cluster, "list">,
  options: Abortable,
): Promise<readonly DefinitionObject[]> {
  const found: DefinitionObject[] = [];
  let page: string | undefined;
  do {
    const next = page === undefined ? {} : { continue: page };
    const list = await cluster.list(resource, { limit: PAGE_SIZE, ...next }, options);
    found.push(...list.items.map(definitionObject));
    if (found.length > MAX_DEFINITIONS) throw tooMany(resource.kind);
    page = list.continue;
  } while (page !== undefined && page !== "");
  return found;
}

function readFailure(
  kind: string,
  health: Exclude<WatchHealth, "starting" | "current">,
  cause: unknown,
): RepositoryError {
  const why = cause instanceof Error ? cause.message : "no answer";
  const [code, reason] = ({
    notServed: [
      "no-such-repository",
      `it does not serve ${DEFINITIONS_API} of this kind; "koreo crd" prints what defines it`,
    ],
    forbidden: [
      "unauthorized",
      `missing permission to list and watch ${kind.toLowerCase()}s.koreo.dev`,
    ],
    unavailable: ["unreachable", why],
  } as const)[health];
  const message = `Cannot read definitions of kind ${kind} in the cluster: ${reason}`;
  return new RepositoryError(code, message, cause === undefined ? undefined : { cause });
}
