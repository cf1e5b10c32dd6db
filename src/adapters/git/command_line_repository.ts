// SPDX-License-Identifier: Apache-2.0

import type { Abortable, CommitId, CommitSummary, Repository } from "../../runtime/ports.ts";
import { credentialHeader, type Credentials } from "./credentials.ts";
import { TransportError } from "./failure.ts";
import { gitEnvironment, type GitSurroundings, type SshSettings } from "./git_environment.ts";
import type { GitLocation } from "./git_location.ts";
import {
  fetchObjects,
  forgetObjects,
  incomingBytes,
  listRefs,
  mergeBasesOf,
  type MirrorPlace,
  openMirror,
  openPlace,
  type RunGit,
  tidyMirror,
} from "./git_mirror.ts";
import { runGit } from "./git_process.ts";
import { createObjectProcess, type ObjectProcess } from "./object_process.ts";
import { createStoreOf, type ObjectStore } from "./object_store.ts";
import { proveRefs, type RefListing } from "./prove_refs.ts";
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
import { unreachable } from "../../language/mod.ts";

/** How a repository is reached through the git command. */
export interface CommandLineSettings {
  readonly location: GitLocation;
  /** Asked at every fetch; wins over those of the location. */
  readonly credentials?: () => Promise<Credentials | undefined>;
  readonly ssh?: SshSettings;
  /** Certificates that are trusted in place of the usual ones, in PEM. */
  readonly caFile?: string;
  /** Where the mirror is kept. Default: a temporary directory, removed at the end. */
  readonly cacheDirectory?: string;
  /** Longest silence of a server. Default 30 s. */
  readonly idleMs?: number;
  /** Longest fetch. Default 10 min. */
  readonly totalMs?: number;
  /** Who must have signed what is put in force. */
  readonly verify?: VerifySettings;
  readonly limits?: Partial<RepositoryLimits>;
}

/** A repository whose end can be waited for. */
export interface CommandLineRepository extends Repository, AsyncDisposable {}

/** Very large repositories are what it is for: a mirror on disk may be larger than memory. */
const MAX_TRANSFER_BYTES = 8 * 1024 * 1024 * 1024;
const MAX_OBJECT_BYTES = 256 * 1024 * 1024;
const WATCH_MS = 500;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
const OBJECT_MS = 60_000;
/** Room for what git needs besides the objects themselves. */
const SPARE_BYTES = 64 * 1024 * 1024;

/** What a fetch brought. The names are here only: in the mirror objects are kept by their ids. */
interface State {
  readonly listing: RefListing;
  readonly refs: Refs;
}

interface Mirror {
  readonly place: MirrorPlace;
  readonly objects: ObjectProcess;
  readonly store: ObjectStore;
  /** Ids of the tips that are there with all that they reach. */
  kept: ReadonlySet<string>;
}

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
    ...settings.limits,
  };
  const closing = new AbortController();
  const context = { settings, address, limits };
  let mirror: Mirror | undefined;
  let state: State | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let closed: Promise<void> | undefined;

  const fetchNow = (options: Abortable): Promise<void> =>
    guarded(`fetch ${name}`, options, async () => {
      const signal = AbortSignal.any([options.signal, closing.signal]);
      signal.throwIfAborted();
      const authorization = await authorizationOf(settings);
      const place = mirror?.place ?? await openPlace(address, settings.cacheDirectory);
      const run = runner(context, { directory: place.directory, authorization });
      mirror ??= await makeMirror(context, { place, run, signal });
      state = await nextState(context, { mirror, run, signal, before: state });
    });
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
  const view = createRepositoryView({ name, limits, signed, current });
  return {
    ...view,
    mergeBases: (one, other, options) =>
      guarded(`read the merge bases of ${one} and ${other} of ${name}`, options, async () => {
        const { directory } = await current();
        const run = runner(context, { directory });
        const dated = (id: CommitId) => view.commit(id, options);
        await Promise.all([one, other].map(dated)); // no other text ever becomes an argument
        const bases = await mergeBasesOf(run, [one, other], options);
        return newestFirst(await Promise.all(bases.map(dated)));
      }),
    fetch(options) {
      const running = last.then(() => fetchNow(options));
      last = running.catch(() => {});
      return running;
    },
    close: () => void close(),
    [Symbol.asyncDispose]: close,
  };
}

