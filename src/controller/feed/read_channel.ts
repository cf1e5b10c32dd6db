// SPDX-License-Identifier: Apache-2.0

import type { SourceDocument } from "../../language/mod.ts";
import { type Abortable, type CommitId, UnverifiedError } from "../../runtime/ports.ts";
import { createChannelContents, type Layer } from "../channels/channel_content.ts";
import type { PresentChannel, SourceSettings } from "../channels/channel_settings.ts";
import { createChannelLoader, type LoadedRevision } from "./load_revision.ts";
import { noSuchRevision } from "../channels/no_such_revision.ts";
import { createSourceReader } from "../channels/source_reader.ts";

/** A definition that a channel holds. */
export interface ReadDefinition {
  /** The document, with its places. */
  readonly document: SourceDocument;
  /** Equal exactly when two documents of one identity say the same. */
  readonly content: string;
  /** The branch that it is taken from. */
  readonly layer: Layer;
}

/** A channel at the heads of its branches, with what it is made of. */
export interface ReadChannel extends LoadedRevision {
  /** Its definitions, by `Kind/namespace/name`. */
  readonly held: ReadonlyMap<string, ReadDefinition>;
}

/** Reads channels of one source as their branches stand, without following or gating them. */
export interface ChannelReader {
  /** Rejects with a `RepositoryError` when a branch is missing or cannot be read. */
  read(channel: PresentChannel, options: Abortable): Promise<ReadChannel>;
}

/** Makes a reader of what the last fetch of a source brought. */
export function createChannelReader(source: SourceSettings): ChannelReader {
  const { repository, directory } = source;
  const read: LoadedRevision[] = [];
  return {
    async read(channel, options) {
      const { namespace, priority } = channel;
      const reader = createSourceReader({ repository, directory, namespace });
      const loader = createChannelLoader({
        contents: createChannelContents(reader, repository),
        namespace,
        ...(priority === undefined ? {} : { priority }),
        near: () => read.map(({ program }) => program),
      });
      const loaded = await loader.load(await headsOf(source, channel, options), options);
      read.push(loaded);
      return { ...loaded, held: loaded.content.definitions };
    },
  };
}

/** The heads of the branches of a channel, upper first. */
async function headsOf(
  source: SourceSettings,
  channel: PresentChannel,
  options: Abortable,
): Promise<readonly Layer[]> {
  const heads: Layer[] = [];
  for (const { branch, ref } of [channel, ...channel.below]) {
    const commit = await commitOf(source, ref ?? branch, options);
    if (commit === undefined) {
      const revision = ref === undefined || ref.startsWith("refs/") ? branch : ref;
      throw await noSuchRevision(source, { verb: "read", revision }, options);
    }
    heads.push({ branch, commit });
  }
  return heads;
}

/** A commit that nobody has signed may be looked at: it is not put in force by that. */
async function commitOf(
  { repository }: SourceSettings,
  revision: string,
  options: Abortable,
): Promise<CommitId | undefined> {
  try {
    return await repository.resolve(revision, options);
  } catch (error) {
    if (error instanceof UnverifiedError) return error.commit;
    throw error;
  }
}
