// SPDX-License-Identifier: Apache-2.0

import { groupOf } from "../../runtime/mod.ts";
import type { ResourceType } from "../../runtime/ports.ts";
import type { FollowedKinds } from "./followed_kinds.ts";
import { storeKey } from "./kept_objects.ts";
import { CUSTOM_RESOURCE_DEFINITIONS } from "./metadata_kinds.ts";

/** Whether a kind is defined by a CustomResourceDefinition (ST-8). */
export function isCustomKind(
  kinds: Pick<FollowedKinds, "byKind">,
  { apiVersion, plural }: ResourceType,
): boolean {
  const group = groupOf(apiVersion);
  const definitions = kinds.byKind(CUSTOM_RESOURCE_DEFINITIONS);
  if (definitions?.hasListed) {
    return definitions.store.peek(storeKey(undefined, `${plural}.${group}`)) !== undefined;
  }
  // Without permission to see definitions: the groups of Kubernetes itself have no dot or end so.
  return group.includes(".") && !group.endsWith(".k8s.io");
}
