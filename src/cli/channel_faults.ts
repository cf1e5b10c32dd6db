// SPDX-License-Identifier: Apache-2.0

import { CHANNEL_NAME, type ChannelSettings, isPattern, mayShareNames } from "../controller/mod.ts";
import type { Part, PartReader } from "./configuration_reader.ts";
import { isClusterSource, type KnownSources, sourceNames } from "./read_sources.ts";

/** A channel with the part of the file that defines it. */
export interface DecodedChannel {
  readonly channel: ChannelSettings;
  readonly part: Part;
}

/** What channels are checked against. */
export interface ChannelSurroundings {
  readonly sources: KnownSources;
  /** Where the default channel is named. */
  readonly fallback: Part | undefined;
  /** The default channel. */
  readonly chosen: string | undefined;
}

/** Tells what is wrong with channels as a whole: names, what they lie over, what they follow. */
export function channelFaults(
  decoded: readonly DecodedChannel[],
  surroundings: ChannelSurroundings,
  reader: PartReader,
): void {
  const channels = new Map<string, ChannelSettings>();
  for (const { channel, part } of decoded) {
    for (const fault of ownFaults(channel, surroundings)) {
      reader.fault(part, `Cannot use channel "${channel.name}": ${fault}`);
    }
    if (channels.has(channel.name)) {
      reader.fault(part, `Cannot use channel "${channel.name}": there are two of this name`);
    }
    channels.set(channel.name, channel);
  }
  for (const { channel, part } of decoded) {
    const fault = overFault(channel, channels);
    if (fault !== undefined) {
      reader.fault(part, `Cannot use channel "${channel.name}": ${fault}`);
    }
  }
  for (const { channel, part } of decoded) {
    const fault = namesFault(channel, channels.values());
    if (fault !== undefined) reader.fault(part, `Cannot use channel "${channel.name}": ${fault}`);
  }
  defaultFault(channels, surroundings, reader);
}

function ownFaults(
  channel: ChannelSettings,
  { sources }: ChannelSurroundings,
): readonly string[] {
  const { name, source, branch, priority } = channel;
  const faults: string[] = [];
  if (!isClusterSource(source, sources) && !sourceNames(sources).includes(source)) {
    faults.push(`there is no source "${source}"`);
  }
  const stem = isPattern(channel) ? name.replace("*", "x") : name;
  if (!CHANNEL_NAME.test(stem)) {
    faults.push("a name has up to 63 letters, digits, and between them dots, dashes, underscores");
  }
  if (branch.split("*").length > 2) faults.push('a pattern has one "*"');
  if (isPattern(channel) && channel.ref !== undefined) faults.push("a tag is no pattern");
  if (priority?.length === 0) faults.push('"priority" names at least one namespace');
  return faults;
}

function overFault(
  channel: ChannelSettings,
  channels: ReadonlyMap<string, ChannelSettings>,
): string | undefined {
  if (channel.over === undefined) return undefined;
  const lower = channels.get(channel.over);
  if (lower === undefined) return `there is no channel "${channel.over}" to lie over`;
  if (isPattern(lower)) return `"${lower.name}" stands for many channels: it cannot lie over them`;
  if (lower.source !== channel.source) return `"${lower.name}" is of another source`;
  if (channel.namespace !== undefined && channel.namespace !== inherited(lower, channels)) {
    return `the namespace of its nameless documents is inherited from "${lower.name}"`;
  }
  return liesOverItself(channel, channels) ? "it lies over itself" : undefined;
}

/** Each source makes its channels by itself: two of one name must not come of two of them. */
function namesFault(
  channel: ChannelSettings,
  channels: Iterable<ChannelSettings>,
): string | undefined {
  if (!isPattern(channel)) return undefined;
  for (const other of channels) {
    if (other === channel) return undefined;
    if (!isPattern(other) || other.source === channel.source) continue;
    if (mayShareNames(channel.name, other.name)) {
      return `its channels could be called like those of "${other.name}", which is of another source`;
    }
  }
  return undefined;
}

function* below(
  channel: ChannelSettings,
  channels: ReadonlyMap<string, ChannelSettings>,
): Generator<ChannelSettings> {
  const seen = new Set<string>();
  let at: ChannelSettings | undefined = channel;
  while (at?.over !== undefined && !seen.has(at.over)) {
    seen.add(at.over);
    at = channels.get(at.over);
    if (at !== undefined) yield at;
  }
}

function inherited(
  channel: ChannelSettings,
  channels: ReadonlyMap<string, ChannelSettings>,
): string {
  return [channel, ...below(channel, channels)].at(-1)?.namespace ?? "default";
}

function liesOverItself(
  channel: ChannelSettings,
  channels: ReadonlyMap<string, ChannelSettings>,
): boolean {
  return [...below(channel, channels)].some(({ name }) => name === channel.name);
}

function defaultFault(
  channels: ReadonlyMap<string, ChannelSettings>,
  { fallback, chosen }: ChannelSurroundings,
  reader: PartReader,
): void {
  if (chosen === undefined) return;
  const channel = channels.get(chosen);
  if (fallback !== undefined && channel === undefined) {
    return reader.fault(fallback, `Cannot use "${chosen}" as default: there is no such channel`);
  }
  const [first] = channels.values();
  if (channel === undefined || first === undefined || !isPattern(channel)) return;
  const node = fallback;
  if (node !== undefined) {
    reader.fault(node, `Cannot use "${chosen}" as default: it stands for many channels`);
  }
}
