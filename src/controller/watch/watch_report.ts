// SPDX-License-Identifier: Apache-2.0

import type { LogEntry } from "../../runtime/ports.ts";
import type { HealthReport } from "./followed_kinds.ts";
import { unreachable } from "../../language/mod.ts";

const CONSEQUENCE = {
  trigger: "its triggers are not reconciled until then",
  managed: "until then changes by others are noticed at the next resync",
} as const;

/** What is watched by metadata alone, by kind. */
const METADATA_CONSEQUENCE: Readonly<Record<string, string>> = {
  CustomResourceDefinition: "new kinds are looked for at longer intervals until then",
  Namespace: "no label of a Namespace counts for the channel of its triggers until then",
};

/** The log line for how a watch fares: what could not be done, why, and when it is tried again. */
export function watchReport(report: HealthReport): LogEntry {
  const { followed, health } = report;
  const kind = `${followed.kind} (${followed.apiVersion})`;
  const fields = { apiVersion: followed.apiVersion, kind: followed.kind };
  const line = (level: LogEntry["level"], message: string) => ({ level, message, fields });
  const { role } = followed;
  const consequence = role === "metadata"
    ? METADATA_CONSEQUENCE[followed.kind] ?? "it is not looked at until then"
    : CONSEQUENCE[role];
  switch (health) {
    case "starting":
    case "current":
      return line("info", `Watching ${kind}`);
    case "notServed":
      return line(
        "warn",
        `Cannot watch ${kind}: the cluster does not serve this kind; looked for again ` +
          `when a CustomResourceDefinition changes and ${inTime(report)}; ${consequence}`,
      );
    case "forbidden":
      return line(
        "error",
        `Cannot watch ${kind}: missing permission to list and watch it${cause(report)}; ` +
          `tried again ${inTime(report)}; ${consequence}`,
      );
    case "unavailable":
      return line(
        "warn",
        `Cannot watch ${kind}${cause(report)}; tried again ${inTime(report)}; ${consequence}`,
      );
    default:
      return unreachable(health);
  }
}

function cause({ cause }: HealthReport): string {
  return cause instanceof Error ? `: ${cause.message}` : "";
}

function inTime({ retryMs = 0 }: HealthReport): string {
  return `in ${Math.ceil(retryMs / 1000)} s`;
}
