// SPDX-License-Identifier: Apache-2.0

/**
 * The reconciler as a library: follow a repository of definitions and reconcile the triggers of a
 * cluster. Clock, cluster and repository are ports; `@koreo/koreo-deno/kubernetes` has the real
 * cluster.
 *
 * @module
 */

export * from "./src/controller/mod.ts";
export type {
  Abortable,
  Clock,
  Cluster,
  CommitId,
  CommitSummary,
  KubernetesObject,
  LogEntry,
  Logger,
  MetricDefinition,
  MetricLabels,
  MetricSink,
  Packer,
  Random,
  Repository,
  SkippedEntry,
  TreeFile,
  WatchOptions,
  YieldNow,
} from "./src/runtime/mod.ts";
