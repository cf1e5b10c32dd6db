// SPDX-License-Identifier: Apache-2.0

import {
  type ChannelSettings,
  createChannelReader,
  isPattern,
  type PresentChannel,
  presentChannels,
  type ReadChannel,
  type SourceSettings,
} from "../../controller/mod.ts";
import type { Abortable } from "../../runtime/ports.ts";
import { UsageError } from "../command_io.ts";
import type { Configuration } from "../configuration.ts";

/** What two names on the command line ask for. */
export interface DiffRequest {
  readonly from: string;
  readonly to: string;
  /** `A...B`: what B has changed since it parted from A. */
  readonly sinceParting: boolean;
}

/**
 * Reads the arguments of `koreo diff` as `git diff` reads its own.
 *
 * @param args `A B`, `A..B`, `A...B`, or one channel alone
 * @param configuration An empty side stands for the default channel
 * @throws {UsageError} If it cannot be said what is to be compared
 */
export function diffRequest(
  [first = "", second]: readonly string[],
  { channels, default: fallback }: Pick<Configuration, "channels" | "default">,
): DiffRequest {
  const range = /^(.*?)(\.{2,3})(.*)$/.exec(first);
  if (range !== null) {
    if (second !== undefined) {
      throw new UsageError(`Cannot compare "${first}" with "${second}": one range says both sides`);
    }
    const [, from = "", dots, to = ""] = range;
    return { from: from || fallback, to: to || fallback, sinceParting: dots === "..." };
  }
  if (second !== undefined) return { from: first, to: second, sinceParting: false };
  const channel = channels.find(({ name }) => name === first);
  if (channel?.over !== undefined) return { from: channel.over, to: first, sinceParting: false };
  const why = channel === undefined ? "there is no such channel" : "it lies over no other channel";
  throw new UsageError(
    `Cannot compare "${first}" with the channel below it: ${why}; give two, as in "koreo diff ` +
      `${fallback === first ? "main" : fallback} ${first}"`,
  );
}

/** One side of a comparison. */
export interface DiffSide {
  /** As it was asked for. */
  readonly name: string;
  /** Name of the source that it comes from. */
  readonly source: string;
  readonly loaded: ReadChannel;
}

/**
 * Reads both sides: channels by their names, anything else as a branch, tag or commit with the
 * namespaces of the other side, or of the default channel.
 *
 * @throws {UsageError} If a channel cannot be compared as asked
 * @throws {RepositoryError} If a repository or a revision cannot be read
 */
export async function readSides(
  request: DiffRequest,
  { sources, configuration }: {
    readonly sources: readonly SourceSettings[];
    readonly configuration: Configuration;
  },
  options: Abortable,
): Promise<{ readonly from: DiffSide; readonly to: DiffSide }> {
  const places = sources.map((source) =>
    sourcePlace(source, configuration.channels.filter((channel) => channel.source === source.name))
  );
  const found = {
    from: await channelNamed(request.from, places, options),
    to: await channelNamed(request.to, places, options),
  };
  const near = [found.from, found.to, await channelNamed(configuration.default, places, options)];
  const at = near.find((one) => one !== undefined && holdsRevisions(one, configuration)) ??
    firstChannel(places, configuration);
  const from = found.from ?? revisionChannel(request.from, at);
  const plain = found.to ?? revisionChannel(request.to, at);
  const to = request.sinceParting ? partedFrom(from, plain) : plain;
  return {
    from: await sideOf(request.from, from, options),
    to: await sideOf(request.to, to, options),
  };
}

/** A cluster has no branches, tags and commits that one could name. */
function holdsRevisions({ place }: PlacedChannel, { clusterSource }: Configuration): boolean {
  return place.source.name !== clusterSource;
}

async function sideOf(
  name: string,
  { place, channel }: PlacedChannel,
  options: Abortable,
): Promise<DiffSide> {
  return { name, source: place.source.name, loaded: await place.read(channel, options) };
}

interface SourcePlace {
  readonly source: SourceSettings;
  readonly channels: readonly ChannelSettings[];
  present(options: Abortable): Promise<readonly PresentChannel[]>;
  read(channel: PresentChannel, options: Abortable): Promise<ReadChannel>;
}

interface PlacedChannel {
  readonly place: SourcePlace;
  readonly channel: PresentChannel;
}

/** A source, fetched when something of it is wanted. */
function sourcePlace(source: SourceSettings, channels: readonly ChannelSettings[]): SourcePlace {
  const { repository } = source;
  const reader = createChannelReader(source);
  let fetched: Promise<void> | undefined;
  const fetch = (options: Abortable) => fetched ??= repository.fetch(options);
  return {
    source,
    channels,
    async present(options) {
      await fetch(options);
      const branches = await repository.branches(options);
      return presentChannels(channels, branches.keys()).channels;
    },
    async read(channel, options) {
      await fetch(options);
      return await reader.read(channel, options);
    },
  };
}

/** Sources are asked for their branches only where a pattern may have made the channel. */
async function channelNamed(
  name: string,
  places: readonly SourcePlace[],
  options: Abortable,
): Promise<PlacedChannel | undefined> {
  const isSure = places.some(({ channels }) =>
    channels.some((channel) => channel.name === name && !isPattern(channel))
  );
  for (const place of places) {
    const mayHold = place.channels.some((channel) =>
      isSure ? channel.name === name && !isPattern(channel) : isPattern(channel)
    );
    if (!mayHold) continue;
    const channel = (await place.present(options)).find((one) => one.name === name);
    if (channel !== undefined) return { place, channel };
  }
  return undefined;
}

function firstChannel(places: readonly SourcePlace[], { sources }: Configuration): PlacedChannel {
  const place = places.find(({ source }) => source.name === sources[0]?.name) ?? places[0];
  if (place === undefined) throw new TypeError("Cannot compare without a source");
  const { name } = place.source;
  const channel = { name: "", source: name, branch: "", namespace: "default", below: [] };
  return { place, channel };
}

/** A branch, tag or commit, searched as the channel beside it. */
function revisionChannel(revision: string, { place, channel }: PlacedChannel): PlacedChannel {
  const { namespace, priority } = channel;
  return {
    place,
    channel: {
      name: revision,
      source: place.source.name,
      branch: revision,
      namespace,
      ...(priority === undefined ? {} : { priority }),
      below: [],
    },
  };
}

/** The upper side as an overlay of the lower one: then it holds nothing but its own changes. */
function partedFrom(lower: PlacedChannel, upper: PlacedChannel): PlacedChannel {
  if (lower.place !== upper.place) {
    throw new UsageError(
      `Cannot say what "${upper.channel.name}" changed since it parted from ` +
        `"${lower.channel.name}": they are of different sources`,
    );
  }
  const { over: _over, ...channel } = upper.channel;
  const { namespace } = lower.channel;
  const below = [lower.channel, ...lower.channel.below];
  return { place: upper.place, channel: { ...channel, namespace, below } };
}
