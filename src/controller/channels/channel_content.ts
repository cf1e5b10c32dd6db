// SPDX-License-Identifier: Apache-2.0

import type { Abortable, CommitId, Repository } from "../../runtime/ports.ts";
import { type BranchPasts, createBranchPasts } from "./branch_past.ts";
import { type BranchChanges, branchChanges, unreadFiles } from "./branch_changes.ts";
import { type OverlayChange, overlayDefinitions, ownChanges } from "./overlay_channel.ts";
import { remember } from "./remember.ts";
import {
  type BranchContent,
  branchDefinitions,
  type ReadDocument,
  type SourceReader,
} from "./source_reader.ts";

/** A branch of a channel at one commit. */
export interface Layer {
  /** As it stands in a revision: `main@sha1:…`. */
  readonly branch: string;
  /** The head of the branch. */
  readonly commit: CommitId;
}

/** The revision of a channel, as triggers and people see it: all its layers, upper first. */
export function revisionName(layers: readonly Layer[]): string {
  return layers.map(({ branch, commit }) => `${branch}@sha1:${commit}`).join("+");
}

/** A document with the layer it comes from. */
export interface LayeredDocument extends ReadDocument {
  readonly layer: Layer;
}

/** What a channel is made of at some heads of its branches. */
export interface ChannelContent {
  /** Upper first. */
  readonly layers: readonly (Layer & { readonly content: BranchContent })[];
  /** The definitions, by key. */
  readonly definitions: ReadonlyMap<string, LayeredDocument>;
  /** Documents of which nobody can say what they define, and repeated definitions. */
  readonly others: readonly LayeredDocument[];
  /** Ids of files that count and could not be read. */
  readonly unread: ReadonlySet<string>;
}

/** Puts channels together out of their branches; what two channels share is put together once. */
export interface ChannelContents {
  /** Rejects with a `RepositoryError` when a layer cannot be read. */
  of(layers: readonly Layer[], options: Abortable): Promise<ChannelContent>;
  /** Forgets what belongs to none of these. */
  keepOnly(used: Iterable<ChannelContent>): void;
}

/** So much of what was put together is kept until the channels are up to date. */
const MAX_KNOWN = 16;

/** Makes one for a source. */
export function createChannelContents(
  reader: SourceReader,
  repository: Pick<Repository, "mergeBases">,
): ChannelContents {
  const pasts = pastsOfLayers(reader);
  let known = new Map<string, ChannelContent>();

  async function of(layers: readonly Layer[], options: Abortable): Promise<ChannelContent> {
    const name = revisionName(layers);
    const found = known.get(name);
    if (found !== undefined) {
      // The one that others lie over is not the first to be forgotten.
      remember(known, MAX_KNOWN, [name, found]);
      return found;
    }
    const [upper, next] = layers;
    if (upper === undefined) throw new TypeError("Cannot put a channel without layers together");
    const own = await reader.read(upper.commit, options);
    const made = next === undefined
      ? plainContent(upper, own)
      : await over({ ...upper, content: own }, await of(layers.slice(1), options), {
        base: (await repository.mergeBases(upper.commit, next.commit, options))[0],
        reader,
        pasts,
        ...options,
      });
    // A walk back through history must not keep all of it.
    remember(known, MAX_KNOWN, [name, made]);
    return made;
  }

  return {
    of,
    keepOnly(used) {
      const contents = [...used];
      const names = new Set(
        contents.flatMap(({ layers }) =>
          layers.map((_, index) => revisionName(layers.slice(index)))
        ),
      );
      known = new Map([...known].filter(([name]) => names.has(name)));
      reader.keepOnly(contents.flatMap(({ layers }) => layers.map(({ content }) => content)));
    },
  };
}

type ContentLayer = ChannelContent["layers"][number];

