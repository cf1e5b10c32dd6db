// SPDX-License-Identifier: Apache-2.0

import type { HeldBack } from "../channels/channels.ts";
import type { Refusal } from "../gate/refusal.ts";
import type { PublishedWorkflow } from "../publication/publication.ts";
import { type Release, toldGeneration } from "../release/release.ts";

/** Most characters of one text, so that a ConfigMap holds them all. */
const MAX_TEXT = 60_000;
/** A commit's message may be as long as its author likes. */
const MAX_LINE = 1_000;

/** What takes every key away: of a merge patch. */
export const NO_SUMMARY: Readonly<Record<string, null>> = {
  "revision": null,
  "commit": null,
  "workflows": null,
  "held-back": null,
  "canary": null,
  "previous": null,
  "refused": null,
};

/** What people read in the record of a channel; nothing of it is read back. */
export function summaryOf(release: Release): Readonly<Record<string, string>> {
  const { current, candidate, previous, refused } = release;
  const { workflows } = toldGeneration(release);
  const heldBack = workflows.flatMap(({ name, heldBack }) =>
    heldBack === undefined ? [] : [`${name}: ${heldBackText(heldBack)}`]
  );
  const all: Readonly<Record<keyof typeof NO_SUMMARY, string>> = {
    "revision": current.revision,
    "commit": `${current.author}: ${current.subject}`.slice(0, MAX_LINE),
    "workflows": textOf(workflows.map(workflowText)),
    "held-back": textOf(heldBack),
    "canary": candidate?.generation.revision ?? "",
    "previous": previous?.revision ?? "",
    "refused": textOf(refused.map(refusalText)),
  };
  return Object.fromEntries(Object.entries(all).filter(([, text]) => text !== ""));
}

function workflowText({ name, inForce }: PublishedWorkflow): string {
  return `${name}: ${inForce?.revision ?? "none was good so far"}`;
}

function heldBackText({ revision, reason, file, line, test, case: label }: HeldBack): string {
  const where = file === undefined ? [] : [line === undefined ? file : `${file}:${line}`];
  const failed = [test, label].filter((part) => part !== undefined).map((part) => `"${part}"`);
  const place = [...where, ...failed].join(" ");
  return `${revision}: ${reason}${place === "" ? "" : ` (${place})`}`;
}

function refusalText({ revision, reason }: Refusal): string {
  return `${revision}: ${reason}`;
}

/** Lines, as many as there is room for. */
function textOf(lines: readonly string[]): string {
  let text = "";
  for (const [index, line] of lines.entries()) {
    if (text.length + line.length > MAX_TEXT) return `${text}and ${lines.length - index} more\n`;
    text += `${line}\n`;
  }
  return text;
}
