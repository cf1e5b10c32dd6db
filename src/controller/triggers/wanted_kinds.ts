// SPDX-License-Identifier: Apache-2.0

import { definitionKey, type Program } from "../../language/mod.ts";
import type { ChannelState, CrdRef } from "../channels/channels.ts";
import type { KindName } from "../queue/trigger_key.ts";
import type { FollowedKind } from "../watch/followed_kinds.ts";
import { CUSTOM_RESOURCE_DEFINITIONS, NAMESPACES } from "../watch/metadata_kinds.ts";

/** All kinds to follow: the trigger kinds, and what the Workflows in force manage. */
export function wantedKinds(
  channels: Iterable<ChannelState>,
  usesNamespaces = false,
): readonly FollowedKind[] {
  const wanted = new Map<string, FollowedKind>();
  for (const channel of channels) {
    for (const kind of kindsOfChannel(channel)) add(wanted, kind, kind.role);
  }
  if (wanted.size > 0) add(wanted, CUSTOM_RESOURCE_DEFINITIONS, "metadata");
  if (wanted.size > 0 && usesNamespaces) add(wanted, NAMESPACES, "metadata");
  return [...wanted.values()];
}

/** States of channels are immutable: of many channels few are other ones than before. */
const known = new WeakMap<ChannelState, readonly FollowedKind[]>();

function kindsOfChannel(channel: ChannelState): readonly FollowedKind[] {
  const found = known.get(channel);
  if (found !== undefined) return found;
  const wanted = new Map<string, FollowedKind>();
  for (const { name, crdRef, inForce } of channel.workflows()) {
    if (inForce !== undefined) {
      for (const kind of managedKinds(inForce.program, name)) add(wanted, kind, "managed");
    }
    if (crdRef !== undefined) add(wanted, kindOf(crdRef), "trigger");
  }
  const kinds = [...wanted.values()];
  known.set(channel, kinds);
  return kinds;
}

function add(
  wanted: Map<string, FollowedKind>,
  { apiVersion, kind }: KindName,
  role: FollowedKind["role"],
): void {
  const key = `${apiVersion} ${kind}`;
  if (role !== "trigger" && wanted.has(key)) return;
  wanted.set(key, { apiVersion, kind, role });
}

/** The kind that a `crdRef` names. */
export function kindOf({ apiGroup, version, kind }: CrdRef): KindName {
  return { apiVersion: apiGroup === "" ? version : `${apiGroup}/${version}`, kind };
}

/** The `crdRef` that names a kind. */
export function crdRefOf({ apiVersion, kind }: KindName): CrdRef {
  const slash = apiVersion.indexOf("/");
  const apiGroup = slash < 0 ? "" : apiVersion.slice(0, slash);
  return { apiGroup, version: apiVersion.slice(slash + 1), kind };
}

/** The kinds of all ResourceFunctions that a Workflow reaches. */
function managedKinds(program: Program, workflow: string): readonly KindName[] {
  const kinds = kindsOfProgram(program);
  if (kinds.size === 0) return [];
  return [...program.reach("Workflow", workflow)].flatMap((key) => kinds.get(key) ?? []);
}

const kindsByProgram = new WeakMap<Program, ReadonlyMap<string, KindName>>();

/** The kinds of all ResourceFunctions, by their keys. */
function kindsOfProgram(program: Program): ReadonlyMap<string, KindName> {
  const found = kindsByProgram.get(program) ?? new Map(
    program.definitions.flatMap((definition) =>
      definition.type === "ResourceFunction"
        ? [[definitionKey(definition.id), definition.apiConfig] as const]
        : []
    ),
  );
  kindsByProgram.set(program, found);
  return found;
}
