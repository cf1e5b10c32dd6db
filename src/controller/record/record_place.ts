// SPDX-License-Identifier: Apache-2.0

import type { JsonObject } from "../../language/mod.ts";
import {
  type Abortable,
  type Clock,
  type Cluster,
  ClusterError,
  type KubernetesObject,
  type Logger,
  type Random,
} from "../../runtime/ports.ts";
import { backoffMs, retryAfterMs } from "../queue/backoff.ts";
import { CONFIG_MAPS, RECORD_LABEL } from "./record_maps.ts";

/** What the record needs of the world. */
export interface RecordPlaceOptions {
  /** Where the ConfigMaps are. */
  readonly cluster: Pick<Cluster, "list" | "create" | "patch" | "delete">;
  /** Where its ConfigMaps lie. */
  readonly namespace: string;
  /** What waits before another attempt are measured by. */
  readonly clock: Clock;
  /** Where the jitter of these waits comes from. */
  readonly random: Random;
  /** Is told why there is no record, once, and when there is one again. */
  readonly logger: Logger;
}

/** The ConfigMaps of the record, by name. */
export interface RecordPlace {
  /** Where they lie. */
  readonly namespace: string;
  /** Those whose label has one of these values. */
  list(
    sorts: readonly ("channel" | "part" | "kinds")[],
    options: Abortable & { readonly metadataOnly?: boolean },
  ): Promise<readonly KubernetesObject[]>;
  /** Rejects with a conflict when there is one of that name. */
  create(object: KubernetesObject, options: Abortable): Promise<KubernetesObject>;
  /** By a merge patch. */
  change(name: string, body: JsonObject, options: Abortable): Promise<KubernetesObject>;
  /** One that is gone is none to delete. */
  delete(name: string, options: Abortable): Promise<void>;
  /**
   * Does something with them, again and again while the server is away. `undefined` where there
   * can be no record: that was told then.
   */
  attempt<T>(work: () => Promise<T>, options: Abortable): Promise<T | undefined>;
}

const RETRY = { baseMs: 1_000, maxMs: 60_000 };
/** A page of parts that are as large as can be is some 20 MiB. */
const PAGE = 25;

/** Opens the place; nothing is asked for before it is used. */
export function createRecordPlace(options: RecordPlaceOptions): RecordPlace {
  const { cluster, namespace, logger, clock, random } = options;
  /** What was said last of why there is no record. */
  let told: string | undefined;

  function tell(problem: string | undefined): void {
    if (problem === told) return;
    told = problem;
    if (problem !== undefined) logger.log({ level: "warn", message: problem });
    else logger.log({ level: "info", message: `Keeps the record in namespace "${namespace}"` });
  }

  return {
    namespace,
    async list(sorts, { signal, metadataOnly = false }) {
      const labelSelector = `${RECORD_LABEL} in (${sorts.join(",")})`;
      const limit = metadataOnly ? 500 : PAGE;
      const found: KubernetesObject[] = [];
      let next: string | undefined;
      do {
        const page = next === undefined ? {} : { continue: next };
        const selection = { namespace, labelSelector, metadataOnly, limit, ...page };
        const list = await cluster.list(CONFIG_MAPS, selection, { signal });
        found.push(...list.items);
        next = list.continue;
      } while (next !== undefined);
      return found;
    },
    create: (object, to) => cluster.create({ ...CONFIG_MAPS, namespace }, object, to),
    change: (name, body, to) =>
      cluster.patch({ ...CONFIG_MAPS, namespace, name }, { type: "merge", body }, to),
    async delete(name, to) {
      try {
        await cluster.delete({ ...CONFIG_MAPS, namespace, name }, {}, to);
      } catch (error) {
        if (!(error instanceof ClusterError) || error.status !== 404) throw error;
      }
    },
    async attempt(work, { signal }) {
      for (let failures = 1;; failures++) {
        signal.throwIfAborted();
        try {
          const done = await work();
          tell(undefined);
          return done;
        } catch (error) {
          signal.throwIfAborted();
          if (!(error instanceof ClusterError)) throw error;
          tell(problemOf(error, namespace));
          if (isHopeless(error)) return undefined;
          const asked = retryAfterMs(error.retryAfterSeconds);
          await clock.sleep(Math.max(asked, backoffMs(failures, RETRY, random)), { signal });
        }
      }
    },
  };
}

/** Whether trying again leads nowhere before someone has changed something in the cluster. */
function isHopeless({ status, code }: ClusterError): boolean {
  return code === "refused" && status !== undefined && status < 500 &&
    ![401, 408, 409, 410, 429].includes(status);
}

function problemOf(error: ClusterError, namespace: string): string {
  switch (error.status) {
    case 403:
      return `Cannot keep the record in namespace "${namespace}": it is forbidden, all of it or in ` +
        "part; a restart may have to go by the repository alone. Grant the Role koreo-reconciler-record of " +
        "deploy/rbac.yaml, choose another namespace with --record-namespace, or say --no-record";
    case 404:
      return `Cannot keep the record: there is no namespace "${namespace}"; a restart goes by ` +
        "the repository alone. Create it, choose another one with --record-namespace, or say " +
        "--no-record";
    default:
      return isHopeless(error)
        ? `Cannot keep the record in namespace "${namespace}": ${error.message}; a restart goes ` +
          "by the repository alone"
        : `Cannot reach the record in namespace "${namespace}": ${error.message}; it is tried again`;
  }
}
