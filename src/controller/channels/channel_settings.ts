// SPDX-License-Identifier: Apache-2.0

import type { Abortable, Repository } from "../../runtime/ports.ts";
import { textHash } from "./text_hash.ts";

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
  readonly leftOut: readonly { readonly branch: string; readonly reason: string }[];
}

/** Most channels that one pattern makes. */
const MAX_MATCHES = 500;

/** Whether a channel stands for all branches that match. */
export function isPattern({ branch }: Pick<ChannelSettings, "branch">): boolean {
  return branch.includes("*");
}

/** The branch that each channel of a pattern followed so far, by the name of the channel. */
export type FormerBranches = ReadonlyMap<string, string>;

/**
 * The channels of one source while it has these branches.
 *
 * A pattern makes one channel per branch that matches, except those that another channel follows
 * by name. Such a channel is called after the part of the branch's name that `*` stands for:
 * `preview/*` as `preview` gives `preview-new-cache` for `preview/new-cache`; in a name that has a
 * `*` of its own the part stands in its place. What a label cannot hold becomes `-`, and what is too
 * long for one is cut.
 *
 * @param former What was there before keeps its name and its place: a branch that comes later takes
 * neither away
 * @throws {TypeError} If a channel lies over one that there is not, over a pattern, or over itself
 */
export function presentChannels(
  settings: readonly ChannelSettings[],
  branches: Iterable<string>,
  former: FormerBranches = new Map(),
): PresentChannels {
  const named = settings.filter((channel) => !isPattern(channel));
  const present = new Map<string, PresentChannel>();
  const byName = new Map(named.map((channel) => [channel.name, channel]));
  for (const channel of named) addPresent(channel, { byName, present, path: [] });
  const leftOut: { branch: string; reason: string }[] = [];
  const followed = new Set(named.filter(isOfBranch).map(({ branch }) => branch));
  const free = [...branches].filter((branch) => !followed.has(branch)).sort();
  for (const pattern of settings.filter(isPattern)) {
    const matches = free.flatMap((branch) => {
      const part = matchedPart(pattern.branch, branch);
      return part === undefined ? [] : [{ branch, name: channelName(pattern.name, part) }];
    });
    const isFormer = (match: PatternMatch) => former.get(match.name) === match.branch;
    const ordered = [...matches.filter(isFormer), ...matches.filter((one) => !isFormer(one))];
    let made = 0;
    for (const { branch, name } of ordered) {
      if (!CHANNEL_NAME.test(name)) {
        leftOut.push({ branch, reason: `"${name}" cannot be the name of a channel` });
      } else if (present.has(name)) {
        leftOut.push({ branch, reason: `there is already a channel "${name}"` });
      } else if (made === MAX_MATCHES) {
        leftOut.push({ branch, reason: `a pattern makes no more than ${MAX_MATCHES} channels` });
      } else {
        made++;
        const own = { ...pattern, name, branch, ref: `refs/heads/${branch}` };
        addPresent(own, { byName, present, path: [] });
      }
    }
  }
  return { channels: [...present.values()], leftOut };
}

/** Whether what a channel follows may be a branch. */
function isOfBranch({ branch, ref }: ChannelSettings): boolean {
  return ref === undefined || ref === `refs/heads/${branch}`;
}

interface PatternMatch {
  readonly branch: string;
  readonly name: string;
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

/** A name that a label can hold, since triggers name channels by label. */
export const CHANNEL_NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

const MAX_NAME = 63;
/** Hexadecimal, of what was cut off. */
const HASH_DIGITS = 8;

/** Whether a channel that a pattern makes can be called so; its own name stands for any of them. */
export function isNameOf({ name }: Pick<ChannelSettings, "name">, wanted: string): boolean {
  if (wanted === name) return true;
  const [before = "", after = ""] = name.includes("*") ? name.split("*") : [`${name}-`, ""];
  return wanted.length >= before.length + after.length && wanted.startsWith(before) &&
    wanted.endsWith(after);
}

function channelName(name: string, part: string): string {
  const whole = trimmed(part.replace(/[^A-Za-z0-9._-]+/g, "-"));
  const named = (text: string) => name.includes("*") ? name.replace("*", text) : `${name}-${text}`;
  const excess = named(whole).length - MAX_NAME;
  if (excess <= 0) return named(whole);
  const kept = trimmed(whole.slice(0, Math.max(0, whole.length - excess - HASH_DIGITS - 1)));
  const hash = textHash(part).toString(16).padStart(HASH_DIGITS, "0");
  return named(kept === "" ? hash : `${kept}-${hash}`);
}

function trimmed(text: string): string {
  return text.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
}
