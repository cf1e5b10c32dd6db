// SPDX-License-Identifier: Apache-2.0

/**
 * What the core needs of the world. Adapters and the simulator implement these; nothing behind
 * this file knows a clock, a network or a file system.
 *
 * @module
 */

import type { JsonObject, JsonValue } from "../language/mod.ts";

/** Whatever can wait can be aborted. Rejects with `signal.reason`. */
export interface Abortable {
  /** Ends the work when it is aborted. */
  readonly signal: AbortSignal;
}

/** The time, and waiting for it. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Resolves after `delayMs`. Rejects with `signal.reason` when aborted first. */
  sleep(delayMs: number, options: Abortable): Promise<void>;
}

/** Lets everything else that is due have its turn first: long work is done in slices. */
export type YieldNow = () => Promise<void>;

/** Chance: numbers from 0 to below 1. */
export interface Random {
  /** The next number. */
  next(): number;
}

/** Packs bytes small for keeping, and names them by their content. */
export interface Packer {
  /** SHA-256 in 64 hex digits. */
  digest(bytes: Uint8Array): Promise<string>;
  /** The bytes, compressed, as Base64. */
  pack(bytes: Uint8Array): Promise<string>;
  /** What was packed; `undefined` when it was not, or comes to more than `maxBytes`. */
  unpack(packed: string, maxBytes: number): Promise<Uint8Array | undefined>;
}

/** A line of the log. Never holds a Secret's data or a credential. */
export interface LogEntry {
  /** How much it matters. */
  readonly level: "debug" | "info" | "warn" | "error";
  /** A sentence without a period. */
  readonly message: string;
  /** What it is about, by name. */
  readonly fields?: Readonly<Record<string, JsonValue>>;
}

/** Takes log lines. Never throws. */
export interface Logger {
  /** Takes a line. */
  log(entry: LogEntry): void;
}

/** An object of the cluster, as JSON. */
export interface KubernetesObject extends JsonObject {
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string;
  /** The Kubernetes kind. */
  readonly kind: string;
  /** Name, namespace, uid and the like. */
  readonly metadata: JsonObject;
}

/** A kind that the cluster serves. */
export interface ResourceType {
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string;
  /** The Kubernetes kind. */
  readonly kind: string;
  /** Name in the API path, for example `deployments`. */
  readonly plural: string;
  /** Whether its objects lie in namespaces. */
  readonly namespaced: boolean;
  /** Whether the kind has a status subresource. */
  readonly hasStatus: boolean;
}

/** The resource path of objects: what a URL needs. */
export type ResourcePath = Pick<ResourceType, "apiVersion" | "kind" | "plural">;

/** One object by its resource path and name. */
export interface ObjectPath extends ResourcePath {
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string;
  /** Name of the object. */
  readonly name: string;
}

/** How a patch body is to be read. */
export type PatchType = "merge" | "json" | "apply";

/** A patch of an object or of a subresource of it. */
export interface PatchRequest {
  /** How the body is to be read. */
  readonly type: PatchType;
  /** The patch. */
  readonly body: JsonValue;
  /** Absent: the object itself. */
  readonly subresource?: "status";
  /** Required for `apply`; sent when given otherwise. */
  readonly fieldManager?: string;
  /** `apply` only. */
  readonly force?: boolean;
}

/** Preconditions and manner of a deletion. */
export interface DeleteRequest {
  /** Refused when the object has another uid. */
  readonly uid?: string;
  /** Refused when the object has another version. */
  readonly resourceVersion?: string;
  /** Absent: as the server has it for the kind. */
  readonly propagation?: "Foreground" | "Background" | "Orphan";
}

/** Which objects to list or watch. */
export interface Selection {
  /** Absent: all namespaces (or a cluster-scoped kind). */
  readonly namespace?: string;
  /** As `kubectl -l` takes it. */
  readonly labelSelector?: string;
  /** As `kubectl --field-selector` takes it. */
  readonly fieldSelector?: string;
  /** Only apiVersion, kind and metadata of each object (PartialObjectMetadata). */
  readonly metadataOnly?: boolean;
}

/** A page of objects. Items carry apiVersion and kind. */
export interface ObjectList {
  /** The objects of this page. */
  readonly items: readonly KubernetesObject[];
  /** Where a watch goes on from. */
  readonly resourceVersion: string;
  /** Token of the next page; absent on the last one. */
  readonly continue?: string;
}

