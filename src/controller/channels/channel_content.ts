// SPDX-License-Identifier: Apache-2.0

import type { Abortable, CommitId, Repository } from "../../runtime/ports.ts";
import { type BranchPasts, createBranchPasts } from "./branch_past.ts";
import { changesSince, overlayDefinitions, ownChanges } from "./overlay_channel.ts";
import type { BranchContent, CommitContents, ReadDocument, SourceReader } from "./source_reader.ts";

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
  const pasts = createBranchPasts(reader);
  let known = new Map<string, ChannelContent>();

  async function of(layers: readonly Layer[], options: Abortable): Promise<ChannelContent> {
    const name = revisionName(layers);
    const found = known.get(name);
    if (found !== undefined) return found;
    const [upper, next] = layers;
    if (upper === undefined) throw new TypeError("Cannot put a channel without layers together");
    const own = plainContent(upper, await reader.read(upper.commit, options));
    const made = next === undefined ? own : await over(own, await of(layers.slice(1), options), {
      base: (await repository.mergeBases(upper.commit, next.commit, options))[0],
      reader,
      pasts,
      ...options,
    });
    known.set(name, made);
    // A walk back through history must not keep all of it.
    for (const oldest of known.keys()) {
      if (known.size <= MAX_KNOWN) break;
      known.delete(oldest);
    }
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

function plainContent({ branch, commit }: Layer, content: BranchContent): ChannelContent {
  const layer = { branch, commit };
  const definitions = new Map<string, LayeredDocument>();
  const others: LayeredDocument[] = [];
  for (const { documents } of content.files) {
    for (const document of documents) {
      const { key } = document;
      const layered = { ...document, layer };
      if (key === undefined || definitions.has(key)) others.push(layered);
      else definitions.set(key, layered);
    }
  }
  const unread = content.files.filter(({ fault }) => fault !== undefined).map(({ id }) => id);
  return { layers: [{ ...layer, content }], definitions, others, unread: new Set(unread) };
}

interface OverlaySurroundings extends Abortable {
  readonly base: CommitId | undefined;
  readonly reader: SourceReader;
  readonly pasts: BranchPasts;
}

const NOTHING: CommitContents = { definitions: new Map(), files: new Set() };

async function over(
  own: ChannelContent,
  below: ChannelContent,
  surroundings: OverlaySurroundings,
): Promise<ChannelContent> {
  const { base, reader } = surroundings;
  const atBase = base === undefined ? NOTHING : await reader.contents(base, surroundings);
  const changed = changesSince(atBase.definitions, own.definitions);
  const changes = changed.length === 0
    ? changed
    : ownChanges(changed, await pastBelow(below, surroundings));
  const definitions = overlayDefinitions({
    lower: below.definitions,
    upper: own.definitions,
    changes,
  });
  const ownFiles = new Set(own.layers.flatMap(({ content }) => content.files.map(({ id }) => id)));
  // A file of the branch below that the overlay has replaced or removed.
  const isMended = (fileId: string) => atBase.files.has(fileId) && !ownFiles.has(fileId);
  return {
    layers: [...own.layers, ...below.layers],
    definitions,
    others: [
      ...below.others.filter((other) =>
        other.key === undefined ? !isMended(other.fileId) : isBeside(other, definitions)
      ),
      ...own.others.filter((other) => countsAbove(other, definitions, atBase)),
    ],
    unread: new Set([
      ...[...below.unread].filter((id) => !isMended(id)),
      ...[...own.unread].filter((id) => !atBase.files.has(id)),
    ]),
  };
}

async function pastBelow(
  { layers: [branch] }: ChannelContent,
  { base, pasts, signal }: OverlaySurroundings,
) {
  return await pasts.of(branch?.commit ?? "", base, { signal });
}

/** A repeated definition is worth a word where the first of its name is used. */
function isBeside(
  { key, layer }: LayeredDocument,
  definitions: ReadonlyMap<string, LayeredDocument>,
): boolean {
  const used = key === undefined ? undefined : definitions.get(key)?.layer;
  return used !== undefined && used.commit === layer.commit && used.branch === layer.branch;
}

/** What the overlay did not touch is not its own, readable or not. */
function countsAbove(
  other: LayeredDocument,
  definitions: ReadonlyMap<string, LayeredDocument>,
  atBase: CommitContents,
): boolean {
  return other.key === undefined ? !atBase.files.has(other.fileId) : isBeside(other, definitions);
}
