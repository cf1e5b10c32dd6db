// SPDX-License-Identifier: Apache-2.0

import type { Logger } from "../../runtime/ports.ts";
import { remember } from "../channels/remember.ts";
import type { LoadedRevision } from "./load_revision.ts";

/** Channels of which it is remembered which faults were told; others are told of theirs again. */
const MAX_FAULTY = 1_000;

/**
 * Tells the first fault of a revision, and how many there are; once, although each look finds it.
 *
 * By branches: channels that lie over a faulty one say nothing that it has not said.
 */
export function createFaultLog(
  logger: Logger,
): (revision: Pick<LoadedRevision, "revision" | "diagnostics">) => void {
  const told = new Map<string, string>();
  return ({ revision, diagnostics }) => {
    const branches = revision.replaceAll(/@sha1:[0-9a-f]{40}/g, "");
    const [fault, ...others] = diagnostics.filter(({ severity }) => severity === "error");
    if (fault === undefined) return void told.delete(branches);
    const { file, line, message } = fault;
    const more = others.length === 0
      ? ""
      : ` (and ${others.length} more; koreo validate shows them)`;
    const text = `${file}:${line}: ${message}${more}`;
    const isKnown = told.values().some((known) => known === text);
    remember(told, MAX_FAULTY, [branches, text]);
    if (isKnown) return;
    logger.log({
      level: "warn",
      message: `Finds faults in "${revision}": ${text}`,
      fields: { revision, file, line, faults: others.length + 1 },
    });
  };
}
