// SPDX-License-Identifier: Apache-2.0

import { isJsonList, member } from "../language/mod.ts";
import type { JsonValue } from "../language/mod.ts";
import type { DeleteRequest, KubernetesObject } from "../runtime/ports.ts";
import { CLEANUP_FINALIZER, DEFINITIONS, definitionTerminating } from "./custom_resources.ts";
import { withKeys } from "./json_values.ts";
import { finalizersOf } from "./metadata_rules.ts";
import type { ServedResource } from "./served_resource.ts";
import { asStored, inVersion, keyOf, type ObjectTarget, type ServerState } from "./server_state.ts";
import { forbidden, StatusError } from "./status_error.ts";
import { formatTimestamp } from "./timestamp.ts";
import { liveObject } from "./update_object.ts";

/** What became of a deletion: `gone`, or an object that finalizers hold. */
export interface Deletion {
  readonly gone: boolean;
  readonly object: KubernetesObject;
}

const IMMORTAL = ["default", "kube-public", "kube-system"];

/** Deletes an object, or marks it when finalizers hold it. */
export function deleteObject(
  state: ServerState,
  target: ObjectTarget,
  request: DeleteRequest & { readonly dryRun?: boolean },
): Deletion {
  const live = liveObject(state, target);
  checkPreconditions(target, live, request);
  if (target.resource.storage === "/namespaces" && IMMORTAL.includes(target.name)) {
    throw forbidden(target.resource, target.name, "this namespace may not be deleted");
  }
  const finalizers = finalizersAfter(target.resource, live, request);
  const held = finalizers.length > 0 || holdsContent(target, live);
  if (request.dryRun) return { gone: !held, object: live };
  if (!held) {
    const removed = state.store.remove(keyOf(target), asStored(target.resource, live));
    return { gone: true, object: inVersion(target.resource, removed) };
  }
  return { gone: false, object: markDeleted(state, target, { live, finalizers }) };
}

function checkPreconditions(
  { resource, name }: ObjectTarget,
  live: KubernetesObject,
  { uid, resourceVersion }: DeleteRequest,
): void {
  const refuse = (why: string) =>
    new StatusError(
      409,
      "Conflict",
      `Operation cannot be fulfilled on ${kindOf(resource)} "${name}": ${why}`,
      { name, group: resource.group, kind: resource.kind },
    );
  if (uid !== undefined && uid !== live.metadata.uid) {
    throw refuse(
      `the UID in the precondition (${uid}) does not match the UID in record ` +
        `(${String(live.metadata.uid)}). The object might have been deleted and then recreated`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== live.metadata.resourceVersion) {
    throw refuse(
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ` +
        `ResourceVersion in record (${String(live.metadata.resourceVersion)}). The object might ` +
        "have been modified",
    );
  }
}

function kindOf({ kind, group }: { readonly kind: string; readonly group: string }): string {
  return group === "" ? kind : `${kind}.${group}`;
}

// The propagation that is asked for is kept as a finalizer; without one, what is there stays.
function finalizersAfter(
  { storage }: ServedResource,
  live: KubernetesObject,
  request: DeleteRequest,
): readonly string[] {
  const held = finalizersOf(live.metadata);
  const isDefinition = storage === DEFINITIONS && live.metadata.deletionTimestamp === undefined;
  const present = isDefinition ? [...held, CLEANUP_FINALIZER] : held;
  if (request.propagation === undefined) return present;
  const others = present.filter((one) => one !== "orphan" && one !== "foregroundDeletion");
  switch (request.propagation) {
    case "Orphan":
      return [...others, "orphan"];
    case "Foreground":
      return [...others, "foregroundDeletion"];
    case "Background":
      return others;
  }
}

function holdsContent({ resource }: ObjectTarget, live: KubernetesObject): boolean {
  if (resource.storage !== "/namespaces") return false;
  const finalizers = member(live.spec, "finalizers");
  return isJsonList(finalizers) && finalizers.length > 0;
}

function markDeleted(
  state: ServerState,
  target: ObjectTarget,
  { live, finalizers }: {
    readonly live: KubernetesObject;
    readonly finalizers: readonly string[];
  },
): KubernetesObject {
  const marked = live.metadata.deletionTimestamp !== undefined;
  if (marked && finalizers.length === finalizersOf(live.metadata).length) return live;
  const generation = live.metadata.generation;
  const metadata = withKeys(live.metadata, {
    ...(finalizers.length > 0 ? { finalizers } : { finalizers: undefined }),
    ...(marked ? {} : {
      deletionGracePeriodSeconds: 0,
      deletionTimestamp: formatTimestamp(state.clock.now()),
      ...(typeof generation === "number" ? { generation: generation + 1 } : {}),
    }),
  });
  const object = { ...live, metadata, ...terminatingStatus(target, live, state) };
  return inVersion(
    target.resource,
    state.store.write(keyOf(target), asStored(target.resource, object)),
  );
}

function terminatingStatus(
  { resource }: ObjectTarget,
  live: KubernetesObject,
  state: ServerState,
): { readonly status?: JsonValue } {
  const now = formatTimestamp(state.clock.now());
  if (resource.storage === "/namespaces") return { status: { phase: "Terminating" } };
  return resource.storage === DEFINITIONS ? { status: definitionTerminating(live, now) } : {};
}
