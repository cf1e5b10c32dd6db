// SPDX-License-Identifier: Apache-2.0

import type { Abortable, Repository } from "../../runtime/ports.ts";
import { CHANNEL_NAME, channelName } from "./channel_name.ts";

/** A repository that is followed, and a directory in it. */
export interface SourceSettings {
  /** What channels call it. */
  readonly name: string;
  /** The repository to follow. */
  readonly repository: Repository;
  /** The repository in messages; without credentials. */
  readonly location: string;
  /** Directory that holds the definitions; `""` for the root. */
  readonly directory: string;
  /** Time from one poll to the next. */
  readonly intervalMs: number;
  /** Tells whenever there may be something new, until aborted: then no poll is waited for. */
  readonly follow?: (changed: () => void, options: Abortable) => Promise<void>;
}

/** A release channel: a name for a set of definitions with its namespace priority list (VC-5). */
export interface ChannelSettings {
  /** What triggers call it. */
  readonly name: string;
  /** Name of the source. */
  readonly source: string;
  /** A branch, tag or commit; with one `*` a pattern: one channel per branch that matches. */
  readonly branch: string;
  /** What is looked up where `branch` alone is ambiguous: `refs/tags/v1`, `refs/heads/v1`. */
  readonly ref?: string;
  /** The channel it lies over: it holds that one's definitions with its own changes on top. */
  readonly over?: string;
  /** Namespace of documents that name none; inherited through `over`, else `default`. */
  readonly namespace?: string;
  /** The namespace priority list; inherited through `over`. Without one SD-17 holds. */
  readonly priority?: readonly string[];
  /** Who may pick it; everyone when absent. */
  readonly allow?: { readonly namespaces: readonly string[] };
  /** Who gets it without asking. */
  readonly triggers?: TriggerSelector;
  /** How a new revision is tried before everyone gets it; absent: everyone gets it at once. */
  readonly canary?: CanarySettings;
}

/** How a share of the triggers of a channel tries a new revision before the others get it. */
export interface CanarySettings {
  /** Which triggers try it. */
  readonly share: CanaryShare;
  /** How long it is tried at least. */
  readonly soakMs: number;
  /** When it goes back, counted from its start, if it is still not as it should be. */
  readonly deadlineMs: number;
  /** Whether triggers that were Ready must be Ready again. */
  readonly requireReady: boolean;
}

/** Some triggers of a channel: so many of a hundred, or those that a selector matches. */
export type CanaryShare =
  | { readonly type: "percent"; readonly percent: number }
  | { readonly type: "selector"; readonly triggers: TriggerSelector };

/** Which triggers get a channel without asking; everything that is given must match. */
export interface TriggerSelector {
  /** Names of Namespaces. */
  readonly namespaces?: readonly string[];
  /** Labels of the trigger. */
  readonly matchLabels?: Readonly<Record<string, string>>;
}

/** A channel that there is: patterns have been replaced by the branches that match. */
export interface PresentChannel extends ChannelSettings {
  /** Namespace of documents that name none. */
  readonly namespace: string;
  /** The channel below and those below that, upper first. */
  readonly below: readonly PresentChannel[];
}

/** What a pattern came to. */
export interface PresentChannels {
  /** Lower channels before those that lie over them. */
  readonly channels: readonly PresentChannel[];
  /** Branches that match and get no channel, and why. */
  readonly leftOut: readonly LeftOutBranch[];
}

/** A branch that matches a pattern and gets no channel. */
export interface LeftOutBranch {
  /** Name of the pattern. */
  readonly pattern: string;
  /** Its own name. */
  readonly branch: string;
  /** Why it gets none. */
  readonly reason: string;
  /** What to do so that it gets one. */
  readonly help: string;
}

/** Most channels that one pattern makes. */
const MAX_MATCHES = 500;

/** Whether a channel stands for all branches that match. */
export function isPattern({ branch }: Pick<ChannelSettings, "branch">): boolean {
  return branch.includes("*");
}

/** What has a name already, besides the channels that are placed. */
export interface TakenNames {
  /** The branch that each channel of a pattern followed so far: it keeps its name and its place. */
  readonly former?: ReadonlyMap<string, string>;
  /** Channels of other sources. */
  readonly elsewhere?: Iterable<string>;
}

/**
 * The channels of one source while it has these branches.
 *
 * A pattern makes one channel per branch that matches, except those that another channel follows
 * by name. Such a channel is called after the part of the branch's name that `*` stands for:
 * `preview/*` as `preview` gives `preview-new-cache` for `preview/new-cache`; in a name that has a
 * `*` of its own the part stands in its place. What a label cannot hold becomes `-`, what is too
 * long for one is cut, and digits stand for what is missing. A branch that comes later takes neither
 * name nor place of one that is there.
 *
 * @throws {TypeError} If a channel lies over one that there is not, over a pattern, or over itself
 */
