// SPDX-License-Identifier: Apache-2.0

import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Abortable, CommitId } from "../../runtime/ports.ts";
import { TransportError } from "./failure.ts";
import type { GitRun } from "./git_process.ts";
import type { HistoryDifference } from "./merge_bases.ts";
import type { RefListing } from "./prove_refs.ts";

/** Runs git in a mirror. */
export type RunGit = (
  args: readonly string[],
  options:
    & Abortable
    & Partial<Pick<GitRun, "input" | "timeoutMs" | "maxBytes" | "limitName" | "goodCodes">>,
) => Promise<Uint8Array>;

/** Makes the mirror in a directory, or finds it there; what a crash left half written goes. */
export async function openMirror(
  run: RunGit,
  directory: string,
  options: Abortable,
): Promise<ReadonlySet<string>> {
  const packs = join(directory, "objects", "pack");
  for (const name of await readdir(packs).catch(() => [])) {
    if (name.startsWith("tmp_")) await rm(join(packs, name), { force: true });
  }
  // Harmless for one that is there. No template: it could hold hooks.
  await run(["init", "--quiet", "--bare", "--template="], options);
  const kept = await run(["for-each-ref", "--format=%(objectname)", KEPT_REFS], options);
  return new Set(linesOf(kept));
}

/** Objects are kept by refs named after them: no name of the server's ever becomes a path. */
const KEPT_REFS = "refs/koreo/";

/** Lists the branches and tags of a server. */
export async function listRefs(
  run: RunGit,
  address: string,
  options: Abortable & { readonly maxRefs: number; readonly timeoutMs: number },
): Promise<RefListing> {
  const printed = await run(
    ["ls-remote", "--quiet", "--heads", "--tags", "--refs", "--", address],
    {
      ...options,
      maxBytes: options.maxRefs * MAX_REF_BYTES,
      limitName: "maxRefs",
    },
  );
  const lines = linesOf(printed);
  if (lines.length > options.maxRefs) {
    const limit = `${options.maxRefs} (maxRefs)`;
    throw new TransportError("limit-exceeded", `it has ${lines.length} refs, more than ${limit}`);
  }
  const refs = lines.map(readRef);
  const below = (prefix: string) =>
    new Map(
      refs.filter(({ ref }) => ref.startsWith(prefix))
        .map(({ ref, id }) => [ref.slice(prefix.length), id]),
    );
  return { branches: below("refs/heads/"), tags: below("refs/tags/") };
}

const MAX_REF_BYTES = 400;

function readRef(line: string): { readonly id: string; readonly ref: string } {
  const [, id, ref] = /^([0-9a-f]{40})\t(refs\/(?:heads|tags)\/.+)$/.exec(line) ?? [];
  if (id !== undefined && ref !== undefined) return { id, ref };
  if (/^[0-9a-f]{64}\t/.test(line)) {
    throw new TransportError("no-such-repository", "SHA-256 repositories are not supported");
  }
  throw new TransportError("broken-transfer", "the server lists refs in an unknown form");
}

/** Brings objects and all that they reach. Names a server has no part in come of it. */
export async function fetchObjects(
  run: RunGit,
  request: { readonly address: string; readonly ids: readonly string[] },
  options: Abortable & { readonly timeoutMs: number },
): Promise<void> {
  await run(["fetch", ...FETCH_OPTIONS, "--stdin", "--", request.address], {
    ...options,
    input: request.ids.map((id) => `+${id}:${KEPT_REFS}${id}\n`).join(""),
  });
}

const FETCH_OPTIONS = [
  "--quiet",
  "--force",
  "--no-tags",
  "--no-write-fetch-head",
  "--no-recurse-submodules",
  "--no-auto-maintenance",
];

/** Lets go of objects that nothing names any more. */
export async function forgetObjects(
  run: RunGit,
  ids: readonly string[],
  options: Abortable,
): Promise<void> {
  if (ids.length === 0) return;
  const input = ids.map((id) => `delete ${KEPT_REFS}${id}\n`).join("");
  await run(["update-ref", "--stdin"], { ...options, input });
}

/** Lets go of objects that came last, and of the room they take. */
export async function dropObjects(
  run: RunGit,
  ids: readonly string[],
  options: Abortable,
): Promise<void> {
  await forgetObjects(run, ids, options);
  await run(["repack", "-q", "-a", "-d"], options);
}

/** Packs, and refs in files of their own, after which they are put together. */
const MAX_PACKS = 50;

/**
 * Puts packs together: every fetch adds one, and each is looked through for every object. What no
 * ref reaches any more is left out when the mirror has grown to twice of what it was.
 *
 * @param compactBytes Its size when nothing was in it that is not needed
 * @returns That size now
 */
export async function tidyMirror(
  run: RunGit,
  place: {
    readonly directory: string;
    readonly compactBytes: number;
    readonly minRepackedBytes: number;
  },
  options: Abortable & { readonly timeoutMs: number },
): Promise<number> {
  const { directory, compactBytes, minRepackedBytes } = place;
  const { packs, bytes } = await mirrorSize(directory);
  if (bytes > Math.max(2 * compactBytes, minRepackedBytes)) {
    await run(["pack-refs", "--all"], options);
    await run(["repack", "-q", "-a", "-d"], options);
    return (await mirrorSize(directory)).bytes;
  }
  if (packs > MAX_PACKS) {
    await run(["pack-refs", "--all"], options);
    await run(["repack", "-q", "-d", "--geometric=2"], options);
  }
  return compactBytes;
}

/** What lies in the directory of packs. */
export interface MirrorSize {
  readonly packs: number;
  /** Of everything. */
  readonly bytes: number;
  /** Of what is being received. */
  readonly incomingBytes: number;
}

/** How large a mirror is. */
export async function mirrorSize(directory: string): Promise<MirrorSize> {
  const place = join(directory, "objects", "pack");
  const names = await readdir(place).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) => stat(join(place, name)).then(({ size }) => size, () => 0)),
  );
  const sum = (isWanted: (name: string) => boolean) =>
    sizes.reduce((all, size, index) => isWanted(names[index] ?? "") ? all + size : all, 0);
  return {
    packs: names.filter((name) => name.endsWith(".pack")).length,
    bytes: sum(() => true),
    incomingBytes: sum((name) => name.startsWith("tmp_")),
  };
}

function linesOf(printed: Uint8Array): readonly string[] {
  return new TextDecoder().decode(printed).split("\n").filter((line) => line !== "");
}

/** So many commits of a difference are listed. */
const MAX_DIFFERENCE = 50_000;

/** What each of two histories has and the other has not; `undefined` where that is too much. */
export async function differenceOf(
  run: RunGit,
  [one, other]: readonly [CommitId, CommitId],
  options: Abortable,
): Promise<HistoryDifference | undefined> {
  const limit = `--max-count=${MAX_DIFFERENCE + 1}`;
  const args = ["rev-list", "--left-right", limit, `${one}...${other}`];
  const printed = linesOf(await run(args, options));
  if (printed.length > MAX_DIFFERENCE) return undefined;
  const onSide = (side: string): ReadonlySet<CommitId> =>
    new Set(printed.flatMap((line) => line.startsWith(side) ? [line.slice(1)] : []));
  return { onlyOne: onSide("<"), onlyOther: onSide(">") };
}

/** The best common ancestors, as git finds them. */
export async function mergeBasesOf(
  run: RunGit,
  ids: readonly [CommitId, CommitId],
  options: Abortable,
): Promise<readonly CommitId[]> {
  return linesOf(await run(["merge-base", "--all", ...ids], { ...options, goodCodes: [0, 1] }));
}
