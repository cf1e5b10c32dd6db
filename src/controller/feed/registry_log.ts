// SPDX-License-Identifier: Apache-2.0

import { errorText } from "../../runtime/mod.ts";
import { unreachable } from "../../language/mod.ts";
import { type Logger, RepositoryError } from "../../runtime/ports.ts";
import type {
  CanarySettings,
  LeftOutBranch,
  PresentChannel,
} from "../channels/channel_settings.ts";
import { createFaultLog } from "./fault_log.ts";
import type { LoadedRevision } from "./load_revision.ts";
import type { Generation, PublishedWorkflow } from "../publication/publication.ts";
import type { ReleaseStep } from "../release/release_steps.ts";

/** What following a repository tells the operator. */
export interface RegistryLog {
  /** A revision is about to be read: what comes of it may be that nobody can tell of it any more. */
  reads(channel: string, revision: string): void;
  /**
   * A revision was loaded. Tells what was left out of it, and that it has faults: one in what no
   * Workflow reaches holds none back. Faults that another revision had are not told again.
   */
  loaded(revision: Pick<LoadedRevision, "revision" | "skipped" | "diagnostics">): void;
  /** Triggers run from another generation. */
  inForce(event: InForceEvent): void;
  /** A channel is gone with its branch. */
  gone(channel: string, branch: string): void;
  /** Branches that match a pattern and get no channel; each is told once. */
  leftOut(branches: readonly LeftOutBranch[]): void;
  /** A subscriber threw: the others are told all the same. */
  listenerFailed(error: unknown): void;
  failed(error: unknown, delayMs: number): void;
  recovered(failures: number): void;
}

/** What the triggers of a channel run from. */
export interface InForceEvent {
  readonly channel: Pick<PresentChannel, "name" | "canary">;
  /** What is tried, else what is in force. */
  readonly generation: Generation;
  /** Absent when it was put in force, or moved along, at once. */
  readonly step: ReleaseStep | undefined;
  /** Whether only a share of the triggers runs from it. */
  readonly isTried: boolean;
  /** Whether it is so again after a restart. */
  readonly isRecorded: boolean;
  /** Names of the Workflows that behave differently. */
  readonly changed: readonly string[];
}

/** So many skipped entries of a commit are named. */
const MAX_SKIPPED = 20;

/** So many branches without a channel are named. */
const MAX_LEFT_OUT = 200;

/** Makes the log of a registry. */
export function createRegistryLog(logger: Logger): RegistryLog {
  const toldLeftOut = new Set<string>();
  const tellFaults = createFaultLog(logger);

  return {
    reads(channel, revision) {
      const message = `Reads "${revision}" of channel "${channel}"`;
      logger.log({ level: "debug", message, fields: { channel, reads: revision } });
    },
    loaded({ revision, skipped, diagnostics }) {
      for (const { path, reason } of skipped.slice(0, MAX_SKIPPED)) {
        logger.log({ level: "info", message: `Skips "${path}": ${reason}`, fields: { revision } });
      }
      tellFaults({ revision, diagnostics });
    },
    inForce({ channel, generation: { revision, workflows }, changed, step, ...how }) {
      // What was held back for a refusal that is lifted is about to be decided anew.
      const held = step?.type === "refusal-lifted"
        ? []
        : workflows.filter(({ heldBack }) => heldBack !== undefined);
      const sound = held.length === 0 ? "" : " as far as it is sound";
      logger.log({
        level: step?.type === "rolled-back" ? "warn" : "info",
        message: step === undefined
          ? plainText({ revision, sound, ...how })
          : stepText(step, { revision, sound, canary: channel.canary }),
        fields: {
          channel: channel.name,
          revision,
          workflows: workflows.length,
          changed: changed.length,
          heldBack: held.length,
        },
      });
      logAllHeldBack(logger, held, channel.name);
    },
    gone(channel, branch) {
      const message = `Channel "${channel}" is gone: there is no branch "${branch}" any more`;
      logger.log({ level: "info", message, fields: { channel } });
    },
    leftOut(branches) {
      for (const { branch, reason, help } of branches) {
        const message = `Makes no channel for branch "${branch}": ${reason}; ${help}`;
        if (toldLeftOut.has(message) || toldLeftOut.size >= MAX_LEFT_OUT) continue;
        toldLeftOut.add(message);
        logger.log({ level: "warn", message });
      }
    },
    listenerFailed(error) {
      const message = `Cannot tell a part of the controller of a change: ${errorText(error)}`;
      logger.log({ level: "error", message });
    },
    failed(error, delayMs) {
      const message = errorText(error);
      logger.log({
        level: error instanceof RepositoryError ? "warn" : "error",
        message: `${message}; what is in force stays, tries again in ${seconds(delayMs)}`,
        ...(error instanceof RepositoryError ? { fields: { code: error.code } } : {}),
      });
    },
    recovered(failures) {
      const times = failures === 1 ? "a failed attempt" : `${failures} failed attempts`;
      logger.log({ level: "info", message: `Follows the repository again after ${times}` });
    },
  };
}

function plainText(
  { revision, sound, isTried, isRecorded }:
    & Pick<InForceEvent, "isTried" | "isRecorded">
    & Pick<Stepped, "revision" | "sound">,
): string {
  const recorded = isRecorded ? ", as it was recorded" : "";
  return isTried
    ? `Tries "${revision}" ${isRecorded ? "on" : "from now on"}${sound}${recorded}`
    : `Put "${revision}" in force${sound}${recorded}`;
}

interface Stepped {
  readonly revision: string;
  readonly sound: string;
  readonly canary: CanarySettings | undefined;
}

function stepText(step: ReleaseStep, { revision, sound, canary }: Stepped): string {
  const reason = step.reason === undefined ? "" : `: ${step.reason}`;
  switch (step.type) {
    case "canary-began": {
      const share = canary?.share.type === "percent" ? `${canary.share.percent} %` : "a selection";
      const soak = `${Math.round((canary?.soakMs ?? 0) / 1_000)} s`;
      return `Tries "${step.revision}"${sound} on ${share} of the triggers for ${soak}${reason}`;
    }
    case "canary-dropped":
      return `Tries "${step.revision}" no longer${reason}`;
    case "promoted":
      return `Put "${step.revision}" in force after a canary${reason}`;
    case "rolled-back":
      return `Takes "${step.revision}" back, "${revision}" runs${reason}`;
    case "refusal-lifted":
      return `Lets run again what was taken back with "${step.revision}"${reason}`;
    default:
      return unreachable(step.type);
  }
}

/** So many Workflows that are held back are named: one Function may hold back thousands. */
const MAX_HELD_BACK = 50;

function logAllHeldBack(
  logger: Logger,
  held: readonly PublishedWorkflow[],
  channel: string,
): void {
  for (const workflow of held.slice(0, MAX_HELD_BACK)) logHeldBack(logger, workflow, channel);
  const others = held.length - MAX_HELD_BACK;
  if (others <= 0) return;
  const message = `Holds ${others} more Workflows back: koreo channels shows them`;
  logger.log({ level: "warn", message, fields: { channel } });
}

function logHeldBack(
  logger: Logger,
  { name, heldBack, inForce }: PublishedWorkflow,
  channel: string,
): void {
  if (heldBack === undefined) return;
  const { reason, takenBack: _, ...where } = heldBack;
  logger.log({
    level: "warn",
    message: `Holds Workflow "${name}" back: ${reason}`,
    fields: { channel, workflow: name, inForce: inForce?.revision ?? null, ...where },
  });
}

function seconds(delayMs: number): string {
  return `${Math.round(delayMs / 100) / 10} s`;
}
