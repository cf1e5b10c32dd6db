// SPDX-License-Identifier: Apache-2.0

import { CHANNEL_NAME, type ChannelSettings, isPattern, mayShareNames } from "../controller/mod.ts";
import type { Part, PartReader } from "./configuration_reader.ts";
import { isClusterSource, type KnownSources, memberOf, nameOf } from "./read_sources.ts";
import { namesHelp } from "./unknown_channel.ts";

/** A channel with the part of the file that defines it. */
export interface DecodedChannel {
  readonly channel: ChannelSettings;
  readonly part: Part;
}

/** What channels are checked against. */
export interface ChannelSurroundings {
  readonly sources: KnownSources;
  /** All of them, those too that cannot be read. */
  readonly channels: Part;
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
  const names = channelNames(surroundings.channels);
  const channels = new Map<string, ChannelSettings>();
  const faults: (DecodedChannel & { readonly fault: ChannelFault })[] = [];
  for (const { channel, part } of decoded) {
    const isSecond = channels.has(channel.name);
    if (isSecond) {
      faults.push({ channel, part, fault: ["name", "there are two of this name"] });
    } else {
      channels.set(channel.name, channel);
    }
    faults.push(...ownFaults(channel, surroundings).map((fault) => ({ channel, part, fault })));
  }
  for (const { channel, part } of decoded.filter(({ channel }) => isFirst(channel, channels))) {
    const found = [overFault(channel, channels, names), namesFault(channel, channels.values())];
    faults.push(...found.flatMap((fault) => fault === undefined ? [] : { channel, part, fault }));
  }
  for (const { channel, part, fault: [key, text] } of faults) {
    reader.fault(memberOf(part, key) ?? part, `Cannot use channel "${channel.name}": ${text}`);
  }
  defaultFault(channels, { ...surroundings, names }, reader);
}

/** What is wrong with a channel, and the key that says it. */
type ChannelFault = readonly [key: string, text: string];

function isFirst(channel: ChannelSettings, channels: ReadonlyMap<string, ChannelSettings>) {
  return channels.get(channel.name) === channel;
}

/** One that cannot be read is told of by itself: what names it is not wrong for it. */
function channelNames({ node, name }: Part): readonly string[] {
  const items = node.type === "list" ? node.items : [];
  return items.flatMap((item) => nameOf({ node: item, name })?.text ?? []);
}

function ownFaults(
  channel: ChannelSettings,
  { sources }: ChannelSurroundings,
): readonly ChannelFault[] {
  const { name, source, branch, priority } = channel;
  const faults: ChannelFault[] = [];
  if (!isClusterSource(source, sources) && !sources.names.includes(source)) {
    const help = namesHelp(source, sources.names);
    faults.push(["source", `there is no source "${source}"${help}`]);
  }
  const stem = isPattern(channel) ? name.replace("*", "x") : name;
  if (!CHANNEL_NAME.test(stem)) {
    faults.push([
      "name",
      "a name has up to 63 letters, digits, and between them dots, dashes, underscores",
    ]);
  }
  if (branch.split("*").length > 2) faults.push(["branch", 'a pattern has one "*"']);
  if (isPattern(channel) && channel.ref !== undefined) faults.push(["tag", "a tag is no pattern"]);
  if (priority?.length === 0) faults.push(["priority", '"priority" names at least one namespace']);
  return faults;
}

function overFault(
  channel: ChannelSettings,
  channels: ReadonlyMap<string, ChannelSettings>,
  names: readonly string[],
): ChannelFault | undefined {
  if (channel.over === undefined) return undefined;
  const lower = channels.get(channel.over);
  if (lower === undefined) {
    if (names.includes(channel.over)) return undefined;
    const help = namesHelp(channel.over, names.filter((name) => name !== channel.name));
    return ["over", `there is no channel "${channel.over}" to lie over${help}`];
  }
  if (isPattern(lower)) {
    return ["over", `"${lower.name}" stands for many channels: it cannot lie over them`];
  }
  if (lower.source !== channel.source) return ["over", `"${lower.name}" is of another source`];
  if (channel.namespace !== undefined && channel.namespace !== inherited(lower, channels)) {
    return [
      "namespace",
      `the namespace of its nameless documents is inherited from "${lower.name}": leave it out`,
    ];
  }
  return liesOverItself(channel, channels) ? ["over", "it lies over itself"] : undefined;
}

/** Each source makes its channels by itself: two of one name must not come of two of them. */
function namesFault(
  channel: ChannelSettings,
  channels: Iterable<ChannelSettings>,
): ChannelFault | undefined {
  if (!isPattern(channel)) return undefined;
  for (const other of channels) {
    if (other === channel) return undefined;
    if (!isPattern(other) || other.source === channel.source) continue;
    if (mayShareNames(channel.name, other.name)) {
      return [
        "name",
        `its channels could be called like those of "${other.name}", which is of another source`,
      ];
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
  { fallback, chosen, channels: all, names }: ChannelSurroundings & {
    readonly names: readonly string[];
  },
  reader: PartReader,
): void {
  if (chosen === undefined) return;
  const channel = channels.get(chosen);
  const single = [...channels.values()].filter((one) => !isPattern(one)).map(({ name }) => name);
  if (fallback !== undefined && channel === undefined && !names.includes(chosen)) {
    const help = namesHelp(chosen, single);
    reader.fault(fallback, `Cannot use "${chosen}" as default: there is no such channel${help}`);
  }
  // Where nothing but patterns is followed nobody has a channel without asking.
  const isAllPatterns = fallback === undefined && single.length === 0;
  if (channel === undefined || !isPattern(channel) || isAllPatterns) return;
  const [other] = single;
  const help = other === undefined ? "" : `; name another one, as in "default: ${other}"`;
  reader.fault(
    fallback ?? all,
    `Cannot use "${chosen}" as default: it stands for many channels${help}`,
  );
}
