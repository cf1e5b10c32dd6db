// SPDX-License-Identifier: Apache-2.0

import type { Abortable, Repository } from "../../runtime/ports.ts";
import type { ServerRef } from "isomorphic-git";
import { credentialHeader, type Credentials, splitCredentials } from "./credentials.ts";
import { isOverLimit, ObjectMissingError, TransportError } from "./failure.ts";
import { fetchPack } from "./fetch_pack.ts";
import { loadGit } from "./load_git.ts";
import {
  createObjectCaches,
  createStoreOf,
  type ObjectCaches,
  type ObjectStore,
} from "./object_store.ts";
import { createPackedObjects, type PackedObjects } from "./packed_objects.ts";
import type { RawObject } from "./pack_cache.ts";
import { proveRefs, type RefListing, sameListing } from "./prove_refs.ts";
import {
  createRepositoryView,
  DEFAULT_LIMITS,
  guarded,
  notFetched,
  type Refs,
  type RepositoryLimits,
} from "./repository_view.ts";
import type { VerifySettings } from "./signature/mod.ts";
import { createSignedRevisions } from "./signed_revision.ts";
import type { SizeLimit } from "./size_limit.ts";
import { createTransport, type Transport } from "./transport.ts";
import { createTrustedClient } from "./trusted_client.ts";
import { REBUILD_MS, watchedStore } from "./watched_store.ts";

/** How a repository is reached over http or https. */
export interface RemoteSettings {
  /** Credentials in it are taken out and never shown. */
  readonly url: string;
  /** Asked at every fetch, so that they can rotate; wins over those in the URL. */
  readonly credentials?: () => Promise<Credentials | undefined>;
  /** Certificates to trust besides the usual ones, in PEM; read anew at every fetch. */
  readonly caFile?: string;
  /** Longest silence of the server. Default 30 s. */
  readonly idleMs?: number;
  /** Longest fetch. Default 10 min. */
  readonly totalMs?: number;
  /** Transfers after which everything is cloned afresh: packs are never merged. Default 1,000. */
  readonly maxPacks?: number;
  /** Who must have signed what is put in force. */
  readonly verify?: VerifySettings;
  readonly limits?: Partial<RepositoryLimits>;
}

/** One state of the mirror. Never changes: a fetch makes the next one. */
interface Snapshot {
  readonly objects: PackedObjects;
  readonly store: ObjectStore;
  readonly caches: ObjectCaches;
  readonly refs: Refs;
  /** What the server listed, to see whether anything changed. */
  readonly listing: RefListing;
  readonly health: Health;
}

/** Whether a mirror has all that it should have. */
interface Health {
  /** Something was read that is not there, or not what it should be. */
  isDamaged: boolean;
  /** When it was last made anew for that; it still is what came of it. */
  readonly rebuiltAt: number;
}

const SOUND = { isDamaged: false, rebuiltAt: -Infinity };

interface Remote extends Abortable {
  readonly url: string;
  readonly limits: RepositoryLimits;
  readonly maxPacks: number;
}

/** Room for a ref in a list, and for what else a server says of itself. */
const MAX_REF_BYTES = 400;
const MIN_LIST_BYTES = 64 * 1024;

/**
 * A repository behind http or https, mirrored in memory.
 *
 * A fetch lists the server's refs, fetches what is missing beside the mirror, proves every
 * new tip readable, and only then makes it a part of the mirror: whatever goes wrong, what
 * was known stays readable.
 */
export function createRemoteRepository(settings: RemoteSettings): Repository {
  const { url, credentials } = splitCredentials(settings.url);
  const limits = { ...DEFAULT_LIMITS, ...settings.limits };
  const name = `repository "${url}"`;
  const trust = createTrustedClient(settings.caFile);
  let snapshot: Snapshot | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const fetchNow = (options: Abortable): Promise<void> =>
    guarded(
      `fetch ${name}`,
      options,
      () =>
        withinTime(settings.totalMs ?? 600_000, options, async (signal) => {
          const header = credentialHeader(await settings.credentials?.() ?? credentials);
          const client = await trust.client();
          const transport = createTransport({
            url,
            signal,
            idleMs: settings.idleMs ?? 30_000,
            maxBytes: limits.maxTransferBytes,
            maxListBytes: Math.max(limits.maxRefs * MAX_REF_BYTES, MIN_LIST_BYTES),
            ...(header === undefined ? {} : { authorization: header }),
            ...(client === undefined ? {} : { client }),
          });
          const remote = { url, limits, maxPacks: settings.maxPacks ?? 1_000, signal };
          snapshot = await nextSnapshot(remote, transport, snapshot);
        }),
    );

  const view = createRepositoryView({
    name,
    limits,
    signed: settings.verify && createSignedRevisions(settings.verify),
    current: () =>
      snapshot === undefined ? Promise.reject(notFetched(name)) : Promise.resolve(snapshot),
  });
  return {
    ...view,
    fetch(options) {
      // One at a time: the second finds nothing left to do, or what the first could not get.
      const running = last.then(() => fetchNow(options));
      last = running.catch(() => {});
      return running;
    },
    close() {
      snapshot = undefined;
      trust.close();
    },
  };
}