export function presentChannels(
  settings: readonly ChannelSettings[],
  branches: Iterable<string>,
  { former = new Map(), elsewhere = [] }: TakenNames = {},
): PresentChannels {
  const named = settings.filter((channel) => !isPattern(channel));
  const present = new Map<string, PresentChannel>();
  const byName = new Map(named.map((channel) => [channel.name, channel]));
  for (const channel of named) addPresent(channel, { byName, present, path: [] });
  const matches = patternMatches(settings, branches);
  const taken = new Set([...present.keys(), ...elsewhere]);
  const { chosen, leftOut } = chooseMatches(matches, { former, taken });
  for (const { pattern, branch, name } of matches.filter((match) => chosen.has(match))) {
    const own = { ...pattern, name, branch, ref: `refs/heads/${branch}` };
    addPresent(own, { byName, present, path: [] });
  }
  return { channels: [...present.values()], leftOut };
}

/** A branch that a pattern makes a channel of, if nothing stands in the way. */
interface PatternMatch {
  readonly pattern: ChannelSettings;
  readonly branch: string;
  readonly name: string;
}

/** In the order of the patterns, then by name. */
function patternMatches(
  settings: readonly ChannelSettings[],
  branches: Iterable<string>,
): readonly PatternMatch[] {
  const named = settings.filter((channel) => !isPattern(channel) && isOfBranch(channel));
  const followed = new Set(named.map(({ branch }) => branch));
  const free = [...branches].filter((branch) => !followed.has(branch)).sort();
  return settings.filter(isPattern).flatMap((pattern) =>
    free.flatMap((branch) => {
      const part = matchedPart(pattern.branch, branch);
      return part === undefined ? [] : [{ pattern, branch, name: channelName(pattern.name, part) }];
    })
  );
}

function chooseMatches(
  matches: readonly PatternMatch[],
  { former, taken }: {
    readonly former: ReadonlyMap<string, string>;
    readonly taken: Set<string>;
  },
): Pick<PresentChannels, "leftOut"> & { readonly chosen: ReadonlySet<PatternMatch> } {
  const chosen = new Set<PatternMatch>();
  const leftOut: LeftOutBranch[] = [];
  const made = new Map<ChannelSettings, number>();
  const isFormer = ({ name, branch }: PatternMatch) => former.get(name) === branch;
  const ordered = [...matches.filter(isFormer), ...matches.filter((match) => !isFormer(match))];
  for (const match of ordered) {
    const { pattern, branch, name } = match;
    const count = made.get(pattern) ?? 0;
    const found = whyLeftOut(name, { isTaken: taken.has(name), count });
    if (found !== undefined) {
      leftOut.push({ pattern: pattern.name, branch, ...found });
    } else {
      made.set(pattern, count + 1);
      taken.add(name);
      chosen.add(match);
    }
  }
  return { chosen, leftOut };
}

function whyLeftOut(
  name: string,
  { isTaken, count }: { readonly isTaken: boolean; readonly count: number },
): Pick<LeftOutBranch, "reason" | "help"> | undefined {
  if (!CHANNEL_NAME.test(name)) {
    const help = "give the pattern a shorter name";
    return { reason: `"${name}" cannot be the name of a channel`, help };
  }
  if (isTaken) {
    const help = "rename the branch, or give the pattern another name";
    return { reason: `there is already a channel "${name}"`, help };
  }
  if (count < MAX_MATCHES) return undefined;
  const help = "delete branches that nobody needs, or narrow the pattern";
  return { reason: `a pattern makes no more than ${MAX_MATCHES} channels`, help };
}

/** Whether what a channel follows may be a branch. */
function isOfBranch({ branch, ref }: ChannelSettings): boolean {
  return ref === undefined || ref === `refs/heads/${branch}`;
}

interface Placing {
  readonly byName: ReadonlyMap<string, ChannelSettings>;
  readonly present: Map<string, PresentChannel>;
  /** Names on the way here, to notice a circle. */
  readonly path: readonly string[];
}

function addPresent(channel: ChannelSettings, placing: Placing): PresentChannel {
  const { byName, present, path } = placing;
  const known = present.get(channel.name);
  if (known !== undefined) return known;
  if (path.includes(channel.name)) {
    throw new TypeError(`Cannot use channel "${channel.name}": it lies over itself`);
  }
  const made = present.get(channel.name) ?? settle(channel, lowerOf());
  present.set(channel.name, made);
  return made;

  function lowerOf(): PresentChannel | undefined {
    if (channel.over === undefined) return undefined;
    const lower = byName.get(channel.over);
    if (lower !== undefined) {
      return addPresent(lower, { ...placing, path: [...path, channel.name] });
    }
    throw new TypeError(
      `Cannot use channel "${channel.name}": there is no channel "${channel.over}" to lie over`,
    );
  }
}

function settle(channel: ChannelSettings, lower: PresentChannel | undefined): PresentChannel {
  const priority = channel.priority ?? lower?.priority;
  return {
    ...channel,
    namespace: lower?.namespace ?? channel.namespace ?? "default",
    ...(priority === undefined ? {} : { priority }),
    below: lower === undefined ? [] : [lower, ...lower.below],
  };
}

/** What the `*` of a pattern stands for in a branch; `undefined` when it does not match. */
function matchedPart(pattern: string, branch: string): string | undefined {
  const [before = "", after = ""] = pattern.split("*");
  const isMatch = branch.length > before.length + after.length && branch.startsWith(before) &&
    branch.endsWith(after);
  return isMatch ? branch.slice(before.length, branch.length - after.length) : undefined;
}