/** What a watch says. A bookmark's object holds only the resourceVersion. */
export interface WatchEvent {
  /** What happened. */
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  /** The object after the event. */
  readonly object: KubernetesObject;
}

/** How to follow. */
export interface WatchOptions extends Abortable {
  /** Called once the server has taken the watch on, before its first event. Must not throw. */
  readonly onOpen?: () => void;
}

/**
 * A Kubernetes API server.
 *
 * Every method rejects with {@linkcode ClusterError} when the server refuses or cannot be
 * reached, and with `signal.reason` when aborted.
 */
export interface Cluster {
  /** The kind as discovery knows it, or `undefined` when it is not served. */
  discover(
    kind: Pick<ResourceType, "apiVersion" | "kind">,
    options: Abortable,
  ): Promise<ResourceType | undefined>;
  /** The object, or `undefined` when there is none of that name. */
  get(path: ObjectPath, options: Abortable): Promise<KubernetesObject | undefined>;
  /** Creates the object in `path.namespace` and returns it as stored. */
  create(
    path: ResourcePath & { readonly namespace?: string },
    body: KubernetesObject,
    options: Abortable,
  ): Promise<KubernetesObject>;
  /** Patches the object and returns it as stored. */
  patch(path: ObjectPath, patch: PatchRequest, options: Abortable): Promise<KubernetesObject>;
  /** Asks for the object's deletion; it may stay while finalizers hold it. */
  delete(path: ObjectPath, request: DeleteRequest, options: Abortable): Promise<void>;
  /** A page of the objects of a kind. */
  list(
    path: ResourcePath,
    selection: Selection & { readonly limit?: number; readonly continue?: string },
    options: Abortable,
  ): Promise<ObjectList>;
  /**
   * Follows changes after `resourceVersion`, bookmarks included. Ends when the server ends it;
   * throws a {@linkcode ClusterError} with status 410 when the version is too old.
   */
  watch(
    path: ResourcePath,
    selection: Selection & { readonly resourceVersion: string },
    options: WatchOptions,
  ): AsyncIterable<WatchEvent>;
}

/** What the world answered instead of doing what was asked. */
export interface ClusterErrorDetails {
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  /** `reason` of the Status object, for example `NotFound`, `Conflict`. */
  readonly reason?: string;
  /** Kind and name that a Status of a 404 or 403 speaks of. */
  readonly subject?: { readonly kind?: string; readonly name?: string };
  /** Reasons of the Status object's `details.causes`, for example `NamespaceTerminating`. */
  readonly causes?: readonly string[];
  /** What the server asked to wait. */
  readonly retryAfterSeconds?: number;
  /** What made it fail. */
  readonly cause?: unknown;
}

/** A request to the cluster that failed. */
export class ClusterError extends Error {
  /** Always `ClusterError`. */
  override readonly name = "ClusterError";
  /** `refused` (the server said no), `unreachable` (no connection), `timeout` (no answer in time). */
  readonly code: "refused" | "unreachable" | "timeout";
  /** HTTP status; `undefined` when no answer came. */
  readonly status: number | undefined;
  /** `reason` of the Status object, for example `NotFound`. */
  readonly reason: string | undefined;
  /** Kind and name that a Status of a 404 or 403 speaks of. */
  readonly subject: { readonly kind?: string; readonly name?: string } | undefined;
  /** Reasons of the single causes, as a Status lists them. */
  readonly causes: readonly string[];
  /** What the server asked to wait. */
  readonly retryAfterSeconds: number | undefined;

