// SPDX-License-Identifier: Apache-2.0

import type { CanarySettings, CanaryShare, TriggerSelector } from "../controller/mod.ts";
import type { Part, PartReader } from "./configuration_reader.ts";
import { parseDuration } from "./duration.ts";

/** How long a canary soaks unless that is said. */
const DEFAULT_SOAK_MS = 600_000;

/** A canary in the words of flags and files. */
export interface CanaryChoice {
  readonly share: CanaryShare;
  readonly soakMs?: number | undefined;
  /** Twice the soak unless given. */
  readonly deadlineMs?: number | undefined;
  readonly requireReady?: boolean | undefined;
}

/** The settings that a choice stands for. */
export function canarySettings(choice: CanaryChoice): CanarySettings {
  const { share, soakMs = DEFAULT_SOAK_MS, requireReady = true } = choice;
  return { share, soakMs, deadlineMs: choice.deadlineMs ?? 2 * soakMs, requireReady };
}

/** Reads `canary` of a channel; `undefined` when its share cannot be read, which is a fault. */
export function decodeCanary(
  part: Part,
  reader: PartReader,
  decodeSelector: (part: Part, reader: PartReader) => TriggerSelector,
): CanarySettings | undefined {
  const members = reader.map(part, ["percent", "triggers", "soak", "deadline", "requireReady"]);
  const [percent, triggers] = [members.get("percent"), members.get("triggers")];
  const duration = (key: string) => {
    const member = members.get(key);
    return member && reader.parsed(member, parseDuration);
  };
  const [soakMs, deadlineMs] = [duration("soak"), duration("deadline")];
  const ready = members.get("requireReady");
  const requireReady = ready && reader.flag(ready);
  if ((percent === undefined) === (triggers === undefined)) {
    const found = percent === undefined ? "neither" : "both";
    reader.fault(
      part,
      `Cannot use "${part.name}": expected "percent" or "triggers", found ${found}`,
    );
    return undefined;
  }
  const share = percent === undefined
    ? triggers && { type: "selector" as const, triggers: decodeSelector(triggers, reader) }
    : percentOf(percent, reader);
  if (share === undefined) return undefined;
  const settings = canarySettings({ share, soakMs, deadlineMs, requireReady });
  const deadline = members.get("deadline");
  if (deadline !== undefined && settings.deadlineMs < settings.soakMs) {
    reader.fault(
      deadline,
      `Cannot use "${deadline.name}": it is counted like "soak", and not shorter`,
    );
  }
  return settings;
}

function percentOf(part: Part, reader: PartReader): CanaryShare | undefined {
  const percent = reader.wholeNumber(part, { from: 1, to: 100 });
  return percent === undefined ? undefined : { type: "percent", percent };
}