/** Runs `work` with a signal that also ends after `totalMs`. */
async function withinTime<T>(
  totalMs: number,
  { signal }: Abortable,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new TransportError("timeout", `not done within ${totalMs / 1000} s`)),
    totalMs,
  );
  try {
    return await work(AbortSignal.any([signal, late.signal]));
  } finally {
    clearTimeout(timer);
  }
}

async function nextSnapshot(
  remote: Remote,
  transport: Transport,
  snapshot: Snapshot | undefined,
): Promise<Snapshot> {
  const listing = await listRefs(remote, transport);
  if (snapshot === undefined) return await clone(remote, transport, { listing });
  const { isDamaged, rebuiltAt } = snapshot.health;
  const now = performance.now();
  if (isDamaged && now - rebuiltAt >= REBUILD_MS) {
    return await clone(remote, transport, {
      listing,
      health: { isDamaged: false, rebuiltAt: now },
    });
  }
  if (sameListing(snapshot.listing, listing)) return snapshot;
  // What no ref reaches any more is left behind by a clone alone.
  const { bytes, packs } = snapshot.objects;
  const isFull = bytes > remote.limits.maxTransferBytes;
  if (isFull || packs >= remote.maxPacks) return await clone(remote, transport, { listing });
  return await update(remote, transport, { snapshot, listing });
}

async function listRefs(remote: Remote, http: Transport): Promise<RefListing> {
  const git = await loadGit();
  const list = (prefix: string) =>
    git.listServerRefs({ http, url: remote.url, protocolVersion: 2, prefix });
  const [branches, tags] = await Promise.all([list("refs/heads/"), list("refs/tags/")]);
  const count = branches.length + tags.length;
  if (count > remote.limits.maxRefs) {
    const limit = `${remote.limits.maxRefs} (maxRefs)`;
    throw new TransportError("limit-exceeded", `it has ${count} refs, more than ${limit}`);
  }
  return { branches: byName(branches, "refs/heads/"), tags: byName(tags, "refs/tags/") };
}

function byName(refs: readonly ServerRef[], prefix: string): ReadonlyMap<string, string> {
  return new Map(refs.map(({ ref, oid }) => {
    if (!ref?.startsWith(prefix) || !/^[0-9a-f]{40}$/.test(oid)) {
      throw new TransportError("broken-transfer", "the server lists refs in an unknown form");
    }
    return [ref.slice(prefix.length), oid];
  }));
}

function tipsOf(listing: RefListing): readonly string[] {
  return [...listing.branches.values(), ...listing.tags.values()];
}

async function clone(
  remote: Remote,
  transport: Transport,
  { listing, health = SOUND }: { readonly listing: RefListing; readonly health?: Health },
): Promise<Snapshot> {
  const wants = tipsOf(listing);
  const pack = await receive(remote, transport, { wants, haves: [] });
  const objects = await withPack(createPackedObjects(), pack, remote);
  return await proven({ objects, listing, caches: createObjectCaches(), health });
}

async function update(
  remote: Remote,
  transport: Transport,
  change: { readonly snapshot: Snapshot; readonly listing: RefListing },
): Promise<Snapshot> {
  const { snapshot, listing } = change;
  const { caches } = snapshot;
  const wants = await missingTips(snapshot, listing);
  const pack = await receive(remote, transport, { wants, haves: tipsOf(snapshot.listing) });
  try {
    const objects = await withPack(snapshot.objects, pack, remote);
    const { health } = snapshot;
    const next = health.isDamaged ? health : SOUND;
    return await proven({ objects, listing, caches, health: next, before: snapshot });
  } catch (error) {
    if (isOverLimit(error) || remote.signal.aborted) throw error;
    // The transfer was whole, but does not fit on what is here: begin anew. Until that is done,
    // and if it fails, what was there stays.
    return await clone(remote, transport, { listing });
  }
}

async function receive(
  { url }: Remote,
  transport: Transport,
  request: { readonly wants: readonly string[]; readonly haves: readonly string[] },
): Promise<Uint8Array | undefined> {
  return request.wants.length === 0 ? undefined : await fetchPack(transport, { ...request, url });
}

async function withPack(
  objects: PackedObjects,
  pack: Uint8Array | undefined,
  { limits, signal }: Remote,
): Promise<PackedObjects> {
  return pack === undefined ? objects : await objects.with(pack, { limits, signal });
}

async function missingTips(snapshot: Snapshot, listing: RefListing): Promise<readonly string[]> {
  const known = new Set(tipsOf(snapshot.listing));
  const wants: string[] = [];
  for (const tip of tipsOf(listing)) {
    if (!known.has(tip) && !await snapshot.store.has(tip)) wants.push(tip);
  }
  return wants;
}

/** A snapshot whose refs are proven readable. */
async function proven(
  made: Omit<Snapshot, "store" | "refs"> & { readonly before?: Snapshot },
): Promise<Snapshot> {
  const { before, ...next } = made;
  const { objects, listing, caches } = next;
  const health = { ...next.health };
  const found = createStoreOf((id, limit) => readFrom(objects, id, limit), caches);
  const store = watchedStore(found, () => health.isDamaged = true);
  return { ...next, health, store, refs: await proveRefs(found, listing, before) };
}

async function readFrom(
  objects: PackedObjects,
  id: string,
  limit: SizeLimit | undefined,
): Promise<RawObject> {
  const found = objects.read(id, limit);
  return found ?? await Promise.reject(new ObjectMissingError(id));
}