interface Context {
  readonly settings: CommandLineSettings;
  readonly address: string;
  readonly limits: RepositoryLimits;
}

function addressOf(location: GitLocation): string {
  // A path could be taken for the short form of ssh, or for an option.
  return location.type === "local" ? fileAddress(location.path) : location.address;
}

function fileAddress(path: string): string {
  return path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
}

/** What differs from one run of git to the next. */
interface RunPlace {
  readonly directory: string;
  readonly authorization?: string | undefined;
}

function runner({ settings, limits }: Context, place: RunPlace): RunGit {
  const env = environment(settings, limits, place);
  return (args, options) =>
    runGit({
      timeoutMs: settings.totalMs ?? 600_000,
      maxBytes: MAX_OUTPUT_BYTES,
      ...options,
      args,
      env,
    });
}

async function authorizationOf(settings: CommandLineSettings): Promise<string | undefined> {
  const { location } = settings;
  if (location.type !== "http") return undefined;
  return credentialHeader(await settings.credentials?.() ?? location.credentials);
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
  { settings, limits }: Context,
  { place, run, signal }: Abortable & { readonly place: MirrorPlace; readonly run: RunGit },
): Promise<Mirror> {
  try {
    const kept = await openMirror(run, place.directory, { signal });
    // Objects are read without credentials: this process asks no server.
    const env = environment(settings, limits, { directory: place.directory });
    const objects = createObjectProcess({ ...limits, env, timeoutMs: OBJECT_MS });
    const caches = { commits: new Map(), trees: new Map() };
    return { place, objects, store: createStoreOf((id) => objects.read(id), caches), kept };
  } catch (error) {
    place.release();
    throw error;
  }
}

async function nextState(
  context: Context,
  work: Abortable & {
    readonly mirror: Mirror;
    readonly run: RunGit;
    readonly before: State | undefined;
  },
): Promise<State> {
  const { mirror, run, signal, before } = work;
  const { idleMs = 30_000, totalMs = 600_000 } = context.settings;
  const { maxRefs } = context.limits;
  const timeoutMs = Math.min(totalMs, idleMs * 2);
  const listing = await listRefs(run, context.address, { signal, maxRefs, timeoutMs });
  if (before !== undefined && isSame(before.listing, listing)) return before;
  const tips = new Set([...listing.branches.values(), ...listing.tags.values()]);
  const ids = [...tips.difference(mirror.kept)];
  if (ids.length > 0) await receive(context, { mirror, run, signal, ids });
  mirror.kept = mirror.kept.union(tips);
  const refs = await proveRefs(mirror.store, listing, before);
  await tidy(context, { mirror, run, signal, tips });
  return { listing, refs };
}

function isSame(one: RefListing, other: RefListing): boolean {
  const same = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>) =>
    a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
  return same(one.branches, other.branches) && same(one.tags, other.tags);
}

/** Git has no limit for what it receives: the files that it writes are watched. */
async function receive(
  { settings, address, limits }: Context,
  work: Abortable & {
    readonly mirror: Mirror;
    readonly run: RunGit;
    readonly ids: readonly string[];
  },
): Promise<void> {
  const { directory } = work.mirror.place;
  const over = new AbortController();
  const watch = setInterval(async () => {
    const bytes = await incomingBytes(directory);
    if (bytes > limits.maxTransferBytes) over.abort(tooLarge(limits));
  }, WATCH_MS);
  try {
    await fetchObjects(work.run, { address, ids: work.ids }, {
      signal: AbortSignal.any([work.signal, over.signal]),
      timeoutMs: settings.totalMs ?? 600_000,
    });
  } finally {
    clearInterval(watch);
  }
}

function tooLarge({ maxTransferBytes }: RepositoryLimits): TransportError {
  return new TransportError(
    "limit-exceeded",
    `the transfer is larger than ${maxTransferBytes} bytes (maxTransferBytes)`,
  );
}

/** What fails here costs room and time, and no commit is held back for that. */
async function tidy(
  { settings }: Context,
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
    await tidyMirror(run, mirror.place.directory, { signal, timeoutMs });
  } catch {
    signal.throwIfAborted(); // anything else is tried again after the next fetch
  }
}

function newestFirst(commits: readonly CommitSummary[]): readonly CommitId[] {
  return commits
    .toSorted((a, b) => b.committedAt - a.committedAt || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id);
}
