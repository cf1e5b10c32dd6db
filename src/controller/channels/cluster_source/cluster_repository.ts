// SPDX-License-Identifier: Apache-2.0

import type { DefinitionKind } from "../../../language/mod.ts";
import {
  type Abortable,
  type CommitId,
  type Repository,
  RepositoryError,
} from "../../../runtime/ports.ts";
import { createKindWatch } from "../../watch/kind_watch.ts";
import { CUSTOM_RESOURCE_DEFINITIONS } from "../../watch/metadata_kinds.ts";
import { type ClusterCommit, createClusterHistory } from "./cluster_history.ts";
import type { DefinitionObject } from "./definition_object.ts";
import {
  createDefinitionWatch,
  type DefinitionWatch,
  type DefinitionWatchOptions,
  listDefinitions,
} from "./definition_watch.ts";

/** The one branch of a cluster, as it stands in a revision: `cluster@sha1:…`. */
export const CLUSTER_BRANCH = "cluster";

const KINDS: readonly DefinitionKind[] = [
  "FunctionTest",
  "ResourceFunction",
  "ResourceTemplate",
  "ValueFunction",
  "Workflow",
];

/** The definitions that a cluster holds, read as those of a repository are. */
export interface ClusterRepository extends Repository {
  /**
   * Watches the five kinds until aborted and tells whenever there may be something new; meanwhile
   * `fetch` asks nobody. Rejects with the reason of the abort.
   */
  follow(changed: () => void, options: Abortable): Promise<void>;
}

/** Objects that are applied together are told together. */
const SETTLE_MS = 100;

/**
 * Reads definitions from the five kinds of `koreo.dev/v1beta1` in a cluster.
 *
 * Each is a file `Kind/namespace/name.yaml` on the branch `cluster`. A commit is a state that was
 * seen, named by its content; the one before is its parent. All five kinds must be served: with one
 * of them missing nobody could tell what is not there from what cannot be seen.
 */
export function createClusterRepository(options: DefinitionWatchOptions): ClusterRepository {
  const { cluster, clock } = options;
  const history = createClusterHistory();
  let following: Following | undefined;

  function stateOf(id: CommitId): ClusterCommit {
    const state = history.commit(id);
    if (state !== undefined) return state;
    throw new RepositoryError(
      "no-such-revision",
      `Cannot read state ${id} of the cluster: it is not kept`,
    );
  }

  return {
    async fetch(to) {
      const objects = following === undefined
        ? (await Promise.all(KINDS.map((kind) => listDefinitions(kind, cluster, to)))).flat()
        : await following.objects(to);
      history.record(objects, Math.floor(clock.now() / 1_000));
    },
    async follow(changed, to) {
      const started = startFollowing(options, to);
      following = started;
      try {
        for (;;) {
          await started.change(to);
          await clock.sleep(SETTLE_MS, to);
          started.seen();
          changed();
        }
      } finally {
        following = undefined;
        await started.ended;
      }
    },
    branches: () => {
      const { head } = history;
      return Promise.resolve(new Map(head === undefined ? [] : [[CLUSTER_BRANCH, head]]));
    },
    resolve(revision) {
      const isBranch = revision.replace(/^refs\/heads\//, "") === CLUSTER_BRANCH;
      return Promise.resolve(isBranch ? history.head : history.commit(revision)?.summary.id);
    },
    commit: (id) =>
      settle(() => ({ ...stateOf(id).summary, parents: history.before(id).slice(0, 1) })),
    files: (id, directory) =>
      settle(() => {
        const { files } = stateOf(id);
        if (directory === "") return { files, skipped: [] };
        throw new RepositoryError(
          "no-such-directory",
          `Cannot read "${directory}" of the cluster: it has no directories`,
        );
      }),
    read: (blob) =>
      settle(() => {
        const text = history.text(blob);
        if (text !== undefined) return new TextEncoder().encode(text);
        throw new RepositoryError("no-such-revision", `Cannot read ${blob}: it is not kept`);
      }),
    mergeBases: (one, other) =>
      settle(() => {
        if (one === other || history.before(other).includes(one)) return [one];
        return history.before(one).includes(other) ? [other] : [];
      }),
    close: () => {},
  };
}

/** What throws, as a promise that rejects. */
function settle<T>(work: () => T): Promise<T> {
  return Promise.resolve().then(work);
}

interface Following {
  /** Resolves when something has changed since it was `seen`. */
  change(options: Abortable): Promise<void>;
  seen(): void;
  /** What there is, once all kinds have been listed; rejects when one cannot be. */
  objects(options: Abortable): Promise<readonly DefinitionObject[]>;
  /** All watches have ended. */
  readonly ended: Promise<unknown>;
}

function startFollowing(options: DefinitionWatchOptions, to: Abortable): Following {
  let next = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const watches = KINDS.map((kind) => createDefinitionWatch(kind, options, tell));
  const ended = Promise.all([
    ...watches.map((watch) => watch.run(to)),
    watchServed(options, watches).run(to),
  ]);

  function tell(): void {
    next.resolve();
    if (watches.every(({ health }) => health !== "starting")) begun.resolve();
  }

  return {
    ended,
    change: ({ signal }) => untilAborted(next.promise, signal),
    seen: () => void (next = Promise.withResolvers()),
    async objects({ signal }) {
      await untilAborted(begun.promise, signal);
      return currentObjects(watches);
    },
  };
}

function currentObjects(watches: readonly DefinitionWatch[]): readonly DefinitionObject[] {
  const failure = watches.map((watch) => watch.failure).find((found) => found !== undefined);
  if (failure !== undefined) throw failure;
  return watches.flatMap((watch) => [...watch.objects()]);
}

/** A kind that was not served is looked for again when some kind comes to be defined. */
function watchServed(
  { cluster, clock, random }: DefinitionWatchOptions,
  watches: readonly DefinitionWatch[],
) {
  const { apiVersion, kind } = CUSTOM_RESOURCE_DEFINITIONS;
  const retry = () => watches.forEach((watch) => watch.retryNow());
  return createKindWatch({
    cluster,
    clock,
    random,
    kind: { apiVersion, kind },
    selection: { metadataOnly: true },
    sink: {
      listBegan: () => {},
      listed: () => {},
      listEnded: () => {},
      changed: retry,
      // Without the permission to see definitions of kinds the watches look again by themselves.
      healthChanged: () => {},
    },
  });
}

async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
