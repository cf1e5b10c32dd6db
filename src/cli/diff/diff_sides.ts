// SPDX-License-Identifier: Apache-2.0

import {
  type ChannelSettings,
  createChannelReader,
  isPattern,
  layersOf,
  type PresentChannel,
  presentChannels,
  type ReadChannel,
  type SourceSettings,
} from "../../controller/mod.ts";
import type { Abortable } from "../../runtime/ports.ts";
import { UsageError } from "../command_io.ts";
import type { Configuration } from "../configuration.ts";
import { type DiffRequest, noChannelBelow, type SidesRequest } from "./diff_request.ts";

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
  const asked = await sidesAsked(request, places, options);
  const found = {
    from: await channelNamed(asked.from, places, options),
    to: await channelNamed(asked.to, places, options),
  };
  const near = [found.from, found.to, await channelNamed(configuration.default, places, options)];
  const at = near.find((one) => one !== undefined && holdsRevisions(one, configuration)) ??
    firstChannel(places, configuration);
  const from = found.from ?? revisionChannel(asked.from, at);
  const plain = found.to ?? revisionChannel(asked.to, at);
  const to = asked.sinceParting ? partedFrom(from, plain) : plain;
  return {
    from: await sideOf(asked.from, from, options),
    to: await sideOf(asked.to, to, options),
  };
}

/** The channel of a pattern is there with its branch, so it is known only now what lies below. */
async function sidesAsked(
  request: DiffRequest,
  places: readonly SourcePlace[],
  options: Abortable,
): Promise<SidesRequest> {
  if (request.type === "sides") return request;
  const { channel: name, other } = request;
  const found = await channelNamed(name, places, options);
  if (found === undefined) {
    const isPatternItself = places.some(({ channels }) =>
      channels.some((channel) => channel.name === name || channel.branch === name)
    );
    if (!isPatternItself) throw noChannelBelow(name, other, "there is no such channel");
    throw new UsageError(
      `Cannot compare "${name}" with the channel below it: it is a pattern; name one of its ` +
        'channels, which "koreo channels" lists',
    );
  }
  const [below] = found.channel.below;
  if (below === undefined) throw noChannelBelow(name, other, "it lies over no other channel");
  return { type: "sides", from: below.name, to: name, sinceParting: false };
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

/** A branch, tag, commit or revision with all its layers, searched as the channel beside it. */
function revisionChannel(revision: string, { place, channel }: PlacedChannel): PlacedChannel {
  const { namespace, priority } = channel;
  const layer = (branch: string, ref?: string): PresentChannel => ({
    name: revision,
    source: place.source.name,
    branch,
    ...(ref === undefined ? {} : { ref }),
    namespace,
    ...(priority === undefined ? {} : { priority }),
    below: [],
  });
  const [upper, ...below] = layersOf(revision).map(({ branch, commit }) => layer(branch, commit));
  return { place, channel: upper === undefined ? layer(revision) : { ...upper, below } };
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
