// SPDX-License-Identifier: Apache-2.0

import type { Abortable } from "../../runtime/ports.ts";
import type { CommandLineSettings, MirrorLimits } from "./command_line_settings.ts";
import { TransportError } from "./failure.ts";
import { gitEnvironment, type GitSurroundings } from "./git_environment.ts";
import type { GitLocation } from "./git_location.ts";
import {
  dropObjects,
  fetchObjects,
  forgetObjects,
  listRefs,
  mirrorSize,
  openMirror,
  type RunGit,
  tidyMirror,
} from "./git_mirror.ts";
import { runGit } from "./git_process.ts";
import { type MirrorPlace, openPlace } from "./mirror_place.ts";
import { createObjectProcess, type ObjectProcess } from "./object_process.ts";
import { createObjectCaches, createStoreOf, type ObjectStore } from "./object_store.ts";
import { proveRefs, type RefListing, sameListing } from "./prove_refs.ts";
import type { Refs, RepositoryLimits } from "./repository_view.ts";
import { mayBeDamage, watchedStore } from "./watched_store.ts";
import { unreachable } from "../../language/mod.ts";

const WATCH_MS = 500;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
const OBJECT_MS = 60_000;
/** Room for what git needs besides the objects themselves. */
const SPARE_BYTES = 64 * 1024 * 1024;

/** What a repository is read with. */
export interface MirrorContext {
  readonly settings: CommandLineSettings;
  readonly address: string;
  readonly limits: MirrorLimits;
}

/** What a fetch brought. The names are here only: in the mirror objects are kept by their ids. */
export interface MirrorState {
  readonly listing: RefListing;
  readonly refs: Refs;
}

/** A mirror that is held open. */
export interface Mirror {
  readonly place: MirrorPlace;
  readonly objects: ObjectProcess;
  readonly store: ObjectStore;
  /** Ids of the tips that are there with all that they reach. */
  kept: ReadonlySet<string>;
  /** Its size without what nothing needs. */
  compactBytes: number;
  /** Whether something was read that is not what it should be, or not there. */
  isDamaged: boolean;
}

/** A fetch under way. */
export interface MirrorFetch extends Abortable {
  readonly authorization: string | undefined;
}

/** Opens the mirror of a repository, which may be there from an earlier time. */
export async function openMirrorOf(context: MirrorContext, fetch: MirrorFetch): Promise<Mirror> {
  const place = await openPlace(context.address, context.settings.cacheDirectory);
  try {
    const run = runnerIn(context, { directory: place.directory, ...fetch });
    return await makeMirror(context, { place, run, signal: fetch.signal });
  } catch (error) {
    // Nothing was read from it yet: one that cannot even be opened is of no use.
    if (mayBeDamage(error)) place.discard();
    else place.release();
    throw error;
  }
}

/** Brings a mirror up to date; gives the state before when nothing has changed. */
export async function nextState(
  context: MirrorContext,
  fetch: MirrorFetch,
  now: { readonly mirror: Mirror; readonly state: MirrorState | undefined },
): Promise<MirrorState> {
  const { mirror, state: before } = now;
  const { signal } = fetch;
  const run = runnerIn(context, { directory: mirror.place.directory, ...fetch });
  const { idleMs = 30_000, totalMs = 600_000 } = context.settings;
  const { maxRefs } = context.limits;
  const timeoutMs = Math.min(totalMs, idleMs * 2);
  const listing = await listRefs(run, context.address, { signal, maxRefs, timeoutMs });
  if (before !== undefined && sameListing(before.listing, listing)) return before;
  const tips = new Set([...listing.branches.values(), ...listing.tags.values()]);
  const ids = [...tips.difference(mirror.kept)];
  if (ids.length > 0) await receive(context, { mirror, run, signal, ids });
  mirror.kept = mirror.kept.union(tips);
  const refs = await proveRefs(mirror.store, listing, before);
  await tidy(context, { mirror, run, signal, tips });
  return { listing, refs };
}

/** What differs from one run of git to the next. */
interface RunPlace {
  readonly directory: string;
  readonly authorization?: string | undefined;
}

/** Runs git in a mirror. */
export function runnerIn({ settings, limits }: MirrorContext, place: RunPlace): RunGit {
  const env = environment(settings, limits, place);
  return (args, options) =>
    runGit({
      timeoutMs: settings.totalMs ?? 600_000,
      maxBytes: MAX_OUTPUT_BYTES,
      ...options,
      args,
      env,
      showsCredentials: place.authorization !== undefined,
    });
}

