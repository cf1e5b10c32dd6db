// SPDX-License-Identifier: Apache-2.0

import { BUILT_IN_KINDS } from "./built_in_kinds.ts";
import type { ServedResource } from "./served_resource.ts";

/** The kinds that are served at the moment. */
export interface Discovery {
  /** All of them, built-in ones first. */
  all(): readonly ServedResource[];
  byKind(apiVersion: string, kind: string): ServedResource | undefined;
  byPlural(apiVersion: string, plural: string): ServedResource | undefined;
  /** Any version of the kind, the preferred one first. */
  byStorage(storage: string): ServedResource | undefined;
  /** Any version of the kind that a group holds. */
  byGroupKind(group: string, kind: string): ServedResource | undefined;
  /** Serves the versions of a custom kind in place of those served before. */
  serve(definition: string, versions: readonly ServedResource[]): void;
  /** Stops serving a custom kind. */
  withdraw(definition: string): void;
}

interface Index {
  readonly all: readonly ServedResource[];
  readonly byKind: ReadonlyMap<string, ServedResource>;
  readonly byPlural: ReadonlyMap<string, ServedResource>;
  readonly byStorage: ReadonlyMap<string, ServedResource>;
  readonly byGroupKind: ReadonlyMap<string, ServedResource>;
}

/** Discovery that starts with the built-in kinds. */
export function createDiscovery(): Discovery {
  const custom = new Map<string, readonly ServedResource[]>();
  let index = indexResources(BUILT_IN_KINDS);
  const rebuild = () => {
    index = indexResources([...BUILT_IN_KINDS, ...[...custom.values()].flat()]);
  };
  return {
    all: () => index.all,
    byKind: (apiVersion, kind) => index.byKind.get(`${apiVersion} ${kind}`),
    byPlural: (apiVersion, plural) => index.byPlural.get(`${apiVersion} ${plural}`),
    byStorage: (storage) => index.byStorage.get(storage),
    byGroupKind: (group, kind) => index.byGroupKind.get(`${group} ${kind}`),
    serve(definition, versions) {
      custom.set(definition, versions);
      rebuild();
    },
    withdraw(definition) {
      custom.delete(definition);
      rebuild();
    },
  };
}

function indexResources(all: readonly ServedResource[]): Index {
  return {
    all,
    byKind: firstBy(all, (one) => `${one.apiVersion} ${one.kind}`),
    byPlural: firstBy(all, (one) => `${one.apiVersion} ${one.plural}`),
    byStorage: firstBy(all, (one) => one.storage),
    byGroupKind: firstBy(all, (one) => `${one.group} ${one.kind}`),
  };
}

function firstBy(
  all: readonly ServedResource[],
  key: (one: ServedResource) => string,
): ReadonlyMap<string, ServedResource> {
  const found = new Map<string, ServedResource>();
  for (const one of all) if (!found.has(key(one))) found.set(key(one), one);
  return found;
}
