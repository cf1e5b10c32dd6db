// SPDX-License-Identifier: Apache-2.0

import type { ChannelStatus, LeftOutBranch, RegistryStatus } from "../controller/mod.ts";
import type { Diagnostic } from "../language/mod.ts";
import { diagnosticJson } from "./validate_command.ts";

/** Where a controller tells of its channels. */
export const CHANNELS_PATH = "api/v1/channels";

/** Channels as CONTRACTS.md states them: for `koreo channels -o json`, and as a controller tells. */
export function channelsDocument({ channels, leftOut }: RegistryStatus): ShownChannels {
  return {
    channels: channels.map(channelJson),
    ...(leftOut === undefined ? {} : { leftOut }),
  };
}

/** What is shown of all channels. */
export interface ShownChannels {
  readonly channels: readonly ShownChannel[];
  /** Branches that match a pattern and get no channel; absent: of none. */
  readonly leftOut?: readonly LeftOutBranch[];
}

function channelJson(
  { diagnostics, ...channel }: ChannelStatus,
): ShownChannel {
  return { ...channel, diagnostics: diagnostics.map(diagnosticJson) };
}

/** What is shown of a channel to people. */
export type ShownChannel =
  & Pick<
    ChannelStatus,
    | "name"
    | "branch"
    | "over"
    | "head"
    | "error"
    | "definitions"
    | "workflows"
    | "canary"
    | "refused"
  >
  & {
    /** What is to be said of the newest revision, as far as people need it. */
    readonly diagnostics: readonly Pick<Diagnostic, "severity">[];
  };

/** The channels of a document that came from elsewhere; `undefined` when it is no such document. */
export function readChannelsDocument(document: unknown): ShownChannels | undefined {
  const [channels, leftOut] = [memberOf(document, "channels"), memberOf(document, "leftOut")];
  if (!Array.isArray(channels) || !channels.every(isChannel)) return undefined;
  if (leftOut === undefined) return { channels };
  return Array.isArray(leftOut) && leftOut.every(isLeftOut) ? { channels, leftOut } : undefined;
}

function isLeftOut(value: unknown): value is LeftOutBranch {
  return ["pattern", "branch", "reason", "help"].every((key) => isText(memberOf(value, key)));
}

function isChannel(value: unknown): value is ShownChannel {
  const [workflows, diagnostics] = [memberOf(value, "workflows"), memberOf(value, "diagnostics")];
  return isText(memberOf(value, "name")) && isText(memberOf(value, "branch")) &&
    isOptionalText(memberOf(value, "over")) && isOptionalText(memberOf(value, "error")) &&
    isOptionalText(memberOf(value, "head") ?? undefined) &&
    typeof memberOf(value, "definitions") === "number" &&
    Array.isArray(diagnostics) && diagnostics.every((one) => isText(memberOf(one, "severity"))) &&
    Array.isArray(workflows) && workflows.every(isWorkflow) &&
    isOptional(memberOf(value, "canary"), isCanary) &&
    isOptional(memberOf(value, "refused"), (list) => Array.isArray(list) && list.every(isRefusal));
}

function isCanary(value: unknown): boolean {
  return isText(memberOf(value, "revision")) &&
    isText(memberOf(memberOf(value, "share"), "type")) &&
    isTime(memberOf(value, "startedAt")) && isTime(memberOf(value, "soakEndsAt")) &&
    isOptional(
      memberOf(value, "progress"),
      (progress) =>
        ["triggers", "ran", "ready", "failed"].every((key) =>
          typeof memberOf(progress, key) === "number"
        ) && isOptionalText(memberOf(progress, "reason")),
    );
}

function isRefusal(value: unknown): boolean {
  return isText(memberOf(value, "revision")) && isText(memberOf(value, "reason")) &&
    isTime(memberOf(value, "at")) &&
    isOptional(memberOf(value, "workflows"), (list) => Array.isArray(list) && list.every(isNamed));
}

function isNamed(value: unknown): boolean {
  const digest = memberOf(value, "digest");
  return isText(memberOf(value, "name")) && (digest === null || isText(digest));
}

/** What a date can be made of. */
function isTime(value: unknown): boolean {
  return typeof value === "number" && Math.abs(value) <= 8.64e15;
}

function isOptional(value: unknown, isIt: (value: unknown) => boolean): boolean {
  return value === undefined || isIt(value);
}

function isWorkflow(value: unknown): boolean {
  const heldBack = memberOf(value, "heldBack");
  return isText(memberOf(value, "namespace")) && isText(memberOf(value, "name")) &&
    isOptionalText(memberOf(value, "revision") ?? undefined) &&
    (heldBack === undefined ||
      ["revision", "author", "subject", "reason"].every((key) => isText(memberOf(heldBack, key))) &&
        ["file", "test", "case"].every((key) => isOptionalText(memberOf(heldBack, key))));
}

function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || isText(value);
}