function environment(
  settings: CommandLineSettings,
  limits: RepositoryLimits,
  own: RunPlace,
): Record<string, string> {
  const { ssh, caFile, idleMs = 30_000 } = settings;
  const surroundings: GitSurroundings = {
    directory: own.directory,
    protocol: protocolOf(settings.location),
    idleMs,
    maxAllocationBytes: limits.maxObjectBytes + SPARE_BYTES,
    maxFileBytes: limits.maxFileBytes,
    ...(ssh === undefined ? {} : { ssh }),
    ...(caFile === undefined ? {} : { caFile }),
    ...(own.authorization === undefined ? {} : { authorization: own.authorization }),
  };
  return gitEnvironment(surroundings, (name) => Deno.env.get(name));
}

function protocolOf(location: GitLocation): GitSurroundings["protocol"] {
  switch (location.type) {
    case "local":
      return "file";
    case "ssh":
      return "ssh";
    case "http":
      return location.address.startsWith("https:") ? "https" : "http";
    default:
      return unreachable(location);
  }
}

async function makeMirror(
  { settings, limits }: MirrorContext,
  { place, run, signal }: Abortable & { readonly place: MirrorPlace; readonly run: RunGit },
): Promise<Mirror> {
  const kept = await openMirror(run, place.directory, { signal });
  const { bytes } = await mirrorSize(place.directory);
  // Objects are read without credentials: this process asks no server.
  const env = environment(settings, limits, { directory: place.directory });
  const objects = createObjectProcess({ ...limits, env, timeoutMs: OBJECT_MS });
  const found = createStoreOf((id, limit) => objects.read(id, limit), createObjectCaches());
  const store = watchedStore(found, () => mirror.isDamaged = true);
  const mirror: Mirror = { place, objects, store, kept, compactBytes: bytes, isDamaged: false };
  return mirror;
}

/** Git has no limit for what it receives: the files that it writes are watched. */
async function receive(
  { settings, address, limits }: MirrorContext,
  work: Abortable & {
    readonly mirror: Mirror;
    readonly run: RunGit;
    readonly ids: readonly string[];
  },
): Promise<void> {
  const { directory } = work.mirror.place;
  const over = new AbortController();
  const watch = setInterval(async () => {
    const { bytes, incomingBytes } = await mirrorSize(directory);
    if (incomingBytes > limits.maxTransferBytes) over.abort(tooLarge("maxTransferBytes", limits));
    if (bytes > limits.maxMirrorBytes) over.abort(tooLarge("maxMirrorBytes", limits));
  }, WATCH_MS);
  try {
    await fetchObjects(work.run, { address, ids: work.ids }, {
      signal: AbortSignal.any([work.signal, over.signal]),
      timeoutMs: settings.totalMs ?? 600_000,
    });
  } finally {
    clearInterval(watch);
  }
  if ((await mirrorSize(directory)).bytes <= limits.maxMirrorBytes) return;
  await dropObjects(work.run, work.ids, { signal: work.signal });
  throw tooLarge("maxMirrorBytes", limits);
}

const LARGE = {
  maxTransferBytes: "the transfer is",
  maxMirrorBytes: "its mirror would be",
} as const;

function tooLarge(limit: keyof typeof LARGE, limits: MirrorLimits): TransportError {
  const text = `${LARGE[limit]} larger than ${limits[limit]} bytes (${limit})`;
  return new TransportError("limit-exceeded", text);
}

/** What fails here costs room and time, and no commit is held back for that. */
async function tidy(
  { settings, limits: { minRepackedBytes } }: MirrorContext,
  work: Abortable & {
    readonly mirror: Mirror;
    readonly run: RunGit;
    readonly tips: ReadonlySet<string>;
  },
): Promise<void> {
  const { mirror, run, signal, tips } = work;
  try {
    await forgetObjects(run, [...mirror.kept.difference(tips)], { signal });
    mirror.kept = tips;
    const timeoutMs = settings.totalMs ?? 600_000;
    const { place: { directory }, compactBytes } = mirror;
    const place = { directory, compactBytes, minRepackedBytes };
    mirror.compactBytes = await tidyMirror(run, place, { signal, timeoutMs });
  } catch {
    signal.throwIfAborted(); // anything else is tried again after the next fetch
  }
}