function plainContent({ branch, commit }: Layer, content: BranchContent): ChannelContent {
  if (content.missing !== undefined) throw content.missing;
  const layer = { branch, commit };
  const { definitions, others } = branchDefinitions(content);
  return {
    layers: [{ ...layer, content }],
    definitions: new Map(
      definitions.entries().map(([key, document]) => [key, { ...document, layer }]),
    ),
    others: others.map((document) => ({ ...document, layer })),
    unread: new Set(unreadFiles(content)),
  };
}

interface OverlaySurroundings extends Abortable {
  readonly base: CommitId | undefined;
  readonly reader: SourceReader;
  readonly pasts: (depth: number) => BranchPasts;
}

async function over(
  { content, ...layer }: ContentLayer,
  below: ChannelContent,
  surroundings: OverlaySurroundings,
): Promise<ChannelContent> {
  await checkDirectory(content, surroundings);
  const own = await branchChanges(content, surroundings.base, surroundings);
  const changes = await countingChanges(own.changes, below, surroundings);
  const layered = (document: ReadDocument): LayeredDocument => ({ ...document, layer });
  const upper = new Map(changes.flatMap(({ key }) => {
    const document = own.changed.get(key);
    return document === undefined ? [] : [[key, layered(document)]];
  }));
  const definitions = overlayDefinitions({ lower: below.definitions, upper, changes });
  // A file of the branch below that the overlay has replaced or removed does not count.
  return {
    layers: [{ ...layer, content }, ...below.layers],
    definitions,
    others: [
      ...below.others.filter((other) => counts(other, definitions) && !isMended(other, own)),
      ...own.others.map(layered).filter((other) => counts(other, definitions)),
    ],
    unread: new Set([...below.unread].filter((id) => !own.mended.has(id))).union(
      new Set(own.unread),
    ),
  };
}

/**
 * A branch that parted before there was the directory has changed nothing. One that has taken it
 * away has hardly meant to delete all that is below.
 */
async function checkDirectory(
  { missing }: BranchContent,
  { base, reader, signal }: OverlaySurroundings,
): Promise<void> {
  if (missing === undefined) return;
  const isEarlier = base !== undefined &&
    (await reader.contents(base, { signal })).files.size === 0;
  if (!isEarlier) throw missing;
}

/**
 * The changes that no branch below has taken over: the next one, and the one further down that a
 * definition is taken from. A preview of the main branch over a beta brings nothing old back.
 */
async function countingChanges(
  changes: readonly OverlayChange[],
  below: ChannelContent,
  { base, pasts, signal }: OverlaySurroundings,
): Promise<readonly OverlayChange[]> {
  let counting = changes;
  for (const [depth, layer] of below.layers.entries()) {
    const isAsked = ({ key }: OverlayChange) => depth === 0 || mayBeFrom(below, key, layer);
    if (!counting.some(isAsked)) continue;
    const past = await pasts(depth).of(layer.commit, base, { signal });
    const own = new Set(ownChanges(counting.filter(isAsked), past));
    counting = counting.filter((change) => !isAsked(change) || own.has(change));
  }
  return counting;
}

/** Whether a channel has a definition from a branch, or nobody can say which one took it away. */
function mayBeFrom(
  { definitions }: ChannelContent,
  key: string,
  { branch, commit }: Layer,
): boolean {
  const from = definitions.get(key)?.layer;
  return from === undefined || (from.branch === branch && from.commit === commit);
}

/** Branches at one depth below have parted from those above at other commits than at another. */
function pastsOfLayers(reader: SourceReader): (depth: number) => BranchPasts {
  const known: BranchPasts[] = [];
  return (depth) => known[depth] ??= createBranchPasts(reader);
}

function isMended({ key, fileId }: LayeredDocument, { mended }: BranchChanges): boolean {
  return key === undefined && mended.has(fileId);
}

/** A repeated definition is worth a word where the first of its name is used. */
function counts(
  { key, layer }: LayeredDocument,
  definitions: ReadonlyMap<string, LayeredDocument>,
): boolean {
  if (key === undefined) return true;
  const used = definitions.get(key)?.layer;
  return used !== undefined && used.commit === layer.commit && used.branch === layer.branch;
}
