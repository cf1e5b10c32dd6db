// SPDX-License-Identifier: Apache-2.0

import type { Abortable, CommitId, CommitSummary, Repository } from "../../runtime/ports.ts";
import { credentialHeader } from "./credentials.ts";
import { TransportError } from "./failure.ts";
import type { GitLocation } from "./git_location.ts";
import { differenceOf, mergeBasesOf } from "./git_mirror.ts";
import type { HistoryWalk } from "./merge_bases.ts";
import {
  type Mirror,
  type MirrorFetch,
  type MirrorState,
  nextState,
  openMirrorOf,
  runnerIn,
} from "./mirror_state.ts";
import {
  commitOf,
  createRepositoryView,
  DEFAULT_LIMITS,
  guarded,
  notFetched,
} from "./repository_view.ts";
import { createSignedRevisions } from "./signed_revision.ts";
import type { CommandLineSettings } from "./command_line_settings.ts";
import { mayBeDamage, REBUILD_MS } from "./watched_store.ts";

/** A repository whose end can be waited for. */
export interface CommandLineRepository extends Repository, AsyncDisposable {}

/** Very large repositories are what it is for: a mirror on disk may be larger than memory. */
const MAX_TRANSFER_BYTES = 8 * 1024 * 1024 * 1024;
const MAX_OBJECT_BYTES = 256 * 1024 * 1024;
const MAX_MIRROR_BYTES = 2 * MAX_TRANSFER_BYTES;
const MIN_REPACKED_BYTES = 64 * 1024 * 1024;

/**
 * A repository read through the git command: for ssh, and for what is too large to be mirrored in
 * memory. A bare mirror lies in a directory; nothing is checked out, no hook and no configuration
 * of the machine counts.
 *
 * A fetch lists the server's refs, fetches what is missing by id, proves every new tip readable,
 * and only then lets the names mean it.
 */
export function createCommandLineRepository(settings: CommandLineSettings): CommandLineRepository {
  const address = addressOf(settings.location);
  const name = `repository "${address}"`;
  const limits = {
    ...DEFAULT_LIMITS,
    maxTransferBytes: MAX_TRANSFER_BYTES,
    maxObjectBytes: MAX_OBJECT_BYTES,
    maxMirrorBytes: MAX_MIRROR_BYTES,
    minRepackedBytes: MIN_REPACKED_BYTES,
    ...settings.limits,
  };
  const closing = new AbortController();
  const context = { settings, address, limits };
  let mirror: Mirror | undefined;
  let state: MirrorState | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let closed: Promise<void> | undefined;

  let rebuiltAt = -Infinity;

  const fetchNow = (options: Abortable): Promise<void> =>
    guarded(`fetch ${name}`, options, async () => {
      const signal = AbortSignal.any([options.signal, closing.signal]);
      signal.throwIfAborted();
      const fetch = { signal, authorization: await authorizationOf(settings) };
      try {
        mirror ??= await openMirrorOf(context, fetch);
        if (mirror.isDamaged) throw damaged(mirror);
        state = await nextState(context, fetch, { mirror, state });
      } catch (error) {
        signal.throwIfAborted();
        if (!mayBeDamage(error) || performance.now() - rebuiltAt < REBUILD_MS) throw error;
        rebuiltAt = performance.now();
        await rebuild(fetch, error);
      }
    });
  /** What was there stays until the new mirror has everything. */
  const rebuild = async (fetch: MirrorFetch, reason: unknown): Promise<void> => {
    const fresh = await openMirrorOf(context, fetch).catch(() => {
      throw reason;
    });
    try {
      state = await nextState(context, fetch, { mirror: fresh, state: undefined });
    } catch {
      await fresh.objects.close();
      fresh.place.discard();
      throw reason; // a new one fares no better: it is not the mirror
    }
    const old = mirror;
    mirror = fresh;
    await old?.objects.close();
    old?.place.discard();
  };
  const current = () => {
    if (mirror === undefined || state === undefined) return Promise.reject(notFetched(name));
    const { store, place } = mirror;
    return Promise.resolve({ refs: state.refs, store, directory: place.directory });
  };
  const close = (): Promise<void> =>
    closed ??= (async () => {
      closing.abort(new TransportError("unreachable", "the repository was closed"));
      const ended = mirror?.objects.close();
      // At once: whoever only calls close() may end the process next.
      mirror?.place.release();
      await last.catch(() => {});
      await ended;
      await mirror?.objects.close();
      mirror?.place.release();
      mirror = state = undefined;
    })();
  const signed = settings.verify && createSignedRevisions(settings.verify);
  const walk = async (
    one: CommitId,
    other: CommitId,
    options: Abortable,
  ): Promise<HistoryWalk> => {
    const { directory, store } = await current();
    const dated = (id: CommitId) => commitOf(store, id);
    await Promise.all([one, other].map(dated)); // no other text ever becomes an argument
    const run = runnerIn(context, { directory });
    const [bases, difference] = await Promise.all([
      mergeBasesOf(run, [one, other], options),
      differenceOf(run, [one, other], options),
    ]);
    const sorted = newestFirst(await Promise.all(bases.map(dated)));
    return { bases: sorted, ...(difference === undefined ? {} : { difference }) };
  };
  return {
    ...createRepositoryView({ name, limits, signed, current, walk }),
    fetch(options) {
      const running = last.then(() => fetchNow(options));
      last = running.catch(() => {});
      return running;
    },
    close: () => void close(),
    [Symbol.asyncDispose]: close,
  };
}

function damaged({ place }: Mirror): TransportError {
  const text = `its mirror in "${place.directory}" is damaged`;
  return new TransportError("broken-transfer", text);
}

function addressOf(location: GitLocation): string {
  // A path could be taken for the short form of ssh, or for an option.
  return location.type === "local" ? fileAddress(location.path) : location.address;
}

function fileAddress(path: string): string {
  return path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
}

async function authorizationOf(settings: CommandLineSettings): Promise<string | undefined> {
  const { location } = settings;
  if (location.type !== "http") return undefined;
  return credentialHeader(await settings.credentials?.() ?? location.credentials);
}

function newestFirst(commits: readonly CommitSummary[]): readonly CommitId[] {
  return commits
    .toSorted((a, b) => b.committedAt - a.committedAt || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id);
}