  /**
   * Makes the error of a failed request.
   *
   * @param code What sort of failure
   * @param message What could not be done, and why
   * @param details What else is known
   */
  constructor(
    code: "refused" | "unreachable" | "timeout",
    message: string,
    details: ClusterErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = details.status;
    this.reason = details.reason;
    this.subject = details.subject;
    this.causes = details.causes ?? [];
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** A commit: 40 lower-case hex digits. */
export type CommitId = string;

/** A file of a tree. `path` is relative to the directory that was asked for. */
export interface TreeFile {
  /** Relative to the directory that was asked for. */
  readonly path: string;
  /** Object id of the content: equal ids mean equal content. */
  readonly blob: string;
}

/** An entry of a tree that is not read: symlink, submodule, odd name, too large. */
export interface SkippedEntry {
  /** Relative to the directory that was asked for. */
  readonly path: string;
  /** Why it is not read. */
  readonly reason: string;
}

/** Who made a commit and why. */
export interface CommitSummary {
  /** The commit. */
  readonly id: CommitId;
  /** Name of its author. */
  readonly author: string;
  /** First line of its message. */
  readonly subject: string;
  /** Seconds since 1970. */
  readonly committedAt: number;
  /** The commits before it, first parent first. */
  readonly parents: readonly CommitId[];
}

/**
 * A Git repository that is followed. Nothing is ever checked out or executed.
 *
 * Methods reject with {@linkcode RepositoryError}, or with `signal.reason` when aborted.
 */
export interface Repository {
  /** Brings the known refs up to date. On failure everything known before stays readable. */
  fetch(options: Abortable): Promise<void>;
  /** Heads of all branches known since the last fetch, by name. */
  branches(options: Abortable): Promise<ReadonlyMap<string, CommitId>>;
  /**
   * The commit that a branch, tag or commit id names, or `undefined` when there is none. A commit id
   * in full and a name that begins with `refs/heads/` or `refs/tags/` are nothing else; of other
   * names a branch comes before a tag.
   *
   * Where signatures are required it rejects with {@linkcode UnverifiedError} unless the commit is
   * signed by whoever may.
   */
  resolve(revision: string, options: Abortable): Promise<CommitId | undefined>;
  /** Who made a commit, and why. */
  commit(id: CommitId, options: Abortable): Promise<CommitSummary>;
  /** Files below `directory` (`""` for the root) in tree order. A missing directory rejects. */
  files(
    id: CommitId,
    directory: string,
    options: Abortable,
  ): Promise<{ readonly files: readonly TreeFile[]; readonly skipped: readonly SkippedEntry[] }>;
  /** The content of a file. */
  read(blob: string, options: Abortable): Promise<Uint8Array>;
  /** Best common ancestors of two commits; empty when there are none. */
  mergeBases(one: CommitId, other: CommitId, options: Abortable): Promise<readonly CommitId[]>;
  /** Gives back what is held; nothing may be asked afterwards. */
  close(): void;
}

/** What could not be done with a repository. */
export type RepositoryErrorCode =
  | "unreachable"
  | "timeout"
  | "unauthorized"
  | "no-such-repository"
  | "no-such-revision"
  | "no-such-directory"
  | "broken-transfer"
  | "limit-exceeded"
  | "unverified";

/** A repository that failed. */
export class RepositoryError extends Error {
  override readonly name = "RepositoryError";
  constructor(
    readonly code: RepositoryErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A revision that is not signed by anyone who may put it in force. */
export class UnverifiedError extends RepositoryError {
  /**
   * Makes the error of a revision.
   *
   * @param message Commit, author, what is wrong with the signature, and whose would be accepted
   * @param commit The commit that the revision names
   * @param lastGood The newest commit among the first parents of a branch that is signed as it
   * should be: what may be put in force where nothing is so far. Absent when there is none, and
   * for tags and commit ids, which mean one commit and no other
   */
  constructor(message: string, readonly commit: CommitId, readonly lastGood?: CommitId) {
    super("unverified", message);
  }
}

/** A metric as Prometheus has it. */
export interface MetricDefinition {
  /** What sort of metric. */
  readonly type: "counter" | "gauge" | "histogram";
  /** What it tells, in a sentence without a period. */
  readonly help: string;
  /** Names of its labels. */
  readonly labels: readonly string[];
  /** Upper bounds of the buckets of a histogram. */
  readonly buckets?: readonly number[];
}

/** Values of labels by their names. */
export type MetricLabels = Readonly<Record<string, string>>;

/** Takes measurements of metrics that are known by name. Never throws for what is measured. */
export interface MetricSink {
  /** Adds to a counter; 1 unless given. */
  add(name: string, labels: MetricLabels, by?: number): void;
  /** Sets a gauge. */
  set(name: string, labels: MetricLabels, value: number): void;
  /** Adds a value to a histogram. */
  observe(name: string, labels: MetricLabels, value: number): void;
  /** Forgets all values of a gauge. */
  clear(name: string): void;
}
