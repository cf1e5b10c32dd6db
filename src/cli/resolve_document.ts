// SPDX-License-Identifier: Apache-2.0

import type { DefinitionId } from "../language/mod.ts";

/** Where a controller tells what is in force of a channel. */
export const RESOLVE_PATH = "api/v1/resolve";

/** A definition as CONTRACTS.md states it. */
export interface ResolvedDefinition extends DefinitionId {
  readonly branch: string;
  readonly commit: string;
  readonly file: string;
  readonly line: number;
  readonly wins: boolean;
  /** Its namespace is not in the priority list: no lookup ever gives it. */
  readonly searched?: false;
  /** Of what is in force: the Workflows that run it from there. */
  readonly workflows?: readonly string[];
  /** Only the share of a canary runs it. */
  readonly canary?: true;
}

/** `koreo resolve -o json`. */
export interface Resolved {
  readonly channel: string;
  readonly revisions: Readonly<Record<string, string>>;
  readonly definitions: readonly ResolvedDefinition[];
}

/** A document that came from elsewhere; `undefined` when it is no such document. */
export function readResolveDocument(document: unknown): Resolved | undefined {
  if (!isMap(document)) return undefined;
  const { channel, revisions, definitions } = document;
  const isOne = typeof channel === "string" && isMap(revisions) &&
    Object.values(revisions).every((commit) => typeof commit === "string") &&
    Array.isArray(definitions) && definitions.every(isDefinition);
  return isOne ? document as unknown as Resolved : undefined;
}

function isDefinition(value: unknown): boolean {
  if (!isMap(value)) return false;
  const { line, wins, workflows = [] } = value;
  return ["kind", "namespace", "name", "branch", "commit", "file"].every((key) =>
    typeof value[key] === "string"
  ) && Number.isSafeInteger(line) && typeof wins === "boolean" &&
    Array.isArray(workflows) && workflows.every((name) => typeof name === "string");
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
