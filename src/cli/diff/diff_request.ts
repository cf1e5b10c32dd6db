// SPDX-License-Identifier: Apache-2.0

import { isPattern } from "../../controller/mod.ts";
import { UsageError } from "../command_io.ts";
import type { Configuration } from "../configuration.ts";

/** What the names on the command line ask for. */
export type DiffRequest = SidesRequest | {
  /** One name alone, which may be a channel of a pattern: its branches say which lies below. */
  readonly type: "overlay";
  readonly channel: string;
  /** What to compare it with by hand. */
  readonly other: string;
};

/** Two names. */
export interface SidesRequest {
  readonly type: "sides";
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
    return sides(from || fallback, to || fallback, dots === "...");
  }
  if (second !== undefined) return sides(first, second);
  const named = channels.filter((channel) => !isPattern(channel));
  const channel = named.find(({ name }) => name === first);
  if (channel?.over !== undefined) return sides(channel.over, first);
  const other = fallback === first ? "main" : fallback;
  if (channel !== undefined) throw noChannelBelow(first, other, "it lies over no other channel");
  if (named.length < channels.length) return { type: "overlay", channel: first, other };
  throw noChannelBelow(first, other, "there is no such channel");
}

function sides(from: string, to: string, sinceParting = false): SidesRequest {
  return { type: "sides", from, to, sinceParting };
}

/** Says why one name alone is not enough. */
export function noChannelBelow(channel: string, other: string, why: string): UsageError {
  return new UsageError(
    `Cannot compare "${channel}" with the channel below it: ${why}; give two, as in "koreo diff ` +
      `${other} ${channel}"`,
  );
}
